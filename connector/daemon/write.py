"""Write: bring the PSA's flags to what they should be, quietly.

What is owed was committed before the PSA is touched. Each write compares first and reads back after,
so a process killed in between finds on its return that the PSA already shows the value, and does
not write it again. What this very turn has read by itself a moment ago is compared with that. Lists of a
PSA may lag behind: one that shows less than we know, or not what was written, is not believed.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector import ticketlog
from connector.daemon import brokenoff
from connector.daemon.assess import difference
from connector.daemon.connection import Connection
from connector.daemon.observe import Seen, mark
from connector.errors import Conflict, ContractViolation, NotFound, Rejected, Throttled, Unavailable
from connector.model import FlagName
from connector.psa.port import Hint, Written
from connector.store import history, inbox, outbox, strangers, tickets
from connector.store.history import Change
from connector.store.outbox import Owed
from connector.store.tickets import StoredTicket
from connector.traces import traced

log = structlog.get_logger(__name__)

GIVE_UP = 8
"""Times a write may be read back with another value before it becomes a dead letter."""


FRESH = timedelta(seconds=2)
"""What a turn has read by itself within this may be written to without another look."""

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one write: an error to keep, or None. `late`: it was read back so late that the mark it
    shows may be that of somebody else's change."""

    owed: Owed
    error: Exception | None = None
    late: bool = False


@traced("write")
async def write_owed(c: Connection, owed: list[Owed], now: datetime, seen: Seen) -> int:
    """Write what was committed as owed and is due; returns how many tickets were written to.

    `seen`: what this turn has read, and kept.
    Raises Throttled or Unavailable after everything that did work has been kept.
    """
    if not owed:
        return 0
    if c.broken_off is None:
        c.broken_off = now
    try:
        return await _write(c, owed, now, seen)
    except BaseException:
        c.broken_off = now + _INSTANT
        raise


@dataclass(frozen=True, slots=True)
class Known:
    """A ticket as we know it: the marks of its last reading and of our own last write, and its flags."""

    marks: tuple[str, str]
    flags: Mapping[FlagName, str]


async def _write(c: Connection, owed: list[Owed], now: datetime, seen: Seen) -> int:
    known = await _known(c, owed, seen)
    before, unread = await _shown(c, owed, known, seen)
    newer = await _look_first(c, before, known, now)
    owed = [item for item in owed if item.ticket_id not in newer]
    begun = time.monotonic()
    attempts = [Attempt(item, unread[item.ticket_id]) for item in owed if item.ticket_id in unread]
    attempts += await asyncio.gather(
        *(_attempt(c, item, before.get(item.ticket_id)) for item in owed if item.ticket_id not in unread)
    )
    made = [a.owed for a in attempts if a.error is None and _differs(a.owed, before)]
    after = dict(before) | await _read_back(c, made, before)
    late = time.monotonic() - begun > FRESH.total_seconds()
    async with c.store.begin(of=c.name) as tx:
        for attempt in (replace(one, late=late) for one in attempts):
            await _settle(tx, c, attempt, before.get(attempt.owed.ticket_id), after, now)
    for attempt in attempts:
        if isinstance(attempt.error, (Throttled, Unavailable)):
            raise attempt.error
    return len(made)


async def _known(c: Connection, owed: list[Owed], seen: Seen) -> dict[str, Known]:
    """What we know of these tickets: what this turn has kept, and what the store holds of the others."""
    ids = [item.ticket_id for item in owed]
    found = {i: Known(seen.marks[i], seen.snapshots[i].flags) for i in ids if i in seen.marks}
    if rest := [i for i in ids if i not in found]:
        async with c.store.read() as tx:
            stored = await tickets.load(tx, c.name, rest)
        found |= {ticket_id: Known(_known_marks(one), one.flags) for ticket_id, one in stored.items()}
    return found


async def _shown(
    c: Connection, owed: list[Owed], known: Mapping[str, Known], seen: Seen
) -> tuple[dict[str, Written], dict[str, Unavailable]]:
    """The flags as the PSA shows them now, and the tickets that cannot be read now.

    A ticket that was read by itself a moment ago is not read again, unless it may have been written since.
    Lists of a PSA may lag behind a write: what was tried before, or may have been when we were broken off,
    is read ticket by ticket, or it would be written again and again until the list has caught up. So is what
    a list shows as older than we know it, and what it does not show before it is called gone.
    """
    fresh = [item.ticket_id for item in owed if not (item.attempts or _maybe_tried(c, item))]
    found = {i: seen.alone[i] for i in fresh if i in seen.alone} if c.now() - seen.begun <= FRESH else {}
    if len(rest := [i for i in fresh if i not in found]) > 1:
        listed = await c.psa.read_flags(rest)
        found |= {i: shown for i, shown in listed.items() if not _lags(shown, known.get(i))}
    unread: dict[str, Unavailable] = {}
    for ticket_id in (item.ticket_id for item in owed if item.ticket_id not in found):
        try:
            found |= await c.psa.read_flags([ticket_id])
        except ContractViolation as error:
            unread[ticket_id] = Unavailable(f"ticket {ticket_id} cannot be read before a write: {error}")
    return found, unread


def _lags(shown: Written, known: Known | None) -> bool:
    """Whether a list may show less than we know: an older mark, or other values under the mark we know."""
    if known is None or _is_later(shown.version, known.marks):
        return False
    at, marks = mark(shown.version), [found for found in map(mark, known.marks) if found]
    return at is None or not marks or at < max(marks) or _other(known.flags, shown.flags)


def _other(known: Mapping[FlagName, str], shown: Mapping[FlagName, str]) -> bool:
    return bool(difference(known, shown) or difference(shown, known))


async def _read_back(c: Connection, made: list[Owed], before: Mapping[str, Written]) -> dict[str, Written]:
    """What the PSA shows after these writes. A list may lag behind: what it does not show, or shows as it was
    before what we have met, is read by itself."""
    found = dict(await c.psa.read_flags([item.ticket_id for item in made])) if made else {}
    for item in made if len(made) > 1 else ():
        shown, met = found.get(item.ticket_id), before[item.ticket_id]
        if (
            shown is None
            or difference(item.flags, shown.flags)
            or _is_later(met.version, (shown.version, ""))
        ):
            with contextlib.suppress(ContractViolation):  # not understood is not shown
                found |= await c.psa.read_flags([item.ticket_id])
    return found


def _maybe_tried(c: Connection, owed: Owed) -> bool:
    return c.broken_off is not None and owed.since < c.broken_off


async def _look_first(
    c: Connection, before: Mapping[str, Written], known: Mapping[str, Known], now: datetime
) -> set[str]:
    """Tickets that somebody has changed since we read them: they are read once more before they are written.

    The mark of our own write would hide when that was and who did it, and what is owed may be outdated.
    Once for each mark, because a PSA may show one here that its lists never show; the reading may have to
    wait for much else.
    """
    newer = {
        ticket_id: shown.version
        for ticket_id, shown in before.items()
        if ticket_id in known and _is_later(shown.version, known[ticket_id].marks)
    }
    asked = {ticket_id for ticket_id, version in newer.items() if c.looked_for.get(ticket_id) == version}
    fresh = {ticket_id: version for ticket_id, version in newer.items() if ticket_id not in asked}
    if not newer:
        return set()
    async with c.store.begin(of=c.name) as tx:
        c.looked_for |= fresh
        await inbox.put(tx, c.name, [Hint(ticket_id=ticket_id) for ticket_id in sorted(fresh)], now)
        waiting = {ticket_id for ticket_id in asked if await inbox.waits_for(tx, c.name, ticket_id)}
    return fresh.keys() | waiting


def _is_later(version: str, known: tuple[str, str]) -> bool:
    at, marks = mark(version), [found for found in map(mark, known) if found]
    return at is not None and bool(marks) and at > max(marks)


def _differs(owed: Owed, shown: Mapping[str, Written]) -> bool:
    now = shown.get(owed.ticket_id)
    return now is not None and bool(difference(owed.flags, now.flags))


async def _attempt(c: Connection, owed: Owed, shown: Written | None) -> Attempt:
    """All flags of a ticket in one request, only those that differ, only if any does."""
    if shown is None:
        return Attempt(owed, NotFound(f"ticket {owed.ticket_id} is gone"))
    wanted = difference(owed.flags, shown.flags)
    if not wanted:
        return Attempt(owed)
    try:
        await c.psa.write(owed.ticket_id, wanted)
    except (Rejected, NotFound, Conflict, ContractViolation, Throttled, Unavailable) as error:
        return Attempt(owed, error)
    return Attempt(owed)


async def _settle(
    tx: AsyncConnection,
    c: Connection,
    attempt: Attempt,
    before: Written | None,
    after: Mapping[str, Written],
    now: datetime,
) -> None:
    owed, error, shown = attempt.owed, attempt.error, after.get(attempt.owed.ticket_id)
    if isinstance(error, NotFound):
        await tickets.mark_gone(tx, c.name, [owed.ticket_id], now)
        await outbox.settle(tx, c.name, owed.ticket_id)
        return
    stored = (await tickets.load(tx, c.name, [owed.ticket_id])).get(owed.ticket_id)
    if stored is not None and before is not None:
        stored = await _meet(tx, c, stored, before, now)
    match error:
        case Rejected() | ContractViolation():
            await outbox.bury(tx, c.name, owed.ticket_id, error=str(error))
            log.error("write refused", connection=c.name, ticket=owed.ticket_id, error=str(error))
            return
        case Exception():
            await _later(tx, c, owed, str(error), now)
            return
    if shown is None or (missing := difference(owed.flags, shown.flags)):
        fields = ", ".join(missing) if shown else "everything"
        await _later(tx, c, owed, f"the PSA took the write but does not show it: {fields}", now)
        return
    await _applied(tx, c, attempt, stored, before, shown, now)


async def _later(tx: AsyncConnection, c: Connection, owed: Owed, error: str, now: datetime) -> None:
    if owed.attempts + 1 >= GIVE_UP and "does not show it" in error:
        await outbox.bury(tx, c.name, owed.ticket_id, error=error)
        log.error("write has no effect", connection=c.name, ticket=owed.ticket_id, error=error)
        return
    wait = timedelta(seconds=min(2.0 ** min(owed.attempts, 10), 900.0))
    await outbox.postpone(tx, c.name, owed.ticket_id, error=error, not_before=now + wait)


async def _meet(
    tx: AsyncConnection, c: Connection, stored: StoredTicket, before: Written, now: datetime
) -> StoredTicket:
    """What was there to be changed is kept first: values that we did not know of are strange, but for those
    that are owed, which then are ours. Returns the ticket as it is known then."""
    ticket_id = stored.ticket.id
    met = strangers.found(stored.flags, before.flags, "", now)
    if not met:
        return stored
    of_others = await brokenoff.enter(tx, c.name, [(ticket_id, one) for one in met], now)
    await strangers.put(tx, c.name, of_others)
    later = _is_later(before.version, _known_marks(stored))
    own = _just_before(before.version) if later else stored.own_version
    await tickets.put_written(tx, c.name, ticket_id, flags=before.flags, own_version=own)
    return replace(stored, flags=before.flags, own_version=own)


async def _applied(
    tx: AsyncConnection,
    c: Connection,
    attempt: Attempt,
    stored: StoredTicket | None,
    before: Written | None,
    shown: Written,
    now: datetime,
) -> None:
    """The PSA shows it: settle the debt, remember the mark of our own edit, keep why each flag changed."""
    owed, was = attempt.owed, before.flags if before else {}
    old = stored.flags if stored else was
    changes = [
        Change(flag=flag, old=old.get(flag, ""), new=value, reason=owed.reason, at=now)
        for flag, value in owed.flags.items()
        if old.get(flag, "") != value
    ]
    c.looked_for.pop(owed.ticket_id, None)
    await history.record(tx, c.name, owed.ticket_id, changes)
    await outbox.settle(tx, c.name, owed.ticket_id)
    unseen = before is not None and stored is not None and before.version not in _known_marks(stored)
    known = _just_before(shown.version) if unseen or attempt.late else shown.version
    await tickets.put_written(tx, c.name, owed.ticket_id, flags=shown.flags, own_version=known)


def _just_before(version: str) -> str:
    """A mark that no ticket shows: what is older is no news, while this very version is still to be read."""
    at = mark(version)
    return "" if at is None else ticketlog.iso(at - _INSTANT) or ""


def _known_marks(stored: tickets.StoredTicket) -> tuple[str, str]:
    return stored.version, stored.own_version
