"""The ticket card: why every number of one ticket is what it is, line by line, for whoever asks on the board.

The lines are those of `px-connector explain`. Nothing can be changed here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
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
from connector.history.lookup import Found, account
from connector.web.deps import WebDeps
from connector.web.filters import LENGTH
from connector.web.pages import page

FIRST, LAST = 100, 200
"""Facts shown of a long story: its beginning, where promises are won or lost, and what came last."""


class Card:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def show(self, request: Request) -> Response:
        """GET /ticket?connection=…&id=…: 404 with the reason where there is nothing to tell."""
        connection, ticket = (request.query_params.get(name, "")[:LENGTH] for name in ("connection", "id"))
        now = self._deps.now()
        try:
            found = await account(self._deps.store, self._deps.clients(), connection, ticket, now)
        except NotFound as error:
            return self._page(404, trouble=str(error))
        except (ValueError, OverflowError) as error:
            return self._page(200, trouble=f"Ticket {ticket} cannot be judged: {error}")
        return await asyncio.to_thread(lambda: self._page(200, trouble="", **values(found, now)))

    def _page(self, status: int, **shown: Any) -> Response:
        return page("ticket.html", status=status, title=self._deps.title, page="ticket", **shown)


def values(found: Found, now: datetime) -> dict[str, Any]:
    """What the page shows; times are the client's own."""
    ticket, answer, policy = found.ticket, found.assessment, found.policy
    zone = policy.calendar.timezone
    whole = lines(answer, ticket, found.ratings)
    cut = len(whole) > FIRST + LAST
    tell = _teller(zone)
    return {
        "found": found,
        "zone": zone,
        "now": local(now, zone),
        "psa_says": psa_says(answer, ticket, policy),
        "customer_felt": customer_felt(answer),
        "unhappiness": unhappiness(answer, ticket, policy),
        "clocks": [
            (
                name,
                clock,
                duration(clock.elapsed_min),
                duration(clock.target_min),
                local(clock.due_at, zone),
                why,
            )
            for name, clock, why in clocks(answer)
        ],
        "first": [tell(line) for line in (whole[:FIRST] if cut else whole)],
        "left_out": len(whole) - FIRST - LAST if cut else 0,
        "last": [tell(line) for line in whole[-LAST:]] if cut else [],
        "changes": [(local(change.at, zone), change) for change in found.changes[-LAST:]],
    }


def _teller(zone: str) -> Callable[[Line], tuple[str, str, str, str]]:
    return lambda line: (local(line.at, zone), line.what, line.verdict, line.key)
