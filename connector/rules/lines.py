"""The short lines people read on a ticket: plain words that stay the same while nothing changes.

No number in them ticks: a line that counts minutes would be written to the PSA every minute.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from connector.model import BucketClock, BucketName, Message, Timeline
from connector.rules.facts import Facts

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_CLOCK = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(24 * 60))

zone_named = lru_cache(maxsize=None)(ZoneInfo)


@lru_cache(maxsize=4096)
def moment(at: datetime, zone: ZoneInfo) -> str:
    """Local day and time. Kept for a while: the clocks of a ticket share their moments.

    >>> moment(datetime.fromisoformat("2026-11-24T14:30:00+00:00"), ZoneInfo("Europe/Berlin"))
    '24 Nov 15:30'
    """
    local = at.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {_CLOCK[local.hour * 60 + local.minute]}"


def span(minutes: float) -> str:
    """Working time, cut to whole minutes.

    >>> span(42.9), span(192), span(120)
    ('42 min', '3 h 12 min', '2 h')
    """
    hours, rest = divmod(int(minutes), 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def author(message: Message) -> str:
    """Who wrote it and how, as far as the PSA tells: "Dana (phone)"."""
    actor = message.actor
    return f"{actor.name or actor.id or 'somebody'} ({message.channel.replace('_', ' ')})"


_DONE: dict[BucketName, str] = {
    "response": "answered",
    "resplan": "customer and somebody who can resolve engaged",
    "update": "kept informed until",
    "resolution": "resolved",
    "followup": "the unhappy customer was answered",
}
_OPEN: dict[BucketName, str] = {
    "response": "no answer counted yet",
    "resplan": "nobody who can resolve is engaged yet",
    "update": "the customer waits for news",
    "resolution": "not resolved yet",
    "followup": "the customer was unhappy and has not been answered yet",
}
_STOPPED: dict[BucketName, str] = {
    "response": "closed without a word to the customer",
    "resplan": "closed before anybody who can resolve was engaged",
    "update": "closed automatically; no more news is due",
    "resolution": "closed automatically; not a resolution",
}


def why(bucket: BucketName, clock: BucketClock, timeline: Timeline, zone: ZoneInfo) -> str:
    """Why a clock stands where it stands, in one line. `timeline`: the one its assessment indexes."""
    if clock.done_at is not None:
        return _done(bucket, clock, clock.done_at, timeline, zone)
    if bucket == "update" and clock.state == "waiting":
        return "starts with the first answer that counts"
    if not clock.target_min:
        return f"no target; {_OPEN[bucket]}"
    if clock.missed_at:
        line = f"{_OPEN[bucket]}; was due {moment(clock.missed_at, zone)}"
        return f"{line}; {clock.stands}" if clock.stands else line
    return f"{_OPEN[bucket]}; due {moment(clock.due_at, zone)}" if clock.due_at else clock.stands


def _done(bucket: BucketName, clock: BucketClock, at: datetime, timeline: Timeline, zone: ZoneInfo) -> str:
    """When it ended and by whose word, how much was used, and of what."""
    event = None if clock.event is None else timeline[clock.event]
    ended = f"{moment(at, zone)} by {author(event)}" if isinstance(event, Message) else moment(at, zone)
    line = f"{_DONE[bucket]} {ended}"
    if bucket == "update":
        return f"{line}; news came late {times(clock.missed_times)}" if clock.missed_times else line
    line = f"{line} after {span(clock.elapsed_min)} of working time"
    if not clock.target_min:
        return f"{line}; no target"
    return f"{line}; was due {moment(clock.missed_at, zone)}" if clock.missed_at else line


def standstill(bucket: BucketName, facts: Facts) -> str:
    """Why an open clock does not go on."""
    return _STOPPED[bucket] if facts.over else f"paused by status {facts.status}"


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
