"""An hour of a desk's life in bad weather: the whole daemon against a pretend PSA on which things go wrong.

The desk goes on working all the while: tickets come in, are answered, wait, are resolved. Weather is a table
of spells, one table for each vendor. In the end it is calm for a while, and then every flag must be what the
world itself says, and the line must show that nobody was hammered, locked out or written to twice.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from connector.app import Connector, utcnow
from connector.daemon.connection import Connection
from connector.daemon.health import ConnectionHealth
from connector.settings import load_settings
from connector.simulator import Exchange, Simulator, World, make_world, texts
from connector.simulator.faults import Faults
from connector.store import audited, breaches, inbox, outbox
from connector.store.schema import inbox as deliveries
from tests.contract.psa.tongues import TONGUES
from tests.kit import CAPTIONS, FOREIGN, client_file, free_port, write_client
from tests.simulation.clockwork import Clockwork
from tests.simulation.truth import Truth

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
CLIENT = "Acme Dental"
TARGETS = {
    "*": {"response": "1h", "resplan": "2h", "update": "2h", "resolution": "4h"},
    "P1 Critical": {"response": "15m", "resplan": "30m", "update": "30m", "resolution": "1h"},
}
ENGINEERS = ("jreed", "akaya", "mbauer", "tnovak")
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Spell:
    """Bad weather from minute `at` on, for `lasts` minutes: these `faults`, and then they are as before.

    `does` is called when it begins.
    """

    at: float
    lasts: float = 0.0
    faults: Mapping[str, Any] = field(default_factory=dict)
    does: Callable[[Hour], Awaitable[None]] | None = None


@dataclass
class Line:
    """What was said on the line. `busiest(s)`: the most requests that came in within so many seconds."""

    asked: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    idle_writes: list[str] = field(default_factory=list)  # writes that changed nothing
    refused_in_a_row: int = 0
    worst_row: int = 0

    def busiest(self, seconds: float) -> int:
        window: deque[float] = deque()
        most = 0
        for at in self.asked:
            window.append(at)
            while window[0] <= at - seconds:
                window.popleft()
            most = max(most, len(window))
        return most


@dataclass
class Hour:
    """A desk and its connector, in the hands of a test."""

    folder: Path
    sim: Simulator
    port: int
    seed: int
    line: Line = field(default_factory=Line)
    tickets: list[int] = field(default_factory=list)
    running: Connector | None = None
    starts: int = 0  # the first write after each tries whether a field left out is kept
    _work: asyncio.Task[None] | None = None
    _written: int = 0

    @property
    def world(self) -> World:
        return self.sim.world

    @property
    def connector(self) -> Connector:
        assert self.running is not None
        return self.running

    @property
    def connection(self) -> Connection:
        return self.connector.supervisor.connections["main"]

    @property
    def health(self) -> ConnectionHealth:
        return self.connector.health.connections["main"]

    async def start(self) -> None:
        self.starts += 1
        self.running = await Connector.build(load_settings(self.folder), self.folder)
        self._work = asyncio.create_task(self.running.serve())

    async def stop(self) -> None:
        if self.running is not None and self._work is not None:
            self.running.stop()
            await self._work
        self.running = self._work = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    # ── the line ──────────────────────────────────────────────────────────────────────────────

    def tap_in(self) -> None:
        """Count what comes in when it comes in: an answer may be late, or never be given."""
        enters, loop = self.sim.dialect.enters, asyncio.get_running_loop()

        def counted(ask: Any) -> float:
            self.line.asked.append(loop.time())
            return float(enters(ask))

        self.sim.dialect.enters = counted

    def tap(self, exchange: Exchange) -> None:
        line, world = self.line, self.world
        line.statuses[exchange.status] += 1
        line.refused_in_a_row = line.refused_in_a_row + 1 if exchange.status == 401 else 0
        line.worst_row = max(line.worst_row, line.refused_in_a_row)
        path = exchange.path.casefold()
        on_tickets = path.rstrip("/").endswith("/tickets") or "/tickets/" in path
        if (
            exchange.method in ("PATCH", "POST")
            and on_tickets
            and "query" not in path
            and exchange.status < 300
        ):
            if len(world.writes) == self._written:
                line.idle_writes.append(f"{world.now():%H:%M:%S} {exchange.request_body.decode()[:300]}")
            self._written = len(world.writes)

    # ── life ──────────────────────────────────────────────────────────────────────────────────

    async def live(self, minutes: float, weather: Sequence[Spell]) -> None:
        """Let so many minutes pass, in which the desk works and the weather comes and goes."""
        loop = asyncio.get_running_loop()
        begun, dice = loop.time(), random.Random(self.seed)
        over: dict[str, float] = {}
        coming = deque(sorted(weather, key=lambda spell: spell.at))
        while (gone := (loop.time() - begun) / MINUTE) < minutes:
            for name in [name for name, end in over.items() if end <= gone]:
                del over[name]
                self.sim.faults.set(name, getattr(Faults(), name))
            while coming and coming[0].at <= gone:
                spell = coming.popleft()
                self.sim.faults.update(dict(spell.faults))
                over.update(dict.fromkeys(spell.faults, spell.at + spell.lasts))
                if spell.does is not None:
                    await spell.does(self)
            if dice.random() < 0.25:
                self.happen(dice)
            await asyncio.sleep(10.0)
        for name in over:
            self.sim.faults.set(name, getattr(Faults(), name))

    def open_ticket(self, dice: random.Random) -> int:
        summary, text = dice.choice(texts.REQUESTS)
        priority = "P1 Critical" if dice.random() < 0.2 else "P3 Medium"
        ticket = self.world.open_ticket(CLIENT, summary, text=text, priority=priority)
        acknowledgement = dice.choice(texts.ACKNOWLEDGEMENTS).replace("{ticket}", str(ticket))
        self.world.post(ticket, "workflow", acknowledgement)
        self.tickets.append(ticket)
        return ticket

    def happen(self, dice: random.Random) -> None:
        """One thing that happens at a desk."""
        world, roll = self.world, dice.random()
        busy = [one for one in self.tickets if not self._is(one, "Resolved", ">Closed")]
        if roll < 0.25 or not busy:
            self.open_ticket(dice)
            return
        ticket, engineer = dice.choice(busy), dice.choice(ENGINEERS)
        said = dice.choice(texts.ANSWERS).replace("{name}", "there") + f" Reference {dice.randrange(10**6)}."
        if roll < 0.45:
            world.post(ticket, engineer, said)
        elif roll < 0.55:
            world.log_time(ticket, engineer, 5, dice.choice(texts.CALLS), "Phone Call")
        elif roll < 0.65:
            world.post(ticket, "contact", dice.choice(texts.REPLIES))
        elif roll < 0.75:
            world.set_status(ticket, "In Progress", engineer)
        elif roll < 0.8:
            world.set_priority(ticket, "P1 Critical", "dmoore")
        elif roll < 0.85:
            world.post(ticket, engineer, dice.choice(texts.INTERNAL), visible=False)
        elif roll < 0.92:
            world.post(ticket, engineer, said)
            world.set_status(ticket, "Waiting Customer", engineer)
        else:
            world.post(ticket, engineer, dice.choice(texts.SOLUTIONS))
            world.set_status(ticket, "Resolved", engineer)

    def _is(self, ticket: int, *statuses: str) -> bool:
        return self.world.statuses[self.world.ticket(ticket).status].name in statuses

    async def rest(self, minutes: float) -> None:
        """Let time pass."""
        await asyncio.sleep(minutes * MINUTE)

    async def calm(self) -> None:
        """Until the last pause of a minute is over; nothing happens any more."""
        await asyncio.sleep(5 * MINUTE)

    # ── in the end ────────────────────────────────────────────────────────────────────────────

    def shown(self, ticket: int) -> dict[str, str]:
        """What the PSA shows, from the world's own records."""
        return {flag: _text(self.world.field(ticket, caption)) for flag, caption in CAPTIONS.items()}

    def should_be(self) -> dict[int, dict[str, str]]:
        """What the PSA should show, by ticket."""
        [policy] = self.connection.policies()
        told = Truth(self.world, rules_mail=self.sim.vendor == "halo").flags(policy, utcnow())
        return {
            ticket: {**flags, "at_risk": flags["at_risk"].replace("No", "")} for ticket, flags in told.items()
        }

    def wrong(self, *but: str) -> dict[int, dict[str, tuple[str, str]]]:
        """Flags that are not what they should be: (shown, wanted) by ticket and flag."""
        found = {}
        for ticket, wanted in self.should_be().items():
            shown = self.shown(ticket)
            other = {f: (shown[f], wanted[f]) for f in shown if f not in but and shown[f] != wanted[f]}
            if other:
                found[ticket] = other
        return found

    async def assert_calm(self) -> None:
        """Nothing is left to do, nothing was lost, and nobody noticed us but by our flags."""
        world = self.world
        assert self.health.state == "ok", self.health.detail
        assert all(not hook.inactive for hook in world.hooks.values())
        async with self.connector.store.read() as tx:
            assert await inbox.waiting(tx) == {}
            assert await outbox.counts(tx) == {}
            handled = (await tx.execute(select(deliveries.c.ticket_id))).scalars().all()
            assert (await audited.states(tx))["main"]["tickets"] > 9, "the auditor has looked"
            assert [*await breaches.listed(tx, 9), *await breaches.listed(tx, 9, over=True)] == []
        assert self.sim.postman.accepted
        assert set(handled) <= {str(ticket) for ticket in world.tickets.by_id}
        assert len(self.line.idle_writes) <= self.starts * (self.sim.vendor != "autotask"), "written twice"
        assert world.responses[429] == sum(self.sim.dialect.gate.refused[why] for why in ("storm", "limit"))
        assert {write.member for write in world.writes} == {"PxConnector"}
        assert {write.field for write in world.writes} <= set(CAPTIONS.values())
        assert not [post for post in world.new_posts if post.created_by == "PxConnector"]
        assert not [line for line in world.trail if line.by == "PxConnector"]
        assert not [t for t in self.tickets if world.field(t, FOREIGN) is not None]


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "Yes"
    return str(int(value)) if isinstance(value, float) else str(value)


@asynccontextmanager
async def desk(
    folder: Path, vendor: str, seed: int = 7, faults: Mapping[str, Any] | None = None, **keys: Any
) -> AsyncIterator[Hour]:
    """A running connector on a pretend MSP of this vendor's, on the clockwork's time."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Clockwork), "run it with clockwork.run"
    tongue, world = TONGUES[vendor], make_world(seed=seed, tickets=0, start=START)
    world.clock = utcnow
    made: list[Hour] = []
    async with Simulator(world, vendor=vendor, tap=lambda exchange: made[0].tap(exchange)) as sim:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in tongue.secrets(sim).items():
                patch.setenv(name, value)
            port = free_port()
            writes = {"write_back": True, "canary": {"waived": "a pretend PSA"}}
            own = {"vendor": vendor, "allow_private": True, **tongue.keys(sim), **writes, **keys}
            web = {"port": port, "public_url": f"http://127.0.0.1:{port}"}
            settings = {"store": "sqlite:///px.db", "web": web, "connections": {"main": own}}
            (folder / "connector.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
            write_client(folder, client_file(CLIENT, targets=TARGETS))
            hour = Hour(folder, sim, port, seed)
            made.append(hour)
            sim.faults.update(dict(faults or {}))
            hour.tap_in()
            await hour.start()
            try:
                yield hour
            finally:
                with suppress(asyncio.CancelledError):
                    await hour.stop()
