"""Requests a changed ticket costs, by poll and by webhook, as the simulated PSA saw them.

A PSA's patience is the scarcest thing there is. The least possible stands beside each figure: the notes
of each ticket, one write for each whose flags change, and one list of everything that can share one.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bench._kit import CONNECTION, Psa, answer, config, free_port, scratch, until
from connector.app import Connector
from connector.logs import configure_logging
from connector.settings import load_settings
from connector.simulator import Exchange, Simulator, World, make_world

TICKETS = 200
START = datetime(2026, 11, 20, 9, tzinfo=UTC)  # a Friday, everybody at work
AUTHORS = ("contact", "mbauer", "contact")
SHARED = {"poll": 4, "webhook": 3}  # tickets, time and schedule entries; surveys are only polled


@dataclass(slots=True)
class Tally:
    """Counts requests by what they are for."""

    kinds: Counter[str] = field(default_factory=Counter)

    def __call__(self, seen: Exchange) -> None:
        if seen.method == "PATCH":
            self.kinds["write"] += 1
        elif seen.path == "/service/tickets" and "fields=" in seen.query:
            self.kinds["flags"] += 1
        elif "fields=" in seen.query:
            self.kinds["whole array"] += 1
        else:
            self.kinds["notes" if seen.path.endswith("/notes") else "other reads"] += 1


@dataclass(frozen=True, slots=True)
class Desk:
    world: World
    sim: Simulator
    connector: Connector
    tally: Tally

    async def settle(self, *, poll: bool) -> None:
        """Let the daemon hear of what happened, and finish with it."""
        await self.sim.drain()
        supervisor = self.connector.supervisor
        supervisor.poll_now(CONNECTION) if poll else supervisor.wake(CONNECTION)
        await supervisor.settled()
        health = self.connector.health.connections[CONNECTION]
        if health.state != "ok":
            raise RuntimeError(f"the daemon is {health.state}: {health.detail}")


@asynccontextmanager
async def desk(*, webhooks: bool) -> AsyncIterator[Desk]:
    """A daemon that has caught up with an MSP of 200 open tickets; its clock is the MSP's."""
    world, tally = make_world(tickets=50, start=START), Tally()
    with scratch() as folder:
        async with Simulator(world, tap=tally) as sim:
            psa = Psa.of(sim)
            os.environ.update(psa.secrets())
            config(folder, psa, web=free_port() if webhooks else 0, write_back=True, poll_every="24h")
            connector = await Connector.build(load_settings(folder), folder, now=world.now)
            work = asyncio.create_task(connector.serve())
            health = connector.health.connections[CONNECTION]
            await until(lambda: health.last_poll is not None and (not webhooks or bool(health.webhook)))
            try:
                yield Desk(world, sim, connector, tally)
            finally:
                connector.stop()
                await work


async def measure(path: str, at_once: int, tickets: int) -> None:
    """Three messages on each ticket, so many tickets at a time."""
    polled = path == "poll"
    async with desk(webhooks=not polled) as d:
        ids = [
            d.world.open_ticket("Acme Dental", f"Printer {n} down", text="No paper.") for n in range(tickets)
        ]
        await d.settle(poll=polled)
        d.world.advance(timedelta(minutes=6))  # beyond the polls' overlap
        await d.settle(poll=polled)
        d.tally.kinds.clear()
        d.world.writes.clear()
        for author in AUTHORS:
            for start in range(0, tickets, at_once):
                for ticket in ids[start : start + at_once]:
                    d.world.post(ticket, author, answer(ticket))
                d.world.advance(timedelta(seconds=5))
                await d.settle(poll=polled)
        report(path, at_once, tickets * len(AUTHORS), d.tally.kinds)


def report(path: str, at_once: int, changes: int, kinds: Counter[str]) -> None:
    rounds = changes / at_once
    least = changes + rounds * SHARED[path] + kinds["write"] * (1 + 2 / at_once)  # compared and read back
    parts = ", ".join(f"{kind} {number / changes:.2f}" for kind, number in sorted(kinds.items()))
    print(
        f"{path}, {at_once} at once: {kinds.total() / changes:.2f} requests a changed ticket "
        f"(least possible {least / changes:.2f}, ratio {kinds.total() / least:.2f}): {parts}"
    )


async def every() -> None:
    for path in ("poll", "webhook"):
        await measure(path, TICKETS, TICKETS)
        await measure(path, 10, TICKETS)
        await measure(path, 1, 20)


def main() -> None:
    configure_logging(level="error")
    asyncio.run(every())
