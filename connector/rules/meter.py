"""Working time that counts: a calendar's hours less the intervals in which a clock stands still.

Every clock reads one of these, so a pause, a night and a holiday are the same thing to it: time in
which nothing is used. Pauses are never added to a due date; the due date is asked for again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from connector.rules.worktime import WorkCalendar

Stop: TypeAlias = tuple[datetime, datetime | None]
"""A clock stands still from the first instant to the second; None: until further notice."""


class Meter:
    """Reads working microseconds at an instant, and the instant at which a reading is reached.

    `stops` are ordered and do not overlap. Readings start at the calendar's own zero and never fall; only
    differences mean something. The clocks of a ticket share their instants, so a reading is taken once
    and kept; it costs a bisection. `stands`: it stands still, for all we know.
    """

    __slots__ = ("_before", "_levels", "_quiet", "_read", "calendar", "stands", "stops")

    def __init__(self, calendar: WorkCalendar, stops: Sequence[Stop]) -> None:
        self.calendar, self.stops = calendar, stops
        self.stands = bool(stops) and stops[-1][1] is None
        self._quiet = stops[0][0] if stops else None  # until then nothing stands still
        self._read: dict[datetime, int] = {}
        self._levels: list[int] | None = None  # the reading during each stop, once somebody asks
        self._before: list[int] = []  # working time lost before each stop, and after the last

    def used(self, at: datetime) -> int:
        """The reading at an instant."""
        reading = self._read.get(at)
        if reading is None:
            quiet = self._quiet is None or at <= self._quiet
            reading = self._read[at] = self.calendar.worked(at) if quiet else self._among_stops(at)
        return reading

    def when(self, reading: int) -> datetime | None:
        """The earliest instant with this reading; None while an open stop keeps it from being reached."""
        if self._quiet is None:
            return self.calendar.at(reading)
        levels = self._levels or self._lay()
        index = bisect_right(levels, reading)
        if not index:
            return self.calendar.at(reading)
        end = self.stops[index - 1][1]
        if end is None:
            return None
        return max(end, self.calendar.at(reading + self._before[index]))

    def due(self, reading: int, done: datetime) -> datetime:
        """When a reading not reached by `done` would have been, had nothing stood still after it."""
        if self._quiet is None or done <= self._quiet:
            return self.calendar.at(reading)
        return self.calendar.at(self.calendar.worked(done) + reading - self.used(done))

    def _among_stops(self, at: datetime) -> int:
        levels = self._levels or self._lay()
        index = bisect_right(self.stops, at, key=_start) - 1
        end = self.stops[index][1]
        if end is None or at < end:
            return levels[index]
        return self.calendar.worked(at) - self._before[index + 1]

    def _lay(self) -> list[int]:
        """Measure the stops, once."""
        lost = 0
        levels, self._before = [], [lost]
        for start, end in self.stops:
            worked = self.calendar.worked(start)
            levels.append(worked - lost)
            lost += self.calendar.worked(end) - worked if end else 0
            self._before.append(lost)
        self._levels = levels
        return levels


def _start(stop: Stop) -> datetime:
    return stop[0]
