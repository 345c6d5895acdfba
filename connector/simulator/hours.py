"""The pretend MSP's working hours: calendars and lists of days off, in nobody's dialect.

The first calendar is the one its SLA is counted in (sla.py). The others are what desks really have: long
days with a Saturday, a night shift over midnight, a desk that never closes.
"""

from __future__ import annotations

from collections.abc import Iterable

from connector.simulator import sla
from connector.simulator.records import Calendar, DayOff, DaysOff

_OFFICE = (f"{sla.OPENS:%H:%M}", f"{sla.CLOSES:%H:%M}")
_WORKDAYS = range(5)

_ENGLAND = (
    ("2026-01-01", "New Year's Day"),
    ("2026-04-03", "Good Friday"),
    ("2026-04-06", "Easter Monday"),
    ("2026-05-04", "Early May Bank Holiday"),
    ("2026-05-25", "Spring Bank Holiday"),
    ("2026-08-31", "Summer Bank Holiday"),
    ("2026-12-24", "Christmas Eve, afternoon"),
    ("2026-12-25", "Christmas Day"),
    ("2026-12-28", "Boxing Day (substitute)"),
    ("2027-01-01", "New Year's Day"),
    ("2027-03-26", "Good Friday"),
    ("2027-03-29", "Easter Monday"),
    ("2027-05-03", "Early May Bank Holiday"),
    ("2027-05-31", "Spring Bank Holiday"),
    ("2027-08-30", "Summer Bank Holiday"),
    ("2027-12-27", "Christmas Day (substitute)"),
    ("2027-12-28", "Boxing Day (substitute)"),
)
_PARTS = {"2026-12-24": ("12:00", "18:00")}
_CHRISTMAS = (("2026-12-25", "Christmas Day"), ("2027-12-25", "Christmas Day"))


def _days(first: int, days: Iterable[tuple[str, str]]) -> tuple[DayOff, ...]:
    return tuple(DayOff(n, day, name, _PARTS.get(day)) for n, (day, name) in enumerate(days, first))


HOLIDAYS = (
    DaysOff(1, "England", _days(1, _ENGLAND)),
    DaysOff(2, "Christmas only", _days(101, _CHRISTMAS)),
)
CALENDARS = (
    Calendar(1, "Standard Calendar", dict.fromkeys(_WORKDAYS, _OFFICE), 1),
    Calendar(2, "Extended Hours", dict.fromkeys(_WORKDAYS, ("07:00", "22:00")) | {5: ("09:00", "13:00")}, 1),
    Calendar(3, "Night Desk", dict.fromkeys((6, 0, 1, 2, 3), ("22:00", "06:00")), 2),
    Calendar(4, "Round the Clock", dict.fromkeys(range(7), ("00:00", "23:59"))),
)
