"""Observe: ask the PSA what is.

Reading and recording are apart: `gather` talks to the PSA and changes nothing, `record` keeps what it has
brought.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon import marks
from connector.daemon.connection import BATCH, Connection
from connector.daemon.recovered import recovered
from connector.model import NOBODY
from connector.psa.port import Batch, Cursor, Malformed, Snapshot, Written
from connector.store import cursors, inbox, quarantine, reasons, tickets
from connector.store.cursors import Kept
from connector.store.reasons import Reasons
from connector.store.tickets import StoredTicket
from connector.traces import traced

CURSOR_KEPT = timedelta(minutes=5)
"""How long a cursor may stand that passed nothing and differs in `since` alone: reading on from the older one
finds the same nothing, and a turn with nothing new writes nothing."""


@dataclass(slots=True)
class Seen:
    """What one turn read, before any of it is kept. `begun`: everything was read after that instant."""

    begun: datetime
    reasons: Reasons  # as the turn began
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    observed: set[str] = field(default_factory=set)  # messages read to the end
    whole: set[str] = field(default_factory=set)  # read by themselves, every kind of fact
    alone: dict[str, Written] = field(default_factory=dict)  # the flags of those that no list brought
    kept: dict[str, StoredTicket] = field(default_factory=dict)  # as they stand in the store now
    touched: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    malformed: list[Malformed] = field(default_factory=list)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    handled: list[int] = field(default_factory=list)  # inbox rows
    lagging: bool = False  # a stream is not read to its end yet: facts may be missing

    def nothing(self) -> bool:
        """Whether there is nothing to be kept."""
        found = (self.snapshots, self.gone, self.malformed, self.cursors, self.handled, self.lagging)
        return not (any(found) or any(batch.events or batch.complete for batch in self.batches))

    def add(self, batch: Batch) -> None:
        self.snapshots.update((snapshot.ticket.id, snapshot) for snapshot in batch.snapshots)
        self.batches.append(batch)
        self.touched |= batch.touched
        self.gone |= batch.gone
        self.malformed.extend(batch.malformed)


@traced("gather")
async def gather(c: Connection, now: datetime) -> Seen:
    """Read what webhooks, the poll and the sweep ask for; at most about BATCH tickets of each."""
    polls = c.next_poll is None or now >= c.next_poll
    sweeps = c.next_sweep is None or now >= c.next_sweep
    async with c.store.glance() as tx:
        seen = Seen(now, await reasons.find(tx, c.name))
        items = await inbox.take(tx, c.name, BATCH) if seen.reasons.heard else []
        kept = await cursors.some(tx, c.name, c.psa.streams) if polls else {}
        stale = await _stale(tx, c, seen.reasons, now) if sweeps else set()
    seen.handled = [item.id for item in items]
    if items:
        await _observe(c, seen, list(dict.fromkeys(item.ticket_id for item in items)))
    if polls:
        await _poll(c, seen, kept, now)
        if not seen.lagging:
            c.next_poll = now + c.poll_every
    if sweeps:
        seen.touched |= stale
        c.next_sweep = now + c.poll_every
    missing = sorted(seen.touched - seen.observed)
    for start in range(0, len(missing), BATCH):
        await _observe(c, seen, missing[start : start + BATCH])
    return seen


async def _stale(tx: AsyncConnection, c: Connection, why: Reasons, now: datetime) -> set[str]:
    """A few open tickets nobody has mentioned for a while: a PSA may change one without telling.

    And a few that were quarantined: what a PSA sends may be mended without the ticket changing.
    """
    before, limit = now - c.sweep_every, BATCH // 10
    found = set[str]()
    if why.unseen is not None and why.unseen < before:
        found.update(await tickets.stale(tx, c.name, before, limit))
    if why.complaint is not None:
        soon = min(c.poll_every / 2, c.sweep_every)  # with the next poll, whenever in this one it was seen
        found.update(await quarantine.stale(tx, c.name, now, c.sweep_every, soon, limit))
    return found


async def _observe(c: Connection, seen: Seen, ids: Sequence[str]) -> None:
    batch = await c.psa.observe(ids)
    seen.add(batch)
    found = {snapshot.ticket.id for snapshot in batch.snapshots}
    seen.observed |= found
    seen.whole |= found


async def _poll(c: Connection, seen: Seen, kept: Mapping[str, Kept], now: datetime) -> None:
    """One batch of each stream, and the messages of the tickets that really changed.

    A later stream waits until the one before is read to its end: its facts belong to tickets that
    should be known by then.
    """
    for stream in c.psa.streams:
        last = kept.get(stream)
        batch = await c.psa.poll(stream, last.value if last else None, now=now, limit=BATCH)
        changed = await _changed(c, batch.snapshots)
        fresh = [snapshot for snapshot in changed if snapshot.ticket.id not in seen.observed]
        seen.add(replace(batch, snapshots=tuple(fresh)))
        if batch.cursor is not None and (last is None or _passed(batch, last, now)):
            seen.cursors[stream] = batch.cursor
        if fresh:
            seen.add(await c.psa.complete(fresh))
            seen.observed.update(snapshot.ticket.id for snapshot in fresh)
        if not batch.done:
            seen.lagging = True
            break
    mentioned = {ticket_id for batch in seen.batches for ticket_id, _ in batch.events}
    if not mentioned:
        return
    async with c.store.glance() as tx:
        known = await tickets.known(tx, c.name, mentioned)
    seen.touched |= mentioned - known - seen.snapshots.keys()


def _passed(batch: Batch, last: Kept, now: datetime) -> bool:
    """Whether the cursor has passed anything, or should be kept because the last one is old."""
    found = batch.snapshots or batch.events or batch.touched or batch.gone or batch.malformed
    if found or not batch.done:
        return True
    if {**(batch.cursor or {}), "since": ""} != {**last.value, "since": ""}:
        return True
    return not timedelta(0) <= now - last.at < CURSOR_KEPT


async def _changed(c: Connection, snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    """Those that are not just an overlap of the last poll, or our own last write."""
    by_id = {snapshot.ticket.id: snapshot for snapshot in snapshots}
    if not by_id:
        return []
    async with c.store.glance() as tx:
        stored = await tickets.load(tx, c.name, by_id)
    return [snapshot for key, snapshot in by_id.items() if not _known(stored.get(key), snapshot)]


def _known(before: StoredTicket | None, now: Snapshot) -> bool:
    if before is None or before.gone or before.observed_at is None:
        return False
    if marks.is_older(now, before):
        return True
    if now.version == before.own_version and _may_be_ours(now):
        return not recovered(before, now, before.observed_at)  # our mark hides what was done before our write
    if now.version != before.version:
        return False
    return now.updated_at is not None and before.observed_at >= now.updated_at + marks.SETTLED


def _may_be_ours(now: Snapshot) -> bool:
    """Whether we touched it last, or the PSA does not say who did: then the mark our write left decides."""
    return "self" in now.editor.marks or now.editor == NOBODY
