"""The promises a client was not kept in a window, and in whose hands the time went by: evidence for a review.

Read within the transaction that opens the review, so it is bounded: the latest tickets are looked at, and it
is said where there are more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.clients import ClientBook
from connector.history.judging import judged
from connector.model import BUCKETS, BucketName, Ticket
from connector.rules.assess import too_early
from connector.rules.causes import WORDS, Cause, Share, causes, pareto
from connector.rules.policy import Policy
from connector.store import assessments

TICKETS = 200
"""With a missed promise, the newest first."""
NAMED = 8  # tickets of one cause


@dataclass(frozen=True, slots=True)
class Miss:
    """One promise that was not kept, when its time ran out, and in whose hands it went by."""

    ticket: Ticket
    at: datetime
    cause: Cause


@dataclass(frozen=True, slots=True)
class Misses:
    """How many by promise, and by cause the most frequent first. `more`: only TICKETS were looked at.

    `each` of them, the newest first.
    """

    by_bucket: tuple[tuple[BucketName, int], ...] = ()
    by_cause: tuple[Share, ...] = ()
    more: bool = False
    each: tuple[Miss, ...] = ()

    def told(self) -> Iterator[str]:
        """In plain lines."""
        if not self.by_bucket:
            yield "No promise was missed in the window that we know of."
            return
        some = f" (of the {TICKETS} newest tickets with a missed promise)" if self.more else ""
        yield f"Promises missed in the window{some}: " + ", ".join(
            f"{bucket} {count}" for bucket, count in self.by_bucket
        )
        yield "Why, by whose hands most of their time went by in:"
        for share in self.by_cause:
            ids = ", ".join(share.tickets[:NAMED])
            rest = len(share.tickets) - NAMED
            yield (
                f"- {WORDS[share.kind]}: {share.misses}, so far {100 * share.so_far:.0f} % "
                f"(tickets {ids}{f' and {rest} more' if rest > 0 else ''})"
            )


async def misses(
    tx: AsyncConnection, conn: str, policy: Policy, book: ClientBook, since: datetime, until: datetime
) -> Misses:
    """Those of (since, until], as they stood at `until`."""
    ids = await assessments.missed(tx, conn, policy.client, since, until, TICKETS + 1)
    answers, _ = await judged(tx, conn, ids[:TICKETS], policy, book, until)
    each: list[Miss] = []
    for one in answers:
        if one.answer.excluded or too_early(one.ticket, policy):
            continue
        target = policy.target(one.ticket.priority)
        calendar = policy.calendar if target is None else target.calendar
        for cause in causes(one.ticket, one.answer, calendar):
            at = one.answer.buckets[cause.bucket].missed_at
            if at is not None and since < at <= until:
                each.append(Miss(one.ticket, at, cause))
    found = [miss.cause for miss in each]
    counts = {bucket: sum(cause.bucket == bucket for cause in found) for bucket in BUCKETS}
    return Misses(
        by_bucket=tuple((bucket, count) for bucket, count in counts.items() if count),
        by_cause=tuple(pareto(found)),
        more=len(ids) > TICKETS,
        each=tuple(sorted(each, key=lambda miss: miss.at, reverse=True)),
    )
