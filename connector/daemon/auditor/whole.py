"""The checks of a connection as a whole: what waits for longest, and how much was sent."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.auditor.findings import Findings
from connector.daemon.auditor.state import PROCESS, State
from connector.daemon.connection import BATCH, Connection
from connector.history.invariants.connection import (
    late_timer,
    over_quota,
    sweep_takes,
    unseen,
    unwritten,
    waits_too_long,
)
from connector.store import assessments, audited, inbox

WAITS = timedelta(minutes=10)
"""A timer or a webhook older than this is no longer about to be handled."""

SWEPT = BATCH // 10
"""Quiet tickets that one poll looks at again (`observe`)."""

A_TURN = timedelta(minutes=2)
"""How long a turn that writes as much as it may takes at a PSA with little patience."""

MARGIN = timedelta(minutes=10)


async def check_connection(
    tx: AsyncConnection, c: Connection, state: State, found: Findings, now: datetime
) -> timedelta:
    """Nothing counts from before it was at work: a connection that comes back has much to do.

    Returns how long a quiet open ticket may go unseen.
    """
    since = state.working_since or now
    due = await assessments.next_due(tx, c.name)
    found.add("timer", "", [late_timer(due, since, now, WAITS + c.poll_every)])
    waiting = await inbox.take(tx, c.name, 1)
    received = waiting[0].received_at if waiting else None
    found.add("webhook", "", [waits_too_long(received, since, now, WAITS)])
    await _check_owed(tx, c, since, found, now)
    _check_quota(c, state, found)
    return await _check_sweep(tx, c, since, found, now)


async def _check_owed(
    tx: AsyncConnection, c: Connection, since: datetime, found: Findings, now: datetime
) -> None:
    """Where many are owed at once, each turn writes its share."""
    owed = await audited.owed(tx, c.name) if c.writes else None
    broken = None
    if owed is not None:
        number, ticket_id, tried_from = owed
        broken = unwritten(ticket_id, tried_from, since, now, WAITS + A_TURN * (number // BATCH))
    found.add("owed", broken.ticket_id if broken else "", [broken])
    if broken is None:
        found.all_fine.add("owed")


async def _check_sweep(
    tx: AsyncConnection, c: Connection, since: datetime, found: Findings, now: datetime
) -> timedelta:
    last = await audited.longest_unseen(tx, c.name)
    most = sweep_takes(c.sweep_every, c.poll_every, await audited.open_tickets(tx, c.name), SWEPT) + MARGIN
    broken = unseen(*last, since, now, most) if last else None
    found.add("unseen", last[0] if last else "", [broken])
    if broken is None:
        found.all_fine.add("unseen")
    return most


def _check_quota(c: Connection, state: State, found: Findings) -> None:
    """A count of another process, or of an adapter that was built anew since, says nothing."""
    quota, here = c.psa.quota(), state.process == PROCESS
    sent = max(0, quota.requests_total - state.requests) if here else 0
    seconds = max(0.0, time.monotonic() - state.clock) if here else 0.0
    found.add("quota", "", [over_quota(quota, max(quota.limit, state.limit if here else 0), sent, seconds)])
