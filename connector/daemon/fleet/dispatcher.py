"""Finds what is due and has it turned. Every worker has one; one of them at a time does the work.

It is no job of the engine: killed in the middle, a job would keep the next one from running. What it needs to
know stands in our own tables, so whoever comes next finds the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from datetime import datetime

import structlog
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import Text

from connector.daemon.fleet.engine import HOOK, SCHEMA, TIMER, Engine, Patience, Wanted
from connector.errors import Unavailable
from connector.store.sql import Instant
from connector.store.store import Store

log = structlog.get_logger(__name__)

EVERY_S = 0.5
FREE_EVERY_S = 2.0
AT_ONCE = 1000
PATIENCE = Patience(heard=1.0, due=20.0, slow=15.0)
"""What waits longer than this for the worker that had the last turn is anybody's. Beginning there
takes two requests at best and a dozen at worst, so what is not urgent waits rather."""
_LOCK = 0x70780003

_JOBS = f"{SCHEMA}.procrastinate_jobs"
_DUE = text(
    f"""
    WITH heard AS (SELECT DISTINCT conn FROM inbox WHERE waiting)
    SELECT c.conn, c.lane, c.home, h.conn IS NOT NULL AND c.lane <> 'held' AS heard
    FROM connections c LEFT JOIN heard h ON h.conn = c.conn
    WHERE (c.due_at <= :now OR (h.conn IS NOT NULL AND c.lane <> 'held'))
    AND c.conn = ANY(:names)
    AND NOT EXISTS (SELECT FROM {_JOBS} j WHERE j.lock = c.conn AND j.status = 'doing')
    AND NOT EXISTS (SELECT FROM {_JOBS} j WHERE j.queueing_lock = c.conn AND j.status = 'todo')
    ORDER BY c.due_at, c.conn LIMIT {AT_ONCE}
    """  # noqa: S608  # names of our own
).bindparams(bindparam("now", type_=Instant()), bindparam("names", type_=ARRAY(Text())))


class Dispatcher:
    """`names`: the connections of the settings; `homes()`: the workers that are alive."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        names: Collection[str],
        homes: Callable[[], Collection[str]],
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._engine, self._now = store, engine, now
        self._names, self._homes = sorted(names), homes
        self._freed = float("-inf")
        self._trouble = ""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            began = time.monotonic()
            try:
                await self.look()
                self._trouble = ""
            except (Unavailable, SQLAlchemyError) as error:
                if not self._trouble:
                    log.warning("nothing dispatched; trying again", reason=str(error)[:256])
                self._trouble = str(error)
            await asyncio.sleep(max(0.1, EVERY_S - (time.monotonic() - began)))

    async def look(self) -> int:
        """Once; how many turns were newly asked for. Nothing while another worker does it."""
        async with self._store.begin() as tx:
            mine = await tx.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            if not mine:
                return 0
            known = set(self._homes())
            homes = await self._engine.connected() & known
            await self._free(known - homes)
            rows = await tx.execute(_DUE, {"now": self._now(), "names": self._names})
            wanted = [
                Wanted(
                    row.conn,
                    "fast" if row.lane == "fast" else "slow",
                    row.home if row.home in homes else "",
                    HOOK if row.heard else TIMER,
                )
                for row in rows
            ]
            new = await self._engine.defer(wanted)
            await self._engine.move(homes, PATIENCE)
        return new

    async def _free(self, gone: Collection[str]) -> None:
        if time.monotonic() - self._freed < FREE_EVERY_S:
            return
        self._freed = time.monotonic()
        for name in await self._engine.free(gone):
            log.warning("a worker has vanished; its turn is made anew", connection=name)
