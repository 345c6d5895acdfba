"""Tickets of the store judged as of an instant: what a statement and a review look back upon.

The same rules and facts as the daemon's, without what came after the instant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.clients import ClientBook
from connector.history.earlier import former, verdicts
from connector.history.ours import ours
from connector.model import Assessment, BucketClock, BucketName, Ticket, Timeline
from connector.rules.assess import assess
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.templates import sightings
from connector.rules.policy import Policy
from connector.store import assessments, events, people, rulings, stages, templates, tickets


@dataclass(frozen=True, slots=True)
class Judged:
    ticket: Ticket
    timeline: Timeline
    answer: Assessment


async def judged(
    tx: AsyncConnection, conn: str, ids: Iterable[str], policy: Policy, book: ClientBook, at: datetime
) -> tuple[list[Judged], int]:
    """These tickets as they stood at `at`, and how many could not be judged.

    Left out: what was opened later, what the PSA no longer has, and tickets we opened ourselves.
    """
    numbers = sorted(set(ids))
    rows = [row for row in (await tickets.load(tx, conn, numbers)).values() if not row.gone]
    mine = await ours(tx, conn, [row.ticket for row in rows])
    wanted = [row.ticket for row in rows if row.ticket.id not in mine and row.ticket.opened_at <= at]
    known = [ticket.id for ticket in wanted]
    timelines = await events.timelines(tx, conn, known)
    seen = {one.line for ticket in known for one in sightings(ticket, timelines.get(ticket, ()))}
    learnt = Learnt(await templates.known(tx, conn, seen), await rulings.in_force(tx, conn))
    last = await assessments.load(tx, conn, known)
    stage_of = await stages.get(tx, conn)
    desk = await people.get(tx, conn)

    def judge() -> tuple[list[Judged], int]:
        done: list[Judged] = []
        for ticket in wanted:
            timeline = timelines.get(ticket.id, ())
            try:
                answer = assess(
                    ticket,
                    timeline,
                    policy,
                    at,
                    learnt=learnt,
                    former=former(book, conn, timeline),
                    before=_ended(verdicts(last.get(ticket.id), policy), at),
                    stage_of=stage_of,
                    desk=desk,
                )
            except (ValueError, OverflowError):
                continue
            done.append(Judged(ticket, timeline, answer))
        return done, len(wanted) - len(done)

    return await asyncio.to_thread(judge)


def _ended(before: dict[BucketName, BucketClock], at: datetime) -> dict[BucketName, BucketClock]:
    """Of the clocks of a later assessment those that had ended by then."""
    return {name: one for name, one in before.items() if one.done_at is not None and one.done_at <= at}
