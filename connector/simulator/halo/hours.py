"""Workdays and holidays as Halo shows them: a column a day, dates at midnight, part days in UTC.

Agents' leave lies in the table of holidays too, and closes no desk.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from connector.simulator import sla
from connector.simulator.halo.values import Json, guid, stamp
from connector.simulator.records import Calendar, DayOff
from connector.simulator.world import World

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NOT_AT_ALL = ("00:00", "00:00")
_LEAVE = 900


def workday(world: World, calendar: Calendar, with_holidays: bool) -> Json:
    row: Json = {
        "id": calendar.id,
        "guid": guid("workday", calendar.id),
        "name": calendar.name,
        "timezone": "GMT Standard Time",
        "alldayssame": False,
        "start": _clock("09:00"),
        "end": _clock("17:00"),
    }
    for number, name in enumerate(_DAYS):
        opens, closes = calendar.hours.get(number, _NOT_AT_ALL)
        row |= {
            f"inc{name}": number in calendar.hours,
            f"start{name}": _clock(opens),
            f"end{name}": _clock(closes),
        }
    if with_holidays:
        row |= {"holidays": holidays(world, calendar), "breaks": []}
    return row


def _clock(text: str) -> str:
    """A time of day: of the date nothing is meant."""
    return f"1900-01-01T{text}:00"


def holidays(world: World, calendar: Calendar) -> list[Json]:
    """The days off of a workday."""
    days = world.days_off[calendar.days_off].days if calendar.days_off else ()
    return [_holiday(day, calendar.id) for day in days]


def all_holidays(world: World) -> list[Json]:
    """Of every workday, and an agent's leave."""
    rows = [row for calendar in world.calendars.values() for row in holidays(world, calendar)]
    return [*rows, _leave()]


def _holiday(day: DayOff, workday: int) -> Json:
    on = date.fromisoformat(day.day)
    start, end = (
        (datetime.combine(on, time()), datetime.combine(on, time()))
        if day.hours is None
        else (_utc(on, text) for text in day.hours)
    )
    return {
        "id": guid("holiday", workday * 1000 + day.id),
        "holid": workday * 1000 + day.id,
        "workday_id": workday,
        "date": f"{start:%Y-%m-%dT%H:%M:%S}",
        "end_date": f"{end:%Y-%m-%dT%H:%M:%S}",
        "allday": day.hours is None,
        "name": day.name,
        "isrecurring": False,
        "agent_id": 0,
    }


def _utc(on: date, clock: str) -> datetime:
    return datetime.combine(on, time.fromisoformat(clock), sla.ZONE).astimezone(UTC)


def _leave() -> Json:
    day = datetime(2026, 11, 23, tzinfo=UTC)
    return {
        "id": guid("holiday", _LEAVE),
        "holid": _LEAVE,
        "workday_id": 0,
        "date": stamp(day),
        "end_date": stamp(day),
        "allday": True,
        "name": "Annual leave",
        "isrecurring": False,
        "agent_id": 111,
    }
