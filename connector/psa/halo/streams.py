"""Polling: what changed since the last time, with an overlap, resumable in the middle.

A window of changed tickets is read twice: the open ones, and then the closed ones, because "open" leaves
out what was closed meanwhile. The next window begins an overlap before this one did, so whatever changed
while it was read comes again. Surveys cannot be asked for by change: they are read as a whole, seldom.
Deleted tickets have a list of their own. Source: facts §3, §9.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from connector.errors import AuthFailed, NotFound
from connector.psa.halo.api import Page
from connector.psa.halo.deletions import DELETIONS, read_deletions
from connector.psa.halo.feedback import Scale, rating
from connector.psa.halo.pages import CAP, Place
from connector.psa.halo.past import AWAY
from connector.psa.halo.reading import read_facts, read_tickets
from connector.psa.halo.session import Session
from connector.psa.halo.values import ident, stamp
from connector.psa.port import Batch, Cursor
from connector.psa.transport import Forbidden
from connector.psa.values import instant

FEEDBACK = "feedback"
START = Place()
SELDOM = timedelta(minutes=15)
"""How often what can only be read as a whole is read. Nothing is due later but by a clock that was ahead."""

LATE = timedelta(days=14)
"""How long after a click its comment may still come."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is being read: changes after `since` (None: all open tickets), in pages of `size` from `place`."""

    since: datetime
    until: datetime  # our clock when the window was opened: the next one starts an overlap before it
    closed: bool = False  # the second pass
    first: bool = False  # the back-fill: every open ticket, however old
    size: int = CAP
    place: Place = START

    def cursor(self) -> Cursor:
        place = self.place
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "closed": self.closed,
            "first": self.first,
            "size": self.size,
            "page": [place.number, place.read, place.first, place.total],
        }


def window(cursor: Cursor | None, now: datetime, backfill_start: datetime, size: int) -> Window:
    """Where to read on. A cursor that cannot be read starts again from the back-fill."""
    stored = cursor or {}
    since, until = instant(stored, "since"), instant(stored, "until")
    if since is None:
        return Window(backfill_start, now, first=True, size=size)
    if until is None:
        return Window(since, now, size=size)
    place, kept = _place(stored.get("page")), ident(stored, "size")
    if place is None or not kept:
        return Window(since, until, first=stored.get("first") is True, size=size)
    closed, first = stored.get("closed") is True, stored.get("first") is True
    return Window(since, until, closed, first, kept, place)


def query(here: Window, fields: Collection[int]) -> dict[str, Any]:
    """The parameters of one pass. Names that Halo does not know it ignores silently: tests pin these."""
    wanted: dict[str, Any] = {
        "order": "id",
        "domain": "reqs",
        "includestatus": True,
        "includetickettype": True,
        "closed_only" if here.closed else "open_only": True,
    }
    if here.closed or not here.first:
        wanted["lastupdatefromdate"] = stamp(here.since)
    if fields:
        wanted["include_custom_fields"] = ",".join(str(number) for number in sorted(fields))
    return wanted


class Streams:
    """The polled streams of one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def poll(self, stream: str, cursor: Cursor | None, now: datetime, limit: int) -> Batch:
        """Read on in a stream: at most `limit` tickets, and a cursor from which to go on."""
        session = self._session
        session.now = now
        if stream == "tickets":
            return await self._tickets(cursor, now, limit)
        due = instant(cursor or {}, "due")
        if stream in session.off or (due is not None and now < due <= now + SELDOM):
            return Batch(cursor=cursor)
        try:
            if stream == DELETIONS:
                return await read_deletions(session, cursor or {}, now)
            return await self._feedback(cursor or {}, now)
        except (Forbidden, NotFound) as error:
            session.switch_off(stream, error)
            return Batch(cursor=cursor)

    async def _tickets(self, cursor: Cursor | None, now: datetime, limit: int) -> Batch:
        """A page; both passes at once where there is little to read, as there is after a minute."""
        session = self._session
        here = window(cursor, now, session.backfill_start(now), max(1, min(limit, session.api.size)))
        batch, page = await self._page(here, now)
        if here.closed or page.after is not None:
            return self._at(batch, here, page)
        closed = replace(here, closed=True, place=START)
        if 2 * len(page.rows) > here.size:
            return replace(batch, cursor=closed.cursor(), done=False)
        closed = replace(closed, size=here.size - len(page.rows))
        more, page = await self._page(closed, now)
        both = replace(
            batch,
            snapshots=batch.snapshots + more.snapshots,
            events=batch.events + more.events,
            malformed=batch.malformed + more.malformed,
        )
        return self._at(both, closed, page)

    async def _page(self, here: Window, now: datetime) -> tuple[Batch, Page]:
        session = self._session
        try:
            page = await session.api.page(
                "Tickets", query(here, session.shown_fields()), here.place, size=here.size
            )
        except Forbidden as error:
            raise AuthFailed(f"our API application may not read tickets ({error})") from error
        batch = read_tickets(page.rows, session)
        if await session.met_strangers():
            batch = read_tickets(page.rows, session)
        gap = here.first or now - here.since > session.overlap + AWAY
        session.past.seen(batch.snapshots, None if gap else here.since)
        return batch, page

    def _at(self, batch: Batch, here: Window, page: Page) -> Batch:
        if page.after is not None:
            return replace(batch, cursor=replace(here, place=page.after).cursor(), done=False)
        return replace(batch, cursor={"since": (here.until - self._session.overlap).isoformat()})

    async def _feedback(self, cursor: Cursor, now: datetime) -> Batch:
        """Answers above the high-water mark, and of late again: their comments come later."""
        rows = await self._session.api.whole("Feedback")
        high = ident(cursor, "high")
        since = now - LATE if high else self._session.backfill_start(now)
        fresh = [row for row in rows if _is_fresh(row, high, since)]
        config = self._session.config
        scale = Scale(config.best_score, config.worst_score)
        batch = read_facts(fresh, "feedback", lambda row: rating(row, scale))
        high = max([high, *(ident(row, "id") for row in rows if isinstance(row, dict))])
        return replace(batch, cursor={"due": (now + SELDOM).isoformat(), "high": high})


def _is_fresh(row: object, high: int, since: datetime) -> bool:
    """Worth looking at: new, of late, or not to be understood."""
    if not isinstance(row, dict):
        return True
    at = instant(row, "date")
    return (bool(high) and ident(row, "id") > high) or at is None or at >= since


def _place(stored: Any) -> Place | None:
    if not isinstance(stored, list) or len(stored) != 4:
        return None
    number, read, first, total = stored
    whole = all(type(part) is int for part in (number, read))
    optional = all(part is None or type(part) is int for part in (first, total))
    return Place(number, read, first, total) if whole and optional and number > 0 <= read else None


STREAMS = ("tickets", DELETIONS, FEEDBACK)
