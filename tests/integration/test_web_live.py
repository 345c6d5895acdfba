"""The event stream, over a real server: a browser hears of a change and of nothing else; a stopping server
is not held up."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from tests.integration.web_kit import NOW, Kit, judged, kit, running, ticket


@pytest.fixture
async def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kit]:
    monkeypatch.setattr("connector.web.live.SECONDS", 0.01)
    monkeypatch.setattr("connector.web.views.BUSY", 1e9)
    async with kit(tmp_path) as made:
        one = ticket("1")
        await made.put((one, judged(one, response=running("green", 30))))
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


async def shown(served: httpx.AsyncClient, address: str = "/board/fragment") -> str:
    found = re.search('data-version="([0-9a-f]+)"', (await served.get(address)).text)
    assert found
    return found[1]


async def changed(web: Kit, zone: str) -> None:
    """The only ticket's clock stands in this zone now, and the daemon has decided something."""
    one = ticket("1")
    await web.put((one, judged(one, response=running(zone, 30))))
    web.health.connections["main"].decided += 1


async def test_a_change_is_told_once_and_closing_ends_the_stream(web: Kit, served: httpx.AsyncClient) -> None:
    told: list[str] = []
    async with served.stream("GET", "/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        event = ""
        async for line in answer.aiter_lines():
            event = line.removeprefix("event: ") if line.startswith("event: ") else event
            if not line.startswith("data: ") or event != "changed":
                continue
            told.append(line.removeprefix("data: "))
            assert told[-1] == await shown(served)
            if len(told) == 1:
                main = web.health.connections["main"]
                main.turns, main.last_turn, main.observed = main.turns + 1, NOW, main.observed + 9
                await asyncio.sleep(0.05)  # the same again would be told meanwhile
                await changed(web, "orange")
            elif len(told) == 2:
                web.health.report("main", "degraded", "no answer", NOW)
            else:
                web.app.state.live.close()
    assert len(set(told)) == 3


async def test_a_stream_hears_of_its_own_filters_only(web: Kit, served: httpx.AsyncClient) -> None:
    events: list[str] = []
    async with served.stream("GET", "/events?client=Beta") as answer:
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                events.append(line.removeprefix("event: "))
            if events[-1:] == ["changed"] and line.startswith("data: "):
                await changed(web, "red")
                await asyncio.sleep(0.05)
                web.app.state.live.close()
    assert events == ["pulse", "changed"]


async def test_a_pulse_says_what_time_it_is_and_when_each_psa_was_looked_at(
    web: Kit, served: httpx.AsyncClient
) -> None:
    web.health.add("new", "fake", NOW)
    told: list[str] = []
    async with served.stream("GET", "/events") as answer:
        async for line in answer.aiter_lines():
            told += [line.removeprefix("data: ")] if line.startswith("data: ") else []
            if told:
                break
    assert json.loads(told[0]) == {"now": "2026-11-21T14:00:00Z", "turns": {"main": "2026-11-21T13:59:48Z"}}


async def test_pages_streams_and_parts_speak_of_the_same_version(web: Kit, served: httpx.AsyncClient) -> None:
    page, part = await shown(served, "/?client=Acme"), await shown(served, "/board/fragment?client=Acme")
    wall = await shown(served, "/wallboard?client=Acme&sort=client&page=9")
    assert page == part == wall == await shown(served, "/wallboard/fragment?client=Acme")
    assert page != await shown(served, "/?client=Beta")


async def test_a_part_is_read_again_only_when_something_happened(
    web: Kit, served: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await shown(served)
    one = ticket("1")
    await web.put((one, judged(one, response=running("red", -3))))
    assert await shown(served) == before, "nobody said that anything happened"
    web.health.connections["main"].decided += 1
    assert await shown(served) != before
    before = await shown(served)
    await web.put((one, judged(one, response=running("green", 30))))
    monkeypatch.setattr("connector.web.views.SECONDS", 0.0)
    assert await shown(served) != before, "what nobody told of is noticed in a minute"


async def test_where_much_happens_a_view_rests_while_the_others_are_read(
    web: Kit, served: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.web.views.BUSY", 1e-9)
    before = await shown(served)
    await changed(web, "red")
    assert await shown(served) == before
    monkeypatch.setattr("connector.web.views.BUSY", 1e9)
    assert await shown(served) != before
