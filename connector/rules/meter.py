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
    """Reads `used` seconds at an instant, and the instant at which a reading is reached.

    `stops` are ordered and do not overlap. Readings start at the calendar's own zero; only
    differences mean something. A reading costs a bisection.
    """

    __slots__ = ("_before", "_calendar", "_ends", "_levels", "_read", "_starts", "stands")

    def __init__(self, calendar: WorkCalendar, stops: Sequence[Stop]) -> None:
        self._calendar = calendar
        self._starts = [start for start, _ in stops]
        self._ends = [end for _, end in stops]
        self._before = [0.0]  # working seconds lost before each stop, and after the last
        self._levels: list[float] = []  # the reading during each stop
        self._read: dict[datetime, float] = {}  # clocks share their instants, and reading is what costs
        self.stands = bool(stops) and stops[-1][1] is None  # it stands still, for all we know
        for start, end in stops:
            worked = calendar.worked(start)
            self._levels.append(worked - self._before[-1])
            self._before.append(self._before[-1] + (calendar.worked(end) - worked if end else 0.0))

    def used(self, at: datetime) -> float:
        """The reading at an instant, in seconds. It never falls."""
        reading = self._read.get(at)
        if reading is None:
            reading = self._read[at] = self._reading(at)
        return reading

    def _reading(self, at: datetime) -> float:
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return self._calendar.worked(at)
        end = self._ends[index]
        if end is None or at < end:
            return self._levels[index]
        return self._calendar.worked(at) - self._before[index + 1]

    def when(self, reading: float) -> datetime | None:
        """The earliest instant with this reading; None while an open stop keeps it from being reached."""
        index = bisect_right(self._levels, reading)
        if not index:
            return self._calendar.at(reading)
        end = self._ends[index - 1]
        if end is None:
            return None
        return max(end, self._calendar.at(reading + self._before[index]))
