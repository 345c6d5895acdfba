"""The machine's clock was ahead and has been set right: what was planned by the wrong time is planned anew.

Else nothing would be polled until the wrong time has come, a ticket judged as of tomorrow would show that
until then, a write put off for a minute would wait for a day, and so would the sweep. Looked at with each
turn, and with the first one of a process, since the clock may have been set while nobody ran.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.connection import Connection
from connector.store import assessments, errands, outbox, tickets

log = structlog.get_logger(__name__)

NOTICED = timedelta(seconds=1)
"""Clocks are kept right in smaller steps all the time."""

LONGEST = timedelta(minutes=15)
"""No pause of ours before a write is longer."""


def set_back(c: Connection, now: datetime) -> bool:
    """Whether what the store holds may have been planned by a later time than now; forget our own plans."""
    before, c.turned_at = c.turned_at, now
    if before is None:
        return True
    if now >= before - NOTICED:
        return False
    log.warning("the clock was set back", connection=c.name, by=str(before - now))
    c.next_poll = c.next_sweep = c.next_hook_check = c.next_tidy = None
    c.next_px = c.next_companies = c.next_tally = c.next_audit = None
    return True


async def plan_anew(tx: AsyncConnection, c: Connection, now: datetime) -> None:
    """Judge again what was judged as of later than now, read what was read then, and try what was put off
    for too long."""
    await assessments.due_again(tx, c.name, now)
    await tickets.unread(tx, c.name, now)
    for owed in (outbox, errands):
        await owed.no_later(tx, c.name, now + LONGEST, now)
