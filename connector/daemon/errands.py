"""Errands: open the desk's tickets and write its notes, once each, however often we are interrupted.

An errand is done only when the PSA's own ticket with its mark is known. What is refused is kept as a dead
letter beside the flags'; what fails for now is tried again later.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.connection import Connection
from connector.errors import (
    Conflict,
    ConnectorError,
    ContractViolation,
    NotFound,
    Rejected,
    Throttled,
    Unavailable,
)
from connector.psa.desk import Desk, Draft
from connector.store import errands, tickets
from connector.store.errands import Errand

log = structlog.get_logger(__name__)

AT_ONCE = 20
"""Errands of one turn; they are few, and a turn stays bounded."""

LAG = timedelta(seconds=30)
"""What failed, or was broken off by a crash, may have been done all the same. The PSA's lists may show it
only after a while, so it is not searched for, and not made again, before."""


def desk_of(c: Connection) -> Desk | None:
    """Where this connection opens the team's own tickets; None where its settings name no place for them."""
    if c.writes and isinstance(c.psa, Desk) and c.psa.opens_tickets:
        return c.psa
    return None


async def run_errands(c: Connection, now: datetime) -> int:
    """Do what is owed and due, one after the other; returns how many were done.

    Raises Throttled or Unavailable after what was done, and what was not, has been kept.
    """
    desk = desk_of(c)
    if desk is None:
        return 0
    async with c.store.glance() as tx:
        owed = [await _addressed(tx, errand) for errand in await errands.owed(tx, c.name, now, AT_ONCE)]
    for errand in owed:
        await _run(c, desk, errand, now)
    return len(owed)


async def _addressed(tx: AsyncConnection, errand: Errand) -> Errand:
    """With its company, if that was not known when it was wanted: no ticket of the client had come yet."""
    if errand.kind != "ticket" or errand.company_id:
        return errand
    return replace(errand, company_id=await tickets.company_of(tx, errand.conn, errand.client))


async def _run(c: Connection, desk: Desk, errand: Errand, now: datetime) -> None:
    async with c.store.begin(of=c.name) as tx:
        await errands.hold(tx, c.name, errand.mark, now + LAG)
    try:
        ticket_id = await _do(desk, errand)
    except (Rejected, ContractViolation, NotFound) as error:
        async with c.store.begin(of=c.name) as tx:
            await errands.bury(tx, c.name, errand.mark, error=str(error))
        log.error("errand refused", connection=c.name, client=errand.client, error=str(error))
        return
    except (Conflict, Throttled, Unavailable) as error:
        await _later(c, errand, error, now)
        if not isinstance(error, Conflict):
            raise
        return
    async with c.store.begin(of=c.name) as tx:
        await errands.done(tx, c.name, errand.mark, ticket_id)


async def _do(desk: Desk, errand: Errand) -> str:
    if errand.kind == "note":
        await desk.add_note(errand.ticket_id, errand.mark, errand.text)
        return errand.ticket_id
    return await desk.open_ticket(
        Draft(
            mark=errand.mark,
            company_id=errand.company_id,
            summary=errand.summary,
            text=errand.text,
            owner=errand.owner,
            due_at=errand.due_at,
            parent=errand.parent,
        )
    )


async def _later(c: Connection, errand: Errand, error: ConnectorError, now: datetime) -> None:
    wait = max(timedelta(seconds=min(2.0 ** min(errand.attempts, 10), 900.0)), LAG)
    async with c.store.begin(of=c.name) as tx:
        await errands.postpone(tx, c.name, errand.mark, error=str(error), not_before=now + wait)
