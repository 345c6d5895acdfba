"""Polling: what changed since the last time, with an overlap, resumable in the middle.

A window starts at `since` and is read in order of id, so that rows moving in time are neither skipped
nor lost; the next one starts an overlap before this one did. The window has no upper end: a PSA whose
clock is ahead is not read late. Source: facts §4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.errors import AuthFailed, NotFound
from connector.psa.connectwise.api import Page
from connector.psa.connectwise.conditions import and_, eq, gt, or_
from connector.psa.connectwise.ratings import Ratings
from connector.psa.connectwise.reading import ENTRIES, facts_of, read_tickets
from connector.psa.connectwise.session import Session
from connector.psa.port import Batch, Cursor
from connector.psa.transport import Forbidden
from connector.psa.values import instant


@dataclass(frozen=True, slots=True)
class Window:
    """What a stream is reading: changes after `since`, rows after the id `after` (of `survey`)."""

    since: datetime
    until: datetime  # our clock when the window was opened: the next one starts an overlap before it
    after: int = 0
    survey: int = 0
    first: bool = False

    def cursor(self) -> Cursor:
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "after": self.after,
            "survey": self.survey,
            "first": self.first,
        }

    def finished(self, overlap: timedelta) -> Cursor:
        return {"since": (self.until - overlap).isoformat()}


def window(cursor: Cursor | None, now: datetime, backfill_start: datetime) -> Window:
    """Where to read on. A cursor that cannot be read starts again from the back-fill."""
    stored = cursor or {}
    since, until = instant(stored, "since"), instant(stored, "until")
    if since is None:
        return Window(backfill_start, now, first=True)
    if until is None:
        return Window(since, now)
    after, at_survey = stored.get("after"), stored.get("survey")
    return Window(
        since,
        until,
        after if type(after) is int else 0,
        at_survey if type(at_survey) is int else 0,
        stored.get("first") is True,
    )


class Streams:
    """The polled streams of one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ratings = Ratings(session)

    async def poll(self, stream: str, cursor: Cursor | None, now: datetime, limit: int) -> Batch:
        """Read on in a stream: at most `limit` rows, and a cursor from which to go on."""
        session = self._session
        session.now = now
        here = window(cursor, now, session.backfill_start(now))
        if stream == "tickets":
            return await self._tickets(here, limit)
        if stream in session.off:
            return Batch(cursor=cursor)
        try:
            if stream == "surveys":
                return await self._surveys(here, limit)
            return await self._facts(stream, here, limit)
        except (Forbidden, NotFound) as error:
            session.switch_off(stream, error)
            return Batch(cursor=cursor)

    async def _tickets(self, here: Window, limit: int) -> Batch:
        changed = gt("lastUpdated", here.since)
        where = or_(eq("closedFlag", False), changed) if here.first else changed
        try:
            page = await self._session.api.page("service/tickets", where, after=here.after, size=limit)
        except Forbidden as error:
            raise AuthFailed(f"our API member may not read service tickets ({error})") from error
        batch = read_tickets(page.rows, self._session)
        if await self._session.met_strangers():
            batch = read_tickets(page.rows, self._session)
        return self._at(batch, here, page)

    async def _facts(self, feature: str, here: Window, limit: int) -> Batch:
        """Time or schedule entries of tickets, whoever's they are."""
        session = self._session
        path, of_tickets, _ = ENTRIES[feature]
        where = and_(of_tickets, gt("lastUpdated", here.since))
        page = await session.api.page(path, where, after=here.after, size=limit)
        batch = facts_of(feature, page.rows, session)
        if await session.met_strangers():
            batch = facts_of(feature, page.rows, session)
        return self._at(batch, here, page)

    async def _surveys(self, here: Window, limit: int) -> Batch:
        events, bad, at = await self._ratings.read(here.since, here.survey, here.after, here.until, limit)
        batch = Batch(events=tuple(events), malformed=tuple(bad))
        if at is None:
            return replace(batch, cursor=here.finished(self._session.overlap))
        return replace(batch, cursor=replace(here, survey=at[0], after=at[1]).cursor(), done=False)

    def _at(self, batch: Batch, here: Window, page: Page) -> Batch:
        if page.after is None:
            return replace(batch, cursor=here.finished(self._session.overlap))
        return replace(batch, cursor=replace(here, after=page.after).cursor(), done=False)
