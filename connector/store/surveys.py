"""Surveys: who was asked about what, by which link, and who was not asked and why.

A link is answered at most once: whoever changes the row first has answered, however many clicked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import RatingKind
from connector.store import sql
from connector.store.schema import surveys as table

State = Literal["asked", "answered", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """`about`: what is asked about, once. `link`: the random id of its link, '' where none was made.

    `completed_at`: when more than the score was said. `mailed_at`: when we sent it by mail ourselves.
    """

    conn: str
    about: str
    client: str
    contact: str
    at: datetime
    state: State
    ticket_id: str = ""
    kind: RatingKind = "ticket"
    why: str = ""
    link: str = ""
    scale: int = 5
    score: int | None = None
    expires_at: datetime | None = None
    answered_at: datetime | None = None
    completed_at: datetime | None = None
    mailed_at: datetime | None = None


async def put(tx: AsyncConnection, surveys: Iterable[Survey]) -> None:
    """Keep these; one about the same replaces what was known."""
    await sql.put_rows(tx, table, [_row(survey) for survey in surveys])


async def of_tickets(tx: AsyncConnection, conn: str, ids: Iterable[str]) -> dict[str, list[Survey]]:
    """The surveys of these tickets, by ticket, oldest first."""
    found: dict[str, list[Survey]] = {}
    for part in sql.parts(ids):
        query = select(table).where(
            table.c.conn == conn, table.c.ticket_id.in_(part), table.c.ticket_id != ""
        )
        for row in await tx.execute(query.order_by(table.c.at, table.c.about)):
            found.setdefault(row.ticket_id, []).append(_survey(row))
    return found


async def about(tx: AsyncConnection, conn: str, names: Iterable[str]) -> dict[str, Survey]:
    """The surveys about these, by name."""
    found: dict[str, Survey] = {}
    for part in sql.parts(names):
        query = select(table).where(table.c.conn == conn, table.c.about.in_(part))
        found.update((row.about, _survey(row)) for row in await tx.execute(query))
    return found


async def by_link(tx: AsyncConnection, link: str) -> Survey | None:
    """The one with this link, None if there is none."""
    row = (await tx.execute(select(table).where(table.c.link == link))).one_or_none()
    return None if row is None else _survey(row)


async def last_asked(tx: AsyncConnection, conn: str, client: str, contact: str) -> datetime | None:
    """When this contact was last asked about a ticket."""
    mine = (table.c.conn == conn, table.c.client == client, table.c.contact == sql.clean(contact))
    query = select(func.max(table.c.at)).where(*mine, table.c.kind == "ticket", table.c.state != "skipped")
    found: datetime | None = await tx.scalar(query)
    return found


async def asked_since(tx: AsyncConnection, client: str, since: datetime) -> int:
    """How many of a client's contacts were asked about a ticket from `since` on."""
    mine = (table.c.client == client, table.c.at >= since, table.c.kind == "ticket")
    query = select(func.count()).select_from(table).where(*mine, table.c.state != "skipped")
    return await tx.scalar(query) or 0


async def answer(tx: AsyncConnection, link: str, score: int, at: datetime) -> bool:
    """Take the one answer of this link; False if it was answered before."""
    done = update(table).where(table.c.link == link, table.c.state == "asked")
    return (await tx.execute(done.values(state="answered", score=score, answered_at=at))).rowcount == 1


async def complete(tx: AsyncConnection, link: str, at: datetime) -> bool:
    """Take what is said beside the score, once; False if there is no answer, or it was completed before."""
    mine = (table.c.link == link, table.c.state == "answered", table.c.completed_at.is_(None))
    return (await tx.execute(update(table).where(*mine).values(completed_at=at))).rowcount == 1


async def mailed(tx: AsyncConnection, link: str, at: datetime) -> None:
    """Remember that we sent this link."""
    await tx.execute(update(table).where(table.c.link == link).values(mailed_at=at))


async def unmailed(tx: AsyncConnection) -> dict[str, int]:
    """How many of the yearly questionnaire are still to be sent, by connection that has any."""
    query = select(table.c.conn, func.count()).where(table.c.kind == "annual", table.c.state == "asked")
    rows = await tx.execute(query.where(table.c.mailed_at.is_(None)).group_by(table.c.conn))
    return {str(conn): int(number) for conn, number in rows}


async def listed(
    tx: AsyncConnection,
    *,
    conn: str = "",
    client: str = "",
    states: Sequence[State] = (),
    limit: int | None = None,
) -> list[Survey]:
    """The newest of all there are, newest first; what is empty does not restrict."""
    query = select(table).order_by(table.c.at.desc(), table.c.conn, table.c.about).limit(limit)
    if conn:
        query = query.where(table.c.conn == conn)
    if client:
        query = query.where(table.c.client == client)
    if states:
        query = query.where(table.c.state.in_(sorted(states)))
    return [_survey(row) for row in await tx.execute(query)]


def _row(survey: Survey) -> sql.Row:
    row = {name: getattr(survey, name) for name in Survey.__dataclass_fields__}
    clean = {name: sql.clean(value) if isinstance(value, str) else value for name, value in row.items()}
    return {**clean, "link": survey.link or None}


def _survey(row: Row[Any]) -> Survey:
    return Survey(**{**row._mapping, "link": row.link or ""})
