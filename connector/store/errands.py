"""What the PSA shall be asked to open or note for the team: owed until it is done, by its mark at most once.

The row is committed with the decision that wants it. The mark also stands in the PSA, so that whoever was
killed between the PSA's yes and our own record of it finds on return that it is done.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import sql
from connector.store.schema import errands as table
from connector.ticketlog import iso
from connector.ticketlog.values import maybe_instant

Kind = Literal["ticket", "note"]
State = Literal["owed", "done", "dead", "dropped"]
"""`dead`: the PSA refused it. `dropped`: a person gave it up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """`under`: the mark of the errand whose ticket this belongs under, or is noted on; '' for none.

    `ticket_id`: of a note, the ticket it is for where that is known from the start; of a ticket, the one
    that was opened.
    """

    conn: str
    mark: str
    kind: Kind
    client: str
    text: str
    summary: str = ""
    owner: str = ""
    company_id: str = ""
    due_at: datetime | None = None
    under: str = ""
    ticket_id: str = ""
    parent: str = ""  # id of the ticket it belongs under, once that is there
    since: datetime
    attempts: int = 0
    state: State = "owed"
    error: str = ""


async def owe(tx: AsyncConnection, errands: Iterable[Errand]) -> None:
    """Owe these. One whose mark is known already is left as it is."""
    wanted = {(errand.conn, errand.mark): errand for errand in errands}
    for (conn, mark), errand in wanted.items():
        known = await tx.scalar(select(table.c.mark).where(table.c.conn == conn, table.c.mark == mark))
        if known is None:
            await tx.execute(table.insert(), _row(errand))


async def owed(tx: AsyncConnection, conn: str, now: datetime, limit: int) -> list[Errand]:
    """Those that may be tried at `now`, in the order they were wanted.

    One that belongs under another's ticket waits until that ticket is there, and then knows its id: as
    `ticket_id` of a note, as `parent` of a ticket.
    """
    above = table.alias("above")
    query = (
        select(table, above.c.ticket_id.label("above_id"))
        .outerjoin(above, (above.c.conn == table.c.conn) & (above.c.mark == table.c.under))
        .where(table.c.conn == conn, table.c.state == "owed", table.c.not_before <= now)
        .where(or_(table.c.under == "", above.c.ticket_id != ""))
        .order_by(table.c.since, table.c.mark)
        .limit(limit)
    )
    return [_errand(row, row.above_id or "") for row in await tx.execute(query)]


async def done(tx: AsyncConnection, conn: str, mark: str, ticket_id: str) -> None:
    """The PSA has it: in this ticket."""
    await _set(tx, conn, mark, state="done", ticket_id=ticket_id, error="")


async def no_later(tx: AsyncConnection, conn: str, limit: datetime, now: datetime) -> None:
    """What is put off until after `limit` may be tried at `now`."""
    far = (table.c.conn == conn, table.c.state == "owed", table.c.not_before > limit)
    await tx.execute(update(table).where(*far).values(not_before=now))


async def postpone(tx: AsyncConnection, conn: str, mark: str, *, error: str, not_before: datetime) -> None:
    await _set(tx, conn, mark, attempts=table.c.attempts + 1, error=error, not_before=not_before)


async def hold(tx: AsyncConnection, conn: str, mark: str, until: datetime) -> None:
    """It is being tried: whoever finds it owed after a crash waits until then."""
    await _set(tx, conn, mark, not_before=until)


async def bury(tx: AsyncConnection, conn: str, mark: str, *, error: str) -> None:
    """The PSA refuses it: kept and shown until a person has it tried again."""
    await _set(tx, conn, mark, attempts=table.c.attempts + 1, error=error, state="dead")


async def retry(tx: AsyncConnection, conn: str, mark: str) -> bool:
    """A person wants a dead or dropped one tried again: at once, as if for the first time.

    False if there is no such one (any more).
    """
    asked = update(table).where(_of(conn, mark), table.c.state.in_(("dead", "dropped")))
    values = {"state": "owed", "attempts": 0, "not_before": table.c.since}
    return (await tx.execute(asked.values(values))).rowcount > 0


async def drop(tx: AsyncConnection, conn: str, mark: str) -> bool:
    """A person gives a dead one up; what belongs under it is not done either. False if it is not dead."""
    given = update(table).where(_of(conn, mark), table.c.state == "dead")
    return (await tx.execute(given.values(state="dropped"))).rowcount > 0


async def listed(tx: AsyncConnection, *, conn: str = "", state: str = "", limit: int = 1000) -> list[Errand]:
    """Errands, oldest first; what is empty does not restrict."""
    query = select(table)
    if conn:
        query = query.where(table.c.conn == conn)
    if state:
        query = query.where(table.c.state == state)
    return [
        _errand(row) for row in await tx.execute(query.order_by(table.c.since, table.c.mark).limit(limit))
    ]


async def counts(tx: AsyncConnection) -> dict[str, tuple[int, int]]:
    """(owed, dead) by connection; connections without either are left out."""
    query = select(table.c.conn, table.c.state, func.count()).group_by(table.c.conn, table.c.state)
    totals: dict[str, tuple[int, int]] = {}
    for conn, state, number in await tx.execute(query.where(table.c.state.in_(("owed", "dead")))):
        alive, buried = totals.get(conn, (0, 0))
        totals[conn] = (number, buried) if state == "owed" else (alive, number)
    return totals


async def find(tx: AsyncConnection, conn: str, mark: str) -> Errand | None:
    """The errand of this mark, None if there is none."""
    row = (await tx.execute(select(table).where(table.c.conn == conn, table.c.mark == mark))).one_or_none()
    return None if row is None else _errand(row)


_OPENED = select(table.c.ticket_id).where(
    table.c.conn == bindparam("conn"),
    table.c.kind == "ticket",
    table.c.ticket_id.in_(bindparam("ids", expanding=True)),
)


async def opened(tx: AsyncConnection, conn: str, ids: Collection[str]) -> set[str]:
    """Which of these tickets we opened ourselves."""
    found: set[str] = set()
    for part in sql.parts(ids):
        found.update(await tx.scalars(_OPENED, {"conn": conn, "ids": part}))
    return found


async def wanted(tx: AsyncConnection, conn: str, marks: Collection[str]) -> set[str]:
    """Which of these marks stand for a ticket that was wanted, whatever became of it."""
    found: set[str] = set()
    for part in sql.parts(marks):
        mine = (table.c.conn == conn, table.c.kind == "ticket", table.c.mark.in_(part))
        found.update(await tx.scalars(select(table.c.mark).where(*mine)))
    return found


async def _set(tx: AsyncConnection, conn: str, mark: str, **values: Any) -> None:
    await tx.execute(update(table).where(_of(conn, mark)).values(values))


def _of(conn: str, mark: str) -> ColumnElement[bool]:
    return (table.c.conn == conn) & (table.c.mark == mark)


_PAYLOAD = ("text", "summary", "owner", "company_id")


def _row(errand: Errand) -> sql.Row:
    payload = {name: getattr(errand, name) for name in _PAYLOAD} | {"due_at": iso(errand.due_at)}
    return {
        "conn": errand.conn,
        "mark": errand.mark,
        "kind": errand.kind,
        "client": errand.client,
        "under": errand.under,
        "payload": sql.dump(payload),
        "ticket_id": errand.ticket_id,
        "since": errand.since,
        "attempts": errand.attempts,
        "not_before": errand.since,
        "state": errand.state,
        "error": errand.error,
    }


def _errand(row: Row[Any], above_id: str = "") -> Errand:
    payload = json.loads(row.payload)
    return Errand(
        conn=row.conn,
        mark=row.mark,
        kind=row.kind,
        client=row.client,
        due_at=maybe_instant(payload, "due_at"),
        under=row.under,
        ticket_id=row.ticket_id or (above_id if row.kind == "note" else ""),
        parent=above_id if row.kind == "ticket" else "",
        since=row.since,
        attempts=row.attempts,
        state=row.state,
        error=row.error,
        **{name: payload[name] for name in _PAYLOAD},
    )
