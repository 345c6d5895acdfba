"""A server that leaves finishes what is under way, but not for ever, and is gone at once when idle."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from connector.serving import Server


class App:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.asked, self.let = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope, receive, send) -> None:
        self.asked.set()
        await self.let.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})


@asynccontextmanager
async def served(app: App, patience: int) -> AsyncIterator[tuple[Server, asyncio.Task[None], str]]:
    config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=patience)
    server, door = Server(config), socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([door]))
    await server.is_up.wait()
    yield server, serving, f"http://127.0.0.1:{door.getsockname()[1]}/"
    server.leave()
    await serving


async def test_what_is_under_way_is_answered() -> None:
    app = App()
    async with served(app, patience=30) as (server, serving, url), httpx.AsyncClient(verify=False) as client:
        asked = asyncio.create_task(client.get(url))
        await app.asked.wait()
        server.leave()
        await asyncio.sleep(0)
        assert not serving.done()
        app.let.set()
        assert (await asked).text == "done"
        await asyncio.wait_for(serving, 20)


async def test_what_takes_too_long_is_broken_off() -> None:
    app = App()
    async with served(app, patience=0) as (server, serving, url), httpx.AsyncClient(verify=False) as client:
        asked = asyncio.create_task(client.get(url))
        await app.asked.wait()
        server.leave()
        await asyncio.wait_for(serving, 20)
        assert (await asked).status_code == 500


async def test_an_idle_one_leaves_at_once_though_a_client_keeps_its_connection() -> None:
    app = App()
    app.let.set()
    async with served(app, patience=30) as (server, serving, url), httpx.AsyncClient(verify=False) as client:
        assert (await client.get(url)).status_code == 200
        began = time.process_time()
        server.leave()
        await asyncio.wait_for(serving, 20)
        assert time.process_time() - began < 1
        with pytest.raises(httpx.ConnectError):
            await client.get(url)
