"""A whole connector against a pretend MSP: configuration on disk, the real daemon in this process, real HTTP.

Time belongs to the world and stands still until a test moves it, so no test waits for a clock. What the
daemon should have written is asked of the same code that `explain` uses.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from connector.app import Connector
from connector.daemon.connection import Connection
from connector.daemon.health import ConnectionHealth
from connector.history.lookup import account
from connector.psa.vendors import build_psa
from connector.settings import load_settings
from connector.simulator import Credentials, Exchange, Simulator, World, make_world
from connector.store.outbox import Owed

FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CLIENTS = ("Acme Dental", "Globex", "Initech")
CAPTIONS = {
    "at_risk": "PX At Risk",
    "zone": "SLA Zone",
    "due": "SLA Due",
    "felt_response": "Felt Response (min)",
    "px": "Client PX",
    "why": "PX Why",
}
FOREIGN = "Change Approval"
PATIENCE = 30.0
"""Seconds after which a test that waits for the daemon has failed."""

Tap = Callable[[Exchange], None] | None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def client_file(client: str, connection: str = "main", **rules: Any) -> dict[str, Any]:
    """A client's YAML as a dict: office hours in London, one hour to answer, unless told otherwise."""
    return {
        "client": client,
        "match": {"connection": connection, "companies": [client]},
        "calendar": {"timezone": "Europe/London", "week": {"mon-fri": ["08:00-18:00"]}},
        "response": {"machines": ["Rewst", "template247"]},
        "resplan": {"not_by": ["Dispatch"]},
        "targets": {"*": {"response": "1h", "resplan": "4h", "update": "8h", "resolution": "16h"}},
        **rules,
    }


def write_client(folder: Path, file: Mapping[str, Any] | str, name: str = "") -> Path:
    """Put a client's file, as a dict or as raw text, into a config folder."""
    text = file if isinstance(file, str) else yaml.safe_dump(dict(file), sort_keys=False, allow_unicode=True)
    stem = name or (file["client"] if not isinstance(file, str) else "client").split()[0].casefold()
    path = folder / "clients" / f"{stem}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def write_settings(
    folder: Path, port: int, sites: Mapping[str, tuple[str, Credentials]], **settings: Any
) -> Path:
    """connector.yaml for these simulators, (url, credentials) by connection; each gets the `settings`."""
    connections = {}
    for name, (url, keys) in sites.items():
        secrets = {
            "public_key": keys.public_key,
            "private_key": keys.private_key,
            "client_id": keys.client_id,
        }
        for key, value in secrets.items():
            file = folder / f"{name}-{key}"
            file.write_text(value, encoding="utf-8")
            file.chmod(0o600)
        connections[name] = {
            "vendor": "connectwise",
            "site": url,
            "company": keys.company,
            **{key: {"file": str(folder / f"{name}-{key}")} for key in secrets},
            "allow_private": True,
            "write_back": True,
            "canary": {"waived": "a pretend PSA"},
            "requests_per_minute": 100_000,
            "concurrency": 8,
            **settings,
        }
    web = {"port": port, "public_url": f"http://127.0.0.1:{port}"}
    path = folder / "connector.yaml"
    whole = {"store": "sqlite:///px.db", "web": web, "connections": connections}
    path.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    return path


async def hooked(folder: Path) -> None:
    """Have the connection `main` of this configuration make its webhook, as the daemon would."""
    settings = load_settings(folder)
    psa = build_psa("main", settings.connections["main"])
    await psa.start({})
    assert await psa.ensure_webhook(settings.hook_url("main")) == "created"
    await psa.close()


@dataclass(slots=True)
class Site:
    """One pretend MSP, as connection `name`."""

    name: str
    world: World
    sim: Simulator


@dataclass
class Office:
    """The connector and its MSPs. `world` and `sim` are those of the first connection."""

    folder: Path
    sites: dict[str, Site]
    port: int
    settings: dict[str, Any] = field(default_factory=dict)
    running: Connector | None = None
    _work: asyncio.Task[None] | None = None

    @property
    def first(self) -> Site:
        return next(iter(self.sites.values()))

    @property
    def world(self) -> World:
        return self.first.world

    @property
    def sim(self) -> Simulator:
        return self.first.sim

    @property
    def connector(self) -> Connector:
        assert self.running is not None, "start it first"
        return self.running

    @property
    def connection(self) -> Connection:
        return self.connector.supervisor.connections[self.first.name]

    @property
    def health(self) -> ConnectionHealth:
        return self.connector.health.connections[self.first.name]

    # ── start and stop ────────────────────────────────────────────────────────────────────────

    async def start(self, *, wait: bool = True) -> None:
        """Start the connector on the store that is there; with `wait` until it has nothing left to do."""
        sites = {name: (site.sim.url, site.sim.credentials) for name, site in self.sites.items()}
        write_settings(self.folder, self.port, sites, **self.settings)
        settings = load_settings(self.folder)
        self.running = await Connector.build(settings, self.folder, now=self.world.now)
        self._work = asyncio.create_task(self.running.serve())
        if wait:
            await self.until(self._caught_up)
            await self.settle()

    def _caught_up(self) -> bool:
        healths = self.connector.health.connections.values()
        return all(h.state == "stopped" or (h.last_poll is not None and bool(h.webhook)) for h in healths)

    async def stop(self) -> None:
        if self.running is not None and self._work is not None:
            self.running.stop()
            await self._work
        self.running = self._work = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def lose_store(self) -> None:
        """The disk is gone; the PSA is not."""
        for file in self.folder.glob("px.db*"):
            file.unlink()

    # ── waiting ───────────────────────────────────────────────────────────────────────────────

    async def until(self, true: Callable[[], bool]) -> None:
        """Until something is so; fails after PATIENCE seconds, or with the daemon if that fails."""
        async with asyncio.timeout(PATIENCE):
            while not true():
                if self._work is not None and self._work.done():
                    await self._work
                await asyncio.sleep(0.01)

    async def settle(self) -> None:
        """Until every callback has arrived and the daemon has done all that is to be done now."""
        async with asyncio.timeout(PATIENCE):
            for site in self.sites.values():
                await site.sim.drain()
            await self.connector.supervisor.settled()
            while any(h.state == "degraded" for h in self.connector.health.connections.values()):
                await asyncio.sleep(0.01)  # it waits out some trouble
                await self.connector.supervisor.settled()

    async def later(self, minutes: float = 0.0, **more: float) -> None:
        """Let time pass, have the daemon look at its timers and its poll, and wait until it is done."""
        by = timedelta(minutes=minutes, **more)
        if by:
            self.world.advance(by)
        for name in self.sites:
            self.connector.supervisor.wake(name)
        await self.settle()

    async def poll(self) -> None:
        """Let one poll interval pass."""
        await self.later(seconds=self.connection.poll_every.total_seconds())

    # ── what is and what should be ────────────────────────────────────────────────────────────

    def flags(self, ticket: int, site: str = "") -> dict[str, Any]:
        """What the PSA shows in our fields, by flag; empty ones left out."""
        world = (self.sites[site] if site else self.first).world
        found = {flag: world.field(ticket, caption) for flag, caption in CAPTIONS.items()}
        return {flag: value for flag, value in found.items() if value not in (None, "", False)}

    async def wanted(self, ticket: int, site: str = "") -> dict[str, str]:
        """What the PSA should show, judged now from the store's facts."""
        name = site or self.first.name
        connector = self.connector
        found = await account(connector.store, connector.rules.book, name, str(ticket), self.world.now())
        return dict(connector.supervisor.connections[name].psa.shown(found.assessment.flags))  # type: ignore[arg-type]

    async def shown(self, ticket: int, site: str = "") -> dict[str, str]:
        """What the PSA shows, read as the adapter reads it."""
        name = site or self.first.name
        read = await self.connector.supervisor.connections[name].psa.read_flags([str(ticket)])
        return dict(read[str(ticket)].flags)  # type: ignore[arg-type]

    async def assert_right(self, *tickets: int, site: str = "") -> None:
        """Each of these shows exactly what it should."""
        assert tickets
        for ticket in tickets:
            assert await self.shown(ticket, site) == await self.wanted(ticket, site), ticket

    def open_tickets(self, site: str = "") -> list[int]:
        world = (self.sites[site] if site else self.first).world
        return [t.id for t in world.tickets.by_id.values() if not world.statuses[t.status].closed]

    def written(self, since: int = 0) -> list[tuple[int, str, Any]]:
        """Every change of a field made through the API since the `since`-th: (ticket, field, new value)."""
        return [(w.ticket, w.field, w.new) for w in self.world.writes[since:]]

    async def letters(self) -> list[Owed]:
        from connector.store import outbox

        async with self.connector.store.read() as tx:
            return await outbox.dead(tx)


@asynccontextmanager
async def office(
    folder: Path,
    *,
    tap: Tap = None,
    tickets: int = 0,
    clients: tuple[str, ...] = CLIENTS,
    names: tuple[str, ...] = ("main",),
    start: datetime = FRIDAY,
    **settings: Any,
) -> AsyncIterator[Office]:
    """One simulator for each of `names`, client files for `clients` on the first, nothing started yet."""
    async with AsyncExitStack() as stack:
        sites: dict[str, Site] = {}
        for seed, name in enumerate(names, 7):
            world = make_world(seed=seed, tickets=tickets, start=start, clients=CLIENTS)
            if sites:
                world.clock = next(iter(sites.values())).world.now
            sim = await stack.enter_async_context(Simulator(world, tap=tap))
            sites[name] = Site(name, world, sim)
        for client in clients:
            write_client(folder, client_file(client, names[0]))
        made = Office(folder, sites, free_port(), settings)
        stack.push_async_callback(made.stop)
        yield made
