"""What people have ruled about authors and texts. Nothing is deleted: a ruling is withdrawn, by name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.rules.authorship.rulings import Ruling
from connector.store.schema import assessments, events, tickets
from connector.store.schema import rulings as table

SAMPLE = 200
"""Characters of a ruled text that are kept, so that people know it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRuling:
    """A ruling with its number. `sample`: how the text it is about begins. `withdrawn_at`: None in force."""

    id: int
    conn: str
    ruling: Ruling
    sample: str
    withdrawn_by: str
    withdrawn_at: datetime | None


async def add(tx: AsyncConnection, conn: str, ruling: Ruling, sample: str = "") -> int:
    """Keep a ruling; returns its number."""
    row = {
        "conn": conn,
        "author": ruling.author,
        "lines": " ".join(sorted(ruling.lines)),
        "sample": sample[:SAMPLE],
        "cause": ruling.cause or "",
        "content": ruling.content or "",
        "ruled_by": ruling.by,
        "ruled_at": ruling.at,
        "why": ruling.why,
        "withdrawn_by": "",
    }
    number = await tx.scalar(insert(table).returning(table.c.id), row)
    assert isinstance(number, int)
    return number


_IN_FORCE = (
    select(table)
    .where(table.c.conn == bindparam("conn"), table.c.withdrawn_at.is_(None))
    .order_by(table.c.id)
)


async def in_force(tx: AsyncConnection, conn: str) -> Sequence[Ruling]:
    """The rulings of a connection that were not withdrawn, oldest first."""
    return [_kept(row).ruling for row in await tx.execute(_IN_FORCE, {"conn": conn})]


async def every(tx: AsyncConnection) -> Sequence[KeptRuling]:
    """All that were ever made, oldest first."""
    return [_kept(row) for row in await tx.execute(select(table).order_by(table.c.id))]


async def withdraw(tx: AsyncConnection, id: int, *, by: str, at: datetime) -> KeptRuling | None:
    """Take a ruling back; the ruling as it was, None if none of this number is in force."""
    query = select(table).where(table.c.id == id, table.c.withdrawn_at.is_(None))
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    await tx.execute(update(table).where(table.c.id == id).values(withdrawn_by=by, withdrawn_at=at))
    return _kept(row)


async def has_part(tx: AsyncConnection, conn: str, author: str) -> bool:
    """Whether an author of this id did anything on any ticket of the connection."""
    return await tx.scalar(_theirs(conn, author).limit(1)) is not None


def _theirs(conn: str, author: str) -> Select[tuple[str]]:
    part = events.c.doc.contains(f'"id":{json.dumps(author)}', autoescape=True)
    return select(events.c.ticket_id).where(events.c.conn == conn, part)


async def make_due(tx: AsyncConnection, conn: str, author: str, at: datetime) -> int:
    """Have the open tickets this author has a part in assessed again from `at` on; returns how many.

    For an author without an id that is every open ticket of the connection.
    """
    open_tickets = select(tickets.c.id).where(tickets.c.conn == conn, tickets.c.is_open)
    if author and await has_part(tx, conn, author):
        open_tickets = open_tickets.where(tickets.c.id.in_(_theirs(conn, author)))
    mine = (assessments.c.conn == conn, assessments.c.ticket_id.in_(open_tickets))
    done = await tx.execute(update(assessments).where(*mine).values(next_at=at))
    return done.rowcount


async def undecided(tx: AsyncConnection, limit: int) -> list[tuple[str, str]]:
    """(connection, ticket) of open tickets with a message whose cause is not known, those in danger first.

    It says nothing of whether it matters.
    """
    query = (
        select(assessments.c.conn, assessments.c.ticket_id)
        .join(tickets, (assessments.c.conn == tickets.c.conn) & (assessments.c.ticket_id == tickets.c.id))
        .where(tickets.c.is_open, assessments.c.doc.contains('"cause":"unknown"'))
        .order_by(assessments.c.worst.desc().nulls_last(), assessments.c.due.nulls_last())
        .order_by(assessments.c.conn, assessments.c.ticket_id)
    )
    return [(row.conn, row.ticket_id) for row in await tx.execute(query.limit(limit))]


def _kept(row: Row[Any]) -> KeptRuling:
    ruling = Ruling(
        author=row.author,
        lines=frozenset(row.lines.split()),
        cause=row.cause or None,
        content=row.content or None,
        by=row.ruled_by,
        at=row.ruled_at,
        why=row.why,
    )
    return KeptRuling(
        id=row.id,
        conn=row.conn,
        ruling=ruling,
        sample=row.sample,
        withdrawn_by=row.withdrawn_by,
        withdrawn_at=row.withdrawn_at,
    )
