"""Webhook deliveries not yet handled. A delivery is answered only after it stands here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.psa.port import Hint
from connector.store import sql
from connector.store.schema import inbox as table


@dataclass(frozen=True, slots=True)
class InboxItem:
    id: int
    ticket_id: str
    action: str
    received_at: datetime


async def put(tx: AsyncConnection, conn: str, hints: Sequence[Hint], at: datetime) -> int:
    """Keep these hints; returns how many were new. A repeated `deliver_id` is ignored."""
    if not hints:
        return 0
    rows = [
        {
            "conn": conn,
            "deliver_id": hint.deliver_id or None,
            "ticket_id": hint.ticket_id,
            "action": hint.action,
            "received_at": at,
            "waiting": True,
        }
        for hint in hints
    ]
    kept = sql.insert(tx.dialect.name, table).on_conflict_do_nothing().returning(table.c.id)
    return len((await tx.execute(kept, rows)).all())


_TAKE = (
    select(table.c.id, table.c.ticket_id, table.c.action, table.c.received_at)
    .where(table.c.conn == bindparam("conn"), table.c.waiting)
    .order_by(table.c.id)
    .limit(bindparam("limit"))
)
_DONE = update(table).where(table.c.id == bindparam("_id")).values(waiting=False)


async def take(tx: AsyncConnection, conn: str, limit: int) -> list[InboxItem]:
    """The oldest deliveries that wait. They wait until `done`."""
    return [InboxItem(*row) for row in await tx.execute(_TAKE, {"conn": conn, "limit": limit})]


async def heard(tx: AsyncConnection, conn: str, ticket_id: str, since: datetime) -> int:
    """How many deliveries about a ticket have come in since then, handled or not."""
    about = (table.c.conn == conn, table.c.ticket_id == ticket_id, table.c.received_at >= since)
    return await tx.scalar(select(func.count()).select_from(table).where(*about)) or 0


async def waits_for(tx: AsyncConnection, conn: str, ticket_id: str) -> bool:
    """Whether a delivery about this ticket is still to be handled."""
    query = select(table.c.id).where(table.c.conn == conn, table.c.waiting, table.c.ticket_id == ticket_id)
    return await tx.scalar(query.limit(1)) is not None


async def last_heard(tx: AsyncConnection) -> dict[str, datetime]:
    """When the last delivery came in, by connection; connections without any are left out."""
    query = select(table.c.conn, func.max(table.c.received_at)).group_by(table.c.conn)
    return {str(conn): at for conn, at in await tx.execute(query)}


async def done(tx: AsyncConnection, ids: Iterable[int]) -> None:
    """These are handled. They stay a while (`prune`), so that a repeated delivery is recognised."""
    rows = [{"_id": id} for id in ids]
    if rows:
        await tx.execute(_DONE, rows)


async def prune(tx: AsyncConnection, conn: str, before: datetime) -> int:
    """Forget a connection's handled deliveries from before `before`; returns how many. Waiting ones stay."""
    old = (table.c.conn == conn, table.c.received_at < before, ~table.c.waiting)
    result = await tx.execute(delete(table).where(*old))
    return int(result.rowcount)


async def waiting(tx: AsyncConnection) -> dict[str, int]:
    """Deliveries that wait, by connection; connections without any are left out."""
    query = select(table.c.conn, func.count().label("waiting")).where(table.c.waiting).group_by(table.c.conn)
    rows = await tx.execute(query)
    return {row.conn: row.waiting for row in rows}
