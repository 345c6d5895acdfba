"""Which tickets we opened ourselves: no customer waits for an answer on them, and nobody rates them.

Told by their id where we know it, and by the mark in their summary in the moment before: a ticket may be
read again before we have noted that it was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import Assessment, PsaVerdict, Ticket
from connector.rules.policy import Policy
from connector.store import errands

WHY = "opened by px-connector"
_MARK = re.compile(r"\bpx-[0-9a-f]{12}\b")


async def ours(tx: AsyncConnection, conn: str, tickets: Iterable[Ticket]) -> set[str]:
    """The ids of those among these tickets that we opened."""
    marks = {ticket.id: set(_MARK.findall(ticket.summary)) for ticket in tickets}
    found = await errands.opened(tx, conn, marks)
    named = {mark for some in marks.values() for mark in some}
    known = await errands.wanted(tx, conn, named) if named else set()
    return found | {ticket_id for ticket_id, some in marks.items() if some & known}


def apart(ticket: Ticket, policy: Policy, at: datetime) -> Assessment:
    """Such a ticket's assessment: no clocks, no flags."""
    return Assessment(
        ticket_id=ticket.id,
        client=policy.client,
        at=at,
        policy=policy.digest,
        buckets={},
        psa=PsaVerdict(),
        messages=(),
        timeline=(),
        excluded=WHY,
        timezone=policy.calendar.timezone,
    )
