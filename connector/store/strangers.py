"""Values found in our own fields that we had not recorded writing, and who touched the ticket last.

Somebody at the desk, a workflow, or a write of ours whose record a crash has swallowed. Without them a
history whose changes do not follow from each other could mean anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import FlagName
from connector.store import sql
from connector.store.schema_running import strangers as table


@dataclass(frozen=True, slots=True)
class Strange:
    """A flag was found as `new` where we knew it as `old`. `by`: id of who touched the ticket last."""

    flag: str
    old: str
    new: str
    by: str
    at: datetime


def found(
    known: Mapping[FlagName, str], shown: Mapping[FlagName, str], by: str, at: datetime
) -> list[Strange]:
    """What differs between the flags we knew and those that are shown."""
    names = dict.fromkeys((*known, *shown))
    return [
        Strange(name, known.get(name, ""), shown.get(name, ""), by, at)
        for name in names
        if known.get(name, "") != shown.get(name, "")
    ]


async def put(tx: AsyncConnection, conn: str, items: Sequence[tuple[str, Strange]]) -> None:
    """Keep these, each with its ticket's id."""
    rows = [
        {
            "conn": conn,
            "ticket_id": ticket_id,
            "flag": one.flag,
            "old": one.old,
            "new": one.new,
            "by": one.by,
            "at": one.at,
        }
        for ticket_id, one in items
    ]
    if rows:
        await tx.execute(insert(table), rows)


async def of(
    tx: AsyncConnection, conn: str, ids: Iterable[str], since: datetime, limit: int = 1000
) -> dict[str, list[Strange]]:
    """The last `limit` of these tickets from `since` on, by ticket, in the order they were found."""
    columns = (table.c.ticket_id, table.c.flag, table.c.old, table.c.new, table.c.by, table.c.at)
    found: dict[str, list[Strange]] = {}
    for part in sql.parts(ids):
        mine = (table.c.conn == conn, table.c.ticket_id.in_(part), table.c.at >= since)
        rows = await tx.execute(select(*columns).where(*mine).order_by(table.c.id.desc()).limit(limit))
        for ticket_id, *one in rows.all()[::-1]:
            found.setdefault(ticket_id, []).append(Strange(*one))
    return found


async def prune(tx: AsyncConnection, conn: str, before: datetime) -> None:
    """Forget those found before an instant."""
    await tx.execute(delete(table).where(table.c.conn == conn, table.c.at < before))
