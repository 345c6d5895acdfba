"""Webhooks into the inbox: a commit waits for the disk, so deliveries that queue up share the next one.

A delivery is answered only after its commit. Nothing waits on purpose: the batch is whatever has arrived
while the commit before it ran, so a lone delivery is as quick as it can be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from connector.errors import Unavailable
from connector.psa.port import Hint
from connector.store import inbox
from connector.store.store import Store
from connector.web.deps import STORE_TROUBLE

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Delivery:
    conn: str
    hints: Sequence[Hint]
    stored: asyncio.Future[int | None]  # how many were new; None: not stored


class Intake:
    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now
        self._waiting: list[_Delivery] = []
        self._turn = asyncio.Lock()

    async def put(self, conn: str, hints: Sequence[Hint]) -> int:
        """Commit the hints of one delivery; returns how many were new. Unavailable if they are not stored."""
        mine = _Delivery(conn, hints, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        async with self._turn:
            if not mine.stored.done():
                batch, self._waiting = self._waiting, []
                await self._commit(batch)
        new = mine.stored.result()
        if new is None:
            raise Unavailable("the store did not take the delivery")
        return new

    async def _commit(self, batch: Sequence[_Delivery]) -> None:
        new: Sequence[int | None] = [None] * len(batch)
        try:
            alone = len(batch) == 1 and len(batch[0].hints) <= 1
            async with self._store.single() if alone else self._store.begin() as tx:
                counts = [await inbox.put(tx, item.conn, item.hints, self._now()) for item in batch]
            new = counts
        except STORE_TROUBLE as error:
            log.error("webhooks not stored", deliveries=len(batch), error=str(error)[:256])
        finally:  # whatever happened, the others in the batch must hear of it
            for item, count in zip(batch, new, strict=True):
                item.stored.set_result(count)
