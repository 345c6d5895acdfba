"""What the whole fleet does once: telling operators, making digests, sending what is owed to people.

One worker at a time does it, for a term. A session that ends loses the task without hearing of it, so the
term is short: two that both believe they have it do not for long, and the store keeps what has been sent.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connector.daemon.fleet.mirror import Mirror
from connector.daemon.health import Health
from connector.daemon.notices.notifier import Notifier
from connector.daemon.notices.sending import Channels
from connector.errors import Unavailable
from connector.settings import Settings
from connector.store.store import Store

log = structlog.get_logger(__name__)

TERM_S = 60.0
LOOK_EVERY_S = 5.0


class Once:
    """`health` is what `mirror` shows."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        mirror: Mirror,
        health: Health,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._mirror = store, mirror
        channels = Channels(settings.notify.channels, settings.mail)
        self._notifier = Notifier(store, health, channels, settings.notify.operators.rule(), now)
        self.terms = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        while not stop.is_set():
            try:
                async with self._store.alone("once in the fleet") as mine:
                    if mine:
                        await self._term(stop)
                        continue
            except (Unavailable, SQLAlchemyError) as error:
                log.warning("notices wait for the database", reason=str(error)[:256])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY_S)

    async def _term(self, stop: asyncio.Event) -> None:
        self.terms += 1
        await self._mirror.look()
        over = asyncio.Event()
        seeing = asyncio.create_task(self._mirror.keep())
        telling = asyncio.create_task(self._notifier.run(over))
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TERM_S)
        finally:
            over.set()
            seeing.cancel()
            await asyncio.gather(telling, seeing, return_exceptions=True)
