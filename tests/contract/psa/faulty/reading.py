"""Adapters that read too little, too much, or not what is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connector.psa.clocks import ServerClock
from connector.psa.port import Batch
from tests.contract.psa.faulty.broken import breaks, shows, ticket
from tests.contract.psa.through import Through

shows("full_read", lambda s: None if s.ticket.closed else s)  # open tickets only
shows("merged", lambda s: ticket(s, merged_into=""))


@breaks("long_pages")
class TakesTheFirstPageForAll(Through):
    async def poll(self, stream, cursor, *, now, limit):
        return replace(await self.psa.poll(stream, cursor, now=now, limit=min(limit, 1000)), done=True)


@breaks("resumed_read")
class RemembersByItself(Through):
    """Its cursor is a handle of this process; after a restart it begins again."""

    def __init__(self, psa):
        super().__init__(psa)
        self.cursors = []

    async def poll(self, stream, cursor, *, now, limit):
        handle = (cursor or {}).get("handle", -1)
        inner = self.cursors[handle] if 0 <= handle < len(self.cursors) else None
        batch = await self.psa.poll(stream, inner, now=now, limit=limit)
        self.cursors.append(batch.cursor)
        return replace(batch, cursor={"handle": len(self.cursors) - 1})


@breaks("incremental_read")
class ReadsAllEveryTime(Through):
    async def poll(self, stream, cursor, *, now, limit):
        batch = await self.psa.poll(stream, cursor, now=now, limit=1000)
        return replace(batch, cursor=None) if batch.done else batch


@breaks("clock_behind")
class KnowsOneClock(Through):
    """It takes it that the PSA stamps changes with the time it has itself."""

    def __init__(self, psa):
        super().__init__(psa)
        psa._session.api.transport.clock.__class__ = _OwnTime


class _OwnTime(ServerClock):
    allowance = timedelta(0)


@breaks("clock_ahead")
class ReadsUpToNow(Through):
    """What is stamped later than now has not happened yet."""

    async def poll(self, stream, cursor, *, now, limit):
        batch = await self.psa.poll(stream, cursor, now=now, limit=limit)
        past = tuple(s for s in batch.snapshots if s.updated_at is None or s.updated_at <= now)
        return replace(batch, snapshots=past)


@breaks("moving_pages")
class Caches(Through):
    """A ticket seen once is shown as it was then."""

    def __init__(self, psa):
        super().__init__(psa)
        self.seen = {}

    def brought(self, batch):
        old = tuple(self.seen.setdefault(s.ticket.id, s) for s in batch.snapshots)
        return replace(batch, snapshots=old)


@breaks("polled_timeline")
class LeavesOutNotes(Through):
    async def complete(self, snapshots):
        return Batch()


@breaks("deleted")
class NothingIsEverGone(Through):
    def brought(self, batch):
        return replace(batch, gone=frozenset())
