"""What the auditor reads of one connection: a few tickets by chance, and the oldest of whatever may wait."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import FlagName
from connector.store import sql
from connector.store.history import Change
from connector.store.schema import assessments, cursors, history, outbox, quarantine, tickets
from connector.store.schema_running import erased

STATE = "audit"
"""Name of the cursor in which the auditor keeps how far it is."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A ticket's assessment as it is kept: its JSON, its desired flags, when it was made, its timer."""

    doc: Mapping[str, Any]
    flags: Mapping[FlagName, str]
    at: datetime
    next_at: datetime | None


async def some_open(tx: AsyncConnection, conn: str, share: float, limit: int) -> list[str]:
    """Up to `limit` open tickets from a place among all of them, in the order they were observed.

    `share`, from 0 to 1, says where between the first and the last.
    """
    mine = (tickets.c.conn == conn, tickets.c.is_open)
    first, last = (await tx.execute(select(*_ends()).where(*mine))).one()
    if first is None:
        return []
    start = first + (last - first) * share
    query = select(tickets.c.id).where(*mine).order_by(tickets.c.observed_at)
    found = list(await tx.scalars(query.where(tickets.c.observed_at >= start).limit(limit)))
    if len(found) < limit:
        before = query.where(tickets.c.observed_at < start).limit(limit - len(found))
        found += await tx.scalars(before)
    return found


def _ends() -> tuple[Any, Any]:
    return func.min(tickets.c.observed_at), func.max(tickets.c.observed_at)


async def open_tickets(tx: AsyncConnection, conn: str) -> int:
    """How many tickets are open."""
    query = select(func.count()).select_from(tickets).where(tickets.c.conn == conn, tickets.c.is_open)
    return await tx.scalar(query) or 0


async def longest_unseen(tx: AsyncConnection, conn: str) -> tuple[str, datetime] | None:
    """The open ticket that was not observed for longest, and since when: since it was opened if never.

    What is in quarantine cannot be observed and stands on its own page.
    """
    poisoned = exists().where(quarantine.c.conn == tickets.c.conn, quarantine.c.ticket_id == tickets.c.id)
    query = (
        select(tickets.c.id, tickets.c.observed_at, tickets.c.opened_at)
        .where(tickets.c.conn == conn, tickets.c.is_open, ~poisoned)
        .order_by(tickets.c.observed_at)
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else (row.id, max(row.observed_at, row.opened_at))


async def kept(tx: AsyncConnection, conn: str, ids: Iterable[str]) -> dict[str, Kept]:
    """The assessments of those of `ids` that have one."""
    columns = (assessments.c.ticket_id, assessments.c.doc, assessments.c.flags, assessments.c.at)
    found: dict[str, Kept] = {}
    for part in sql.parts(ids):
        query = select(*columns, assessments.c.next_at)
        rows = await tx.execute(query.where(assessments.c.conn == conn, assessments.c.ticket_id.in_(part)))
        for row in rows:
            found[row.ticket_id] = Kept(json.loads(row.doc), json.loads(row.flags), row.at, row.next_at)
    return found


async def changes(
    tx: AsyncConnection, conn: str, ids: Iterable[str], since: datetime, limit: int = 1000
) -> dict[str, list[Change]]:
    """The last `limit` changes of these tickets from `since` on, by ticket, in the order they were made."""
    columns = (history.c.ticket_id, history.c.flag, history.c.old, history.c.new, history.c.reason)
    found: dict[str, list[Change]] = {}
    for part in sql.parts(ids):
        mine = (history.c.conn == conn, history.c.ticket_id.in_(part), history.c.at >= since)
        query = select(*columns, history.c.at).where(*mine).order_by(history.c.id.desc()).limit(limit)
        for ticket_id, *one in (await tx.execute(query)).all()[::-1]:
            found.setdefault(ticket_id, []).append(Change(*one))
    return found


async def spoken_for(tx: AsyncConnection, conn: str, ids: Iterable[str]) -> set[str]:
    """Those of `ids` with something in the outbox, whatever its state, or in quarantine."""
    found: set[str] = set()
    for part in sql.parts(ids):
        for table in (outbox, quarantine):
            query = select(table.c.ticket_id).where(table.c.conn == conn, table.c.ticket_id.in_(part))
            found.update(await tx.scalars(query))
    return found


async def owed(tx: AsyncConnection, conn: str) -> tuple[int, str, datetime] | None:
    """How many writes are owed, and of the one that may be tried for longest its ticket and since when."""
    mine = (outbox.c.conn == conn, outbox.c.state == "owed")
    query = (
        select(outbox.c.ticket_id, outbox.c.not_before).where(*mine).order_by(outbox.c.not_before).limit(1)
    )
    first = (await tx.execute(query)).one_or_none()
    if first is None:
        return None
    number = await tx.scalar(select(func.count()).select_from(outbox).where(*mine)) or 0
    return number, first.ticket_id, first.not_before


async def put_at(tx: AsyncConnection, conn: str, name: str) -> datetime | None:
    """When the cursor of this name was put last; None if it never was."""
    found: datetime | None = await tx.scalar(
        select(cursors.c.at).where(cursors.c.conn == conn, cursors.c.name == name)
    )
    return found


async def erased_at(tx: AsyncConnection, conn: str) -> datetime | None:
    """When somebody's data was erased last: what rested on their words is judged otherwise since."""
    found: datetime | None = await tx.scalar(select(func.max(erased.c.at)).where(erased.c.conn == conn))
    return found


async def states(tx: AsyncConnection) -> dict[str, dict[str, Any]]:
    """How far the auditor is, by connection it has looked at."""
    query = select(cursors.c.conn, cursors.c.value).where(cursors.c.name == STATE)
    return {str(conn): json.loads(value) for conn, value in await tx.execute(query)}


async def judge_again(tx: AsyncConnection, conn: str, ids: Iterable[str], at: datetime) -> None:
    """Have these tickets assessed again from `at` on."""
    for part in sql.parts(ids):
        mine = (assessments.c.conn == conn, assessments.c.ticket_id.in_(part))
        await tx.execute(update(assessments).where(*mine).values(next_at=at))
