"""The whole daemon on a simulated MSP in this process, with every request it makes counted by its purpose.

The simulator sees a request, not what it is for. So the adapter is watched as well: what it asks for while
flags are compared, written or read back belongs to the write, the rest to the reading.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from bench._kit import CONNECTION, config, free_port, scratch, until
from bench._login import login
from connector.app import Connector
from connector.daemon.connection import Connection
from connector.model import CompanyFlag, FlagName
from connector.psa.desk import Desk as PsaDesk
from connector.psa.port import Batch, Psa, Snapshot, Written
from connector.settings import load_settings
from connector.simulator import Exchange, Simulator, World, make_world

START = datetime(2026, 11, 20, 9, tzinfo=UTC)  # a Friday, everybody at work
_NUMBER = re.compile(r"/\d+")


@dataclass(slots=True)
class Tally:
    """Requests by endpoint, those of reading and those of writing apart; and whose timelines were read."""

    reads: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    tickets: Counter[str] = field(default_factory=Counter)  # timelines read, by ticket
    writing: int = 0  # calls under way that belong to a write

    def __call__(self, seen: Exchange) -> None:
        kind = f"{seen.method} {_NUMBER.sub('/…', seen.path)}"
        (self.writes if self.writing else self.reads)[kind] += 1

    def clear(self) -> None:
        for counter in (self.reads, self.writes, self.tickets):
            counter.clear()


class Watched:
    """The adapter, telling the tally what it is doing; a `Psa` in everything else."""

    def __init__(self, psa: Psa, tally: Tally) -> None:
        self._psa, self._tally = psa, tally
        assert isinstance(psa, PsaDesk)
        self._desk = psa

    def __getattr__(self, name: str) -> Any:
        return getattr(self._psa, name)

    async def observe(self, ticket_ids: Sequence[str]) -> Batch:
        self._tally.tickets.update(ticket_ids)
        return await self._psa.observe(ticket_ids)

    async def complete(self, snapshots: Sequence[Snapshot]) -> Batch:
        self._tally.tickets.update(snapshot.ticket.id for snapshot in snapshots)
        return await self._psa.complete(snapshots)

    async def read_flags(self, ticket_ids: Sequence[str]) -> Mapping[str, Written]:
        self._tally.writing += 1
        try:
            return await self._psa.read_flags(ticket_ids)
        finally:
            self._tally.writing -= 1

    async def write(self, ticket_id: str, flags: Mapping[FlagName, str]) -> None:
        self._tally.writing += 1
        try:
            await self._psa.write(ticket_id, flags)
        finally:
            self._tally.writing -= 1

    async def read_company(self, company_id: str) -> Mapping[CompanyFlag, str]:
        self._tally.writing += 1
        try:
            return await self._desk.read_company(company_id)
        finally:
            self._tally.writing -= 1


@dataclass(frozen=True, slots=True)
class Desk:
    world: World
    sim: Simulator
    connector: Connector
    tally: Tally

    @property
    def connection(self) -> Connection:
        return self.connector.supervisor.connections[CONNECTION]

    async def settle(self, *, poll: bool) -> None:
        """Let the daemon hear of what happened, and finish with it."""
        await self.sim.drain()
        supervisor = self.connector.supervisor
        supervisor.poll_now(CONNECTION) if poll else supervisor.wake(CONNECTION)
        await supervisor.settled()
        self.caught_up(webhooks=False)

    def caught_up(self, *, webhooks: bool) -> bool:
        """Whether everything has been read once, and webhooks come. RuntimeError for a daemon in trouble."""
        health = self.connector.health.connections[CONNECTION]
        if health.state in ("degraded", "stopped"):
            raise RuntimeError(f"the daemon is {health.state}: {health.detail}")
        return health.last_poll is not None and (not webhooks or bool(health.webhook))

    async def opened(self, tickets: int) -> list[int]:
        """So many new tickets of which the daemon knows all; beyond the overlap of its polls."""
        ids = [
            self.world.open_ticket("Acme Dental", f"Printer {n} down", text="No paper.")
            for n in range(tickets)
        ]
        await self.settle(poll=True)
        self.world.advance(timedelta(minutes=6))
        await self.settle(poll=True)
        return ids


@asynccontextmanager
async def desk(vendor: str, *, webhooks: bool = False, tickets: int = 50) -> AsyncIterator[Desk]:
    """A daemon that has read an MSP's tickets of 90 days and writes nothing yet; its clock is the MSP's."""
    world, tally = make_world(tickets=tickets, start=START), Tally()
    async with Simulator(world, vendor=vendor, tap=tally) as sim:
        with scratch() as folder:
            written = login(sim)
            os.environ.update(written.secrets)
            web = free_port() if webhooks else 0
            config(folder, written, web=web, poll_every="24h", sweep_every="24h")
            connector = await Connector.build(load_settings(folder), folder, now=world.now)
            found = Desk(world, sim, connector, tally)
            found.connection.psa = cast(Psa, Watched(found.connection.psa, tally))
            work = asyncio.create_task(connector.serve())
            try:
                await until(lambda: found.caught_up(webhooks=webhooks), 900)
                yield found
            finally:
                connector.stop()
                await work


def parts(kinds: Counter[str]) -> str:
    """What a count is made of, the most first."""
    return ", ".join(f"{kind} {number}" for kind, number in kinds.most_common())
