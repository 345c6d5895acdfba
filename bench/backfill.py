"""The first reading of 20,000 tickets, beside bare httpx fetching exactly the same pages.

Ours reads, merges, assesses and commits everything; the floor throws the answers away. Both run in this
process against a simulator in its own, in the order ours, bare, bare, ours, because the machine drifts.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from bench._kit import CONNECTION, Psa, client_files, psa_process, scratch
from connector.app import utcnow
from connector.clients import load_clients
from connector.daemon.connection import Connection
from connector.daemon.health import Health
from connector.daemon.start import start
from connector.daemon.turn import turn
from connector.logs import configure_logging
from connector.psa.connectwise.adapter import ConnectWise
from connector.store import tickets
from connector.store.store import Store

TICKETS = int(os.environ.get("BENCH_TICKETS", "20000"))
AT_ONCE = 8
LIMITS = httpx.Limits(max_connections=AT_ONCE, keepalive_expiry=30)


@dataclass(frozen=True, slots=True)
class Took:
    wall: float
    cpu: float


async def clocked(work: Awaitable[None]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    await work
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


async def connection(psa: Psa, folder: Path, client: httpx.AsyncClient) -> Connection:
    """A connection as the daemon makes it, with an httpx client of ours."""
    book, health = load_clients(client_files(folder)), Health()
    health.add(CONNECTION, "connectwise", utcnow())
    adapter = ConnectWise(CONNECTION, psa.config(concurrency=AT_ONCE), client)
    store = await Store.open(f"sqlite:///{folder}/px.db")
    return Connection(CONNECTION, adapter, store, health, lambda: book, utcnow, timedelta(minutes=1))


async def ours(psa: Psa, asked: list[httpx.Request]) -> Took:
    """The whole back-fill into a fresh store; appends every request to `asked`."""

    async def note(request: httpx.Request) -> None:
        asked.append(request)

    hooks: dict[str, list[Callable[..., Awaitable[None]]]] = {"request": [note]}
    with scratch() as folder:
        async with httpx.AsyncClient(limits=LIMITS, trust_env=False, event_hooks=hooks) as client:
            c = await connection(psa, folder, client)

            async def whole() -> None:
                await start(c)
                while (outcome := await turn(c)).lagging or outcome.busy:
                    pass

            took = await clocked(whole())
            async with c.store.read() as tx:
                totals = await tickets.counts(tx)
            await c.store.close()
    print(
        f"ours: {took.wall:.1f} s ({took.cpu:.1f} s CPU), {totals[CONNECTION].tickets} tickets in the store"
    )
    return took


async def bare(asked: list[httpx.Request]) -> Took:
    """The same addresses and headers by the same client, answers read and thrown away."""
    async with httpx.AsyncClient(limits=LIMITS, trust_env=False) as client:
        waiting = iter(asked)

        async def worker() -> None:
            for request in waiting:
                answer = await client.request(request.method, request.url, headers=request.headers)
                answer.raise_for_status()

        async def whole() -> None:
            await asyncio.gather(*(worker() for _ in range(AT_ONCE)))

        took = await clocked(whole())
    print(f"bare: {took.wall:.1f} s ({took.cpu:.1f} s CPU)")
    return took


async def measure(psa: Psa) -> None:
    asked: list[httpx.Request] = []
    first = await ours(psa, asked)
    print(f"requests: {len(asked)}, {len(asked) / TICKETS:.3f} a ticket")
    floor = [await bare(asked), await bare(asked)]
    mine = [first, await ours(psa, [])]
    wall = sum(took.wall for took in mine) / sum(took.wall for took in floor)
    cpu = sum(took.cpu for took in mine) / sum(took.cpu for took in floor)
    print(f"ratio to bare httpx: {wall:.2f} (aim 1.5), in CPU time of this process {cpu:.2f}")
    print(f"each by itself: {', '.join(f'{m.wall / f.wall:.2f}' for m in mine for f in floor)}")


def main() -> None:
    configure_logging(level="error")
    with psa_process(TICKETS) as psa:
        asyncio.run(measure(psa))
