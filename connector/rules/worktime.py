"""Working-time arithmetic: every promise is in working time, so everything else stands on this.

One rule explains all of it: **it is working time whenever the wall clock of the calendar's zone shows
an opening time on a day that is not closed, and working time is counted as it really elapses.** So

* a 25-hour Sunday open 00:00-24:00 counts 25 hours, a 23-hour one 23;
* an opening or closing inside the skipped hour (or Samoa's skipped Friday) happens when the clock jumps;
* what is open in the repeated hour is open both times the clock shows it;
* a holiday closes exactly its local date, 00:00 to 24:00: a shift that began the evening before stops at
  midnight, and what runs past midnight out of a holiday is open again from midnight. Closures likewise.

How: time is cut into pages of 52 weeks, built when first needed. A page holds the openings in UTC and the
working time before each of them, so any question is one bisection. Whole microseconds throughout.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from connector.rules.openinghours import (
    DAY,
    WEEKDAYS,
    Hours,
    Spans,
    closed_spans,
    ordinal_of,
    week_spans,
    without,
)

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_SECOND = 1_000_000
_PAGE_DAYS = 364
_PAGE = _PAGE_DAYS * DAY * _SECOND
_FIRST_PAGE, _END_PAGE = -51, 81  # 1969-03 to 2100-09
_NO_ANSWER = "no answer within 1970 to 2100: the date is impossible, or no working time is left"

_Page = tuple["array[int]", "array[int]"]


class WorkCalendar:
    """When a desk works: a zone, a week, holidays (whole local dates) and part-day closures.

    `week` maps mon..sun to (from, to) pairs of "HH:MM" or "HH:MM:SS"; a missing or empty day is closed,
    "24:00" is an end, an end at or before its start runs past midnight. `closures` maps dates to pairs
    that are closed. Immutable; equal calendars compare and hash equal. `key` is the whole calendar as one
    line of text, for digests.

    ValueError, saying what to write instead: unknown zone or day, bad time, overlapping intervals, a week
    without any working time.

    >>> cal = WorkCalendar("Europe/Berlin", {"mon": [("09:00", "17:00")], "tue": [("09:00", "17:00")]})
    >>> cal.add(datetime(2026, 1, 5, 14, tzinfo=UTC), timedelta(hours=4)).isoformat()
    '2026-01-06T10:00:00+00:00'
    """

    __slots__ = ("_always", "_bases", "_pages", "_special", "_week", "_zone", "key", "timezone")

    key: str
    timezone: str

    def __init__(
        self,
        timezone: str,
        week: Mapping[str, Hours],
        holidays: Iterable[date] = (),
        closures: Mapping[date, Hours] | None = None,
    ) -> None:
        self._zone = _zone(timezone)
        self.timezone = timezone
        self._week = week_spans(week)
        closed = closed_spans(closures or {})
        closed.update({ordinal_of(day, "holiday"): ((0, DAY),) for day in holidays})
        self._special = {
            ordinal: without(self._week[(ordinal + 6) % 7], spans)
            for ordinal, spans in sorted(closed.items())
        }
        self._always = not self._special and all(spans == ((0, DAY),) for spans in self._week)
        self.key = repr((timezone, self._week, tuple(self._special.items())))
        self._pages: dict[int, _Page] = {}
        self._bases: tuple[int, list[int]] = (
            0,
            [0],
        )  # number of the first page, worked time before each page

    @classmethod
    def always(cls, timezone: str = "UTC") -> WorkCalendar:
        """24x7."""
        return cls(timezone, {day: [("00:00", "24:00")] for day in WEEKDAYS})

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, WorkCalendar) and self.key == other.key)

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"WorkCalendar({self.timezone!r}, {'24x7' if self._always else '...'})"

    # ── what people ask ───────────────────────────────────────────────────────────────────────

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """The instant (UTC) when `duration` of working time has passed since `start`.

        Ending exactly at closing gives the closing time. Zero gives `start`, or the next opening if it is
        closed then. A negative duration walks back; ending exactly at an opening gives that opening.
        ValueError: naive `start`, or an answer outside 1970 to 2100 (nothing but holidays ahead).
        """
        moment = _microseconds(start)
        wanted = _whole(duration)
        if wanted > 0:
            return _instant(self._earliest(self._worked(moment) + wanted))
        if wanted < 0:
            return _instant(self._latest(self._worked(moment) + wanted))
        return _instant(self._open_from(moment))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; negative when `end` is earlier. ValueError if one is naive."""
        return timedelta(microseconds=self._worked(_microseconds(end)) - self._worked(_microseconds(start)))

    def is_open(self, at: datetime) -> bool:
        """True from the opening on, False from the closing on."""
        moment = _microseconds(at)
        return self._open_from(moment) == moment

    def next_open(self, at: datetime) -> datetime:
        """`at` itself (UTC) if open then, else the next opening."""
        return _instant(self._open_from(_microseconds(at)))

    # ── the core the clocks count with ────────────────────────────────────────────────────────

    def worked(self, at: datetime) -> float:
        """Working seconds from the start of 2020 (UTC) to `at`, negative before. It never falls.

        The difference of two is the working time between them; whole microseconds survive the float.
        """
        return self._worked(_microseconds(at)) / _SECOND

    def at(self, worked: float) -> datetime:
        """The earliest instant (UTC) at which `worked` seconds have been worked: `at(worked(t)) <= t`.

        On the boundary that is the closing time; `next_open` of it is the opening that follows.
        """
        return _instant(self._earliest(round(worked * _SECOND)))

    def _worked(self, moment: int) -> int:
        if self._always:
            return moment
        number = moment // _PAGE
        starts, before = self._pages.get(number) or self._build(number)
        index = bisect_right(starts, moment) - 1
        worked = before[index] + moment - starts[index]
        limit = before[index + 1]
        return worked if worked < limit else limit

    def _earliest(self, worked: int) -> int:
        """The earliest moment with this much worked: inside an opening or at a closing."""
        if self._always:
            return worked
        first, bases = self._bases
        if not bases[0] < worked <= bases[-1]:
            first, bases = self._reach(worked)
        number = first + bisect_left(bases, worked) - 1
        starts, before = self._pages.get(number) or self._build(number)
        index = bisect_left(before, worked) - 1
        return starts[index] + worked - before[index]

    def _latest(self, worked: int) -> int:
        """The latest moment with this much worked: inside an opening or at its beginning."""
        if self._always:
            return worked
        first, bases = self._bases
        if not bases[0] <= worked < bases[-1]:
            first, bases = self._reach(worked)
        number = first + bisect_right(bases, worked) - 1
        starts, before = self._pages.get(number) or self._build(number)
        index = bisect_right(before, worked) - 1
        return starts[index] + worked - before[index]

    def _open_from(self, moment: int) -> int:
        return max(moment, self._latest(self._worked(moment)))

    # ── pages ─────────────────────────────────────────────────────────────────────────────────

    def _reach(self, worked: int) -> tuple[int, list[int]]:
        """Know the pages around `worked`: base before it and base after it."""
        first, bases = self._bases
        while bases[-1] <= worked:
            first, bases = self._extend(first + len(bases))
        while bases[0] >= worked:
            first, bases = self._extend(first - 1)
        return first, bases

    def _extend(self, number: int) -> tuple[int, list[int]]:
        """Know the working time before page `number`. A new list each time: readers never see half of it."""
        if not _FIRST_PAGE <= number <= _END_PAGE:
            raise ValueError(_NO_ANSWER)
        first, bases = self._bases
        bases = list(bases)
        while number < first:
            first -= 1
            bases.insert(0, bases[0] - self._total(first))
        while number >= first + len(bases):
            bases.append(bases[-1] + self._total(first + len(bases) - 1))
        self._bases = first, bases
        return self._bases

    def _total(self, number: int) -> int:
        return sum(end - start for start, end in self._openings(number)) * _SECOND

    def _build(self, number: int) -> _Page:
        """Openings of a page as (starts, worked before each, and after the last), led by an empty opening."""
        first, bases = self._bases
        if not first <= number < first + len(bases):
            first, bases = self._extend(number)
        starts = array("q", [number * _PAGE])
        before = array("q", [bases[number - first]] * 2)
        for start, end in self._openings(number):
            starts.append(start * _SECOND)
            before.append(before[-1] + (end - start) * _SECOND)
        self._pages[number] = starts, before
        return starts, before

    def _openings(self, number: int) -> list[tuple[int, int]]:
        """UTC seconds since the epoch of every opening in a page, joined where they touch."""
        openings: list[tuple[int, int]] = []
        for begin, end, offset in _offsets(self._zone, number):
            for day in range((begin + offset) // DAY, (end + offset - 1) // DAY + 1):
                midnight = day * DAY - offset
                for span in self._hours(day):
                    opens, closes = max(midnight + span[0], begin), min(midnight + span[1], end)
                    if openings and openings[-1][1] == opens < closes:
                        openings[-1] = openings[-1][0], closes
                    elif opens < closes:
                        openings.append((opens, closes))
        return openings

    def _hours(self, day: int) -> Spans:
        ordinal = day + _EPOCH_ORDINAL
        special = self._special.get(ordinal)
        return self._week[(ordinal + 6) % 7] if special is None else special


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError, TypeError) as error:
        raise ValueError(f"unknown time zone {name!r}; write a name like Europe/Berlin or UTC") from error


def _microseconds(at: datetime) -> int:
    try:
        since = at - _EPOCH
    except TypeError as error:
        raise ValueError(f"{at.isoformat()} has no time zone; give an aware datetime") from error
    return (since.days * DAY + since.seconds) * _SECOND + since.microseconds


def _whole(duration: timedelta) -> int:
    return (duration.days * DAY + duration.seconds) * _SECOND + duration.microseconds


def _instant(moment: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=moment)
    except OverflowError as error:
        raise ValueError(_NO_ANSWER) from error


@lru_cache(maxsize=2048)
def _offsets(zone: ZoneInfo, number: int) -> tuple[tuple[int, int, int], ...]:
    """Stretches of a page in which the zone's offset is constant: (begin, end, offset from UTC), seconds."""

    def offset(second: int) -> int:
        shift = (_EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
        return 0 if shift is None else int(shift.total_seconds())

    page_begin, page_end = number * _PAGE // _SECOND, (number + 1) * _PAGE // _SECOND
    stretches: list[tuple[int, int, int]] = []
    begin, current = page_begin, offset(page_begin)
    for probe in range(page_begin + DAY, page_end + 1, DAY):
        after = offset(probe)
        if after != current:
            last, change = probe - DAY, probe  # the change lies in (last, change]
            while change - last > 1:
                middle = (last + change) // 2
                last, change = (middle, change) if offset(middle) == current else (last, middle)
            stretches.append((begin, change, current))
            begin, current = change, after
    if begin < page_end:
        stretches.append((begin, page_end, current))
    return tuple(stretches)
