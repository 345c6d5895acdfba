"""The event stream, over a real server: a browser hears of a change, and a stopping server is not held up."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from connector.web.board import version
from tests.integration.web_kit import NOW, Kit, kit


@pytest.fixture
async def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kit]:
    monkeypatch.setattr("connector.web.live.SECONDS", 0.01)
    async with kit(tmp_path) as made:
        yield made


@pytest.fixture
async def served(web: Kit) -> AsyncIterator[httpx.AsyncClient]:
    config = uvicorn.Config(web.app, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    door = socket.create_server(("127.0.0.1", 0))
    port = door.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[door]))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        yield client
        web.app.state.live.close()
        server.should_exit = True
        await asyncio.wait_for(serving, 10)


async def test_a_change_is_told_once_and_closing_ends_the_stream(web: Kit, served: httpx.AsyncClient) -> None:
    told: list[str] = []
    async with served.stream("GET", "/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if not line.startswith("data: "):
                continue
            told.append(line.removeprefix("data: "))
            assert told[-1] == version(web.health)
            if len(told) == 1:
                await asyncio.sleep(0.05)  # the same again would be told meanwhile
                web.health.connections["main"].turns += 1
            elif len(told) == 2:
                web.health.report("main", "degraded", "no answer", NOW)
            else:
                web.app.state.live.close()
    assert len(set(told)) == 3


async def test_the_page_carries_the_version_the_stream_tells(web: Kit, served: httpx.AsyncClient) -> None:
    page = (await served.get("/board/fragment")).text
    assert f'data-version="{version(web.health)}"' in page
