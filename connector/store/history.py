"""Every flag change with its reason: what `explain` and a doubting client are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import FlagName
from connector.store.schema import history as table


@dataclass(frozen=True, slots=True)
class Change:
    """One flag went from `old` to `new` in the PSA."""

    flag: FlagName
    old: str
    new: str
    reason: str
    at: datetime


async def record(tx: AsyncConnection, conn: str, ticket_id: str, changes: Sequence[Change]) -> None:
    """Add these changes to the ticket's history."""
    rows = [
        {
            "conn": conn,
            "ticket_id": ticket_id,
            "flag": change.flag,
            "old": change.old,
            "new": change.new,
            "reason": change.reason,
            "at": change.at,
        }
        for change in changes
    ]
    if rows:
        await tx.execute(insert(table), rows)


async def of(tx: AsyncConnection, conn: str, ticket_id: str, limit: int = 1000) -> list[Change]:
    """The last `limit` changes of a ticket, in the order they were recorded."""
    query = (
        select(table.c.flag, table.c.old, table.c.new, table.c.reason, table.c.at)
        .where(table.c.conn == conn, table.c.ticket_id == ticket_id)
        .order_by(table.c.id.desc())
        .limit(limit)
    )
    return [Change(*row) for row in await tx.execute(query)][::-1]
