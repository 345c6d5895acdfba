"""Reading survey results: survey by survey, because there is no list of all results (facts §9.1).

With every poll, although they are few: nothing else tells of an unhappy customer, whose deadline runs.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from connector.errors import NotFound
from connector.model import Event
from connector.psa.connectwise.api import Page
from connector.psa.connectwise.conditions import gt
from connector.psa.connectwise.reading import read_facts
from connector.psa.connectwise.session import Session
from connector.psa.connectwise.surveys import Survey, rating, survey
from connector.psa.port import Malformed
from connector.psa.values import Unreadable, numbered

SURVEYS_AGAIN = timedelta(hours=1)
Found = tuple[list[tuple[str, Event]], list[Malformed], tuple[int, int] | None]


class Ratings:
    """The surveys of one connection and their results."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._surveys: list[Survey] = []
        self._asked_at: datetime | None = None

    async def read(self, since: datetime, start: int, after: int, now: datetime, limit: int) -> Found:
        """Results changed after `since`, from survey `start` behind result `after`, about `limit` of them.

        The third value is where to go on (survey, result), None if everything is read.
        """
        events: list[tuple[str, Event]] = []
        bad: list[Malformed] = []
        left = limit
        for of in await self._known(now):
            if of.id < start:
                continue
            position: int | None = after if of.id == start else 0
            while position is not None:
                if left <= 0:
                    return events, bad, (of.id, position)
                page = await self._page(of, since, position, left)
                found = read_facts(page.rows, "survey result", partial(rating, of=of))
                events += found.events
                bad += found.malformed
                left -= len(page.rows)
                position = page.after
        return events, bad, None

    async def _page(self, of: Survey, since: datetime, after: int, size: int) -> Page:
        path = f"service/surveys/{of.id}/results"
        try:
            return await self._session.api.page(path, gt("lastUpdated", since), after=after, size=size)
        except NotFound:
            return Page([], None)  # the survey was deleted since it was listed

    async def _known(self, now: datetime) -> list[Survey]:
        """The surveys that give points, in order of id; asked for once an hour."""
        if self._asked_at is None or now - self._asked_at >= SURVEYS_AGAIN:
            self._surveys = sorted(await self._read_surveys(), key=lambda of: of.id)
            self._asked_at = now
        return self._surveys

    async def _read_surveys(self) -> list[Survey]:
        found: list[Survey] = []
        for row in numbered(await self._session.api.rows("service/surveys")):
            try:
                questions = await self._session.api.rows(f"service/surveys/{row['id']}/questions")
                of = survey(row, questions)
            except Unreadable:
                continue
            if of.scale > 0:
                found.append(of)
        return found
