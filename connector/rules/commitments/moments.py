"""When a promise is due: told words, the instant they were written and a calendar become an instant.

Where words leave room, the later reading is taken: somebody is only late when they are late by any reading.
What leaves too much room ("in a few days", "3/4", "soon") is no date at all.
"""

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

_DAY = timedelta(days=1)
_DAY_MINUTES = 1440
_FURTHEST = timedelta(days=366)
_NEXT_YEAR = timedelta(days=120)
"""A day told without its year is the coming year's if it is no further away."""
_DIGITS = re.compile(r"\d{1,4}")
_HOUR = re.compile(r"(?<!\d)(\d{1,2})(?:[:.](\d\d))?(?!\d)")
_HALF = re.compile(r"([ap])\.?m\b", re.IGNORECASE)
_ZONE = re.compile(r"\b[A-Z]{2,4}\b")
_ZONES = {
    "UTC": "UTC", "GMT": "UTC", "BST": "Europe/London", "CET": "Europe/Berlin", "CEST": "Europe/Berlin",
    "EST": "America/New_York", "EDT": "America/New_York", "ET": "America/New_York",
    "CST": "America/Chicago", "CDT": "America/Chicago", "CT": "America/Chicago",
    "MST": "America/Denver", "MDT": "America/Denver", "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles", "PT": "America/Los_Angeles", "IST": "Asia/Kolkata",
    "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney",
}  # fmt: skip
_PART_ENDS = {"morning": time(12), "afternoon": time(18), "evening": time(22)}
_EARLY = 7
"""An hour from which it is the morning's, where nobody works at either."""


@dataclass(slots=True)
class _Said:
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
        end = self.on(day + _DAY, time())
        last = self.calendar.at(self.calendar.worked(end))
        return last if last > self.on(day, time()) else end

    def works(self, day: date) -> bool:
        return self.calendar.worked(self.on(day + _DAY, time())) > self.calendar.worked(self.on(day, time()))

    def next_working(self, day: date, count: int = 1) -> date:
        """The `count`-th day after `day` on which work is done; ValueError if there are none for a month."""
        for _ in range(count):
            day = next((on for on in (day + _DAY * n for n in range(1, 32)) if self.works(on)), date.max)
            if day == date.max:
                raise ValueError("nobody works for a month")
        return day


def due(told: Sequence[Told], at: datetime, calendar: WorkCalendar, language: Language) -> datetime | None:
    """The instant (UTC) by which the promise is to be kept; None if the words do not give one.

    `at`: when it was said. Days are those of the calendar's zone, their ends its closing times.
    """
    said = _Said(at, ZoneInfo(calendar.timezone), calendar, language)
    try:
        found = _due(told, said)
    except (ValueError, OverflowError):
        return None
    return found if found is not None and at < found <= at + _FURTHEST else None


def _due(told: Sequence[Told], said: _Said) -> datetime | None:
    words = {piece: text for piece, text, _ in reversed(told)}
    if "vague" in words:
        return None
    if "span" in words:
        return _in(words["span"], said)
    days = sorted((one for one in told if one[0] in _DAYS), key=lambda one: _ORDER.get(one[0], 1))
    day = _day(days[0][0], days[0][1], said) if days else None
    for piece, text, beginning in told:
        if beginning and piece in ("clock", "noon"):
            return said.close(day or said.today)
        if piece == "clock":
            return _at(text, day, said)
    end = _end(words, day or said.today, said)
    if end is not None:
        return end if day is not None or end > said.at else _end(words, said.today + _DAY, said)
    return None if day is None else said.close(day)


def _in(text: str, said: _Said) -> datetime | None:
    """So much from now: hours in working time where they would end outside of it, days as days."""
    language, low = said.language, text.casefold()
    count, unit = _count(low, language), _unit(low, language)
    if not unit:
        return None
    if unit >= _DAY_MINUTES:
        days = max(1, round(count)) * (unit // _DAY_MINUTES)
        if language.working.search(low):
            return said.close(said.next_working(said.today, days))
        return said.close(said.today + _DAY * days)
    length = timedelta(minutes=count * unit)
    end = said.at + length
    return end if said.calendar.is_open(end) else said.calendar.add(said.at, length)


def _count(low: str, language: Language) -> float:
    """The larger of the numbers told: "in one or two hours" is two."""
    if language.half.search(low):
        return 0.5
    words = [language.numbers[word] for word in re.findall(r"[\w-]+", low) if word in language.numbers]
    return max([*map(int, _DIGITS.findall(low)), *words], default=1)


def _unit(low: str, language: Language) -> int:
    """Minutes of the unit: the last word of the piece that is one."""
    found = (word for word in reversed(re.findall(r"[^\W\d_]+", low)) if word not in language.numbers)
    return next((language.units[word[:2]] for word in found if word[:2] in language.units), 0)


_ORDER: dict[Piece, int] = {"iso": 0, "date": 0, "endday": 2}
"""Of several days told the exact one: "Tuesday 2026-10-06", "end of day Friday"."""
_DAYS = frozenset(
    ("dayafter", "tomorrow", "tonight", "today", "thispart", "nextday", "endday", "endnextweek", "endweek",
     "endmonth", "weekday", "date", "iso", "nth")
)  # fmt: skip


def _day(piece: Piece, text: str, said: _Said) -> date | None:
    today = said.today
    match piece:
        case "today" | "tonight" | "thispart" | "endday":
            return today
        case "tomorrow":
            return today + _DAY
        case "dayafter":
            return today + 2 * _DAY
        case "nextday":
            return said.next_working(today)
        case "endweek":
            return _week_end(today, said)
        case "endnextweek":
            return _week_end(today + 7 * _DAY, said)
        case "endmonth":
            return _last_working((today.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY, said)
        case "weekday":
            return _weekday(text, said)
        case "iso":
            return date.fromisoformat(text)
        case _:
            return _date(text, said)


def _week_end(day: date, said: _Said) -> date:
    return _last_working(day + _DAY * (6 - day.weekday()), said)


def _last_working(day: date, said: _Said) -> date:
    """The last day on which work is done, up to this one; itself if there is none within a week."""
    return next((on for on in (day - _DAY * n for n in range(7)) if said.works(on)), day)


def _weekday(text: str, said: _Said) -> date | None:
    """The coming one, never today. `next` is that of the week after this one."""
    language, low = said.language, text.casefold()
    number = next(
        (
            language.weekdays[word[:2]]
            for word in re.findall(r"[^\W\d]+", low)
            if word[:2] in language.weekdays
        ),
        None,
    )
    if number is None:
        return None
    today = said.today
    if language.following.search(low):
        return today + _DAY * (7 - today.weekday() + number)
    return today + _DAY * ((number - today.weekday() - 1) % 7 + 1)


def _date(text: str, said: _Said) -> date | None:
    """A day of a month: this year's unless that is over; without a month the next one with that number."""
    numbers, today = [int(one) for one in _DIGITS.findall(text)], said.today
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
    return (today.replace(day=28) + 7 * _DAY).replace(day=number)


def _at(text: str, day: date | None, said: _Said) -> datetime | None:
    """An hour of a day; of today or the next day where none is told."""
    hours = _HOUR.findall(text)
    if not hours:
        return None
    hour, minute = int(hours[-1][0]), int(hours[-1][1] or 0)
    half = _HALF.search(text)
    zone = next((ZoneInfo(_ZONES[name]) for name in _ZONE.findall(text) if name in _ZONES), said.zone)
    if hour == 24 and not minute:
        hour, day = 0, (day or said.today) + _DAY
    readings = [hour]
    if half:
        readings = [hour % 12 + (12 if half[1].casefold() == "p" else 0)]
    elif not said.language.full_hours and 1 <= hour <= 11 and not hours[-1][0].startswith("0"):
        readings = [hour, hour + 12]
    days = [day] if day else [said.today, said.today + _DAY]
    ends = [datetime.combine(on, time(one, minute), zone).astimezone(UTC) for on in days for one in readings]
    ahead = [end for end in ends if end > said.at]
    if len(readings) == 1:
        return ahead[0] if ahead else None
    by_day = (end for end in ahead if end.astimezone(zone).hour >= _EARLY)
    return next((end for end in ahead if _open(end, said)), next(by_day, None))


def _open(at: datetime, said: _Said) -> bool:
    """Whether people work up to this instant."""
    return said.calendar.is_open(at) or said.calendar.is_open(at - timedelta(microseconds=1))


def _end(words: dict[Piece, str], day: date, said: _Said) -> datetime | None:
    """The end of a part of a day; None where none is told."""
    low = " ".join((words.get("part", ""), words.get("thispart", ""))).casefold()
    part = next((name for word, name in said.language.parts.items() if word in low), "")
    if "noon" in words:
        return said.on(day, time(12) if words["noon"].casefold() in ("noon", "midday") else time(13))
    if "first" in words:
        opens = said.calendar.next_open(said.on(day, time()))
        begins = opens if opens < said.on(day, time(12)) else said.on(day, time(8))
        return begins + timedelta(hours=2)
    if "midnight" in words:
        return said.on(day + _DAY, time())
    if "tonight" in words or part == "evening":
        return said.on(day, _PART_ENDS["evening"])
    if part == "afternoon":
        return (
            max(said.close(day), said.on(day, _PART_ENDS[part])) if not said.works(day) else said.close(day)
        )
    return said.on(day, _PART_ENDS[part]) if part else None
