"""Opening hours as people write them, made into seconds of local days, so that worktime can calculate.

Everything past midnight is cut there and handed to the next day: afterwards a day is a sorted tuple of
`(from, to)` seconds within 0..86400, half-open, none touching another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import TypeAlias

Spans: TypeAlias = tuple[tuple[int, int], ...]
Hours: TypeAlias = Sequence[tuple[str, str]]

DAY = 86_400
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


def week_spans(week: Mapping[str, Hours]) -> tuple[Spans, ...]:
    """Seven days' spans, Monday first. Missing days are closed.

    ValueError: unknown day, bad time, intervals that overlap (also across midnight), nothing open at all.
    """
    unknown = [day for day in week if day not in WEEKDAYS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not a day of the week; use {' '.join(WEEKDAYS)}")
    days: list[list[tuple[int, int]]] = [[] for _ in WEEKDAYS]
    for number, name in enumerate(WEEKDAYS):
        for start, end in _parse(week.get(name) or (), name):
            days[number].append((start, min(end, DAY)))
            if end > DAY:
                days[(number + 1) % 7].append((0, end - DAY))
    if not any(days):
        raise ValueError("the week has no working time at all; open at least one interval, or use 24x7")
    for name, spans in zip(WEEKDAYS, days, strict=True):
        _refuse_overlap(name, sorted(spans))
    return tuple(_joined(spans) for spans in days)


def closed_spans(closures: Mapping[date, Hours]) -> dict[int, Spans]:
    """Closed spans by ordinal day. They may overlap. ValueError: a key that is no date, a bad time."""
    closed: dict[int, list[tuple[int, int]]] = {}
    for day, hours in closures.items():
        ordinal = ordinal_of(day, "closure")
        for start, end in _parse(hours, f"closure {day}"):
            closed.setdefault(ordinal, []).append((start, min(end, DAY)))
            if end > DAY:
                closed.setdefault(ordinal + 1, []).append((0, end - DAY))
    return {ordinal: _joined(spans) for ordinal, spans in closed.items()}


def without(open_: Spans, closed: Spans) -> Spans:
    """What stays open of a day.

    >>> without(((32400, 61200),), ((43200, 46800),))
    ((32400, 43200), (46800, 61200))
    """
    left = list(open_)
    for start, end in closed:
        left = [part for a, b in left for part in ((a, min(b, start)), (max(a, end), b)) if part[0] < part[1]]
    return tuple(left)


def clock(seconds: int) -> str:
    """Seconds of a day as people write them.

    >>> clock(34_200), clock(86_400), clock(34_230)
    ('09:30', '24:00', '09:30:30')
    """
    minutes, rest = divmod(seconds, 60)
    text = f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{rest:02}" if rest else text


def ordinal_of(day: date, what: str) -> int:
    if not isinstance(day, date):
        raise ValueError(f"{what} {day!r} is not a date; write YYYY-MM-DD")
    return day.toordinal()


def _parse(hours: Hours, where: str) -> list[tuple[int, int]]:
    """Pairs of seconds from the day's midnight; an end at or before its start is on the next day."""
    pairs = []
    for pair in hours:
        if isinstance(pair, str) or len(pair) != 2:
            raise ValueError(f"{where}: {pair!r} is not a pair of times (from, to)")
        start, end = (_seconds(text, where) for text in pair)
        if start == DAY:
            raise ValueError(f"{where}: 24:00 can only end an interval; to start at midnight write 00:00")
        pairs.append((start, end if end > start else end + DAY))
    return pairs


def _seconds(text: str, where: str) -> int:
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        total = hours * 3600 + minutes * 60 + seconds
        if total <= DAY:
            return total
    raise ValueError(f"{where}: {text!r} is not a time of day; write HH:MM, from 00:00 to 24:00")


def _refuse_overlap(name: str, spans: Sequence[tuple[int, int]]) -> None:
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise ValueError(f"{name}: two intervals overlap at {clock(start)} to {clock(end)}")


def _joined(spans: Iterable[tuple[int, int]]) -> Spans:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
