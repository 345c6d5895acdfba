"""Who connects and does not ask in time is not waited for; who does ask is served as long as it takes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from connector import serving

PATIENCE = 20.0
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_S", 0.2)


async def slow_app(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(0.5)  # longer than a head may take
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    door = socket.create_server(("127.0.0.1", 0))
    server = serving.Server(uvicorn.Config(slow_app, log_config=None, lifespan="off", timeout_keep_alive=60))
    work = asyncio.create_task(server.serve(sockets=[door]))
    await server.is_up.wait()
    try:
        yield door.getsockname()[1]
    finally:
        server.leave()
        await work


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(PATIENCE):
        return await reader.read()


@pytest.mark.parametrize("said", [b"", b"GET / HT", HEAD])
async def test_who_does_not_finish_asking_is_hung_up_on(said: bytes) -> None:
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        assert await until_closed(reader) == b""
        writer.close()


async def test_a_byte_now_and_then_buys_no_time() -> None:
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        closed = asyncio.create_task(until_closed(reader))
        for byte in HEAD * 100:
            if closed.done():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
        assert await closed == b""
        writer.close()


async def test_an_answer_may_take_longer_and_the_next_question_is_counted_anew() -> None:
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(HEAD + b"\r\n")
            async with asyncio.timeout(PATIENCE):
                assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET")
        assert await until_closed(reader) == b""
        writer.close()


async def test_a_head_without_end_is_refused() -> None:
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"X: " + b"a" * 200_000)
        with contextlib.suppress(ConnectionResetError):  # it does not read on either
            assert (await until_closed(reader)).startswith(b"HTTP/1.1 400")
        writer.close()


async def test_more_than_there_is_room_for_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MOST", 3)
    monkeypatch.setattr(serving, "HEAD_S", 60.0)  # or those who wait are gone before the next comes
    async with served() as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"\r\n")
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readline()).startswith(b"HTTP/1.1 503")
        for _, one in [*held, (reader, writer)]:
            one.close()
