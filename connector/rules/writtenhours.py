"""Opening hours as a person would write them down, checked: a PSA's calendar on its way into a client's file.

A WorkCalendar only answers; who reads one off a PSA wants to see the hours too, with the names of the days
off, and to copy them. So here they stand in the words of a client's file, and the calendar is made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from connector.rules.openinghours import WEEKDAYS, Hours
from connector.rules.worktime import WorkCalendar

_NO_NAMES: Mapping[date, str] = {}


@dataclass(frozen=True, slots=True)
class WrittenHours:
    """Made by `written_hours`. Intervals are "HH:MM-HH:MM"; a day that is closed is not in `week`.

    `names` are those of holidays and closures, where they have any; they mean nothing to the calendar.
    """

    timezone: str
    week: Mapping[str, tuple[str, ...]]
    holidays: tuple[date, ...]  # whole days, in order
    closures: Mapping[date, tuple[str, ...]]  # parts of a day, in order
    names: Mapping[date, str]

    def calendar(self) -> WorkCalendar:
        closures = {day: _pairs(intervals) for day, intervals in self.closures.items()}
        week = {day: _pairs(intervals) for day, intervals in self.week.items()}
        return WorkCalendar(self.timezone, week, self.holidays, closures)


def written_hours(
    timezone: str,
    week: Mapping[str, Hours],
    holidays: Iterable[date] = (),
    closures: Mapping[date, Hours] | None = None,
    names: Mapping[date, str] = _NO_NAMES,
) -> WrittenHours:
    """These hours, written down; the arguments are those of WorkCalendar.

    ValueError: what WorkCalendar refuses, and a time with seconds, because a client's file has minutes only.
    """
    days_off, closed = sorted(set(holidays)), closures or {}
    WorkCalendar(timezone, week, days_off, closed)
    return WrittenHours(
        timezone=timezone,
        week={day: _intervals(week[day], day) for day in WEEKDAYS if week.get(day)},
        holidays=tuple(days_off),
        closures={day: _intervals(closed[day], f"closure {day}") for day in sorted(closed)},
        names=dict(names),
    )


def _intervals(hours: Hours, where: str) -> tuple[str, ...]:
    return tuple(f"{_minutes(start, where)}-{_minutes(end, where)}" for start, end in hours)


def _minutes(text: str, where: str) -> str:
    hours, minutes, *seconds = text.split(":")
    if any(int(part) for part in seconds):
        raise ValueError(f"{where}: {text} has seconds, and a client's file has minutes only")
    return f"{int(hours):02}:{minutes}"


def _pairs(intervals: Iterable[str]) -> list[tuple[str, str]]:
    return [(start, end) for start, _, end in (one.partition("-") for one in intervals)]
