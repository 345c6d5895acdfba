"""Learning a connection's risk model from its own store: its newest tickets, a part at a time.

Reading is left to the event loop and calculating to a thread, so that a daemon goes on serving.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from connector.clients import ClientBook
from connector.model import Timeline
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.templates import sightings
from connector.rules.learning import Learner
from connector.rules.risk import Model
from connector.store import events, models, rulings, templates, tickets
from connector.store.store import Store
from connector.store.tickets import StoredTicket

NEWEST = 5_000
"""Tickets of a connection that are learnt from: enough for a steady answer, few enough to follow the desk."""

_PART = 100


async def learn(store: Store, conn: str, book: ClientBook, now: datetime) -> Model:
    """Learn from the tickets known as of `now`, and keep what was learnt in the store."""
    learner = Learner(now)
    async for rows, timelines, learnt in parts(store, conn):
        await asyncio.to_thread(_add, learner, conn, book, rows, timelines, learnt)
    model = await asyncio.to_thread(learner.model)
    async with store.begin(of=conn) as tx:
        await models.put(tx, conn, model, now)
    return model


async def parts(
    store: Store, conn: str
) -> AsyncIterator[tuple[Sequence[StoredTicket], Mapping[str, Timeline], Learnt]]:
    """The newest tickets of a connection, a part at a time, with what is known of their texts."""
    async with store.read() as tx:
        ids = await tickets.newest(tx, conn, NEWEST)
    for start in range(0, len(ids), _PART):
        part = ids[start : start + _PART]
        async with store.read() as tx:
            rows = await tickets.load(tx, conn, part)
            timelines = await events.timelines(tx, conn, part)
            seen = {one.line for id, timeline in timelines.items() for one in sightings(id, timeline)}
            learnt = Learnt(await templates.known(tx, conn, seen), await rulings.in_force(tx, conn))
        yield list(rows.values()), timelines, learnt


def _add(
    learner: Learner,
    conn: str,
    book: ClientBook,
    rows: Sequence[StoredTicket],
    timelines: Mapping[str, Timeline],
    learnt: Learnt,
) -> None:
    for row in rows:
        ticket = row.ticket
        policy = None if row.gone else book.for_ticket(conn, ticket.client, ticket.client_id)
        if policy is None:
            continue
        try:
            learner.add(ticket, timelines.get(ticket.id, ()), policy, learnt)
        except (ValueError, OverflowError):  # dates that cannot be: set aside and shown by the daemon
            continue
