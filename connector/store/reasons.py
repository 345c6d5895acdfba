"""Why a connection should turn, and when: all of it one question, as every turn begins and ends with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.schema import (
    assessments,
    errands,
    inbox,
    outbox,
    quarantine,
    ratings,
    rulings,
    tickets,
)


@dataclass(frozen=True, slots=True)
class Reasons:
    """`heard`: a webhook waits. Instants are the first of their kind, None where there is nothing to do."""

    heard: bool
    timer: datetime | None  # an answer changes by itself
    write: datetime | None  # an owed write may be tried
    errand: datetime | None  # an owed errand may be tried; one that waits for another does not count
    rating: bool  # one waits, if only for its ticket
    unseen: datetime | None  # when the open ticket was read that was not read for the longest
    complaint: datetime | None  # when something malformed that names a ticket was first seen
    ruled: bool  # people have ruled about authors or texts
    opened: bool  # tickets of our own were wanted

    def in_the_store(self, now: datetime) -> bool:
        """Whether there is something to do that asks the PSA nothing."""
        return self.rating or is_past(self.timer, now) or is_past(self.write, now)


def is_past(at: datetime | None, now: datetime) -> bool:
    """Whether there is such an instant, and it has come."""
    return at is not None and at <= now


def _question() -> Select[Any]:
    conn: BindParameter[str] = bindparam("conn")
    above = errands.alias("above")
    waiting = select(inbox.c.id).where(inbox.c.conn == conn, inbox.c.waiting).order_by(inbox.c.id).limit(1)
    timer = select(func.min(assessments.c.next_at)).where(assessments.c.conn == conn)
    write = select(func.min(outbox.c.not_before)).where(outbox.c.conn == conn, outbox.c.state == "owed")
    errand = (
        select(func.min(errands.c.not_before))
        .outerjoin(above, (above.c.conn == errands.c.conn) & (above.c.mark == errands.c.under))
        .where(errands.c.conn == conn, errands.c.state == "owed")
        .where(or_(errands.c.under == "", above.c.ticket_id != ""))
    )
    rating = select(ratings.c.key).where(ratings.c.conn == conn, ratings.c.verdict == "waiting").limit(1)
    unseen = select(func.min(tickets.c.observed_at)).where(tickets.c.conn == conn, tickets.c.is_open)
    complaint = select(func.min(quarantine.c.first_at))
    complaint = complaint.where(quarantine.c.conn == conn, quarantine.c.ticket_id != "")
    ruled = select(rulings.c.id).where(rulings.c.conn == conn, rulings.c.withdrawn_at.is_(None)).limit(1)
    opened = select(errands.c.mark).where(errands.c.conn == conn, errands.c.kind == "ticket").limit(1)
    every = (waiting, timer, write, errand, rating, unseen, complaint, ruled, opened)
    return select(*(one.scalar_subquery() for one in every))


_QUESTION = _question()
"""Put together once: that takes longer than to ask it."""


async def find(tx: AsyncConnection, conn: str) -> Reasons:
    row = (await tx.execute(_QUESTION, {"conn": conn})).one()
    heard, timer, write, errand, rating, unseen, complaint, ruled, opened = row
    return Reasons(
        heard is not None,
        timer,
        write,
        errand,
        rating is not None,
        unseen,
        complaint,
        ruled is not None,
        opened is not None,
    )
