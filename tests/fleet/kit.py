"""A fleet in one process: real PostgreSQL, real engine, pretend PSAs over real HTTP, real time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from connector.daemon.fleet.worker import Worker
from connector.settings import Settings, load_settings
from connector.simulator import Simulator, World, make_world, utcnow
from connector.store.schema_running import connections as table
from connector.store.store import Store
from tests.kit import CLIENTS, FRIDAY, client_file, free_port, write_client, write_settings

PATIENCE = 60.0
EVERYTHING = {"*": {"response": "1h", "resplan": "4h", "update": "8h", "resolution": "16h"}}


@dataclass
class Place:
    """Where a fleet works: its files, its database, its PSAs by connection."""

    folder: Path
    url: str
    port: int
    sims: Mapping[str, Simulator]
    worlds: Mapping[str, World]

    @property
    def settings(self) -> Settings:
        return load_settings(self.folder).model_copy(update={"store": self.url})

    @asynccontextmanager
    async def worker(self, slots: int = 4) -> AsyncIterator[Worker]:
        """A worker at work until the block is left."""
        async with self.resting(slots) as worker:
            stop = asyncio.Event()
            task = asyncio.create_task(worker.run(stop))
            try:
                yield worker
            finally:
                stop.set()
                await task

    @asynccontextmanager
    async def resting(self, slots: int = 4) -> AsyncIterator[Worker]:
        """A worker that has not begun: its parts can be moved by hand."""
        async with Worker.open(self.settings, self.folder, slots=slots, now=self.now) as worker:
            yield worker

    def now(self) -> datetime:
        return next(iter(self.worlds.values())).now()

    def later(self, **by: float) -> None:
        """Let time pass for all PSAs and the fleet."""
        next(iter(self.worlds.values())).advance(timedelta(**by))

    def open_ticket(self, name: str = "main", summary: str = "Printer is on fire") -> int:
        return self.worlds[name].open_ticket(client="Acme Dental", summary=summary)

    def secret(self, key: str, text: str, name: str = "main") -> None:
        (self.folder / f"{name}-{key}").write_text(text)

    async def settled(self, name: str = "main") -> dict[str, Any] | None:
        """The row of a connection that has nothing left to do now; None while it has."""
        row = await self.row(name)
        return row if row.get("turned_at") and row["due_at"] > self.now() else None

    async def turning(self) -> bool:
        """Whether the engine knows of a turn under way."""
        question = "SELECT count(*) FROM px_engine.procrastinate_jobs WHERE status = 'doing'"
        async with self.store() as store, store.read() as tx:
            return bool((await tx.exec_driver_sql(question)).scalar_one())

    async def health(self, name: str = "main") -> dict[str, Any]:
        """What the store says of a connection's health."""
        return (await self.row(name))["health"]

    async def row(self, name: str = "main") -> dict[str, Any]:
        """The row of a connection, its JSON read."""
        async with self.store() as store, store.read() as tx:
            row = (await tx.execute(select(table).where(table.c.conn == name))).mappings().one_or_none()
        if row is None:
            return {"health": {}}
        told = json.loads(row["health"])
        return {**row, **told, "memory": json.loads(row["memory"]), "health": told.get("health", {})}

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        store = await Store.open(self.url)
        try:
            yield store
        finally:
            await store.close()


@asynccontextmanager
async def place(
    folder: Path, url: str, names: tuple[str, ...] = ("main",), *, real_time: bool = False, **settings: Any
) -> AsyncIterator[Place]:
    """Files for these connections, each with a pretend ConnectWise of its own.

    Time stands still on a Friday unless it is `real_time`.
    """
    start = utcnow() if real_time else FRIDAY
    worlds = {
        name: make_world(seed=7 + n, tickets=0, start=start, clients=CLIENTS) for n, name in enumerate(names)
    }
    for world in list(worlds.values())[1:]:
        world.clock = worlds[names[0]].now
    if real_time:
        worlds[names[0]].clock = utcnow
    async with AsyncExitStack() as stack:
        sims = {name: await stack.enter_async_context(Simulator(world)) for name, world in worlds.items()}
        config, port = folder / "config", free_port()
        for name in names:
            file = client_file("Acme Dental", name, targets=EVERYTHING)
            write_client(config, {**file, "client": f"Acme of {name}"}, f"acme-{name}")
        sites = {name: (sim.url, sim.credentials) for name, sim in sims.items()}
        write_settings(config, port, sites, **settings)
        yield Place(config, url, port, sims, worlds)


async def until(true: Callable[[], Any], what: str) -> Any:
    """What `true` says once it is something, awaited if need be; fails with `what` after a while."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < end:
        found = true()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"waited {PATIENCE:g} s for {what}")
