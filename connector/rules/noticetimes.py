"""When what is worth telling is told: at once, when quiet hours end, when a channel takes more, or collected.

A message at night helps nobody sleep, and the twentieth within an hour is not read: what comes then waits and
goes in one digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connector.rules.notices import NotifyRule
from connector.rules.worktime import WorkCalendar

HOUR = timedelta(hours=1)


def opening(rule: NotifyRule, calendar: WorkCalendar, at: datetime) -> datetime:
    """The first instant from `at` on at which something may be sent. `calendar`: of the promise told of."""
    if rule.hours == "always":
        return at
    return (calendar if rule.hours == "working_hours" else rule.hours).add(at, timedelta())


def next_digest(rule: NotifyRule, zone: ZoneInfo, after: datetime) -> datetime:
    """The first instant after `after` at which a digest is due by the clock."""
    local = after.astimezone(zone)
    if rule.digest_minute is None:
        return (
            after
            + HOUR
            - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        )
    hour, minute = divmod(rule.digest_minute, 60)
    for days in range(3):
        day = local.date() + timedelta(days=days)
        due = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(after.tzinfo)
        if due > after:
            return due
    raise AssertionError("a local day is shorter than two")


@dataclass(frozen=True, slots=True)
class Placed:
    """When a notice goes: `held_until` None is at once; `why` it waits."""

    held_until: datetime | None = None
    why: str = ""


def place(
    rule: NotifyRule,
    calendar: WorkCalendar,
    zone: ZoneInfo,
    now: datetime,
    *,
    at_once: bool,
    lately: Sequence[datetime] = (),
    per_hour: int | None = None,
) -> Placed:
    """When something that begins now is told.

    `lately`: when the channel was last told something at once; `per_hour`: how often that may be.
    """
    if not at_once:
        return Placed(opening(rule, calendar, next_digest(rule, zone, now)), "collected")
    opens = opening(rule, calendar, now)
    if opens > now:
        return Placed(opens, "quiet hours")
    recent = sorted(at for at in lately if at > now - HOUR)
    if per_hour is not None and len(recent) >= per_hour:
        return Placed(opening(rule, calendar, recent[0] + HOUR), f"more than {per_hour} within an hour")
    return Placed()
