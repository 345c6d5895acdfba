"""Canaries: the test writes that people watched, what came of them, and one that was broken off.

The row is there before the PSA is touched, so whoever comes next can put back what a killed process left.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import FlagName
from connector.store import sql
from connector.store.schema import canaries as table

State = Literal["open", "passed", "failed", "undone"]
"""`open`: written, not put back as far as we know. `undone`: broken off and put back, says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One test write: `flag` of a ticket held `was` and was given `wrote`, as the PSA shows them.

    `setup`: what it stands for. `doc`: what was seen, as JSON values.
    """

    id: int = 0
    conn: str
    ticket_id: str
    flag: FlagName
    was: str
    wrote: str
    by: str
    at: datetime
    ended_at: datetime | None = None
    state: State = "open"
    setup: Mapping[str, Any]
    doc: Mapping[str, Any]


async def begin(tx: AsyncConnection, canary: Canary) -> int:
    """Keep that it is about to be written; returns its number."""
    row = {
        "conn": canary.conn,
        "ticket_id": canary.ticket_id,
        "flag": canary.flag,
        "was": canary.was,
        "wrote": canary.wrote,
        "by": canary.by,
        "at": canary.at,
        "state": "open",
        "setup": sql.canonical(canary.setup),
        "doc": "{}",
    }
    number = await tx.scalar(insert(table).returning(table.c.id), row)
    assert isinstance(number, int)
    return number


async def end(
    tx: AsyncConnection, number: int, *, state: State, at: datetime, doc: Mapping[str, Any]
) -> None:
    """What came of it."""
    values = {"state": state, "ended_at": at, "doc": sql.dump(doc)}
    await tx.execute(update(table).where(table.c.id == number).values(values))


async def left(tx: AsyncConnection, conn: str) -> Sequence[Canary]:
    """Those whose value may still stand in the PSA, oldest first."""
    query = select(table).where(table.c.conn == conn, table.c.state == "open").order_by(table.c.id)
    return [_canary(row) for row in await tx.execute(query)]


async def last(tx: AsyncConnection, conn: str) -> Canary | None:
    """The latest that says anything: one that was broken off and put back does not."""
    query = select(table).where(table.c.conn == conn, table.c.state != "undone")
    row = (await tx.execute(query.order_by(table.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else _canary(row)


def _canary(row: Row[Any]) -> Canary:
    return Canary(
        id=row.id,
        conn=row.conn,
        ticket_id=row.ticket_id,
        flag=row.flag,
        was=row.was,
        wrote=row.wrote,
        by=row.by,
        at=row.at,
        ended_at=row.ended_at,
        state=row.state,
        setup=json.loads(row.setup),
        doc=json.loads(row.doc),
    )
