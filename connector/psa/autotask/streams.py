"""Polling: what changed since the last time, with an overlap, resumable in the middle.

A window is read in order of id, so that rows moving in time are neither skipped nor lost. The next one
starts an overlap before this one was opened, by the server's clock: what changed while it was read comes
again. Source: facts §4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from connector.errors import AuthFailed, NotFound
from connector.psa.autotask.api import Page
from connector.psa.autotask.appointments import of_calls
from connector.psa.autotask.filters import MOST, Filter, and_, exist, gt, gte, noteq, or_
from connector.psa.autotask.mapping import COMPLETE
from connector.psa.autotask.reading import read_surveys, read_tickets, read_time_entries
from connector.psa.autotask.session import Gap, Session
from connector.psa.port import Batch, Cursor
from connector.psa.transport import Forbidden
from connector.psa.values import instant

OVERLAP = timedelta(minutes=5)
AWAY = timedelta(hours=2)
"""Not having polled for longer is a gap: a ticket may have been through several statuses since."""

_TICKET_MARKS = ("lastActivityDate", "lastTrackedModificationDateTime")


@dataclass(frozen=True, slots=True)
class Window:
    """What a stream is reading: changes since `since`, rows after the id `after`.

    `opened`: when it was begun, by the server's clock. `polled`: when the one before was finished, by ours.
    """

    since: datetime
    opened: datetime
    after: int = 0
    polled: datetime | None = None
    first: bool = False

    def cursor(self) -> Cursor:
        return {
            "since": self.since.isoformat(),
            "opened": self.opened.isoformat(),
            "after": self.after,
            "polled": self.polled.isoformat() if self.polled else "",
            "first": self.first,
        }

    def finished(self, now: datetime) -> Cursor:
        return {"since": (self.opened - OVERLAP).isoformat(), "polled": now.isoformat()}


def window(cursor: Cursor | None, opened: datetime, backfill_start: datetime) -> Window:
    """Where to read on. A cursor that cannot be read starts again from the back-fill."""
    stored = cursor or {}
    since, after = instant(stored, "since"), stored.get("after")
    if since is None:
        return Window(backfill_start, opened, first=True)
    return Window(
        since,
        instant(stored, "opened") or opened,
        after if type(after) is int and after > 0 else 0,
        instant(stored, "polled"),
        stored.get("first") is True,
    )


class Streams:
    """The polled streams of one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def poll(self, stream: str, cursor: Cursor | None, now: datetime, limit: int) -> Batch:
        """Read on in a stream, and a cursor from which to go on. `limit` is meant for tickets: facts come in
        whole pages, because a page costs the same whatever is on it."""
        session = self._session
        session.now = now
        opened = now - session.api.transport.clock.allowance
        here = window(cursor, opened, session.backfill_start(now))
        if stream == "tickets":
            await session.see_usage(session.api.watch)
            return await self._tickets(here, now, limit)
        if stream in session.off:
            return Batch(cursor=cursor)
        try:
            if stream == "deletions":
                return await self._deletions(cursor, opened)
            if stream == "surveys":
                return await self._surveys(here, now)
            if stream == "appointments":
                return await self._appointments(here, now)
            return await self._time_entries(here, now)
        except (Forbidden, NotFound) as error:
            session.switch_off(stream, error)
            return Batch(cursor=cursor)

    async def _tickets(self, here: Window, now: datetime, limit: int) -> Batch:
        session = self._session
        session.gap = _gap(here, now)
        changed = [gte(mark, here.since) for mark in _TICKET_MARKS]
        where = or_(*changed, noteq("status", int(COMPLETE))) if here.first else or_(*changed)
        try:
            page = await session.api.page("Tickets", where, after=here.after, size=limit)
        except Forbidden as error:
            raise AuthFailed(f"our API user may not read tickets ({error})") from error
        await session.know_tickets(page.rows)
        batch = read_tickets(page.rows, session)
        if await session.met_strangers():
            batch = read_tickets(page.rows, session)
        return _at(batch, here, now, page)

    async def _time_entries(self, here: Window, now: datetime) -> Batch:
        """Of tickets, whoever's they are: no webhook tells of them."""
        session, mark = self._session, "lastModifiedDateTime"
        where = and_(exist("ticketID"), gte(mark, here.since))
        page = await session.api.page("TimeEntries", where, after=here.after, size=MOST)
        await session.know_work_types(page.rows)
        batch = read_time_entries(page.rows, session)
        if await session.met_strangers():
            batch = read_time_entries(page.rows, session)
        return _at(batch, here, now, page)

    async def _appointments(self, here: Window, now: datetime) -> Batch:
        session, mark = self._session, "lastModifiedDateTime"
        page = await session.api.page("ServiceCalls", gte(mark, here.since), after=here.after, size=MOST)
        batch = await of_calls(session, page.rows)
        return _at(batch, here, now, page)

    async def _surveys(self, here: Window, now: datetime) -> Batch:
        """An answer is complete when it comes, so the date of completion is the mark of its change."""
        session, mark = self._session, "completeDate"
        page = await session.api.page("SurveyResults", gte(mark, here.since), after=here.after, size=MOST)
        return _at(read_surveys(page.rows, session), here, now, page)

    async def _deletions(self, cursor: Cursor | None, opened: datetime) -> Batch:
        """Deleted tickets, and tickets of which a note or time entry was deleted: logs that only grow."""
        stored = cursor or {}
        since = instant(stored, "since") or opened - OVERLAP
        tickets, last_ticket = await self._log("DeletedTicketLogs", since, stored.get("tickets"))
        notes: list[Any] = []
        last_note = stored.get("notes")
        if "deleted notes" not in self._session.off:
            try:
                notes, last_note = await self._log("DeletedTicketActivityLogs", since, last_note)
            except (Forbidden, NotFound) as error:
                self._session.switch_off("deleted notes", error)
        gone = _ticket_ids(tickets)
        return Batch(
            gone=gone,
            touched=_ticket_ids(notes) - gone,
            cursor={"since": since.isoformat(), "tickets": last_ticket, "notes": last_note},
        )

    async def _log(self, entity: str, since: datetime, last: Any) -> tuple[list[Any], int]:
        after = last if type(last) is int else 0
        where: Filter = gte("deletedDateTime", since)
        rows = await self._session.api.rows(entity, and_(where, gt("id", after)) if after else where)
        ids = [row["id"] for row in rows if isinstance(row, Mapping) and type(row.get("id")) is int]
        return rows, max([after, *ids])


def _gap(here: Window, now: datetime) -> Gap:
    """Which tickets of a window may have a past that nobody has seen: see `AWAY`."""
    if here.first:
        return "open"
    return "all" if here.polled is not None and now - here.polled > AWAY else "none"


def _at(batch: Batch, here: Window, now: datetime, page: Page) -> Batch:
    if page.after is None:
        return replace(batch, cursor=here.finished(now))
    return replace(batch, cursor=replace(here, after=page.after).cursor(), done=False)


def _ticket_ids(rows: list[Any]) -> frozenset[str]:
    found = (row.get("ticketID") for row in rows if isinstance(row, Mapping))
    return frozenset(str(one) for one in found if type(one) is int)
