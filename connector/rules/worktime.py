"""Working-time arithmetic: every promise is in working time, so everything else stands on this.

One rule explains all of it: **it is working time whenever the wall clock of the calendar's zone shows
an opening time on a day that is not closed, and working time is counted as it really elapses.** So

* a 25-hour Sunday open 00:00-24:00 counts 25 hours, a 23-hour one 23;
* an opening or closing inside the skipped hour (or Samoa's skipped Friday) happens when the clock jumps;
* what is open in the repeated hour is open both times the clock shows it;
* a holiday closes exactly its local date, 00:00 to 24:00: a shift that began the evening before stops at
  midnight, and what runs past midnight out of a holiday is open again from midnight. Closures likewise.

How: time is cut into pages of 13 weeks, built when first needed. A page holds the openings in UTC and the
working time before each of them, so any question is one bisection. Whole microseconds throughout.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Self, TypeAlias
from zoneinfo import ZoneInfo

from connector.rules.localhours import EPOCH, LocalHours
from connector.rules.openinghours import DAY, WEEKDAYS, Hours, closed_spans, ordinal_of, week_spans
from connector.rules.versions import Openings, Versions, first_second

MINUTE = 60_000_000
"""Working microseconds of a minute."""

_MICROSECOND = timedelta(microseconds=1)
_A_SECOND = timedelta(seconds=1)
_SECOND = 1_000_000
_PAGE = 91 * DAY  # seconds
_PAGE_MICROS = _PAGE * _SECOND
_FIRST_PAGE, _LAST_PAGE = -201, 327  # December 1969 to September 2101
_NO_ANSWER = "no answer within 1970 to 2100: the date is impossible, or no working time is left"

_Page: TypeAlias = tuple[list[int], list[int]]
"""Starts of a page's openings, led by an empty one; work done before each of them and after the last."""


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

    __slots__ = ("_always", "_bases", "_hours", "_pages", "key", "timezone")

    def __init__(
        self,
        timezone: str,
        week: Mapping[str, Hours],
        holidays: Iterable[date] = (),
        closures: Mapping[date, Hours] | None = None,
    ) -> None:
        closed = closed_spans(closures or {})
        closed.update({ordinal_of(day, "holiday"): ((0, DAY),) for day in holidays})
        self._open(timezone, LocalHours(_zone(timezone), week_spans(week), closed))

    def _open(self, timezone: str, hours: Openings) -> None:
        self.timezone = timezone
        self._hours = hours
        self._always = hours.always
        self.key = hours.key
        self._pages: dict[int, _Page] = {}
        self._bases: tuple[int, list[int]] = 0, [0]  # first page known of, work done before each from there

    @classmethod
    def always(cls, timezone: str = "UTC") -> WorkCalendar:
        """24x7."""
        return cls(timezone, {day: [("00:00", "24:00")] for day in WEEKDAYS})

    @classmethod
    def changing(cls, versions: Iterable[tuple[date | None, WorkCalendar]]) -> Self:
        """One calendar that is each of these from its date on; the one dated None holds before all others.

        A date is the new calendar's local date; `timezone` is that of the last. ValueError: no calendar
        dated None or more than one, a date twice, a key that is no date.
        """
        undated: list[WorkCalendar] = []
        begins: dict[int, WorkCalendar] = {}
        for day, calendar in versions:
            if day is None:
                undated.append(calendar)
                continue
            second = first_second(_zone(calendar.timezone), day)
            if begins.setdefault(second, calendar) is not calendar:
                raise ValueError(f"{day}: another calendar begins at the same time; keep one")
        if len(undated) != 1:
            raise ValueError("expected exactly one calendar without a date: the one before all changes")
        order = [*undated, *(begins[second] for second in sorted(begins))]
        changing = cls.__new__(cls)
        changing._open(order[-1].timezone, Versions([one._hours for one in order], sorted(begins)))
        return changing

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
        wanted = (duration.days * DAY + duration.seconds) * _SECOND + duration.microseconds
        if wanted > 0:
            return self.at(self.worked(start) + wanted)
        if wanted < 0:
            return _instant(self._latest(self.worked(start) + wanted))
        return self.next_open(start)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; negative when `end` is earlier. ValueError if one is naive."""
        return _MICROSECOND * (self.worked(end) - self.worked(start))

    def is_open(self, at: datetime) -> bool:
        """True from the opening on, False from the closing on."""
        worked = self.worked(at)
        return self._always or self.worked(at.astimezone(UTC) + _MICROSECOND) > worked

    def next_open(self, at: datetime) -> datetime:
        """`at` itself (in UTC) if open then, else the next opening."""
        return _instant(self._latest(self.worked(at)))

    def openings(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """When it is open from `start` to `end` (UTC), in order, cut at both; for drawings, not for clocks.

        Empty unless `start` is earlier. ValueError if one is naive.
        """
        if self.worked(end) <= self.worked(start):
            return []
        if self._always:
            return [(start.astimezone(UTC), end.astimezone(UTC))]
        first, last = (start - EPOCH) // _A_SECOND, -((EPOCH - end) // _A_SECOND)
        spans = [(EPOCH + a * _A_SECOND, EPOCH + b * _A_SECOND) for a, b in self._hours.openings(first, last)]
        cut = [(max(a, start.astimezone(UTC)), min(b, end.astimezone(UTC))) for a, b in spans]
        return [span for span in cut if span[0] < span[1]]

    # ── the core the clocks count with ────────────────────────────────────────────────────────

    def worked(self, at: datetime) -> int:
        """Working microseconds from the start of 2020 (UTC) to `at`, negative before. It never falls.

        The difference of two is the working time between them.
        """
        try:
            since = at - EPOCH
        except TypeError as error:
            raise ValueError(f"{at.isoformat()} has no time zone; give an aware datetime") from error
        moment = (since.days * DAY + since.seconds) * _SECOND + since.microseconds
        if self._always:
            return moment
        number = moment // _PAGE_MICROS
        starts, before = self._pages.get(number) or self._build(number)
        index = bisect_right(starts, moment)
        worked = before[index - 1] + moment - starts[index - 1]
        limit = before[index]
        return worked if worked < limit else limit

    def at(self, worked: int) -> datetime:
        """The earliest instant (UTC) at which `worked` microseconds have been worked: `at(worked(t)) <= t`.

        Inside an opening, or on the boundary the closing time; `next_open` of it is the opening after it.
        ValueError if that is outside 1970 to 2100.
        """
        moment = worked
        if not self._always:
            first, bases = self._bases
            if not bases[0] < worked <= bases[-1]:
                first, bases = self._reach(worked)
            number = first + bisect_left(bases, worked) - 1
            starts, before = self._pages.get(number) or self._build(number)
            index = bisect_left(before, worked) - 1
            moment += starts[index] - before[index]
        try:
            return EPOCH + _MICROSECOND * moment
        except OverflowError as error:
            raise ValueError(_NO_ANSWER) from error

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
        if not _FIRST_PAGE <= number <= _LAST_PAGE:
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
        return self._hours.total(number * _PAGE, (number + 1) * _PAGE) * _SECOND

    def _build(self, number: int) -> _Page:
        first, bases = self._bases
        if not first <= number < first + len(bases):
            first, bases = self._extend(number)
        starts = [number * _PAGE * _SECOND]
        before = [bases[number - first]] * 2
        for opens, closes in self._hours.openings(number * _PAGE, (number + 1) * _PAGE):
            starts.append(opens * _SECOND)
            before.append(before[-1] + (closes - opens) * _SECOND)
        page = self._pages[number] = starts, before
        return page


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError, TypeError) as error:
        raise ValueError(f"unknown time zone {name!r}; write a name like Europe/Berlin or UTC") from error


def _instant(moment: int) -> datetime:
    try:
        return EPOCH + _MICROSECOND * moment
    except OverflowError as error:
        raise ValueError(_NO_ANSWER) from error
