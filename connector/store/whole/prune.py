"""Prune: what was over so long ago that nobody wants it any more leaves the store, a little at a time.

A ticket goes with all that hangs on it, but for its ratings, which PX counts, its canary, by which we may
write, and what we opened in the PSA ourselves. If somebody touches the ticket in the PSA after all, it is
read again as any other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import sql
from connector.store.schema import (
    assessments,
    events,
    history,
    notices,
    outbox,
    quarantine,
    ratings,
    surveys,
    tickets,
)
from connector.store.schema_running import breaches, strangers
from connector.store.store import Store
from connector.ticketlog import ticket_from_json

BITE = 200
"""Tickets, and ratings, that go in one transaction."""

_WITH_TICKET = (
    *(events, assessments, history, outbox, surveys, notices, quarantine),
    *(breaches, strangers),
)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long after its end a ticket is kept, and a rating after it was given; None: for ever."""

    tickets: timedelta | None = None
    ratings: timedelta | None = None

    @classmethod
    def days(cls, tickets: int | None, ratings: int | None) -> Keep:
        return cls(*(None if days is None else timedelta(days=days) for days in (tickets, ratings)))


async def bite(tx: AsyncConnection, conn: str, keep: Keep, now: datetime, limit: int = BITE) -> Counter[str]:
    """Let go of up to `limit` tickets and as many ratings and surveys; the rows that went, by table.

    Nothing went: nothing is left to go.
    """
    gone: Counter[str] = Counter()
    if keep.tickets is not None:
        ids = await over(tx, conn, now - keep.tickets, limit)
        for part in sql.parts(ids):
            gone["tickets"] += await _drop(tx, tickets, tickets.c.conn == conn, tickets.c.id.in_(part))
            for table in _WITH_TICKET:
                same = (table.c.conn == conn, table.c.ticket_id.in_(part))
                gone[table.name] += await _drop(tx, table, *same)
    if keep.ratings is not None:
        for table, old in _stale(conn, now - keep.ratings):
            key = list(table.primary_key.columns)
            rows = [tuple(row) for row in await tx.execute(select(*key).where(old).limit(limit))]
            if rows:
                gone[table.name] += await _drop(tx, table, tuple_(*key).in_(rows))
    return +gone


async def over(tx: AsyncConnection, conn: str, before: datetime, limit: int, after: str = "") -> list[str]:
    """The first tickets, by id, that ended before an instant: closed, or found gone from the PSA."""
    found: list[str] = []
    columns = (tickets.c.id, tickets.c.doc, tickets.c.observed_at)
    closed = select(*columns).where(tickets.c.conn == conn, ~tickets.c.is_open, tickets.c.opened_at < before)
    while len(found) < limit:
        page = (await tx.execute(closed.where(tickets.c.id > after).order_by(tickets.c.id).limit(BITE))).all()
        found += [id for id, doc, seen in page if _ended(doc, seen) < before]
        if len(page) < BITE:
            break
        after = page[-1].id
    return found[:limit]


async def prune(store: Store, conns: Sequence[str], keep: Keep, now: datetime) -> Counter[str]:
    """Bite by bite until nothing is left to go."""
    gone: Counter[str] = Counter()
    for conn in conns:
        while True:
            async with store.begin(of=conn) as tx:
                went = await bite(tx, conn, keep, now)
            gone += went
            if not went:
                break
    return gone


async def planned(store: Store, conns: Sequence[str], keep: Keep, now: datetime) -> Counter[str]:
    """The rows that `prune` would let go, by table; not the ratings of the tickets that go with it."""
    found: Counter[str] = Counter()
    async with store.read() as tx:
        for conn in conns:
            ids = await over(tx, conn, now - keep.tickets, 10**9) if keep.tickets is not None else []
            found["tickets"] += len(ids)
            for part in sql.parts(ids):
                for table in _WITH_TICKET:
                    same = and_(table.c.conn == conn, table.c.ticket_id.in_(part))
                    found[table.name] += await tx.scalar(select(func.count()).where(same)) or 0
            for table, old in _stale(conn, now - keep.ratings) if keep.ratings is not None else ():
                found[table.name] += await tx.scalar(select(func.count()).where(old)) or 0
    return +found


def _stale(conn: str, before: datetime) -> list[tuple[Table, ColumnElement[bool]]]:
    """Ratings of no ticket that is still here (or they would be entered again), and yearly surveys."""
    here = exists().where(tickets.c.conn == ratings.c.conn, tickets.c.id == ratings.c.ticket_id)
    alone = or_(ratings.c.ticket_id == "", ~here)
    settled = and_(ratings.c.conn == conn, ratings.c.at < before, ratings.c.verdict != "waiting", alone)
    asked = and_(surveys.c.conn == conn, surveys.c.at < before, surveys.c.ticket_id == "")
    return [(ratings, settled), (surveys, asked)]


def _ended(doc: str, seen: datetime) -> datetime:
    """When it was closed; when it was last seen, where the PSA does not say."""
    try:
        ticket, _ = ticket_from_json(json.loads(doc))
    except ValueError:
        return seen
    return ticket.closed_at or ticket.resolved_at or seen


async def _drop(tx: AsyncConnection, table: Table, *where: ColumnElement[bool]) -> int:
    return (await tx.execute(delete(table).where(*where))).rowcount
