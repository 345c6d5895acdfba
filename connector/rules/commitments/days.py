"""The day a time tells of, as people at a desk count days: in the client's zone, weeks from Monday on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.rules.commitments.language import Language, Piece
from connector.rules.worktime import WorkCalendar

Told = tuple[Piece, str, bool]
"""A piece of a time, its words, and whether it is only the beginning (`after 3 pm`)."""

DAY = timedelta(days=1)
DIGITS = re.compile(r"\d{1,4}")
_MOST_DAYS = 100
_NEXT_YEAR = timedelta(days=120)
"""A day told without its year is the coming year's if it is no further away."""
_ORDER: dict[Piece, int] = {"iso": 0, "date": 0, "endday": 2}
"""Of several days told the exact one: "Tuesday 2026-10-06", "end of day Friday"."""
_TELLING = frozenset(
    ("dayafter", "tomorrow", "tonight", "today", "thispart", "nextday", "endday", "endnextweek", "endweek",
     "endmonth", "weekday", "date", "iso", "nth")
)  # fmt: skip


@dataclass(slots=True)
class Said:
    """Where and when it was said; all days are those of the zone."""

    at: datetime
    zone: ZoneInfo
    calendar: WorkCalendar
    language: Language

    @property
    def today(self) -> date:
        return self.at.astimezone(self.zone).date()

    def on(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def close(self, day: date) -> datetime:
        """When work ends that day; at midnight where nobody works at all."""
        end = self.on(day + DAY, time())
        last = self.calendar.at(self.calendar.worked(end))
        return last if last > self.on(day, time()) else end

    def works(self, day: date) -> bool:
        return self.calendar.worked(self.on(day + DAY, time())) > self.calendar.worked(self.on(day, time()))

    def next_working(self, day: date, count: int = 1) -> date:
        """The `count`-th day after `day` on which work is done; ValueError if that is too far."""
        if count > _MOST_DAYS:
            raise ValueError("too many days")
        for _ in range(count):
            day = next((on for on in (day + DAY * n for n in range(1, 32)) if self.works(on)), date.max)
            if day == date.max:
                raise ValueError("nobody works for a month")
        return day


def day_of(told: Sequence[Told], said: Said) -> date | None:
    """The day that is told, the exact one of several; None where none is.

    ValueError or OverflowError for a day that is in no calendar.
    """
    days = sorted((one for one in told if one[0] in _TELLING), key=lambda one: _ORDER.get(one[0], 1))
    return _day(days[0][0], days[0][1], said) if days else None


def _day(piece: Piece, text: str, said: Said) -> date | None:
    today = said.today
    match piece:
        case "today" | "tonight" | "thispart" | "endday":
            return today
        case "tomorrow":
            return today + DAY
        case "dayafter":
            return today + 2 * DAY
        case "nextday":
            return said.next_working(today)
        case "endweek":
            return _week_end(today, said)
        case "endnextweek":
            return _week_end(today + 7 * DAY, said)
        case "endmonth":
            return _last_working((today.replace(day=28) + 4 * DAY).replace(day=1) - DAY, said)
        case "weekday":
            return _weekday(text, said)
        case "iso":
            return date.fromisoformat(text)
        case _:
            return _date(text, said)


def _week_end(day: date, said: Said) -> date:
    return _last_working(day + DAY * (6 - day.weekday()), said)


def _last_working(day: date, said: Said) -> date:
    """The last day on which work is done, up to this one; itself if there is none within a week."""
    return next((on for on in (day - DAY * n for n in range(7)) if said.works(on)), day)


def _weekday(text: str, said: Said) -> date | None:
    """The coming one, never today. `next` is that of the week after this one."""
    language, low = said.language, text.casefold()
    words = re.findall(r"[^\W\d]+", low)
    number = next(
        (day for word in words for name, day in language.weekdays.items() if word.startswith(name)), None
    )
    if number is None:
        return None
    today = said.today
    if language.following.search(low):
        return today + DAY * (7 - today.weekday() + number)
    return today + DAY * ((number - today.weekday() - 1) % 7 + 1)


def _date(text: str, said: Said) -> date | None:
    """A day of a month: this year's unless that is over; without a month the next one with that number."""
    numbers, today = [int(one) for one in DIGITS.findall(text)], said.today
    words = (word[:3] for word in re.findall(r"[^\W\d]+", text.casefold()))
    month = next((said.language.months[word] for word in words if word in said.language.months), 0)
    day, *rest = numbers
    if not month and not rest:
        return _nth(day, today)
    month = month or rest.pop(0)
    if rest:
        return date(rest[0], month, day)
    found = date(today.year, month, day)
    if found >= today:
        return found
    later = date(today.year + 1, month, day)
    return later if later - today <= _NEXT_YEAR else None


def _nth(number: int, today: date) -> date:
    if number > today.day:
        return today.replace(day=number)
    return (today.replace(day=28) + 7 * DAY).replace(day=number)
