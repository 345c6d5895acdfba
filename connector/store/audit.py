"""What people did, with who and why: written with the deed itself, in one transaction, and never changed.

A deed that was not done leaves no row, and one that was done twice by two clicks was done once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.schema import audit as table

WHY = 500
"""Characters of a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doer:
    """Who does it, by what right, and why. `role`: `operate` of the pages, or `command line`."""

    name: str
    role: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """`what` was done, to what: `subject` is a ticket, a mark or a ruling's number, as its list names it."""

    at: datetime
    by: Doer
    what: str
    conn: str = ""
    subject: str = ""


async def add(tx: AsyncConnection, deed: Deed) -> None:
    """Keep it, in the transaction of the deed."""
    row = {
        "at": deed.at,
        "person": deed.by.name,
        "role": deed.by.role,
        "what": deed.what,
        "conn": deed.conn,
        "subject": deed.subject,
        "reason": deed.by.why[:WHY],
    }
    await tx.execute(insert(table), row)


async def latest(tx: AsyncConnection, limit: int = 100) -> Sequence[Deed]:
    """The last deeds on every connection, the newest first."""
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    return [_deed(row) for row in await tx.execute(query)]


def _deed(row: Row[Any]) -> Deed:
    by = Doer(name=row.person, role=row.role, why=row.reason)
    return Deed(at=row.at, by=by, what=row.what, conn=row.conn, subject=row.subject)
