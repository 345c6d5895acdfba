"""When a promise is due: told words, the instant they were written and a calendar become an instant.

Where words leave room, the later reading is taken: somebody is only late when they are late by any reading.
What leaves too much room ("in a few days", "3/4", "soon") is no date at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.rules.commitments.days import DAY, DIGITS, Said, Told, day_of
from connector.rules.commitments.language import Language, Piece
from connector.rules.worktime import WorkCalendar

_DAY_MINUTES = 1440
_FURTHEST = timedelta(days=366)
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


def due(told: Sequence[Told], at: datetime, calendar: WorkCalendar, language: Language) -> datetime | None:
    """The instant (UTC) by which the promise is to be kept; None if the words do not give one.

    `at`: when it was said. Days are those of the calendar's zone, their ends its closing times.
    """
    said = Said(at, ZoneInfo(calendar.timezone), calendar, language)
    try:
        found = _due(told, said)
    except (ValueError, OverflowError):
        return None
    return found if found is not None and at < found <= at + _FURTHEST else None


def _due(told: Sequence[Told], said: Said) -> datetime | None:
    words = {piece: text for piece, text, _ in reversed(told)}
    if "vague" in words:
        return None
    if "span" in words:
        return _in(words["span"], said)
    day = day_of(told, said)
    for piece, text, beginning in told:
        if beginning and piece in ("clock", "noon"):
            return said.close(day or said.today)
        if piece == "clock":
            return _at(text, day, said)
    end = _end(words, day or said.today, said)
    if end is not None:
        return end if day is not None or end > said.at else _end(words, said.today + DAY, said)
    return None if day is None else said.close(day)


def _in(text: str, said: Said) -> datetime | None:
    """So much from now: hours in working time where they would end outside of it, days as days."""
    language, low = said.language, text.casefold()
    count, unit = _count(low, language), _unit(low, language)
    if not unit:
        return None
    if unit >= _DAY_MINUTES:
        days = max(1, round(count)) * (unit // _DAY_MINUTES)
        if language.working.search(low):
            return said.close(said.next_working(said.today, days))
        return said.close(said.today + DAY * days)
    length = timedelta(minutes=count * unit)
    end = said.at + length
    return end if said.calendar.is_open(end) else said.calendar.add(said.at, length)


def _count(low: str, language: Language) -> float:
    """The larger of the numbers told: "in one or two hours" is two."""
    if language.half.search(low):
        return 0.5
    words = [language.numbers[word] for word in re.findall(r"[\w-]+", low) if word in language.numbers]
    return max([*map(int, DIGITS.findall(low)), *words], default=1)


def _unit(low: str, language: Language) -> int:
    """Minutes of the unit: the last word of the piece that is one."""
    found = (word for word in reversed(re.findall(r"[^\W\d_]+", low)) if word not in language.numbers)
    return next((language.units[word[:2]] for word in found if word[:2] in language.units), 0)


def _at(text: str, day: date | None, said: Said) -> datetime | None:
    """An hour of a day; of today or the next day where none is told."""
    hours = _HOUR.findall(text)
    if not hours:
        return None
    hour, minute = int(hours[-1][0]), int(hours[-1][1] or 0)
    half = _HALF.search(text)
    zone = next((ZoneInfo(_ZONES[name]) for name in _ZONE.findall(text) if name in _ZONES), said.zone)
    if hour == 24 and not minute:
        hour, day = 0, (day or said.today) + DAY
    readings = [hour]
    if half:
        readings = [hour % 12 + (12 if half[1].casefold() == "p" else 0)]
    elif not said.language.full_hours and 1 <= hour <= 11 and not hours[-1][0].startswith("0"):
        readings = [hour, hour + 12]
    days = [day] if day else [said.today, said.today + DAY]
    ends = [datetime.combine(on, time(one, minute), zone).astimezone(UTC) for on in days for one in readings]
    ahead = [end for end in ends if end > said.at]
    if len(readings) == 1:
        return ahead[0] if ahead else None
    by_day = (end for end in ahead if end.astimezone(zone).hour >= _EARLY)
    return next((end for end in ahead if _open(end, said)), next(by_day, None))


def _open(at: datetime, said: Said) -> bool:
    """Whether people work up to this instant."""
    return said.calendar.is_open(at) or said.calendar.is_open(at - timedelta(microseconds=1))


def _end(words: dict[Piece, str], day: date, said: Said) -> datetime | None:
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
        return said.on(day + DAY, time())
    if "tonight" in words or part == "evening":
        return said.on(day, _PART_ENDS["evening"])
    if part == "afternoon":
        return (
            max(said.close(day), said.on(day, _PART_ENDS[part])) if not said.works(day) else said.close(day)
        )
    return said.on(day, _PART_ENDS[part]) if part else None
