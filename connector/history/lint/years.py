"""A calendar as people see it, so that two can be laid over each other: its usual week, and its days off.

Looked at from the client's zone for a year: calendars in other zones, or with other rules, become comparable.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from connector.rules.openinghours import WEEKDAYS
from connector.rules.worktime import WorkCalendar

DAYS = 364
DAY_MIN = 24 * 60
_LATE, _GAP = DAY_MIN - 1, timedelta(minutes=1)

Span = tuple[datetime, datetime]
Spans = tuple[tuple[int, int], ...]
"""Open minutes of a local day, from and to."""


@dataclass(frozen=True, slots=True)
class Year:
    """What each weekday usually is, and by date how many minutes are missing against that."""

    week: tuple[Spans, ...]
    off: Mapping[date, int]

    @property
    def always(self) -> bool:
        return all(spans == ((0, DAY_MIN),) for spans in self.week)

    def __str__(self) -> str:
        if self.always:
            return "24x7"
        groups: list[tuple[int, int, Spans]] = []
        for day, spans in enumerate(self.week):
            if groups and groups[-1][2] == spans:
                groups[-1] = (groups[-1][0], day, spans)
            else:
                groups.append((day, day, spans))
        return "; ".join(f"{_days(first, last)} {_spans(spans)}" for first, last, spans in groups if spans)


@lru_cache(maxsize=256)
def year(calendar: WorkCalendar, zone: ZoneInfo, start: date) -> Year:
    """A calendar as seen in a zone, for DAYS from `start`."""
    days = [start + timedelta(days=n) for n in range(DAYS + 1)]
    nights = [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]
    open_ = _joined(calendar.openings(nights[0], nights[-1]))
    opens, closes = [a for a, _ in open_], [b for _, b in open_]
    spans = [
        _local(open_[bisect_right(closes, a) : bisect_left(opens, b)], a, b) for a, b in pairwise(nights)
    ]
    usual = [
        Counter(one for day, one in zip(days, spans, strict=False) if day.weekday() == number).most_common(1)
        for number in range(7)
    ]
    week = tuple(most[0][0] for most in usual)
    lacking = {day: _total(week[day.weekday()]) - _total(one) for day, one in zip(days, spans, strict=False)}
    return Year(week, {day: minutes for day, minutes in lacking.items() if minutes > 0})


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Without gaps of a minute: some write 23:59 for midnight."""
    found: list[Span] = []
    for start, end in spans:
        joins = found and start - found[-1][1] <= _GAP
        found.append((found.pop()[0] if joins else start, end))
    return found


def _local(spans: Iterable[Span], midnight: datetime, next_: datetime) -> Spans:
    """These openings, which overlap a day, as minutes since its midnight by elapsed time."""
    cut = [(max(a, midnight), min(b, next_)) for a, b in spans]
    minutes = [(_minutes(a - midnight), _minutes(b - midnight)) for a, b in cut]
    return tuple((a, DAY_MIN if b == _LATE else b) for a, b in minutes)


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def _total(spans: Spans) -> int:
    return sum(end - start for start, end in spans)


def _days(first: int, last: int) -> str:
    return WEEKDAYS[first] if first == last else f"{WEEKDAYS[first]}-{WEEKDAYS[last]}"


def _spans(spans: Spans) -> str:
    return ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans)
