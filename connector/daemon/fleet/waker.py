"""Somebody waits for a turn: a webhook has come in, or an operator has done something.

It is asked for at once, before anything of a timer. Those that ask at the same moment are put together. If it
cannot be asked for, the dispatcher of some worker finds within a second what is due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connector.daemon.fleet.engine import HOOK, Engine, Wanted
from connector.errors import Unavailable
from connector.store import connections
from connector.store.connections import Lane
from connector.store.store import Store

log = structlog.get_logger(__name__)


class Waker:
    """`homes`: lane and last worker by connection; `alive()`: the workers there are."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        homes: Mapping[str, tuple[Lane, str]],
        alive: Callable[[], Sequence[str]],
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._engine, self._homes = store, engine, homes
        self._alive, self._now = alive, now
        self._names: set[str] = set()
        self._some = asyncio.Event()

    def wake(self, name: str) -> None:
        """Have it turned soon. What waits out trouble goes on waiting."""
        if self._homes.get(name, ("slow", ""))[0] != "held":
            self._names.add(name)
            self._some.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._some.wait()
            self._some.clear()
            names, self._names = sorted(self._names), set()
            try:
                await self._ask(names)
            except (Unavailable, SQLAlchemyError) as error:
                log.warning("turns not asked for; they are found when due", reason=str(error)[:256])

    async def _ask(self, names: Sequence[str]) -> None:
        async with self._store.single() as tx:
            await connections.hurry(tx, names, self._now())
        alive = set(self._alive())
        await self._engine.defer([self._wanted(name, alive) for name in names])

    def _wanted(self, name: str, alive: set[str]) -> Wanted:
        lane, home = self._homes.get(name, ("slow", ""))
        return Wanted(name, "fast" if lane == "fast" else "slow", home if home in alive else "", HOOK)
