"""Everybody's health as this process shows it, read from what the workers left in the store."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connector.daemon.fleet import report
from connector.daemon.fleet.report import Report
from connector.daemon.health import Health
from connector.errors import Unavailable
from connector.psa.port import QuotaState
from connector.store import connections
from connector.store.connections import Lane
from connector.store.store import Store

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
OVERLAP = timedelta(seconds=5)
"""A turn's end is stamped before it is committed, by another machine's clock."""

NOTHING_SENT = QuotaState(
    limit_per_minute=0.0,
    used_last_minute=0,
    requests_total=0,
    throttled_total=0,
    limit=0,
    left=0,
    window_s=60.0,
)


class Mirror:
    """`vendors`: of the settings' connections, which alone are shown. Read it with `look`."""

    def __init__(
        self, store: Store, health: Health, vendors: Mapping[str, str], now: Callable[[], datetime]
    ) -> None:
        self._store, self._health, self._now = store, health, now
        self._seen: datetime | None = None
        self.reports: dict[str, Report] = {}
        self.homes: dict[str, tuple[Lane, str]] = {}
        for name, vendor in vendors.items():
            health.add(name, vendor, now())

    async def look(self) -> None:
        """See what has changed since we last looked. Raises what the store raises."""
        now = self._now()
        async with self._store.read() as tx:
            rows = await connections.turned_since(tx, self._seen)
        for row in rows:
            health = self._health.connections.get(row.conn)
            if health is not None:
                self.reports[row.conn] = report.restore(health, row.health)
                self.homes[row.conn] = row.lane, row.home
        self._seen = now - OVERLAP

    async def keep(self) -> None:
        """Look again and again, until cancelled. What is shown grows old where the store does not answer."""
        while True:
            with contextlib.suppress(Unavailable, SQLAlchemyError):  # readiness and metrics tell of it
                await self.look()
            await asyncio.sleep(LOOK_EVERY)

    def quota(self, name: str) -> QuotaState:
        """The quota as of the connection's last turn."""
        told = self.reports.get(name)
        return told.quota if told is not None and told.quota is not None else NOTHING_SENT
