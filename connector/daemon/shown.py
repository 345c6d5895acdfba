"""What the PSA shows of tickets that we are about to write to, or have just written to.

What this very turn has read by itself a moment ago need not be read again. Lists of a PSA may lag behind: one
that shows less than we know, or not what was written, is not believed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from connector.daemon.assess import difference
from connector.daemon.connection import BATCH, Connection
from connector.daemon.marks import is_later, known_marks, mark
from connector.daemon.observe import Seen
from connector.errors import ContractViolation, Unavailable
from connector.model import FlagName
from connector.psa.port import Hint, Written
from connector.psa.quota import Budgeted
from connector.store import inbox, tickets
from connector.store.outbox import Owed
from connector.store.tickets import StoredTicket

FRESH = timedelta(seconds=2)
"""What a turn has read by itself within this may be written to without another look."""


def room(c: Connection) -> int:
    """How many tickets may be looked at and written to now, without waiting in between.

    A change made while a write waits for its turn is hidden by that write: when it was, nobody can tell then.
    """
    return c.psa.budget.at_once // 2 if isinstance(c.psa, Budgeted) else BATCH


async def known_of(c: Connection, owed: list[Owed], seen: Seen) -> dict[str, StoredTicket]:
    """These tickets as we know them: what this turn has kept, and what the store holds of the others."""
    ids = [item.ticket_id for item in owed]
    found = {i: seen.kept[i] for i in ids if i in seen.kept}
    if rest := [i for i in ids if i not in found]:
        async with c.store.glance() as tx:
            found |= await tickets.load(tx, c.name, rest)
    return found


async def shown_now(
    c: Connection, owed: list[Owed], known: Mapping[str, StoredTicket], seen: Seen
) -> tuple[dict[str, Written], dict[str, Unavailable]]:
    """The flags as the PSA shows them now, and the tickets that cannot be read now.

    A ticket that was read by itself a moment ago is not read again, unless it may have been written since, or
    its write would have to wait.
    Lists of a PSA may lag behind a write: what was tried before, or may have been when we were broken off,
    is read ticket by ticket, or it would be written again and again until the list has caught up. So is what
    a list shows as older than we know it, and what it does not show before it is called gone.
    """
    fresh = [item.ticket_id for item in owed if not (item.attempts or _maybe_tried(c, item))]
    just_read = c.now() - seen.begun <= FRESH and room(c) > 0
    found = {i: seen.alone[i] for i in fresh if i in seen.alone} if just_read else {}
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


def _lags(shown: Written, known: StoredTicket | None) -> bool:
    """Whether a list may show less than we know: an older mark, or other values under the mark we know."""
    if known is None or is_later(shown.version, known_marks(known)):
        return False
    at, marks = mark(shown.version), [found for found in map(mark, known_marks(known)) if found]
    return at is None or not marks or at < max(marks) or _other(known.flags, shown.flags)


def _other(known: Mapping[FlagName, str], shown: Mapping[FlagName, str]) -> bool:
    return bool(difference(known, shown) or difference(shown, known))


async def read_back(c: Connection, made: list[Owed], before: Mapping[str, Written]) -> dict[str, Written]:
    """What the PSA shows after these writes. A list may lag behind: what it does not show, or shows as it was
    before what we have met, is read by itself."""
    found = dict(await c.psa.read_flags([item.ticket_id for item in made])) if made else {}
    for item in made if len(made) > 1 else ():
        shown, met = found.get(item.ticket_id), before[item.ticket_id]
        if shown is None or difference(item.flags, shown.flags) or is_later(met.version, (shown.version, "")):
            with contextlib.suppress(ContractViolation):  # not understood is not shown
                found |= await c.psa.read_flags([item.ticket_id])
    return found


def _maybe_tried(c: Connection, owed: Owed) -> bool:
    return c.broken_off is not None and owed.since < c.broken_off


async def look_first(
    c: Connection, before: Mapping[str, Written], known: Mapping[str, StoredTicket], now: datetime
) -> set[str]:
    """Tickets that somebody has changed since we read them: they are read once more before they are written.

    The mark of our own write would hide when that was and who did it, and what is owed may be outdated.
    Once for each mark, because a PSA may show one here that its lists never show; the reading may have to
    wait for much else.
    """
    newer = {
        ticket_id: shown.version
        for ticket_id, shown in before.items()
        if ticket_id in known and is_later(shown.version, known_marks(known[ticket_id]))
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
