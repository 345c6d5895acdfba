"""Placing: each thing that begins goes into one message at once, is held for a digest, or is not told.

What one look finds of one subject goes to a channel as one message: nobody needs two of the same minute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.rules.notices import Begun, Condition, Episode, NotifyRule, changes
from connector.rules.noticetimes import HOUR, place
from connector.rules.worktime import WorkCalendar
from connector.store import notices, sql
from connector.store.notices import LOCK, Notice, Sending

Caps = Mapping[str, int | None]
"""Every channel there is, and how often an hour it may be told at once; None for any number."""


class Placing:
    """What one transaction decides; `keep` writes it."""

    def __init__(self, tx: AsyncConnection, caps: Caps, now: datetime) -> None:
        self._tx, self._caps, self._now = tx, caps, now
        self._lately: dict[str, list[datetime]] = {}
        self._notices: list[Notice] = []
        self._sendings: dict[tuple[str, str, str], Sending] = {}  # by channel, connection and subject

    async def look(
        self,
        so: Iterable[Condition],
        known: Sequence[Notice],
        rule: NotifyRule,
        calendar: WorkCalendar,
        zone: ZoneInfo,
        notice_of: Callable[[Begun], Notice],
    ) -> None:
        """Begin and end the episodes of one subject. `known`: what is known of it; `notice_of`: a new one."""
        found = changes(so, [_episode(one) for one in known], rule, self._now)
        await notices.over(self._tx, found.back, None)
        await notices.over(self._tx, found.over, self._now)
        for begun in found.begun:
            await self.add(notice_of(begun), rule, calendar, zone, at_once=begun.at_once)

    async def add(
        self, notice: Notice, rule: NotifyRule, calendar: WorkCalendar, zone: ZoneInfo, *, at_once: bool
    ) -> None:
        """`notice` as begun, not yet placed. One that is suppressed already stays so."""
        notice = replace(notice, id=mark_of(notice))
        if notice.state != "suppressed":
            notice = await self._placed(notice, rule, calendar, zone, at_once)
        self._notices.append(notice)

    async def _placed(
        self, notice: Notice, rule: NotifyRule, calendar: WorkCalendar, zone: ZoneInfo, at_once: bool
    ) -> Notice:
        channel = notice.channel
        if channel not in self._caps:
            return replace(notice, state="suppressed", why=f"no channel {channel!r} in connector.yaml")
        about = (channel, notice.conn, notice.subject)
        if at_once and about in self._sendings:
            return replace(notice, state="put", sending=self._sendings[about].id)
        lately = await self._told_lately(channel) if at_once else []
        found = place(
            rule, calendar, zone, self._now, at_once=at_once, lately=lately, per_hour=self._caps[channel]
        )
        if found.held_until is not None:
            return replace(notice, state="held", due_at=found.held_until, why=found.why)
        sending = Sending(
            id=f"s{notice.id[1:]}", channel=channel, kind="notice", since=self._now, not_before=self._now
        )
        self._sendings[about] = sending
        lately.append(self._now)
        return replace(notice, state="put", sending=sending.id)

    async def _told_lately(self, channel: str) -> list[datetime]:
        if channel not in self._lately:
            await sql.hold(self._tx, LOCK)
            self._lately[channel] = await notices.told_lately(self._tx, channel, self._now - HOUR)
        return self._lately[channel]

    async def keep(self) -> None:
        await notices.decide(self._tx, self._notices, list(self._sendings.values()))


def mark_of(notice: Notice) -> str:
    """The id of an episode on a channel: the same for the same one, whoever works it out."""
    parts = (notice.conn, notice.client, notice.event, notice.subject, notice.key, notice.channel)
    words = "\n".join((*parts, notice.at.isoformat()))
    return "n" + hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:20]


def _episode(notice: Notice) -> Episode:
    return Episode(
        id=notice.id, event=notice.event, key=notice.key, channel=notice.channel, over_at=notice.over_at
    )
