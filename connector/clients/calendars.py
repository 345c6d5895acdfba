"""From the calendar as written to the calendar that counts: days spelt out, holidays looked up.

`24x7` means every hour of every day, so holidays and closures do not touch it. Equal calendars are one
object: they keep pages of working time, and a thousand clients share a handful of calendars.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from connector.clients.days_off import public_holidays
from connector.clients.forms import DAYS, Interval, weekdays
from connector.clients.models import CalendarHours, CalendarPart
from connector.clients.nodes import Loc, Node
from connector.errors import ConfigError
from connector.rules.worktime import WorkCalendar

_Hours: TypeAlias = tuple[Interval, ...]
_Week: TypeAlias = tuple[tuple[str, _Hours], ...]
_Closures: TypeAlias = tuple[tuple[date, _Hours], ...]

_AT = ("calendar",)
_ALL_DAY: _Hours = (("00:00", "24:00"),)


@dataclass(frozen=True, slots=True)
class BuiltCalendar:
    """A calendar, or what is wrong with it, and what a person may want to know about it."""

    calendar: WorkCalendar | None
    errors: tuple[ConfigError, ...] = ()
    warnings: tuple[ConfigError, ...] = ()


def build_calendar(part: CalendarPart, tree: Node, at: Loc = _AT) -> BuiltCalendar:
    """The calendar written at `at`; `tree` is the whole file, spelt out, for the places of errors."""
    first = _built(part, tree, at)
    later = [(day, _built(hours, tree, (*at, "from", str(day)))) for day, hours in part.from_.items()]
    errors = (*first.errors, *(error for _, built in later for error in built.errors))
    if errors or not later:
        return BuiltCalendar(None if errors else first.calendar, errors, first.warnings)
    pairs = [(None, first.calendar), *((day, built.calendar) for day, built in later)]
    try:
        changing = _changing(tuple((day, calendar) for day, calendar in pairs if calendar))
    except ValueError as error:
        return BuiltCalendar(None, (tree.error(str(error), (*at, "from"), key=True),))
    return BuiltCalendar(changing, warnings=first.warnings)


def _built(part: CalendarHours, tree: Node, at: Loc) -> BuiltCalendar:
    """One calendar without its changes."""
    if errors := tuple(_week_errors(part, tree, at)):
        return BuiltCalendar(None, errors)
    week = _days(part)
    always = all(week.get(day) == _ALL_DAY for day in DAYS)
    closures = () if always else tuple((day, tuple(hours)) for day, hours in sorted(part.closures.items()))
    days_off = frozenset[date]() if always else _named_days(part).difference(part.holidays.remove)
    try:
        calendar = _calendar(part.timezone, tuple(week.items()), days_off, closures)
    except ValueError as error:
        return BuiltCalendar(None, (tree.error(str(error), (*at, "week")),))
    return BuiltCalendar(calendar, warnings=tuple(_warnings(part, tree, always)) if at == _AT else ())


@lru_cache(maxsize=512)
def _changing(versions: tuple[tuple[date | None, WorkCalendar], ...]) -> WorkCalendar:
    return WorkCalendar.changing(versions)


@lru_cache(maxsize=512)
def _calendar(timezone: str, week: _Week, days_off: frozenset[date], closures: _Closures) -> WorkCalendar:
    return WorkCalendar(timezone=timezone, week=dict(week), holidays=days_off, closures=dict(closures))


def _days(part: CalendarHours) -> dict[str, _Hours]:
    return {day: tuple(hours) for key, hours in part.week.items() for day in weekdays(key)}


def _named_days(part: CalendarHours) -> frozenset[date]:
    named = part.holidays
    public = public_holidays(named.country, named.subdivision) if named.country else frozenset()
    return public.union(named.add)


def _week_errors(part: CalendarHours, tree: Node, at: Loc) -> Iterator[ConfigError]:
    seen: dict[str, str] = {}
    for key in part.week:
        for day in weekdays(key):
            if day in seen:
                message = f"{day} is in {seen[day]!r} already: name every day once"
                yield tree.error(message, (*at, "week", key), key=True)
            seen.setdefault(day, key)
    for key, hours in part.week.items():
        day = weekdays(key)[0]
        try:
            if hours:
                _calendar(part.timezone, ((day, tuple(hours)),), frozenset(), ())
        except ValueError as error:
            yield tree.error(str(error), (*at, "week", key))


def _warnings(part: CalendarHours, tree: Node, always: bool) -> Iterator[ConfigError]:
    named = part.holidays
    if always:
        if named.add or part.closures:
            where = ("calendar", "holidays", "add") if named.add else ("calendar", "closures")
            yield tree.error("24x7 is open on every day: holidays and closures are not used", where)
        return
    if named.country is None and not named.add:
        message = "a calendar without holidays: set holidays.country, or list days under holidays.add"
        yield tree.error(message, ("calendar", "holidays"), key=True, own=True)
    known = _named_days(part)
    for index, day in enumerate(named.remove):
        if day not in known:
            yield tree.error(f"{day} is no holiday here anyway", ("calendar", "holidays", "remove", index))
