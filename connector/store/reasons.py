"""Why a connection should turn, and when: all of it asked in one question, since every turn ends with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.schema import assessments, errands, inbox, outbox


@dataclass(frozen=True, slots=True)
class Reasons:
    """`heard`: a webhook waits. The others are the first instants, None where there is nothing to do."""

    heard: bool
    timer: datetime | None  # an answer changes by itself
    write: datetime | None  # an owed write may be tried
    errand: datetime | None  # an owed errand may be tried; one that waits for another does not count


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
    parts = (one.scalar_subquery() for one in (waiting, timer, write, errand))
    return select(*parts)


_QUESTION = _question()
"""Put together once: that takes longer than to ask it."""


async def find(tx: AsyncConnection, conn: str) -> Reasons:
    row = (await tx.execute(_QUESTION, {"conn": conn})).one()
    return Reasons(row[0] is not None, row[1], row[2], row[3])
