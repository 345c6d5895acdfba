"""From opening hours on a local calendar to openings in UTC. Nothing here knows of promises or pages.

Time is cut into stretches in which the zone's offset does not change. Inside a stretch local time is UTC
plus a number, so skipped and repeated hours need no cases: what the wall clock shows is what counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from connector.rules.openinghours import DAY, Spans, without

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_ORDINAL = EPOCH.toordinal()
_WEEKDAY = EPOCH.weekday()
_PROBE = 3 * DAY


class LocalHours:
    """Opening hours of every local day: a week, and days on which some of it is closed.

    Days and seconds are counted from the start of 2020. `closed` is by ordinal of the date.
    """

    __slots__ = ("_days", "_lost", "_special", "_week", "_weekly", "_zone", "key")

    def __init__(self, zone: ZoneInfo, week: tuple[Spans, ...], closed: Mapping[int, Spans]) -> None:
        self._zone, self._week = zone, week
        self._special: dict[int, Spans] = {}
        losses = []
        for ordinal, spans in sorted(closed.items()):
            usual = week[(ordinal - 1) % 7]
            left = without(usual, spans)
            if left != usual:
                self._special[ordinal - _ORDINAL] = left
                losses.append(_length(usual) - _length(left))
        self._days = list(self._special)
        self._lost = [0, *accumulate(losses)]
        self._weekly = [0, *accumulate(map(_length, week))]
        self.key = f"{zone.key} {(week, tuple(self._special.items()))!r}"

    @property
    def always(self) -> bool:
        return not self._special and all(spans == ((0, DAY),) for spans in self._week)

    def of(self, day: int) -> Spans:
        special = self._special.get(day)
        return self._week[(day + _WEEKDAY) % 7] if special is None else special

    def openings(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Every opening from `begin` to `end` in UTC seconds, in order, joined where they touch."""
        found: list[tuple[int, int]] = []
        for opens, closes in self._pieces(begin, end):
            joins = found and found[-1][1] == opens
            found.append((found.pop()[0] if joins else opens, closes))
        return found

    def total(self, begin: int, end: int) -> int:
        """Working seconds from `begin` to `end` in UTC seconds, without walking the days."""
        return sum(
            self._before(till + offset) - self._before(since + offset)
            for since, till, offset in stretches(self._zone, begin, end)
        )

    def _pieces(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        for since, till, offset in stretches(self._zone, begin, end):
            for day in range((since + offset) // DAY, (till + offset - 1) // DAY + 1):
                midnight = day * DAY - offset
                for opens, closes in self.of(day):
                    piece = max(midnight + opens, since), min(midnight + closes, till)
                    if piece[0] < piece[1]:
                        yield piece

    def _before(self, second: int) -> int:
        """Working seconds before a local second, from a fixed one, as if no clock were ever changed."""
        day, rest = divmod(second, DAY)
        weeks, weekday = divmod(day + _WEEKDAY, 7)
        today = sum(max(0, min(rest, closes) - opens) for opens, closes in self.of(day))
        lost = self._lost[bisect_left(self._days, day)]
        return weeks * self._weekly[7] + self._weekly[weekday] - lost + today


@lru_cache(maxsize=4096)
def stretches(zone: ZoneInfo, begin: int, end: int) -> tuple[tuple[int, int, int], ...]:
    """(since, till, offset) in UTC seconds: where the zone's offset is constant between `begin` and `end`.

    The offset is looked up every third day: since 1970 no zone has changed its clock twice within six.
    """
    found: list[tuple[int, int, int]] = []
    since, current = begin, _offset(zone, begin)
    for probe in (*range(begin + _PROBE, end, _PROBE), end):
        after = _offset(zone, probe)
        if after != current:
            last, change = max(begin, probe - _PROBE), probe  # it happened after `last`, by `change`
            while change - last > 1:
                middle = (last + change) // 2
                last, change = (middle, change) if _offset(zone, middle) == current else (last, middle)
            found.append((since, change, current))
            since, current = change, after
    if since < end:
        found.append((since, end, current))
    return tuple(found)


def _offset(zone: ZoneInfo, second: int) -> int:
    shift = (EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
    return int(shift.total_seconds()) if shift else 0


def _length(spans: Spans) -> int:
    return sum(closes - opens for opens, closes in spans)
