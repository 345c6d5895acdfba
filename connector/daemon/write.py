"""Write: bring the PSA's flags to what they should be, quietly.

What is owed was committed before the PSA is touched. Each write compares first and reads back after,
so a process killed in between finds on its return that the PSA already shows the value, and does
not write it again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon import brokenoff
from connector.daemon.assess import difference
from connector.daemon.connection import Connection
from connector.daemon.marks import INSTANT, is_later, is_settled, just_before, known_marks
from connector.daemon.observe import Seen
from connector.daemon.shown import FRESH, known_of, look_first, read_back, room, shown_now
from connector.errors import Conflict, ContractViolation, NotFound, Rejected, Throttled, Unavailable
from connector.psa.port import Written
from connector.psa.quota import impatient
from connector.store import history, outbox, strangers, tickets
from connector.store.history import Change
from connector.store.outbox import Owed
from connector.store.tickets import StoredTicket
from connector.traces import traced

log = structlog.get_logger(__name__)

GIVE_UP = 8
"""Times a write may be read back with another value before it becomes a dead letter."""


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

    As many as there is room for, and one at least: the next turn looks at the others anew.
    `seen`: what this turn has read, and kept.
    Raises Throttled or Unavailable after everything that did work has been kept.
    """
    if not owed:
        return 0
    if c.broken_off is None:
        c.broken_off = now
    try:
        return await _write(c, owed[: max(1, room(c))], now, seen)
    except BaseException:
        c.broken_off = now + INSTANT
        raise


async def _write(c: Connection, owed: list[Owed], now: datetime, seen: Seen) -> int:
    known = await known_of(c, owed, seen)
    before, unread = await shown_now(c, owed, known, seen)
    newer = await look_first(c, before, known, now)
    owed = [item for item in owed if item.ticket_id not in newer]
    begun = time.monotonic()
    attempts = [Attempt(item, unread[item.ticket_id]) for item in owed if item.ticket_id in unread]
    attempts += await asyncio.gather(
        *(_attempt(c, item, before.get(item.ticket_id)) for item in owed if item.ticket_id not in unread)
    )
    made = [a.owed for a in attempts if a.error is None and _differs(a.owed, before)]
    after = dict(before) | await read_back(c, made, before)
    late = time.monotonic() - begun > FRESH.total_seconds()
    async with c.store.begin(of=c.name) as tx:
        for attempt in (replace(one, late=late) for one in attempts):
            ticket_id = attempt.owed.ticket_id
            await _settle(tx, c, attempt, known.get(ticket_id), before.get(ticket_id), after, now)
    for attempt in attempts:
        if isinstance(attempt.error, (Throttled, Unavailable)):
            raise attempt.error
    return len(made)


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
        with impatient(FRESH.total_seconds()):
            await c.psa.write(owed.ticket_id, wanted)
    except (Rejected, NotFound, Conflict, ContractViolation, Throttled, Unavailable) as error:
        return Attempt(owed, error)
    return Attempt(owed)


async def _settle(
    tx: AsyncConnection,
    c: Connection,
    attempt: Attempt,
    stored: StoredTicket | None,
    before: Written | None,
    after: Mapping[str, Written],
    now: datetime,
) -> None:
    owed, error, shown = attempt.owed, attempt.error, after.get(attempt.owed.ticket_id)
    if isinstance(error, NotFound):
        await tickets.mark_gone(tx, c.name, [owed.ticket_id], now)
        await outbox.settle(tx, c.name, owed.ticket_id)
        return
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
    later = is_later(before.version, known_marks(stored))
    own = just_before(before.version) if later else stored.own_version
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
    late = attempt.late or (stored is not None and not is_settled(stored))
    unseen = before is not None and stored is not None and before.version not in known_marks(stored)
    known = just_before(shown.version) if unseen or late else shown.version
    await tickets.put_written(tx, c.name, owed.ticket_id, flags=shown.flags, own_version=known)
