"""Observe: ask the PSA what is, and merge it into the timeline.

Reading and recording are apart: `gather` talks to the PSA and changes nothing, `record` runs inside
the turn's one transaction. Reading the same thing twice changes nothing either, so a killed turn
is simply read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector import ticketlog
from connector.daemon import brokenoff, ledger
from connector.daemon.connection import BATCH, Connection
from connector.daemon.forgetting import forgetting
from connector.model import NOBODY, Assignment, ClientChange, Event, PriorityChange, StatusChange
from connector.psa.port import Batch, Cursor, Malformed, Snapshot, Written
from connector.store import cursors, events, inbox, quarantine, reasons, strangers, tickets
from connector.store.cursors import Kept
from connector.store.reasons import Reasons
from connector.store.strangers import Strange
from connector.store.tickets import StoredTicket
from connector.traces import traced

log = structlog.get_logger(__name__)

SETTLED = timedelta(seconds=2)
"""PSAs stamp whole seconds: a ticket read within this of its own stamp may have changed again under
the same stamp, so it is read once more."""

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
    marks: dict[str, tuple[str, str]] = field(default_factory=dict)  # of those kept: the PSA's, of our write
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
    async with c.store.read() as tx:
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
    async with c.store.read() as tx:
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
    async with c.store.read() as tx:
        stored = await tickets.load(tx, c.name, by_id)
    return [snapshot for key, snapshot in by_id.items() if not _known(stored.get(key), snapshot)]


def _known(before: StoredTicket | None, now: Snapshot) -> bool:
    if before is None or before.gone or before.observed_at is None:
        return False
    if _older(before, now) or (now.version == before.own_version and _may_be_ours(now)):
        return True
    if now.version != before.version:
        return False
    return now.updated_at is not None and before.observed_at >= now.updated_at + SETTLED


def _may_be_ours(now: Snapshot) -> bool:
    """Whether we touched it last, or the PSA does not say who did: then the mark our write left decides."""
    return "self" in now.editor.marks or now.editor == NOBODY


def _older(before: StoredTicket, now: Snapshot) -> bool:
    """Lists of a PSA may lag behind: what is older than what we know is not news."""
    marks = (before.version, before.own_version)
    return now.updated_at is not None and any(now.updated_at < at for at in map(mark, marks) if at)


def mark(version: str) -> datetime | None:
    try:
        return ticketlog.instant(version)
    except ValueError:
        return None


def recovered(before: StoredTicket | None, now: Snapshot, seen_at: datetime) -> list[Event]:
    """The changes between two observations, where the PSA keeps no history of them.

    They happened at the PSA's last-updated mark at the latest and carry its last editor, unless that is us:
    we write flags and nothing else, so whose change that was is not known. Of a ticket seen for the first
    time only the status of now is known, and only from that mark on.
    """
    at = min(now.updated_at or seen_at, seen_at)
    editor = NOBODY if "self" in now.editor.marks else now.editor
    ticket, old = now.ticket, None if before is None else before.ticket
    at = max(at, ticket.opened_at)
    found: list[Event] = []
    if ticket.status and (old is None or old.status != ticket.status):
        was = "" if old is None else old.status
        key = f"seen:status:{now.version}:{ticket.status}"
        found.append(StatusChange(at=at, key=key, actor=editor, from_=was, to=ticket.status))
    if old is None:
        return found
    if old.priority != ticket.priority:
        key = f"seen:priority:{now.version}:{ticket.priority}"
        found.append(PriorityChange(at=at, key=key, actor=editor, from_=old.priority, to=ticket.priority))
    if old.client != ticket.client:
        key = f"seen:client:{now.version}:{ticket.client}"
        found.append(ClientChange(at=at, key=key, actor=editor, from_=old.client, to=ticket.client))
    for what, was, is_ in (("person", old.owner, ticket.owner), ("group", old.group, ticket.group)):
        if was != is_:
            key = f"seen:{what}:{now.version}:{is_}"
            found.append(
                Assignment(
                    at=at,
                    key=key,
                    actor=editor,
                    what="group" if what == "group" else "person",
                    from_=was,
                    to=is_,
                )
            )
    return found


Told = Mapping[tuple[str, type[Event]], Sequence[tuple[datetime, str]]]


def told_changes(batches: Iterable[Batch]) -> Told:
    """What the PSA's own history tells, where it keeps one: by ticket and kind, when it led where."""
    found: dict[tuple[str, type[Event]], list[tuple[datetime, str]]] = {}
    for batch in batches:
        for ticket_id, event in batch.events:
            if isinstance(event, StatusChange | PriorityChange | ClientChange):
                found.setdefault((ticket_id, type(event)), []).append((event.at, event.to))
    return {of: sorted(changes, key=lambda change: change[0]) for of, changes in found.items()}


def is_told(ticket_id: str, event: Event, told: Told) -> bool:
    """Whether the PSA itself says what was seen; its own word has the better instant and author.

    The history is read after the ticket and may know more: what was seen need not be its last word, but
    its word as of then. Of several changes within one stamp the ticket may show any.
    """
    changes = told.get((ticket_id, type(event)), ())
    if not isinstance(event, StatusChange | PriorityChange | ClientChange) or not changes:
        return False
    as_of_then = [to for at, to in changes if at <= event.at][-1:]
    within_it = [to for at, to in changes if at == event.at]
    return event.to in (changes[-1][1], *as_of_then, *within_it)


@traced("record")
async def record(tx: AsyncConnection, c: Connection, seen: Seen, now: datetime) -> set[str]:
    """Keep what was read until `now`; returns the ids of tickets whose facts changed.

    Reading may take minutes where the PSA asks for patience: a change found is dated by when it was seen,
    but a ticket counts as known only as of when its reading began.
    """
    nameless = await forgetting(tx, c.name, seen)
    before = await tickets.load(tx, c.name, seen.snapshots)
    rows: list[StoredTicket] = []
    facts: list[tuple[str, Event]] = []
    strange: list[tuple[str, Strange]] = []
    changed: set[str] = set()
    taken: list[Snapshot] = []
    told = told_changes(seen.batches)
    for ticket_id, snapshot in seen.snapshots.items():
        old = before.get(ticket_id)
        if old is not None and _older(old, snapshot):
            continue
        facts += [
            (ticket_id, event)
            for event in recovered(old, snapshot, now)
            if not is_told(ticket_id, event, told)
        ]
        if old is None or old.ticket != snapshot.ticket or dict(old.flags) != dict(snapshot.flags):
            changed.add(ticket_id)
        if old is not None:
            of_others = strangers.found(old.flags, snapshot.flags, snapshot.updated_by, now)
            strange += [(ticket_id, one) for one in of_others]
        taken.append(snapshot)
        seen.marks[ticket_id] = snapshot.version, old.own_version if old else ""
        if snapshot.alone:
            seen.alone[ticket_id] = Written(flags=snapshot.flags, version=snapshot.version)
        rows.append(
            StoredTicket(
                ticket=snapshot.ticket,
                version=snapshot.version,
                updated_by=snapshot.updated_by,
                flags=snapshot.flags,
                observed_at=seen.begun if ticket_id in seen.observed else (old.observed_at if old else None),
                own_version=old.own_version if old else "",
                gone=False,
            )
        )
    await tickets.put(tx, c.name, rows)
    await strangers.put(tx, c.name, await brokenoff.enter(tx, c.name, strange, now))
    rated, unreadable = await ledger.from_fields(tx, c, taken, seen.snapshots.keys() - before.keys(), now)
    facts += nameless.facts(rated) if nameless else rated
    seen.malformed += unreadable
    there = before.keys() | {row.ticket.id for row in rows}
    for batch in seen.batches:
        if batch.events or batch.complete:
            changed |= await _merge(tx, c, batch, there, facts)
            facts = []
    changed |= await events.merge(tx, c.name, facts)
    if seen.gone:
        await tickets.mark_gone(tx, c.name, seen.gone, now)
    await _set_aside(tx, c, seen, now)
    await cursors.put_some(tx, c.name, seen.cursors, now)
    await inbox.done(tx, seen.handled)
    return changed - seen.gone


async def _merge(
    tx: AsyncConnection, c: Connection, batch: Batch, there: set[str], more: Sequence[tuple[str, Event]]
) -> set[str]:
    """The facts of tickets we know (`there`: some of them), and `more`; others are not there."""
    known = there | await tickets.known(tx, c.name, {key for key, _ in batch.events} - there)
    facts = [*more, *((key, event) for key, event in batch.events if key in known)]
    return await events.merge(tx, c.name, facts, complete=batch.complete, replaceable_prefixes=batch.replaces)


async def _set_aside(tx: AsyncConnection, c: Connection, seen: Seen, now: datetime) -> None:
    """Malformed things are shown until the ticket has been understood again, or is gone."""
    if seen.reasons.complaint is not None:
        understood = seen.observed - {item.ticket_id for item in seen.malformed}
        await quarantine.clear(tx, c.name, understood | seen.gone)
    if seen.malformed:
        await quarantine.put(tx, c.name, seen.malformed, now)
        for item in seen.malformed:
            log.warning("quarantined", connection=c.name, ticket=item.ticket_id, reason=item.reason)
