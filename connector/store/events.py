"""Timelines. A fact has an identity (connection, ticket, key), so reading it twice changes nothing."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

import structlog
from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import Event, Rating, Timeline
from connector.store import sql
from connector.store.schema import events as table
from connector.ticketlog import event_from_json, event_to_json

_Key = tuple[str, str]  # ticket, event
_THESE = (table.c.conn == bindparam("conn"), table.c.ticket_id.in_(bindparam("ids", expanding=True)))
_TIMELINES = select(table.c.ticket_id, table.c.at, table.c.key, table.c.doc).where(*_THESE)
_DOCS = select(table.c.ticket_id, table.c.key, table.c.doc).where(*_THESE)
_log = structlog.get_logger(__name__)


async def merge(
    tx: AsyncConnection,
    conn: str,
    events: Sequence[tuple[str, Event]],
    complete: Collection[str] = (),
    replaceable_prefixes: Sequence[str] = (),
) -> set[str]:
    """Bring facts in; returns the ids of the tickets whose timeline really changed.

    New facts are added, changed ones replaced, equal ones ignored. For a ticket in `complete`, stored
    facts that are not in this batch and whose key starts with one of `replaceable_prefixes` are
    deleted: the PSA no longer has them. A fact without a key is known by its content.
    """
    fresh = _rows(conn, events)
    whole = {sql.clean(ticket) for ticket in complete}
    stored = await _docs(tx, conn, {ticket for ticket, _ in fresh} | whole)
    new = [row for key, row in fresh.items() if stored.get(key) != row["doc"]]
    prefixes = tuple(replaceable_prefixes)
    lost = [key for key in stored if key[0] in whole and key not in fresh and key[1].startswith(prefixes)]
    await sql.put_rows(tx, table, new)
    if lost:
        await tx.execute(_DELETE, [{"_conn": conn, "_ticket": ticket, "_key": key} for ticket, key in lost])
    changed = {row["ticket_id"] for row in new} | {ticket for ticket, _ in lost}
    return {id for id in {*complete, *(ticket for ticket, _ in events)} if sql.clean(id) in changed}


async def timelines(tx: AsyncConnection, conn: str, ids: Iterable[str]) -> dict[str, Timeline]:
    """The timeline of each of `ids`, ordered by (at, key); empty for a ticket without facts."""
    found: dict[str, Timeline] = {}
    for part in sql.parts(ids):
        rows = await tx.execute(_TIMELINES, {"conn": conn, "ids": part})
        facts: dict[str, list[tuple[datetime, str, str]]] = {}
        for ticket, at, key, doc in rows:
            facts.setdefault(ticket, []).append((at, key, doc))
        for id in part:
            ordered = sorted(facts.get(sql.clean(id), ()))
            found[id] = tuple(event for _, _, doc in ordered if (event := _event(id, doc)) is not None)
    return found


async def find(tx: AsyncConnection, key: str) -> list[tuple[str, str, Event]]:
    """The facts of this key, each with its connection and ticket: one, unless keys repeat between them."""
    query = select(table.c.conn, table.c.ticket_id, table.c.doc).where(table.c.key == sql.clean(key))
    rows = await tx.execute(query.order_by(table.c.conn, table.c.ticket_id))
    return [(conn, ticket, event) for conn, ticket, doc in rows if (event := _event(ticket, doc)) is not None]


def key_of(event: Event, doc: str) -> str:
    """What a fact is known by: its own key, or what its `doc` says."""
    return sql.clean(event.key) or "anon:" + blake2b(doc.encode(), digest_size=16).hexdigest()


_DELETE = delete(table).where(
    table.c.conn == bindparam("_conn"),
    table.c.ticket_id == bindparam("_ticket"),
    table.c.key == bindparam("_key"),
)


def _rows(conn: str, events: Sequence[tuple[str, Event]]) -> Mapping[_Key, sql.Row]:
    rows: dict[_Key, sql.Row] = {}
    for id, event in events:
        ticket, doc = sql.clean(id), sql.canonical(event_to_json(event))
        key = key_of(event, doc)
        rows[ticket, key] = {
            "conn": conn,
            "ticket_id": ticket,
            "key": key,
            "at": event.at,
            "is_rating": isinstance(event, Rating),
            "doc": doc,
        }
    return rows


def _event(ticket: str, doc: str) -> Event | None:
    """The fact; None, and a line in the log, if it holds what no timeline can: a date of the year 1, say."""
    try:
        return event_from_json(json.loads(doc))
    except ValueError as error:
        _log.warning("a stored fact cannot be read and is left out", ticket=ticket, error=str(error))
        return None


async def _docs(tx: AsyncConnection, conn: str, ids: Iterable[str]) -> dict[_Key, str]:
    docs: dict[_Key, str] = {}
    for part in sql.parts(ids):
        rows = await tx.execute(_DOCS, {"conn": conn, "ids": part})
        docs.update({(ticket, key): doc for ticket, key, doc in rows})
    return docs
