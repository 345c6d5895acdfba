"""A ConnectWise calendar and its holiday list, made into opening hours. No requests here.

Shapes: `/schedule/calendars` has `mondayStartTime` … `sundayEndTime` as "HH:MM:SS", a day without work
null or left out; `/schedule/holidayLists/{id}/holidays` has a date and, when `allDayFlag` is false, the
hours that are off. One interval a day is all the vendor knows, and no time zone: that is the company's
or the location's, so the caller gives it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from connector.psa.values import Json, Unreadable, part, text
from connector.rules.writtenhours import WrittenHours, written_hours

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def opening_hours(calendar: Json, holidays: Iterable[Json], timezone: str) -> WrittenHours:
    """The calendar's hours in this zone. Holidays of another list than the calendar's are passed over.

    An end at or before its start runs past midnight, the same time twice is the whole day, and 23:59 as
    an end means midnight: the vendor cannot write 24:00. Unreadable, saying which field, if it cannot be.
    """
    days_off: list[date] = []
    closures: dict[date, list[tuple[str, str]]] = {}
    names: dict[date, str] = {}
    ours = part(calendar, "holidayList").get("id")
    for row in holidays:
        if part(row, "holidayList").get("id", ours) != ours:
            continue
        day = _date(row)
        names[day] = text(row, "name")
        if row.get("allDayFlag") is False:
            closures.setdefault(day, []).append(_pair(row, "timeStart", "timeEnd"))
        else:
            days_off.append(day)
    try:
        week = {name[:3]: _hours(calendar, name) for name in _DAYS}
        return written_hours(timezone, week, days_off, closures, names)
    except ValueError as error:
        raise Unreadable(f"calendar {text(calendar, 'name') or calendar.get('id')}: {error}") from error


def _hours(calendar: Json, name: str) -> list[tuple[str, str]]:
    start, end = f"{name}StartTime", f"{name}EndTime"
    if not text(calendar, start) and not text(calendar, end):
        return []
    return [_pair(calendar, start, end)]


def _pair(row: Json, start: str, end: str) -> tuple[str, str]:
    for name in (start, end):
        if not text(row, name):
            raise Unreadable(f"{name}: a time like 08:00:00 was expected, but there is none")
    closes = text(row, end)
    return text(row, start), "24:00" if closes[:5] == "23:59" else closes


def _date(row: Json) -> date:
    try:
        return date.fromisoformat(text(row, "date")[:10])
    except ValueError as error:
        raise Unreadable(f"date: a date was expected, not {row.get('date')!r:.40}") from error
