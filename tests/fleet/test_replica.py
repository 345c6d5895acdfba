"""A web replica makes no turns: it shows what the workers left in the store, and has turns made."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from connector.replica import serve
from tests.fleet.kit import Place, place, until


@asynccontextmanager
async def replica(here: Place) -> AsyncIterator[httpx.AsyncClient]:
    """A replica at work, and a browser that looks at it."""
    stop = asyncio.Event()
    work = asyncio.create_task(serve(here.settings, here.folder, stop=stop, now=here.now))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{here.port}", trust_env=False) as browser:
        try:
            await until(lambda: _answers(browser, work), "the door")
            yield browser
        finally:
            stop.set()
            await work


async def _answers(browser: httpx.AsyncClient, work: asyncio.Task[None]) -> bool:
    if work.done():
        await work
    try:
        return (await browser.get("/healthz")).status_code == 200
    except httpx.TransportError:
        return False


async def number(browser: httpx.AsyncClient, metric: str) -> float:
    text = (await browser.get("/metrics")).text
    found = re.search(rf'^{metric}(?:_total)?{{connection="main"}} (\S+)$', text, re.MULTILINE)
    assert found, text
    return float(found[1])


async def test_it_shows_what_the_workers_did(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here, replica(here) as browser:
        answer = await browser.get("/readyz")
        assert answer.json()["missing"] == ["connection main: no turn yet"]
        ticket = here.open_ticket()
        async with here.worker():
            await until(lambda: here.settled(), "the first turns")
        assert here.worlds["main"].field(ticket, "SLA Zone") == "green"
        await until(lambda: _is_ready(browser), "the mirror")
        assert await number(browser, "px_connection_up") == 1.0
        turns = (await here.row())["health"]["turns"]
        await until(lambda: _counts(browser, "px_turns", turns), "the last turn in the mirror")
        assert await number(browser, "px_requests") == (await here.row())["quota"]["requests_total"]
        assert "Printer is on fire" in (await browser.get("/")).text
        assert "main" in (await browser.get("/operations")).text


async def _counts(browser: httpx.AsyncClient, name: str, value: float) -> bool:
    return await number(browser, name) == value


async def _is_ready(browser: httpx.AsyncClient) -> bool:
    return (await browser.get("/readyz")).status_code == 200


async def test_its_webhook_is_turned_though_no_timer_is_due(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here, replica(here), here.worker():
        await until(lambda: here.settled(), "the first turns")
        ticket = here.open_ticket()
        await until(lambda: here.worlds["main"].field(ticket, "SLA Zone"), "the flag")
        assert here.sims["main"].postman.accepted, "it came by webhook: time stands still, so no poll is due"
