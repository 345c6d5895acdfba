"""Writes still owed to the PSA: one row per ticket, holding the flags as they should be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, bindparam, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import FlagName
from connector.store import sql
from connector.store.schema import outbox as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Flags owed to one ticket. `dead`: the PSA refused them; a person must look. `dropped`: one has, and
    these very flags shall not be written."""

    connection: str
    ticket_id: str
    flags: Mapping[FlagName, str]
    reason: str
    since: datetime
    attempts: int
    not_before: datetime
    state: Literal["owed", "dead", "dropped"]
    error: str


async def owe(
    tx: AsyncConnection, conn: str, ticket_id: str, flags: Mapping[FlagName, str], reason: str, at: datetime
) -> None:
    """See `owe_all`."""
    await owe_all(tx, conn, [(ticket_id, flags, reason)], at)


async def owe_all(
    tx: AsyncConnection, conn: str, items: Sequence[tuple[str, Mapping[FlagName, str], str]], at: datetime
) -> None:
    """From now on exactly these flags are owed: (ticket id, flags, reason).

    A write already owed keeps its age, attempts and pause. A dead or dropped one starts afresh if the flags
    differ from those refused; the very same flags stay dead, or dropped.
    """
    rows = [
        {
            "conn": conn,
            "ticket_id": ticket,
            "flags": sql.canonical(flags),
            "reason": reason,
            "since": at,
            "attempts": 0,
            "not_before": at,
            "state": "owed",
            "error": "",
        }
        for ticket, flags, reason in items
    ]
    if rows:
        await tx.execute(_owe_statement(tx.dialect.name), rows)


_OWED = (
    select(table)
    .where(table.c.conn == bindparam("conn"), table.c.state == "owed", table.c.not_before <= bindparam("now"))
    .order_by(table.c.not_before)
    .limit(bindparam("limit"))
)
_SETTLE = delete(table).where(
    table.c.conn == bindparam("conn"), table.c.ticket_id.in_(bindparam("ids", expanding=True))
)


async def owed(tx: AsyncConnection, conn: str, now: datetime, limit: int) -> list[Owed]:
    """Writes that may be tried at `now`, the longest waiting first."""
    return [_owed(row) for row in await tx.execute(_OWED, {"conn": conn, "now": now, "limit": limit})]


async def of(tx: AsyncConnection, conn: str, ids: Iterable[str]) -> dict[str, Owed]:
    """What is owed to these tickets, by ticket, whatever has become of it; those without are left out."""
    found: dict[str, Owed] = {}
    for part in sql.parts(ids):
        query = select(table).where(table.c.conn == conn, table.c.ticket_id.in_(part))
        found |= {row.ticket_id: _owed(row) for row in await tx.execute(query)}
    return found


async def settle(tx: AsyncConnection, conn: str, ticket_id: str) -> None:
    """See `settle_all`."""
    await settle_all(tx, conn, [ticket_id])


async def settle_all(tx: AsyncConnection, conn: str, ids: Iterable[str]) -> None:
    """Nothing is owed to these tickets any more: applied, or no longer needed."""
    for part in sql.parts(ids):
        await tx.execute(_SETTLE, {"conn": conn, "ids": part})


async def no_later(tx: AsyncConnection, conn: str, limit: datetime, now: datetime) -> None:
    """What is put off until after `limit` may be tried at `now`."""
    far = (table.c.conn == conn, table.c.state == "owed", table.c.not_before > limit)
    await tx.execute(update(table).where(*far).values(not_before=now))


async def postpone(
    tx: AsyncConnection, conn: str, ticket_id: str, *, error: str, not_before: datetime
) -> None:
    """The write did not go through; try again from `not_before` on."""
    values = {"attempts": table.c.attempts + 1, "error": error, "not_before": not_before}
    await tx.execute(update(table).where(_of(conn, ticket_id)).values(values))


async def bury(tx: AsyncConnection, conn: str, ticket_id: str, *, error: str) -> None:
    """The PSA refuses this write: keep it as a dead letter."""
    values = {"attempts": table.c.attempts + 1, "error": error, "state": "dead"}
    await tx.execute(update(table).where(_of(conn, ticket_id)).values(values))


async def dead(tx: AsyncConnection, limit: int = 1000, state: str = "dead") -> list[Owed]:
    """Dead (or `dropped`) letters of every connection, oldest first."""
    query = select(table).where(table.c.state == state).order_by(table.c.since).limit(limit)
    return [_owed(row) for row in await tx.execute(query)]


async def retry(tx: AsyncConnection, conn: str, ticket_id: str) -> bool:
    """A person wants a dead or dropped letter tried again: at once, as if for the first time.

    The last error stays readable. False if there is no such letter (any more).
    """
    values = {"state": "owed", "attempts": 0, "not_before": table.c.since}
    asked = update(table).where(_of(conn, ticket_id), table.c.state.in_(("dead", "dropped")))
    return (await tx.execute(asked.values(values))).rowcount > 0


async def drop(tx: AsyncConnection, conn: str, ticket_id: str) -> bool:
    """A person gives a dead letter up. False if it is not dead (any more)."""
    given = update(table).where(_of(conn, ticket_id), table.c.state == "dead")
    return (await tx.execute(given.values(state="dropped"))).rowcount > 0


async def counts(tx: AsyncConnection) -> dict[str, tuple[int, int]]:
    """(owed, dead) by connection; connections without either are left out."""
    query = select(table.c.conn, table.c.state, func.count()).group_by(table.c.conn, table.c.state)
    totals: dict[str, tuple[int, int]] = {}
    for conn, state, number in await tx.execute(query.where(table.c.state != "dropped")):
        alive, buried = totals.get(conn, (0, 0))
        totals[conn] = (number, buried) if state == "owed" else (alive, number)
    return totals


@cache
def _owe_statement(dialect: str) -> Any:
    insert = sql.insert(dialect, table)
    fresh = insert.excluded
    keep = (table.c.state == "owed") | (table.c.flags == fresh.flags)
    values = {name: case((keep, table.c[name]), else_=fresh[name]) for name in _OF_THE_DEBT}
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={**values, "flags": fresh.flags, "reason": fresh.reason},
    )


_OF_THE_DEBT = ("since", "attempts", "not_before", "state", "error")


def _of(conn: str, ticket_id: str) -> ColumnElement[bool]:
    return (table.c.conn == conn) & (table.c.ticket_id == ticket_id)


def _owed(row: Row[Any]) -> Owed:
    return Owed(
        connection=row.conn,
        ticket_id=row.ticket_id,
        flags=json.loads(row.flags),
        reason=row.reason,
        since=row.since,
        attempts=row.attempts,
        not_before=row.not_before,
        state=row.state,
        error=row.error,
    )
