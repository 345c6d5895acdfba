"""What a board costs: its first paint, many people looking at it, and how soon a change is seen.

First paint is the server's time for the whole page, beside reading its rows from the store and the page
without any. Viewers hold open streams to a process of their own, whose processor time is counted. A change is
made in the simulated PSA and seen by a real browser: its webhook, the daemon, the stream, the fetched part
and the page are all in between.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from playwright.async_api import Page, async_playwright

from bench._kit import Psa, config, daemon_beside, free_port, scratch, share, until
from bench._viewed import deps, fill, quiet
from connector.logs import configure_logging
from connector.simulator import Simulator, World, make_world, utcnow
from connector.store import board
from connector.store.store import Store
from connector.web.app import create_app
from connector.web.views import ROWS

OPEN, CLOSED = 5000, 20_000
VIEWERS = 50
SECONDS = 65  # longer than a view is kept
CHANGES = 40
_TICKS = os.sysconf("SC_CLK_TCK")


async def first_paint(file: Path) -> None:
    """The page of a store with so many open tickets."""
    store = await Store.open(f"sqlite:///{file}")
    try:
        app = create_app(deps(store, quiet()))
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            page = await _taken(client, "/?sort=left")
            plain = await _taken(client, "/")
            spent = await _taken(client, "/", time.process_time)
            empty = await _taken(client, "/?client=Nobody")
            size = len((await client.get("/")).content)
        rows = []
        for _ in range(10):
            began = time.perf_counter()
            async with store.read() as tx:
                await board.board(tx, limit=ROWS)
            rows.append((time.perf_counter() - began) * 1000)
    finally:
        await store.close()
    print(f"first paint of {OPEN:,} open tickets ({CLOSED:,} closed), {size / 1000:.0f} kB, aim 300 ms:")
    print(
        f"  p50 {share(plain, 0.5):.0f} ms, longest {max(plain):.0f} ms; processor time "
        f"{share(spent, 0.5):.0f} ms; sorted p50 {share(page, 0.5):.0f} ms"
    )
    print(
        f"  floors: reading the rows {share(rows, 0.5):.0f} ms, a page of none {share(empty, 0.5):.0f} ms; "
        f"ratio to their sum {share(plain, 0.5) / (share(rows, 0.5) + share(empty, 0.5)):.2f}"
    )


async def _taken(
    client: httpx.AsyncClient, address: str, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Milliseconds of 20 answers."""
    taken = []
    for _ in range(20):
        began = clock()
        (await client.get(address)).raise_for_status()
        taken.append((clock() - began) * 1000)
    return taken


async def viewers(file: Path) -> None:
    """Processor time of a server while nothing changes: nobody looks, all at one view, each at their own."""
    for name, filters in (
        ("nobody looks", []),
        ("all at one view", [""] * VIEWERS),
        ("each at their own", [f"?client=Client+{n}" for n in range(VIEWERS)]),
    ):
        with _serving(file) as (base, pid):
            used, anew = await _cost(base, pid, filters)
        print(f"{name}: {used:.1%} of a core, {anew} boards fetched anew (aim 10 %, 0)")


async def _cost(base: str, pid: int, filters: list[str]) -> tuple[float, int]:
    """Share of a core that a server uses while these look at it, and how often one is told to fetch."""
    await asyncio.sleep(1)
    async with _looking(base, filters) as told:
        await until(lambda: len(told) == len(filters), 60)
        before = _spent(pid)
        await asyncio.sleep(SECONDS)
        return (_spent(pid) - before) / SECONDS, len(told) - len(filters)


@contextmanager
def _serving(file: Path) -> Iterator[tuple[str, int]]:
    """The web app in a process of its own: its address and process id."""
    command = [sys.executable, "-m", "bench._viewed", str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}", process.pid
    finally:
        process.terminate()
        process.wait(10)


@asynccontextmanager
async def _looking(base: str, filters: list[str]) -> AsyncIterator[list[str]]:
    """Streams under these filters; yields the versions they are told."""
    told: list[str] = []

    async def look(client: httpx.AsyncClient, query: str) -> None:
        async with client.stream("GET", "/events" + query, timeout=None) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: ") and "now" not in line:
                    told.append(line)

    limits = httpx.Limits(max_connections=VIEWERS)
    async with httpx.AsyncClient(base_url=base, limits=limits, trust_env=False) as client:
        tasks = [asyncio.create_task(look(client, query)) for query in filters]
        yield told
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _spent(pid: int) -> float:
    """Seconds of processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


_WATCH = """() => {
  window.seen = {};
  new MutationObserver(() => {
    for (const row of document.querySelectorAll("[data-zone=red]")) seen[row.dataset.key] ??= Date.now();
  }).observe(document.getElementById("board"), { childList: true });
}"""


async def seen_in_a_browser(folder: Path, chromium: str) -> None:
    """A priority raised in the PSA puts a ticket in the red; how long until the open board shows it."""
    world = make_world(tickets=200, start=utcnow() - timedelta(hours=3))
    opened = [world.open_ticket("Acme Dental", f"Printer {n} down", text="No paper.") for n in range(OPEN)]
    world.clock = utcnow
    async with Simulator(world) as sim:
        psa, port = Psa.of(sim), free_port()
        config(folder, psa.login, web=port, poll_every="60s")
        async with daemon_beside(folder, psa) as daemon, async_playwright() as playwright:
            await until(lambda: bool(world.hooks), 300)
            browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = await browser.new_page()
            await _caught_up(page, f"http://127.0.0.1:{port}/", len(opened))
            await _at_rest(daemon.pid)
            await page.evaluate(_WATCH)
            waited = await _changes(world, page, random.Random(7).sample(opened, CHANGES))
            await browser.close()
    print(
        f"a zone change on an open board of {OPEN:,} tickets, {len(waited)} of {CHANGES} seen: p50 "
        f"{share(waited, 0.5):.0f} ms, p95 {share(waited, 0.95):.0f} ms (aim 2000), longest "
        f"{max(waited):.0f} ms"
    )


async def _caught_up(page: Page, address: str, tickets: int) -> None:
    """Until the board has every ticket."""
    for _ in range(300):
        await page.goto(address)
        if int((await page.locator("#tickets-head").inner_text()).split()[0]) >= tickets:
            return
        await asyncio.sleep(2)
    raise TimeoutError("the daemon did not read every ticket")


async def _at_rest(pid: int) -> None:
    """Until the first reading is over with all that follows from it."""
    used = 1.0
    while used > 0.1:
        before = _spent(pid)
        await asyncio.sleep(5)
        used = (_spent(pid) - before) / 5


async def _changes(world: World, page: Page, tickets: list[int]) -> list[float]:
    """Milliseconds from each change to the page that shows it."""
    dice, made = random.Random(7), {}
    for ticket in tickets:
        await asyncio.sleep(dice.uniform(0.5, 1.5))
        made[f"main {ticket}"] = time.time() * 1000
        world.set_priority(ticket, "P1 Critical", "mbauer")
    await asyncio.sleep(5)
    seen: dict[str, float] = await page.evaluate("seen")
    return [seen[key] - at for key, at in made.items() if key in seen]


def main() -> None:
    configure_logging(level="error")
    with scratch() as folder:
        file = folder / "px.db"
        asyncio.run(_fill(file))
        asyncio.run(first_paint(file))
        asyncio.run(viewers(file))
    chromium = shutil.which("chromium")
    if chromium is None:
        print("no chromium here: how soon a browser shows a change was not measured")
        return
    with scratch() as folder:
        asyncio.run(seen_in_a_browser(folder, chromium))


async def _fill(file: Path) -> None:
    store = await Store.open(f"sqlite:///{file}")
    await fill(store, OPEN, CLOSED)
    await store.close()
