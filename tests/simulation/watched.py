"""A day played in one PSA's tongue and watched by the daemon's own turns, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import pytest

from connector.clients import load_clients
from connector.daemon.connection import Connection
from connector.daemon.health import Health
from connector.daemon.start import start
from connector.daemon.turn import turn
from connector.errors import NotFound
from connector.history.lookup import account
from connector.model import Assessment, Rating, Ticket
from connector.psa.vendors import build_psa
from connector.rules.policy import Policy
from connector.settings.vendors import keys_of
from connector.simulator import Simulator, World, make_world
from connector.simulator.records import Trail
from connector.store import assessments
from connector.store.store import Store
from tests.contract.psa.stage import SHARED
from tests.contract.psa.tongues import TONGUES
from tests.kit import CLIENTS, client_file, write_client
from tests.simulation.differences import CLOSED

TUESDAY = datetime(2026, 11, 17, 8, 0, tzinfo=UTC)
LATEST_RATING = timedelta(minutes=16)
"""After this the slowest reader of ratings has read them (Halo's list is read as a whole, seldom)."""

ALWAYS = timedelta()

Slots = Callable[[World], Iterable[list[Callable[[], object]]]]
Flags = dict[tuple[datetime, str, str], str]
"""What should stand on a ticket, by moment, ticket and flag; and whether the PSA says that it is green."""

PSA_MET = "psa.met"


@dataclass
class Day:
    """What one PSA's connector made of a day."""

    psa: str
    flags: Flags = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    told: dict[str, Assessment] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)

    happened: list[Trail] = field(default_factory=list)

    def lately(self, at: datetime, ticket: str, flag: str) -> frozenset[str]:
        """What stood there since the last rating, and before it; nothing if that is long ago."""
        lately = since_rated(at, self.rated, self.moments)
        return frozenset(self.flags[key] for m in lately if (key := (m, ticket, flag)) in self.flags)

    @cached_property
    def moments(self) -> list[datetime]:
        return sorted({moment for moment, _, _ in self.flags})

    @cached_property
    def rated(self) -> list[datetime]:
        return [e.at for answer in self.told.values() for e in answer.timeline if isinstance(e, Rating)]


def since_rated(at: datetime, rated: Iterable[datetime], moments: Iterable[datetime]) -> list[datetime]:
    """The moments up to `at` since a rating that not all need have read by now, and the one before it."""
    unread = [one for one in rated if at - LATEST_RATING <= one <= at]
    known = [moment for moment in moments if moment <= at]
    before = [moment for moment in known if unread and moment < min(unread)]
    return before[-1:] + [moment for moment in known if unread and moment >= min(unread)]


class Watcher:
    """Turns one connection whenever it is told to look."""

    def __init__(self, connection: Connection, world: World) -> None:
        self.connection, self.world = connection, world

    async def look(self) -> None:
        """Poll now, and turn until there is nothing more to do."""
        self.connection.next_poll = None
        while (done := await turn(self.connection)).lagging or done.busy:
            pass

    async def flags(self) -> Flags:
        """The flags as they should stand now."""
        c, at = self.connection, self.world.now()
        live = (t for t in self.world.tickets.by_id.values() if t.seeded < 0)
        async with c.store.read() as tx:
            found = await assessments.load(tx, c.name, (str(ticket.id) for ticket in live))
        return {
            (at, ticket, path): str(value)
            for ticket, answer in found.items()
            for path, value in {**answer["flags"], PSA_MET: answer["psa"]["sla_met"]}.items()
        }

    async def finish(self, day: Day) -> Day:
        """The day, with what is known of every ticket now, and what has really happened."""
        c = self.connection
        day.happened = list(self.world.trail)
        for number in range(1001, max(self.world.tickets.by_id) + 1):
            try:
                found = await account(c.store, c.clients(), c.name, str(number), self.world.now())
            except NotFound:
                continue  # deleted, or closed too long ago to be read
            day.tickets[str(number)] = found.ticket
            day.told[str(number)], day.policies[str(number)] = found.assessment, found.policy
        return day


@asynccontextmanager
async def watcher(vendor: str, folder: Path, world: World, **rules: object) -> AsyncIterator[Watcher]:
    """A watcher of this world, which speaks the vendor's tongue; `rules` are keys of every client's file."""
    tongue = TONGUES[vendor]
    async with Simulator(world, vendor=vendor) as sim:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in tongue.secrets(sim).items():
                patch.setenv(name, value)
            keys = keys_of(vendor).model_validate({"vendor": vendor, **SHARED, **tongue.keys(sim)})
            psa = build_psa("main", keys)
        for client in CLIENTS:
            closing = {"statuses": ["Resolved", CLOSED[vendor][0]]}
            write_client(folder, client_file(client, resolution=closing, **rules))
        book = load_clients(folder)
        assert not book.errors
        store = await Store.open(f"sqlite:///{folder / vendor}.db")
        health = Health()
        health.add("main", vendor, world.now())
        c = Connection(name="main", psa=psa, store=store, health=health, clients=lambda: book, now=world.now)
        try:
            await start(c)
            yield Watcher(c, world)
        finally:
            await psa.close()
            await store.close()


async def watched(
    vendor: str, folder: Path, slots: Slots, *, tickets: int = 0, every: timedelta = ALWAYS, **rules: object
) -> Day:
    """The day as this PSA's connector saw it, looking after every slot, or the next one after so long."""
    world, day = make_world(seed=7, tickets=tickets, start=TUESDAY), Day(vendor)
    async with watcher(vendor, folder, world, **rules) as one:
        await one.look()
        last = world.now()
        for slot in slots(world):
            for deed in slot:
                deed()
            if world.now() - last < every:
                continue
            last = world.now()
            await one.look()
            day.flags |= await one.flags()
        world.advance(max(LATEST_RATING, every))
        await one.look()
        day.flags |= await one.flags()
        return await one.finish(day)


async def read_once(vendor: str, folder: Path, slots: Slots, *, tickets: int = 0, **rules: object) -> Day:
    """The day as a connector finds it that looks for the first time when it is over."""
    world, day = make_world(seed=7, tickets=tickets, start=TUESDAY), Day(vendor)
    for slot in slots(world):
        for deed in slot:
            deed()
    world.advance(LATEST_RATING)
    async with watcher(vendor, folder, world, **rules) as one:
        await one.look()
        return await one.finish(day)
