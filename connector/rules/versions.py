"""Opening hours that change at a date: one calendar before it, another from it on.

A change takes effect when the new calendar's own clock first shows the date: at its midnight, or at the
jump where that midnight is skipped. What lies before belongs to the old calendar wholly, what lies after
to the new one, so a shift over that midnight is open as far as each of them says so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from connector.rules.localhours import EPOCH, stretches
from connector.rules.openinghours import DAY, ordinal_of

_ORDINAL = EPOCH.toordinal()


class Openings(Protocol):
    """What a working calendar needs to know. Times are UTC seconds from the start of 2020."""

    @property
    def key(self) -> str: ...

    @property
    def always(self) -> bool: ...

    def openings(self, begin: int, end: int) -> list[tuple[int, int]]: ...

    def total(self, begin: int, end: int) -> int: ...


class Versions:
    """Several `Openings`, one after another. `begins` are the seconds at which the second and later ones
    take over, rising."""

    __slots__ = ("_begins", "_versions", "always", "key")

    def __init__(self, versions: Sequence[Openings], begins: Sequence[int]) -> None:
        self._versions, self._begins = tuple(versions), tuple(begins)
        self.always = all(version.always for version in versions)
        self.key = repr(tuple(zip((None, *begins), (version.key for version in versions), strict=True)))

    def openings(self, begin: int, end: int) -> list[tuple[int, int]]:
        return [one for hours, since, till in self._parts(begin, end) for one in hours.openings(since, till)]

    def total(self, begin: int, end: int) -> int:
        return sum(hours.total(since, till) for hours, since, till in self._parts(begin, end))

    def _parts(self, begin: int, end: int) -> Iterator[tuple[Openings, int, int]]:
        first, last = bisect_right(self._begins, begin), bisect_left(self._begins, end)
        for number in range(first, last + 1):
            since = self._begins[number - 1] if number > first else begin
            till = self._begins[number] if number < last else end
            yield self._versions[number], since, till


def first_second(zone: ZoneInfo, day: date) -> int:
    """The first UTC second at which the zone's clock shows this date or a later one."""
    local = (ordinal_of(day, "change") - _ORDINAL) * DAY
    around = stretches(zone, local - 2 * DAY, local + 2 * DAY)
    return next(max(since, local - offset) for since, till, offset in around if local - offset < till)
