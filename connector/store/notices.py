"""Notices: every episode that was decided, and every sending that told of some.

A notice stands in exactly one place: `held` until its digest, `put` into one sending, or `suppressed` with
the reason. It is written with the turn that decided it, so whoever is killed after that finds it owed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.rules.notices import EventName
from connector.store import sql
from connector.store.schema import notices as table
from connector.store.schema import sendings, tickets

State = Literal["held", "put", "suppressed"]
SendingState = Literal["owed", "sent", "dead"]
Shown = Literal["held", "owed", "sent", "dead", "suppressed"]
"""Where a notice stands, as people see it: its own state, or that of the message it was put into."""
SendingKind = Literal["notice", "digest"]

LOCK = "notices"
"""Held by whoever counts what a channel was told lately, or gathers what waits: see `sql.hold`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One episode on one channel. `subject`: the ticket's id, or what else it is about.

    `said`: what is told of it, by key: `line`, `summary`, `priority`, `owner`, `url`, `bucket`, `due_at`;
    all of it text, much of it written by strangers.
    """

    id: str
    conn: str
    client: str  # '' where it concerns no client
    subject: str
    ticket_id: str = ""
    event: EventName
    key: str = ""
    channel: str
    at: datetime
    over_at: datetime | None = None
    state: State
    why: str = ""
    due_at: datetime | None = None
    sending: str = ""
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One message on one channel, telling of one subject or of many. `id` is the same at every attempt."""

    id: str
    channel: str
    kind: SendingKind
    since: datetime
    attempts: int = 0
    not_before: datetime
    state: SendingState = "owed"
    error: str = ""
    sent_at: datetime | None = None


async def decide(tx: AsyncConnection, notices: Sequence[Notice], made: Sequence[Sending]) -> None:
    """Keep what was decided, with the sendings of what is told at once."""
    if notices:
        await tx.execute(table.insert(), [_row(notice) for notice in notices])
    if made:
        await tx.execute(sendings.insert(), [_sending_row(sending) for sending in made])


async def known(tx: AsyncConnection, conn: str, subjects: Iterable[str]) -> dict[str, list[Notice]]:
    """What was decided of these, by subject; subjects without any are left out."""
    found: dict[str, list[Notice]] = defaultdict(list)
    for part in sql.parts(subjects):
        query = select(table).where(table.c.conn == conn, table.c.subject.in_(part))
        for row in await tx.execute(query):
            found[row.subject].append(_notice(row))
    return found


async def going(tx: AsyncConnection, conn: str, events: Iterable[EventName]) -> list[Notice]:
    """Episodes of these events that are not over."""
    query = select(table).where(
        table.c.conn == conn, table.c.over_at.is_(None), table.c.event.in_(list(events))
    )
    return [_notice(row) for row in await tx.execute(query)]


async def over(tx: AsyncConnection, ids: Iterable[str], at: datetime | None) -> None:
    """These episodes are over; None: they have come back."""
    for part in sql.parts(ids):
        await tx.execute(update(table).where(table.c.id.in_(part)).values(over_at=at))


async def told_lately(tx: AsyncConnection, channel: str, since: datetime) -> list[datetime]:
    """When this channel was last told something at once, earliest first."""
    query = select(sendings.c.since).where(
        sendings.c.channel == channel, sendings.c.kind == "notice", sendings.c.since > since
    )
    return list(await tx.scalars(query.order_by(sendings.c.since)))


async def digests_due(tx: AsyncConnection, now: datetime, limit: int) -> dict[str, list[Notice]]:
    """What is held and due, by channel, at most so many of each, the longest held first."""
    query = select(table.c.channel).where(table.c.state == "held", table.c.due_at <= now).distinct()
    found: dict[str, list[Notice]] = {}
    for channel in list(await tx.scalars(query)):
        due = (table.c.state == "held", table.c.channel == channel, table.c.due_at <= now)
        rows = await tx.execute(select(table).where(*due).order_by(table.c.at, table.c.id).limit(limit))
        found[channel] = [_notice(row) for row in rows]
    return found


async def put(tx: AsyncConnection, ids: Iterable[str], sending: Sending) -> None:
    """These are told by this sending, which is owed from now on."""
    await tx.execute(sendings.insert(), [_sending_row(sending)])
    for part in sql.parts(ids):
        await tx.execute(update(table).where(table.c.id.in_(part)).values(state="put", sending=sending.id))


async def merge(tx: AsyncConnection, ids: Sequence[str], into: Sending) -> None:
    """What these sendings, of which none was tried, would have told is told by one, owed from now on."""
    await tx.execute(sendings.insert(), [_sending_row(into)])
    for part in sql.parts(ids):
        await tx.execute(update(table).where(table.c.sending.in_(part)).values(sending=into.id))
        await tx.execute(delete(sendings).where(sendings.c.id.in_(part)))


async def suppress(tx: AsyncConnection, ids: Iterable[str], why: str) -> None:
    """These are not told."""
    for part in sql.parts(ids):
        await tx.execute(update(table).where(table.c.id.in_(part)).values(state="suppressed", why=why))


async def owed(tx: AsyncConnection, now: datetime, limit: int) -> list[Sending]:
    """Sendings that may be tried at `now`, the oldest first."""
    query = select(sendings).where(sendings.c.state == "owed", sendings.c.not_before <= now)
    query = query.order_by(sendings.c.since, sendings.c.id).limit(limit)
    return [Sending(**row._mapping) for row in await tx.execute(query)]


async def told_by(tx: AsyncConnection, sending: str) -> list[Notice]:
    """The notices of one sending, in the order they were decided."""
    query = select(table).where(table.c.sending == sending).order_by(table.c.at, table.c.id)
    return [_notice(row) for row in await tx.execute(query)]


async def sent(tx: AsyncConnection, sending: str, at: datetime) -> None:
    await _set(tx, sending, state="sent", sent_at=at, error="")


async def postpone(tx: AsyncConnection, sending: str, *, error: str, not_before: datetime) -> None:
    """It did not get through; try again from `not_before` on."""
    await _set(tx, sending, attempts=sendings.c.attempts + 1, error=error, not_before=not_before)


async def bury(tx: AsyncConnection, sending: str, *, error: str) -> None:
    """It was tried often enough: kept and shown until a person has it tried again."""
    await _set(tx, sending, attempts=sendings.c.attempts + 1, error=error, state="dead")


async def retry(tx: AsyncConnection, sending: str) -> bool:
    """A person wants it tried again, as if for the first time. False if nothing dead has this id."""
    dead = update(sendings).where(sendings.c.id == sending, sendings.c.state == "dead")
    done = await tx.execute(dead.values(state="owed", attempts=0, not_before=sendings.c.since))
    return bool(done.rowcount)


async def listed(
    tx: AsyncConnection, *, state: Shown | Literal[""] = "", limit: int = 200
) -> list[tuple[Notice, Sending | None]]:
    """Notices with the sending that told them, the newest first; '' does not restrict."""
    query = select(table).order_by(table.c.at.desc(), table.c.id).limit(limit)
    if state in ("held", "suppressed"):
        query = query.where(table.c.state == state)
    elif state:
        of_state = select(sendings.c.id).where(sendings.c.state == state)
        query = query.where(table.c.sending.in_(of_state))
    found = [_notice(row) for row in await tx.execute(query)]
    by_id: dict[str, Sending] = {}
    for part in sql.parts(notice.sending for notice in found if notice.sending):
        for row in await tx.execute(select(sendings).where(sendings.c.id.in_(part))):
            by_id[row.id] = Sending(**row._mapping)
    return [(notice, by_id.get(notice.sending)) for notice in found]


async def counts(tx: AsyncConnection) -> dict[tuple[str, str], int]:
    """How many notices stand where, by channel and state: held, suppressed, owed, sent, dead."""
    here = select(table.c.channel, table.c.state, func.count()).group_by(table.c.channel, table.c.state)
    there = (
        select(table.c.channel, sendings.c.state, func.count())
        .join(sendings, sendings.c.id == table.c.sending)
        .group_by(table.c.channel, sendings.c.state)
    )
    rows = [*await tx.execute(here.where(table.c.state != "put")), *await tx.execute(there)]
    return {(str(channel), str(state)): int(number) for channel, state, number in rows}


async def tidy(tx: AsyncConnection, now: datetime, before: datetime) -> None:
    """Episodes of tickets that are no longer open are over; what was settled before `before` goes."""
    still_open = select(tickets.c.id).where(tickets.c.conn == table.c.conn, tickets.c.is_open)
    on_tickets = (table.c.ticket_id != "", table.c.event.not_in(["followup_due", "followup_late"]))
    ended = (*on_tickets, table.c.over_at.is_(None), table.c.ticket_id.not_in(still_open))
    await tx.execute(update(table).where(*ended).values(over_at=now))
    old = select(sendings.c.id).where(sendings.c.state == "sent", sendings.c.since < before)
    gone = (table.c.over_at < before, table.c.state == "suppressed")
    await tx.execute(delete(table).where(*gone))
    await tx.execute(delete(table).where(table.c.over_at < before, table.c.sending.in_(old)))
    empty = sendings.c.id.not_in(select(table.c.sending))
    await tx.execute(delete(sendings).where(sendings.c.state == "sent", sendings.c.since < before, empty))


async def _set(tx: AsyncConnection, sending: str, **values: Any) -> None:
    await tx.execute(update(sendings).where(sendings.c.id == sending).values(values))


_COLUMNS = [column.name for column in table.c if column.name != "said"]


def _row(notice: Notice) -> sql.Row:
    return {name: getattr(notice, name) for name in _COLUMNS} | {"said": sql.dump(notice.said)}


def _notice(row: Row[Any]) -> Notice:
    return Notice(**{name: row._mapping[name] for name in _COLUMNS}, said=json.loads(row.said))


def _sending_row(sending: Sending) -> sql.Row:
    return {column.name: getattr(sending, column.name) for column in sendings.c}
