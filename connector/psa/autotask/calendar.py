"""An internal location's business hours and its holiday set, made into opening hours. No requests here.

Hours are date-times of which only the time counts, a day without work has none. On a holiday the location
is closed, or keeps the holiday hours it names. Extended hours are a matter of prices, not of being open.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from connector.psa.values import Json, Unreadable, text
from connector.rules.writtenhours import WrittenHours, written_hours

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Pair = tuple[str, str]


def opening_hours(location: Json, holidays: Iterable[Json], timezone: str) -> WrittenHours:
    """The location's hours in this zone. `holidays` are rows of its own set.

    An end at or before its start runs past midnight, the same time twice is the whole day, 23:59 as an end
    means midnight. Unreadable, saying which field, if it cannot be.
    """
    days_off: list[date] = []
    closures: dict[date, list[Pair]] = {}
    names: dict[date, str] = {}
    kept = [] if location.get("noHoursOnHolidays") is True else _hours(location, "holidayHours")
    for row in holidays:
        day = _date(row)
        names[day] = text(row, "holidayName")
        if kept:
            closures[day] = _around(kept[0])
        else:
            days_off.append(day)
    try:
        week = {name[:3]: _hours(location, f"{name}BusinessHours") for name in _DAYS}
        return written_hours(timezone, week, days_off, closures, names)
    except ValueError as error:
        raise Unreadable(f"location {text(location, 'name') or location.get('id')}: {error}") from error


def _hours(location: Json, name: str) -> list[Pair]:
    start, end = _clock(location, f"{name}StartTime"), _clock(location, f"{name}EndTime")
    if not start and not end:
        return []
    if not start or not end:
        raise Unreadable(f"{name}: one of start and end is missing")
    return [(start, "24:00" if end[:5] == "23:59" else end)]


def _clock(location: Json, name: str) -> str:
    """The time of day of a date-time or time; '' without one."""
    said = text(location, name)
    if not said:
        return ""
    try:
        return f"{datetime.fromisoformat(said if 'T' in said else f'1900-01-01T{said}'):%H:%M:%S}"
    except ValueError as error:
        raise Unreadable(f"{name}: a time was expected, not {said[:40]!r}") from error


def _around(open_: Pair) -> list[Pair]:
    """What is closed of a day that is open in between."""
    start, end = open_
    pieces = [("00:00", start), (end, "24:00")]
    return [(a, b) for a, b in pieces if a[:5] != b[:5]]


def _date(row: Json) -> date:
    try:
        return date.fromisoformat(text(row, "holidayDate")[:10])
    except ValueError as error:
        raise Unreadable(f"holidayDate: a date was expected, not {row.get('holidayDate')!r:.40}") from error
