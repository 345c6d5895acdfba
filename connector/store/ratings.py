"""The ledger: every rating once, whatever its source, with what became of it and what it was about.

Rows of a ticket are derived from its timeline and rewritten with its assessment; they can be made again.
Rows without a ticket, and those whose ticket is not known yet (`waiting`), stand here alone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import Rating
from connector.rules.erasing import Eraser
from connector.rules.ratings import Verdict
from connector.store import erased, sql
from connector.store.schema import events, tickets
from connector.store.schema import ratings as table
from connector.ticketlog import event_from_json, event_to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One rating. `ticket_id` '' is about the desk as a whole; `client` '' is not known yet.

    `channel` is the one by which the ticket came in; `engineer` and `board` had it when it was rated.
    """

    conn: str
    key: str
    rating: Rating
    ticket_id: str = ""
    client: str = ""
    contact: str = ""
    board: str = ""
    engineer: str = ""
    channel: str = ""
    verdict: Verdict = "counted"
    why: str = ""


async def counted(tx: AsyncConnection, client: str, since: datetime, until: datetime) -> list[Entry]:
    """What counts of a client's ratings in (since, until], over every connection, oldest first.

    `rating.kind` tells those of tickets from the yearly questionnaire's.
    """
    query = _in_window(
        select(table).where(table.c.client == client, table.c.verdict == "counted"), since, until
    )
    return [_entry(row) for row in await tx.execute(query)]


async def listed(
    tx: AsyncConnection,
    *,
    conn: str = "",
    client: str = "",
    verdicts: Collection[Verdict] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Entry]:
    """Every rating there is, oldest first; what is empty does not restrict."""
    query = select(table)
    if conn:
        query = query.where(table.c.conn == conn)
    if client:
        query = query.where(table.c.client == client)
    if verdicts:
        query = query.where(table.c.verdict.in_(sorted(verdicts)))
    return [_entry(row) for row in await tx.execute(_in_window(query, since, until))]


async def of_ticket(tx: AsyncConnection, conn: str, ticket_id: str) -> list[Entry]:
    """The ratings of one ticket, oldest first."""
    mine = select(table).where(table.c.conn == conn, table.c.ticket_id == sql.clean(ticket_id))
    return [_entry(row) for row in await tx.execute(_in_window(mine, None, None))]


_OF_TICKETS = select(table).where(
    table.c.conn == bindparam("conn"), table.c.ticket_id.in_(bindparam("ids", expanding=True))
)


async def rewrite(
    tx: AsyncConnection, conn: str, ticket_ids: Collection[str], entries: Sequence[Entry]
) -> bool:
    """Make these the ratings of these tickets; True if anything changed by it. Waiting ones stay."""
    ids = {sql.clean(id) for id in ticket_ids}
    before: dict[tuple[str, str], sql.Row] = {}
    for part in sql.parts(ids):
        for row in await tx.execute(_OF_TICKETS, {"conn": conn, "ids": part}):
            before[row.ticket_id, row.key] = dict(row._mapping)
    wanted = {(row["ticket_id"], row["key"]): row for row in map(_row, entries)}
    new = [row for key, row in wanted.items() if before.get(key) != row]
    lost = [key for key, row in before.items() if key not in wanted and row["verdict"] != "waiting"]
    await sql.put_rows(tx, table, new)
    for ticket, key in lost:
        await tx.execute(
            delete(table).where(table.c.conn == conn, table.c.ticket_id == ticket, table.c.key == key)
        )
    return bool(new or lost)


async def keep(tx: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Keep these as they are: waiting for their tickets, or about no ticket. Of erased contacts, nameless."""
    kept = list(entries)
    for conn in {entry.conn for entry in entries}:
        eraser = await erased.known(tx, conn)
        if eraser is not None:
            kept = [_nameless(entry, eraser) if entry.conn == conn else entry for entry in kept]
    await sql.put_rows(tx, table, [_row(entry) for entry in kept])


_AT_HAND = (
    select(table)
    .where(
        table.c.conn == bindparam("conn"),
        table.c.verdict == "waiting",
        exists().where(
            (tickets.c.conn == table.c.conn) & (tickets.c.id == table.c.ticket_id), ~tickets.c.gone
        ),
    )
    .order_by(table.c.at, table.c.key)
    .limit(bindparam("limit"))
)


async def at_hand(tx: AsyncConnection, conn: str, limit: int) -> list[Entry]:
    """Waiting ones whose tickets are known by now, the longest waiting first."""
    return [_entry(row) for row in await tx.execute(_AT_HAND, {"conn": conn, "limit": limit})]


async def waiting_for(tx: AsyncConnection, conn: str, ticket_ids: Iterable[str]) -> list[Entry]:
    """Those that wait for these tickets."""
    found: list[Entry] = []
    for part in sql.parts(ticket_ids):
        mine = (table.c.conn == conn, table.c.verdict == "waiting", table.c.ticket_id.in_(part))
        found += [_entry(row) for row in await tx.execute(select(table).where(*mine))]
    return found


async def find(tx: AsyncConnection, conn: str, ticket_id: str, key: str) -> Entry | None:
    """The entry of this identity, None if there is none."""
    mine = (table.c.conn == conn, table.c.ticket_id == sql.clean(ticket_id), table.c.key == sql.clean(key))
    row = (await tx.execute(select(table).where(*mine))).one_or_none()
    return None if row is None else _entry(row)


async def rated_tickets(tx: AsyncConnection, conn: str, after: str, limit: int) -> list[str]:
    """Tickets with ratings in their timelines, by id from `after` on."""
    query = select(events.c.ticket_id).where(events.c.conn == conn, events.c.is_rating)
    query = query.where(events.c.ticket_id > after).distinct().order_by(events.c.ticket_id)
    return list(await tx.scalars(query.limit(limit)))


async def counts(tx: AsyncConnection) -> dict[tuple[str, Verdict], int]:
    """How many there are, by connection and verdict."""
    query = select(table.c.conn, table.c.verdict, func.count()).group_by(table.c.conn, table.c.verdict)
    return {(conn, verdict): number for conn, verdict, number in await tx.execute(query)}


def _in_window(query: Select[Any], since: datetime | None, until: datetime | None) -> Select[Any]:
    if since is not None:
        query = query.where(table.c.at > since)
    if until is not None:
        query = query.where(table.c.at <= until)
    return query.order_by(table.c.at, table.c.conn, table.c.ticket_id, table.c.key)


def _nameless(entry: Entry, eraser: Eraser) -> Entry:
    rating = eraser.event(entry.rating, whole=eraser.knows(entry.contact))
    assert isinstance(rating, Rating)
    return replace(entry, rating=rating, contact=eraser.nameless(entry.contact))


def _row(entry: Entry) -> sql.Row:
    plain = {
        "conn": entry.conn,
        "ticket_id": entry.ticket_id,
        "key": entry.key,
        "client": entry.client,
        "contact": entry.contact,
        "board": entry.board,
        "engineer": entry.engineer,
        "channel": entry.channel,
        "source": entry.rating.source,
        "kind": entry.rating.kind,
        "verdict": entry.verdict,
        "why": entry.why,
        "doc": sql.canonical(event_to_json(entry.rating)),
    }
    return {**{name: sql.clean(value) for name, value in plain.items()}, "at": entry.rating.at}


def _entry(row: Row[Any]) -> Entry:
    rating = event_from_json(json.loads(row.doc))
    assert isinstance(rating, Rating)
    return Entry(
        conn=row.conn,
        key=row.key,
        rating=rating,
        ticket_id=row.ticket_id,
        client=row.client,
        contact=row.contact,
        board=row.board,
        engineer=row.engineer,
        channel=row.channel,
        verdict=row.verdict,
        why=row.why,
    )
