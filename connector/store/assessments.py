"""Assessments: the whole JSON, and columns for timers and searches. All of it can be worked out again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.assessmentlog import assessment_to_json
from connector.model import BUCKETS, CLOCKS, ZONES, Assessment, BucketClock, FlagName
from connector.store import sql
from connector.store.schema import assessments as table
from connector.store.schema import tickets

_SAME_TICKET = (table.c.conn == tickets.c.conn) & (table.c.ticket_id == tickets.c.id)
_NO_CLOCK = BucketClock(state="none")


@dataclass(frozen=True, slots=True)
class Marked:
    """A ticket with what its flag says."""

    conn: str
    ticket_id: str
    url: str
    summary: str
    told: str


@dataclass(frozen=True, slots=True)
class Some:
    """The first of many, and how many more there are."""

    listed: list[Marked]
    more: int


async def save(tx: AsyncConnection, conn: str, assessments: Sequence[Assessment]) -> None:
    """Insert or replace these; their `next_at` is the ticket's timer from now on."""
    await sql.put_rows(tx, table, [_row(conn, assessment) for assessment in assessments])


_DUE = (
    select(table.c.ticket_id)
    .where(table.c.conn == bindparam("conn"), table.c.next_at <= bindparam("now"))
    .order_by(table.c.next_at)
    .limit(bindparam("limit"))
)
_DOCS = select(table.c.doc).where(
    table.c.conn == bindparam("conn"), table.c.ticket_id.in_(bindparam("ids", expanding=True))
)


async def due(tx: AsyncConnection, conn: str, now: datetime, limit: int) -> list[str]:
    """Tickets whose answer changes by itself at or before `now`, the longest waiting first."""
    return list(await tx.scalars(_DUE, {"conn": conn, "now": now, "limit": limit}))


async def next_due(tx: AsyncConnection, conn: str) -> datetime | None:
    """When the next timer of this connection runs out; None if none is set."""
    found: datetime | None = await tx.scalar(select(func.min(table.c.next_at)).where(table.c.conn == conn))
    return found


async def load(tx: AsyncConnection, conn: str, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The JSON documents (`assessment_to_json`) of those of `ids` that have one."""
    found: dict[str, dict[str, Any]] = {}
    for part in sql.parts(ids):
        for text in await tx.scalars(_DOCS, {"conn": conn, "ids": part}):
            doc = json.loads(text)
            found[doc["id"]] = doc
    return found


async def other_policy(tx: AsyncConnection, conn: str, client: str, digest: str, limit: int) -> list[str]:
    """Open tickets of this policy client that were assessed under other rules than `digest`."""
    query = (
        select(table.c.ticket_id)
        .join(tickets, _SAME_TICKET)
        .where(table.c.client == client, table.c.conn == conn, table.c.policy != digest, tickets.c.is_open)
    )
    return list(await tx.scalars(query.limit(limit)))


async def unassessed(tx: AsyncConnection, conn: str, limit: int, after: str = "") -> list[str]:
    """Tickets the PSA still has, open or closed, without an assessment, by id from `after` on.

    Those that no policy matches stay in this list: page through it with `after` when policies change,
    not in every turn.
    """
    query = (
        select(tickets.c.id)
        .outerjoin(table, _SAME_TICKET)
        .where(tickets.c.conn == conn, tickets.c.id > after, ~tickets.c.gone, table.c.ticket_id.is_(None))
    )
    return list(await tx.scalars(query.order_by(tickets.c.id).limit(limit)))


async def make_due(tx: AsyncConnection, conn: str, client: str, at: datetime) -> None:
    """Have every open ticket of this policy client assessed again from `at` on, or before as it was."""
    still_open = select(tickets.c.id).where(tickets.c.conn == conn, tickets.c.is_open)
    mine = (table.c.conn == conn, table.c.client == client, table.c.ticket_id.in_(still_open))
    later = or_(table.c.next_at.is_(None), table.c.next_at > at)
    await tx.execute(update(table).where(*mine, later).values(next_at=at))


async def due_again(tx: AsyncConnection, conn: str, now: datetime) -> None:
    """What was assessed as of later than `now` is due at once."""
    ahead = (table.c.conn == conn, table.c.at > now)
    await tx.execute(update(table).where(*ahead).values(next_at=now))


async def judge_again(tx: AsyncConnection, conn: str, ids: Iterable[str], at: datetime) -> None:
    """Have the open ones of these tickets assessed again from `at` on."""
    for part in sql.parts(ids):
        still_open = select(tickets.c.id).where(tickets.c.conn == conn, tickets.c.is_open)
        mine = (table.c.conn == conn, table.c.ticket_id.in_(part), table.c.ticket_id.in_(still_open))
        await tx.execute(update(table).where(*mine).values(next_at=at))


async def clients(tx: AsyncConnection, conn: str) -> set[str]:
    """The policy clients under which tickets of this connection were assessed."""
    return set(await tx.scalars(select(table.c.client).where(table.c.conn == conn).distinct()))


async def of_client(tx: AsyncConnection, client: str) -> dict[str, list[str]]:
    """All tickets last assessed under this policy client, by connection, in their order."""
    query = select(table.c.conn, table.c.ticket_id).where(table.c.client == sql.clean(client))
    found: dict[str, list[str]] = {}
    for conn, ticket in await tx.execute(query.order_by(table.c.conn, table.c.ticket_id)):
        found.setdefault(conn, []).append(ticket)
    return found


async def missed(
    tx: AsyncConnection, conn: str, client: str, since: datetime, until: datetime, limit: int
) -> list[str]:
    """Tickets of this policy client with a missed promise judged after `since`, newest first.

    When it was missed is in the document only, so some of these missed it before or after.
    """
    late = or_(*(table.c[f"{bucket}_state"] == "missed" for bucket in BUCKETS))
    mine = (table.c.conn == conn, table.c.client == sql.clean(client), table.c.at > since)
    query = select(table.c.ticket_id).join(tickets, _SAME_TICKET).where(*mine, late, ~tickets.c.gone)
    query = query.where(tickets.c.opened_at <= until)
    return list(await tx.scalars(query.order_by(tickets.c.opened_at.desc(), table.c.ticket_id).limit(limit)))


async def watermelons(tx: AsyncConnection, client: str, since: datetime, limit: int) -> Some:
    """Tickets of this policy client opened after `since` whose flag says watermelon, the newest first."""
    flagged = table.c.flags.contains('"watermelon":"') & ~table.c.flags.contains('"watermelon":""')
    return await _some(
        tx, "watermelon", limit, table.c.client == client, flagged, tickets.c.opened_at > since
    )


async def followups(tx: AsyncConnection, client: str, limit: int) -> Some:
    """Tickets of this policy client whose unhappy customer still waits for a word, the newest first."""
    return await _some(tx, "loop", limit, table.c.client == client, table.c.followup_live)


async def _some(tx: AsyncConnection, flag: FlagName, limit: int, *where: ColumnElement[bool]) -> Some:
    columns = (table.c.conn, table.c.ticket_id, tickets.c.url, tickets.c.summary, table.c.flags)
    query = select(*columns).join(tickets, _SAME_TICKET).where(*where, ~tickets.c.gone)
    number = await tx.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = await tx.execute(query.order_by(tickets.c.opened_at.desc(), table.c.ticket_id).limit(limit))
    found = [
        Marked(row.conn, row.ticket_id, row.url, row.summary, json.loads(row.flags).get(flag, ""))
        for row in rows
    ]
    return Some(found, number - len(found))


async def drop(tx: AsyncConnection, conn: str, ids: Iterable[str]) -> None:
    """Forget the assessments of these tickets, for instance when no policy matches them any more."""
    for part in sql.parts(ids):
        await tx.execute(delete(table).where(table.c.conn == conn, table.c.ticket_id.in_(part)))


def is_live(clock: BucketClock) -> bool:
    """Whether there is still something to do for this promise: running, paused, or late and not done."""
    return clock.state in ("running", "paused") or (clock.state == "missed" and clock.done_at is None)


def _row(conn: str, assessment: Assessment) -> sql.Row:
    asking = {} if assessment.excluded else assessment.buckets  # what is reported apart asks nothing
    live = [clock for clock in asking.values() if is_live(clock)]
    row: sql.Row = {
        "conn": conn,
        "ticket_id": assessment.ticket_id,
        "client": assessment.client,
        "policy": assessment.policy,
        "at": assessment.at,
        "next_at": assessment.next_at,
        "worst": max((ZONES.index(clock.zone) for clock in live), default=None),
        "due": min((clock.due_at for clock in live if clock.due_at is not None), default=None),
        "flags": sql.dump(assessment.flags),
        "doc": sql.dump(assessment_to_json(assessment)),
    }
    for bucket in CLOCKS:
        clock = assessment.buckets.get(bucket, _NO_CLOCK)
        row[f"{bucket}_state"] = clock.state
        row[f"{bucket}_zone"] = clock.zone
        row[f"{bucket}_live"] = bucket in asking and is_live(clock)
        row[f"{bucket}_due"] = clock.due_at if row[f"{bucket}_live"] else None
    return row
