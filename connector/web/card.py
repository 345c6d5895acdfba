"""The ticket card: why every number of one ticket is what it is, line by line, for whoever asks on the board.

The lines are those of `px-connector explain`. Nothing can be changed here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from connector.errors import NotFound
from connector.history.explain import (
    Line,
    clocks,
    customer_felt,
    duration,
    lines,
    local,
    psa_says,
    unhappiness,
)
from connector.history.keeping import promised, stopped
from connector.history.lookup import Found, account
from connector.history.risks import Risk
from connector.model import BucketClock
from connector.store.ratings import Entry
from connector.web.axis import NARROWER
from connector.web.deps import WebDeps
from connector.web.filters import LENGTH
from connector.web.lanes import felt_words
from connector.web.pages import page
from connector.web.timeline import layout
from connector.web.timeline_svg import drawn, legend

FIRST, LAST = 100, 200
"""Facts shown of a long story: its beginning, where promises are won or lost, and what came last."""
LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the story as the table shows it; a mark of the time line leads to `id`."""

    id: str
    at: str
    what: str
    verdict: str
    key: str


class Card:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def show(self, request: Request) -> Response:
        """GET /ticket?connection=…&id=…: 404 with the reason where there is nothing to tell."""
        connection, ticket = (request.query_params.get(name, "")[:LENGTH] for name in ("connection", "id"))
        now = self._deps.now()
        try:
            found = await account(self._deps.store, self._deps.clients(), connection, ticket, now)
            shown = await asyncio.to_thread(values, found, now)
        except NotFound as error:
            return self._page(404, trouble=str(error))
        except (ValueError, OverflowError) as error:
            return self._page(200, trouble=f"Ticket {ticket} cannot be judged: {error}")
        return await asyncio.to_thread(lambda: self._page(200, trouble="", **shown))

    def _page(self, status: int, **shown: Any) -> Response:
        return page("ticket.html", status=status, title=self._deps.title, page="ticket", **shown)


def values(found: Found, now: datetime) -> dict[str, Any]:
    """What the page shows; times are the client's own. ValueError where its calendar cannot tell."""
    ticket, answer, policy = found.ticket, found.assessment, found.policy
    zone = policy.calendar.timezone
    story = lines(answer, ticket, found.ratings)
    cut = len(story) > FIRST + LAST
    last = len(story) - LAST
    told = [_told(number, line, zone) for number, line in enumerate(story)]
    time_line = layout(answer, ticket, policy, story, now)

    def due(clock: BucketClock) -> str:
        return local(clock.due_at, zone)

    def anchor(number: int) -> str:
        return told[number].id if not cut or number < FIRST or number >= last else LEFT_OUT

    return {
        "found": found,
        "zone": zone,
        "now": local(now, zone),
        "psa_says": psa_says(answer, ticket, policy),
        "customer_felt": customer_felt(answer),
        "unhappiness": unhappiness(answer, ticket, policy),
        "words_given": promised(answer),
        "stops": stopped(answer),
        "risks": [_risk(one) for one in found.risks],
        "bad_word": _bad_word(found, zone),
        "zone_felt": answer.buckets["response"].zone,
        "clocks": [
            (name, clock, duration(clock.target_min), felt_words(bucket, clock), due(clock), why)
            for bucket, name, clock, why in clocks(answer)
        ],
        "drawing": drawn(time_line, anchor),
        "legend": legend(time_line),
        "narrower": NARROWER if time_line.axis.narrowed else 0,
        "first": told[:FIRST] if cut else told,
        "left_out": last - FIRST if cut else 0,
        "last": told[last:] if cut else [],
        "changes": [(local(change.at, zone), change) for change in found.changes[-LAST:]],
    }


def _told(number: int, line: Line, zone: str) -> Told:
    return Told(f"f-{number}", local(line.at, zone), line.what, line.verdict, line.key)


def _risk(one: Risk) -> str:
    """The chance of a miss with its reasons; without a model only what is used, which is no chance."""
    reasons = ", ".join(one.reasons)
    if not one.learnt:
        return f"{one.bucket}: {reasons}; nothing is learnt of this promise yet"
    return f"{one.bucket}: {100 * one.chance:.0f} % likely to be missed ({reasons})"


def _bad_word(found: Found, zone: str) -> tuple[str, Entry] | None:
    """The client's last unhappy answer that says why, and when it was given."""
    entry = found.feeling.unhappy if found.feeling else None
    return None if entry is None else (local(entry.rating.at, zone), entry)
