"""The process of `px-connector worker`: turns, and its share of what the fleet does once.

It has no door and no pages. Beside the turns it dispatches, says that it is alive, reads changed files, and
one of all workers tells operators and sends notices.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connector.daemon import systemd
from connector.daemon.fleet.cast import Cast
from connector.daemon.fleet.dispatcher import Dispatcher
from connector.daemon.fleet.engine import Engine
from connector.daemon.fleet.meter import attach
from connector.daemon.fleet.mirror import Mirror
from connector.daemon.fleet.once import Once
from connector.daemon.fleet.presence import Presence, own_name
from connector.daemon.fleet.seal import Seal
from connector.daemon.fleet.turning import Turner
from connector.daemon.health import Health
from connector.daemon.making import Maker
from connector.daemon.reload import Rules
from connector.errors import ConfigError, Unavailable
from connector.settings import Settings
from connector.store import connections, refusals
from connector.store.store import Store

log = structlog.get_logger(__name__)

SLOW_SLOTS = 2
"""Times the fast lane's slots: who waits there costs nothing but memory."""
FAREWELL_S = 5.0
TIDY_EVERY = 60.0


class Worker:
    """Made by `Worker.open`. `slots`: turns of the fast lane at a time."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        store: Store,
        engine: Engine,
        name: str,
        *,
        slots: int,
        now: Callable[[], datetime],
    ) -> None:
        self.settings, self.store, self.engine, self._now = settings, store, engine, now
        names = settings.connections
        self.health = Health()
        self.rules = Rules(folder, names.keys(), self.health, settings.notify.channels.keys())
        self.cast = Cast(
            Maker(settings=settings, folder=folder, rules=self.rules, health=self.health, now=now), store
        )
        self._slots = {"fast": slots, "slow": SLOW_SLOTS * slots}
        self.presence = Presence(store, "worker", now, self._said, name)
        self.turner = Turner(
            store, self.cast, self.rules, Seal(settings), self.presence.name, now, engine.defer
        )
        self.dispatcher = Dispatcher(store, engine, names.keys(), self._homes, now)
        shown = Health()
        mirror = Mirror(store, shown, {name: one.vendor for name, one in names.items()}, now)
        self.once = Once(store, settings, mirror, shown, now)
        self._changed = asyncio.Event()
        self._began, self._cpu = now(), time.process_time()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, settings: Settings, folder: Path, *, slots: int, now: Callable[[], datetime]
    ) -> AsyncIterator[Worker]:
        """A worker that has not begun. ConfigError where there can be none; Unavailable without a store."""
        store = await Store.open(settings.store)
        async with contextlib.AsyncExitStack() as clean_up:
            clean_up.push_async_callback(store.close)
            shared(store)
            attach(store)
            name = own_name()
            engine = await clean_up.enter_async_context(Engine(settings.store, name))
            worker = cls(settings, folder, store, engine, name, slots=slots, now=now)
            clean_up.push_async_callback(worker.cast.close)
            yield worker

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; turns under way then have FAREWELL_S seconds."""
        await self.presence.enter()
        try:
            await self._prepare()
            log.info("worker started", worker=self.presence.name, connections=len(self.settings.connections))
            systemd.tell("READY=1")
            async with asyncio.TaskGroup() as group:
                work = self.engine.work(self.presence.name, self.turner.turn, self._slots, FAREWELL_S)
                aside = (
                    self.dispatcher.run(),
                    self.presence.keep(),
                    self.rules.watch(stop, self._changed.set),
                    self._hurry(),
                    self.once.run(stop),
                    systemd.keep_telling(stop, lambda: "", lambda: f"{self.turner.turns} turns made"),
                    self._tidy(),
                )
                tasks = [group.create_task(one) for one in (work, *aside)]
                await stop.wait()
                systemd.tell("STOPPING=1")
                self.rules.look_now()
                for task in tasks:
                    task.cancel()
        finally:
            await self.presence.leave()
        log.info("worker stopped", worker=self.presence.name)

    async def _prepare(self) -> None:
        """Rows for connections that are new, and another try for those whose settings have changed."""
        now = self._now()
        async with self.store.begin() as tx:
            await connections.ensure(tx, self.settings.connections, now)
        async with self.store.read() as tx:
            stopped = await connections.held(tx)
            kept = {name: await refusals.get(tx, name) for name in stopped}
        changed = [
            name
            for name in stopped
            if (one := self.settings.connections.get(name))
            and ((refused := kept[name]) is None or refused.fingerprint != one.fingerprint()())
        ]
        async with self.store.begin() as tx:
            await connections.hurry(tx, changed, now, held=True)

    def _homes(self) -> list[str]:
        return [self.presence.name, *self.presence.workers]

    def _said(self) -> dict[str, Any]:
        return {
            "since": self._began.isoformat(),
            "turns": self.turner.turns,
            "busy_s": round(self.turner.busy_s, 3),
            "cpu_s": round(time.process_time() - self._cpu, 3),
            "under_way": self.turner.under_way,
            "connections": len(self.cast),
            "slots": self._slots,
        }

    async def _hurry(self) -> None:
        """After a change of the rules their connections have something to do."""
        before = self._rules_of()
        while True:
            await self._changed.wait()
            self._changed.clear()
            after = self._rules_of()
            changed = [name for name, rules in after.items() if rules != before[name]]
            before = after
            with contextlib.suppress(Unavailable, SQLAlchemyError):  # then at their next turn
                async with self.store.begin() as tx:
                    await connections.hurry(tx, changed, self._now())

    def _rules_of(self) -> dict[str, str]:
        return {name: self.rules.book.digest_of(name) for name in self.settings.connections}

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_EVERY)
            try:
                await self.cast.tidy()
            except (Unavailable, SQLAlchemyError) as error:
                log.warning("adapters not closed", reason=str(error))


def shared(store: Store) -> None:
    """ConfigError if only one process may use it."""
    if not store.shared:
        raise ConfigError(
            "a fleet needs PostgreSQL: set `store: postgresql://HOST/DATABASE`, or start `run` instead"
        )
