"""A pretend MSP whose PSA is set up honestly, and a client's file that agrees with it: to plant faults in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.clients import load_clients
from connector.daemon.recovered import recovered, told_changes
from connector.history.doctor import Finding
from connector.history.lint import LintReport, lint
from connector.psa.port import Batch
from connector.psa.vendors import build_psa
from connector.rules.authorship.templates import sightings
from connector.settings import load_settings
from connector.simulator import Simulator, World, make_world
from connector.store import events, stages, templates, tickets
from connector.store.store import Store
from connector.store.tickets import StoredTicket
from tests.contract.psa.stage import SHARED
from tests.contract.psa.tongues import TONGUES
from tests.kit import client_file, hooked, write_client

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HOOK = "https://px.example.com"
HONEST = {"*": "none", "Scheduled": "resolution_plan", "Resolved": "resolved"}
"""What Autotask's statuses mean, which its API does not tell."""
OFFICE = {
    "timezone": "Europe/London",
    "week": {"mon-fri": ["08:00-18:00"]},
    "holidays": {"country": "GB", "subdivision": "ENG"},
    "closures": {"2026-12-24": ["12:00-18:00"]},
}
TARGETS = {
    "P1 Critical": {"response": "15m", "resplan": "1h", "update": "1h", "resolution": "4h"},
    "P2 High": {"response": "30m", "resplan": "2h", "update": "2h", "resolution": "8h"},
    "P3 Medium": {"response": "1h", "resplan": "4h", "update": "8h", "resolution": "24h"},
    "P4 Low": {"response": "4h", "resplan": "8h", "update": "8h", "resolution": "40h"},
}


def agreeing(client: str = "Acme Dental", **rules: Any) -> dict[str, Any]:
    """A client's file that says what the PSA says."""
    right = {"calendar": OFFICE, "targets": TARGETS, "exclude": {"statuses": ["Merged"]}}
    return client_file(client, **{**right, **rules})


@dataclass(slots=True)
class Bench:
    """`keys` lie over those of the connection."""

    folder: Path
    vendor: str
    world: World
    sim: Simulator
    keys: dict[str, Any] = field(default_factory=dict)

    def write(self, *clients: dict[str, Any]) -> None:
        means = {"sla_events": HONEST} if self.vendor == "autotask" else {}
        main = {"vendor": self.vendor, **SHARED, **TONGUES[self.vendor].keys(self.sim), **means, **self.keys}
        settings = {"web": {"public_url": HOOK}, "connections": {"main": main}}
        (self.folder / "connector.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        for client in clients or (agreeing(),):
            write_client(self.folder, client)

    async def hooked(self) -> None:
        """As the daemon leaves it: our webhook is there."""
        await hooked(self.folder)
        self.world.requests.clear()

    async def report(self) -> LintReport:
        settings = load_settings(self.folder)
        main, book = settings.connections["main"], load_clients(self.folder)
        return await lint("main", main, book, settings.store, now=self.world.now(), tell=lambda _doing: None)

    async def found(self) -> list[Finding]:
        report = await self.report()
        assert all(
            one.code and one.where and one.why and one.fix and one.looked_at for one in report.findings
        )
        return list(report.findings)

    async def codes(self) -> set[str]:
        return {one.code for one in await self.found()}

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Callable[[Iterable[int]], Awaitable[None]]]:
        """Fills the store as a daemon does that sees these tickets now, with their whole timelines."""
        settings = load_settings(self.folder)
        psa = build_psa("main", settings.connections["main"])
        store = await Store.open(settings.store)
        facts = await psa.start({})
        stage_of = {name.casefold(): stage for name, stage in facts.statuses.items()}
        async with store.begin() as tx:
            await stages.put(tx, "main", stage_of, NOW)

        async def remember(ids: Iterable[int]) -> None:
            batch = await psa.observe([str(number) for number in ids])
            async with store.begin() as tx:
                await _keep(tx, batch, self.world.now())

        try:
            yield remember
        finally:
            await store.close()
            await psa.close()

    @contextmanager
    def lifted(self) -> Iterator[World]:
        """Whatever is planted in the set-up within is gone afterwards."""
        world = self.world
        kept = {name: dict(getattr(world, name)) for name in ("boards", "statuses", "calendars", "days_off")}
        set_up, hooks = copy(world.set_up), {number: replace(hook) for number, hook in world.hooks.items()}
        agreed, keys = dict(world.set_up.sla_of), dict(self.keys)
        try:
            yield world
        finally:
            for name, was in kept.items():
                getattr(world, name).clear()
                getattr(world, name).update(was)
            for part in fields(set_up):
                setattr(world.set_up, part.name, getattr(set_up, part.name))
            world.set_up.sla_of = agreed
            for number, hook in hooks.items():
                world.hooks[number].inactive = hook.inactive
            for number in world.hooks.keys() - hooks.keys():
                del world.hooks[number]
            if self.keys != keys:
                self.keys = keys
                self.write()


@asynccontextmanager
async def bench(
    folder: Path,
    vendor: str,
    patch: pytest.MonkeyPatch,
    *,
    tickets: int = 20,
    hooked: bool = True,
    plants: Sequence[str] = ("honest",),
) -> AsyncIterator[Bench]:
    """An honest desk; time stands still at NOW until a test moves it."""
    world = make_world(seed=7, tickets=tickets, start=NOW, plants=plants)
    async with Simulator(world, vendor=vendor) as sim:
        for name, value in TONGUES[vendor].secrets(sim).items():
            patch.setenv(name, value)
        one = Bench(folder, vendor, world, sim)
        one.write()
        if hooked:
            await one.hooked()
        yield one


def later(world: World, **by: float) -> None:
    world.advance(timedelta(**by))


async def _keep(tx: AsyncConnection, batch: Batch, now: datetime) -> None:
    before = await tickets.load(tx, "main", [one.ticket.id for one in batch.snapshots])
    told = told_changes([batch])
    changes = [
        (one.ticket.id, event)
        for one in batch.snapshots
        for event in recovered(before.get(one.ticket.id), one, now)
        if (one.ticket.id, type(event)) not in told
    ]
    rows = [StoredTicket(ticket=one.ticket, version=one.version, observed_at=now) for one in batch.snapshots]
    await tickets.put(tx, "main", rows)
    await events.merge(tx, "main", [*changes, *batch.events])
    seen = [one for number, event in batch.events for one in sightings(number, [event])]
    await templates.learn(tx, "main", seen)
