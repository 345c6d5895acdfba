"""What a PSA sent and we could not understand: kept and shown until it is understood, never dropped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.psa.port import Malformed
from connector.store import sql
from connector.store.schema import quarantine as table

REASON_LIMIT = 500
"""Characters of a reason; with the ticket it is what tells one complaint from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    connection: str
    ticket_id: str  # '' when not even that could be read
    reason: str
    body: str  # the latest
    first_at: datetime
    last_at: datetime
    times: int


async def put(tx: AsyncConnection, conn: str, items: Sequence[Malformed], at: datetime) -> None:
    """Keep these; the same complaint about the same ticket is counted, not repeated."""
    rows = [
        {
            "conn": conn,
            "ticket_id": item.ticket_id,
            "reason": item.reason[:REASON_LIMIT],
            "body": item.body,
            "first_at": at,
            "last_at": at,
            "times": 1,
        }
        for item in items
    ]
    if rows:
        await tx.execute(_put_statement(tx.dialect.name), rows)


_CLEAR = delete(table).where(
    table.c.conn == bindparam("conn"), table.c.ticket_id.in_(bindparam("ids", expanding=True))
)


async def clear(tx: AsyncConnection, conn: str, ticket_ids: Iterable[str]) -> None:
    """These tickets are understood now."""
    for part in sql.parts(ticket_ids):
        await tx.execute(_CLEAR, {"conn": conn, "ids": part})


async def forget_nameless(tx: AsyncConnection, conn: str, before: datetime) -> None:
    """Complaints that name no ticket can never be settled: those not repeated since `before` go."""
    old = (table.c.conn == conn, table.c.ticket_id == "", table.c.last_at < before)
    await tx.execute(delete(table).where(*old))


EARLY = timedelta(hours=1)
"""So long a ticket is looked at often: its answer may only have been cut short."""

_last = func.max(table.c.last_at)
_STALE = (  # put together once: every poll asks
    select(table.c.ticket_id)
    .where(table.c.conn == bindparam("conn"), table.c.ticket_id != "")
    .group_by(table.c.ticket_id)
    .having(
        or_(
            _last < bindparam("before"),
            and_(_last < bindparam("soon"), func.min(table.c.first_at) > bindparam("early")),
            _last > bindparam("now"),  # by a clock that was ahead
        )
    )
    .order_by(_last)
    .limit(bindparam("limit"))
)


async def stale(
    tx: AsyncConnection, conn: str, now: datetime, every: timedelta, soon: timedelta, limit: int
) -> list[str]:
    """Tickets whose complaint is worth another look, the oldest first: in the first hour `soon` after the
    last one, later whenever `every` has passed."""
    since = {"before": now - every, "soon": now - soon, "early": now - EARLY, "now": now}
    values = {"conn": conn, "limit": limit, **since}
    return list(await tx.scalars(_STALE, values))


async def holds(tx: AsyncConnection, conn: str, ticket_id: str) -> bool:
    """Whether a complaint about this ticket stands; '' is no ticket."""
    query = select(table.c.ticket_id).where(table.c.conn == conn, table.c.ticket_id == ticket_id).limit(1)
    return bool(await tx.scalar(query))


async def listed(tx: AsyncConnection, limit: int = 1000) -> list[Quarantined]:
    """What is quarantined on every connection, the latest first."""
    query = select(table).order_by(table.c.last_at.desc(), table.c.conn, table.c.ticket_id).limit(limit)
    return [Quarantined(connection=row.conn, **_rest(row)) for row in await tx.execute(query)]


async def counts(tx: AsyncConnection) -> dict[str, int]:
    """How many complaints stand, by connection; connections without any are left out."""
    query = select(table.c.conn, func.count()).group_by(table.c.conn)
    return {str(conn): int(number) for conn, number in await tx.execute(query)}


def _rest(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name != "conn"}


@cache
def _put_statement(dialect: str) -> Any:
    insert = sql.insert(dialect, table)
    fresh = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={"body": fresh.body, "last_at": fresh.last_at, "times": table.c.times + 1},
    )
