"""Invariants the auditor found broken, one row each: kept while they are so, and for a while after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import sql
from connector.store.schema_running import breaches as table

DETAIL_LIMIT = 600
"""Characters of a detail."""


Key = tuple[str, str]
"""Invariant and ticket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """`ticket_id`: '' where it is the connection's as a whole. `times`: how many audits have found it.
    `over_at`: None while it is so."""

    conn: str
    invariant: str
    ticket_id: str
    detail: str
    first_at: datetime
    last_at: datetime
    times: int = 1
    over_at: datetime | None = None

    @property
    def key(self) -> Key:
        return self.invariant, self.ticket_id


async def put(tx: AsyncConnection, breaches: Iterable[Breach]) -> None:
    """Insert or replace these, by connection, invariant and ticket."""
    await sql.put_rows(tx, table, [_row(one) for one in breaches])


async def close(tx: AsyncConnection, conn: str, key: Key, at: datetime) -> None:
    """It is no longer so."""
    await tx.execute(update(table).where(*_is(conn, key)).values(over_at=at))


async def going(tx: AsyncConnection, conn: str, limit: int) -> list[Breach]:
    """What is broken now, the longest not looked at first."""
    query = select(table).where(table.c.conn == conn, table.c.over_at.is_(None))
    return [_breach(row) for row in await tx.execute(query.order_by(table.c.last_at).limit(limit))]


async def find(tx: AsyncConnection, conn: str, keys: Iterable[Key]) -> dict[Key, Breach]:
    """What is kept of these, those that are over as well."""
    found: dict[Key, Breach] = {}
    for key in keys:
        row = (await tx.execute(select(table).where(*_is(conn, key)))).one_or_none()
        if row is not None:
            found[key] = _breach(row)
    return found


async def listed(tx: AsyncConnection, limit: int, *, over: bool = False) -> list[Breach]:
    """Of every connection: what is broken now, the newest first; or what is `over`, the last first."""
    query = select(table).where(table.c.over_at.is_not(None) if over else table.c.over_at.is_(None))
    order = table.c.over_at.desc() if over else table.c.first_at.desc()
    rows = await tx.execute(query.order_by(order, table.c.conn, table.c.invariant).limit(limit))
    return [_breach(row) for row in rows]


async def counts(tx: AsyncConnection) -> dict[tuple[str, str], int]:
    """How many are broken now, by connection and invariant; those without any are left out."""
    query = select(table.c.conn, table.c.invariant, func.count()).where(table.c.over_at.is_(None))
    rows = await tx.execute(query.group_by(table.c.conn, table.c.invariant))
    return {(str(conn), str(invariant)): int(number) for conn, invariant, number in rows}


async def prune(tx: AsyncConnection, conn: str, before: datetime) -> None:
    """Forget what was over before an instant."""
    await tx.execute(delete(table).where(table.c.conn == conn, table.c.over_at < before))


def _is(conn: str, key: Key) -> tuple[ColumnElement[bool], ...]:
    invariant, ticket_id = key
    return table.c.conn == conn, table.c.invariant == invariant, table.c.ticket_id == sql.clean(ticket_id)


def _row(breach: Breach) -> sql.Row:
    row = {name: getattr(breach, name) for name in Breach.__dataclass_fields__}
    return row | {"detail": breach.detail[:DETAIL_LIMIT]}


def _breach(row: Row[Any]) -> Breach:
    return Breach(**row._mapping)
