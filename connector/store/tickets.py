"""Tickets as last observed. `doc` is the ticket; the columns beside it serve the board and the searches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Row, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import FlagName, Ticket
from connector.store import sql
from connector.store.schema import assessments, outbox
from connector.store.schema import tickets as table
from connector.ticketlog import ticket_from_json, ticket_to_json

_log = structlog.get_logger(__name__)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTicket:
    """A ticket and what we know about our knowledge of it."""

    ticket: Ticket
    version: str  # the PSA's last-updated mark
    updated_by: str = ""  # id of who touched it last
    flags: Mapping[FlagName, str] = field(default_factory=dict)  # as last seen in the PSA
    observed_at: datetime | None = None  # last full observation with its timeline; None: never
    own_version: str = ""  # the version our own last write produced
    gone: bool = False  # the PSA no longer has it


@dataclass(frozen=True, slots=True)
class Totals:
    """Tickets of one connection that the PSA still has or had, and how many of them are open."""

    tickets: int
    open: int


async def put(tx: AsyncConnection, conn: str, tickets: Sequence[StoredTicket]) -> None:
    """Insert or replace these tickets whole."""
    await sql.put_rows(tx, table, [_row(conn, stored) for stored in tickets])


_THESE = (table.c.conn == bindparam("conn"), table.c.id.in_(bindparam("ids", expanding=True)))
_LOAD = select(table).where(*_THESE)
_KNOWN = select(table.c.id).where(*_THESE)


async def load(tx: AsyncConnection, conn: str, ids: Iterable[str]) -> dict[str, StoredTicket]:
    """The stored ones of `ids`, by ticket id; one that holds impossible values is left out and logged."""
    found: dict[str, StoredTicket] = {}
    for part in sql.parts(ids):
        for row in await tx.execute(_LOAD, {"conn": conn, "ids": part}):
            try:
                ticket, _ = ticket_from_json(json.loads(row.doc))
            except ValueError as error:
                _log.warning("a stored ticket cannot be read", ticket=row.id, error=str(error))
                continue
            found[ticket.id] = _stored(ticket, row)
    return found


async def known(tx: AsyncConnection, conn: str, ids: Iterable[str]) -> set[str]:
    """Which of `ids` are stored, gone ones included."""
    found: set[str] = set()
    for part in sql.parts(ids):
        there = set(await tx.scalars(_KNOWN, {"conn": conn, "ids": part}))
        found.update(id for id in part if sql.clean(id) in there)
    return found


async def stale(tx: AsyncConnection, conn: str, before: datetime, limit: int) -> list[str]:
    """Open tickets not observed since `before`, the longest unseen (and never seen) first."""
    query = (
        select(table.c.id)
        .where(table.c.conn == conn, table.c.is_open, table.c.observed_at < before)
        .order_by(table.c.observed_at)
        .limit(limit)
    )
    return list(await tx.scalars(query))


async def unread(tx: AsyncConnection, conn: str, now: datetime) -> None:
    """Those that were read at a later time than now, by a clock that was wrong, count as never read."""
    ahead = (table.c.conn == conn, table.c.observed_at > now)
    await tx.execute(update(table).where(*ahead).values(observed_at=_NEVER))


async def mark_gone(tx: AsyncConnection, conn: str, ids: Iterable[str], at: datetime) -> None:
    """The PSA no longer has these: no list, timer or owed write names them any more.

    The ticket, its timeline and its ratings stay: what a customer said was said.
    """
    for part in sql.parts(ids):
        await tx.execute(
            update(table)
            .where(table.c.conn == conn, table.c.id.in_(part))
            .values(gone=True, is_open=False, observed_at=at)
        )
        await tx.execute(
            update(assessments)
            .where(assessments.c.conn == conn, assessments.c.ticket_id.in_(part))
            .values(next_at=None)
        )
        await tx.execute(delete(outbox).where(outbox.c.conn == conn, outbox.c.ticket_id.in_(part)))


async def newest(tx: AsyncConnection, conn: str, limit: int) -> list[str]:
    """The tickets opened last, the newest first."""
    query = select(table.c.id).where(table.c.conn == conn).order_by(table.c.opened_at.desc(), table.c.id)
    return list(await tx.scalars(query.limit(limit)))


async def open_ids(tx: AsyncConnection, conn: str, client: str, limit: int = 100_000) -> list[str]:
    """Open tickets last assessed under the policy of this client, by id."""
    query = (
        select(table.c.id)
        .join(assessments, (assessments.c.conn == table.c.conn) & (assessments.c.ticket_id == table.c.id))
        .where(table.c.conn == conn, table.c.is_open, assessments.c.client == client)
        .order_by(table.c.id)
        .limit(limit)
    )
    return list(await tx.scalars(query))


async def company_of(tx: AsyncConnection, conn: str, client: str) -> str:
    """The PSA's key of the company whose ticket this policy client opened last; '' without any ticket."""
    query = (
        select(table.c.doc)
        .join(assessments, (assessments.c.conn == table.c.conn) & (assessments.c.ticket_id == table.c.id))
        .where(table.c.conn == conn, assessments.c.client == sql.clean(client))
        .order_by(table.c.opened_at.desc(), table.c.id)
        .limit(1)
    )
    doc = await tx.scalar(query)
    return "" if doc is None else ticket_from_json(json.loads(doc))[0].client_id


_PUT_WRITTEN = (
    update(table)
    .where(table.c.conn == bindparam("_conn"), table.c.id == bindparam("_id"))
    .values(flags=bindparam("_flags"), own_version=bindparam("_own_version"))
)


async def put_written(
    tx: AsyncConnection, conn: str, id: str, *, flags: Mapping[FlagName, str], own_version: str
) -> None:
    """What the PSA shows after our own write, and the mark it put on that write."""
    given = {"_conn": conn, "_id": id, "_flags": sql.dump(flags), "_own_version": own_version}
    await tx.execute(_PUT_WRITTEN, given)


async def connections_of(tx: AsyncConnection, id: str) -> list[str]:
    """The connections that have a ticket of this number."""
    query = select(table.c.conn).where(table.c.id == sql.clean(id)).order_by(table.c.conn)
    return list(await tx.scalars(query))


async def counts(tx: AsyncConnection) -> dict[str, Totals]:
    """Totals by connection."""
    query = select(table.c.conn, func.count()).group_by(table.c.conn)
    still_open = {row[0]: row[1] for row in await tx.execute(query.where(table.c.is_open))}
    return {conn: Totals(number, still_open.get(conn, 0)) for conn, number in await tx.execute(query)}


def _row(conn: str, stored: StoredTicket) -> sql.Row:
    ticket = stored.ticket
    return {
        "conn": conn,
        "id": ticket.id,
        "client": ticket.client,
        "summary": ticket.summary,
        "group": ticket.group,
        "owner": ticket.owner,
        "status": ticket.status,
        "priority": ticket.priority,
        "url": ticket.url,
        "opened_at": ticket.opened_at,
        "is_open": not (ticket.closed or stored.gone),
        "gone": stored.gone,
        "version": stored.version,
        "updated_by": stored.updated_by,
        "own_version": stored.own_version,
        "observed_at": stored.observed_at or _NEVER,
        "flags": sql.dump(stored.flags),
        "doc": sql.dump(ticket_to_json(ticket)),
    }


def _stored(ticket: Ticket, row: Row[Any]) -> StoredTicket:
    return StoredTicket(
        ticket=ticket,
        version=row.version,
        updated_by=row.updated_by,
        flags=json.loads(row.flags),
        observed_at=None if row.observed_at == _NEVER else row.observed_at,
        own_version=row.own_version,
        gone=row.gone,
    )
