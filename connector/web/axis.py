"""The axis of a time line: instants to places, to scale, with closed hours drawn narrower and marked.

A night is longer than a working day, and promises are in working time: drawn minute by minute, the wait a
card is about would be a hair beside a weekend. So working time is to scale, closed time is to a scale of its
own, an eighth of that, and every closed stretch is marked as one. Nothing is left out and nothing overtakes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from connector.rules.worktime import WorkCalendar

NARROWER = 8
"""How many times narrower closed time is drawn than working time."""
APART = 0.11
"""Of the axis, at least, between two labels."""
VISIBLE = 0.002
"""Of the axis: narrower closed stretches are not marked one by one."""
SHORTEST = timedelta(minutes=10)
_STEPS = tuple(timedelta(minutes=m) for m in (1, 5, 10, 15, 30, 60, 120, 180, 360, 720))
_DAYS = (1, 2, 5, 10, 20, 60, 130, 260, 1300, 5200)


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on the axis. `day` is '' where it is that of the tick before."""

    place: float
    time: str
    day: str


@dataclass(frozen=True, slots=True)
class Shut:
    """A closed stretch, in places, and how long it really is."""

    since: float
    until: float
    length: timedelta


class Axis:
    """From `since` to `until` as 0..1. What is earlier or later is at the edge: see `place`.

    `narrowed`: some time on it is closed and drawn narrower. A span shorter than ten minutes is made that
    long; one without any working time is drawn evenly. ValueError where the calendar cannot tell.
    """

    __slots__ = ("_moments", "_places", "narrowed", "shut", "since", "ticks", "until")

    def __init__(self, calendar: WorkCalendar, zone: ZoneInfo, since: datetime, until: datetime) -> None:
        self.since = since.astimezone(UTC)
        self.until = max(until.astimezone(UTC), self.since + SHORTEST)
        openings = calendar.openings(self.since, self.until)
        pieces = list(_pieces(openings, self.since, self.until))
        rate = NARROWER if openings else 1
        room = [(end - start) / (1 if is_open else rate) for start, end, is_open in pieces]
        whole = sum(room, timedelta())
        self._moments, self._places = [self.since], [0.0]
        before = timedelta()
        for (_, end, _), width in zip(pieces, room, strict=True):
            before += width
            self._moments.append(end)
            self._places.append(before / whole)
        self._places[-1] = 1.0
        spans = zip(pieces, pairwise(self._places), strict=True)
        shut = [Shut(a, b, end - start) for (start, end, is_open), (a, b) in spans if not is_open]
        self.narrowed = bool(openings and shut)
        self.shut = tuple(one for one in shut if one.until - one.since >= VISIBLE)
        self.ticks = tuple(_ticks(self, zone, whole, openings))

    def place(self, at: datetime) -> float:
        """0..1; never falls as time goes on."""
        if at <= self.since:
            return 0.0
        index = bisect_right(self._moments, at) - 1
        if index + 1 >= len(self._moments):
            return 1.0
        start, end = self._moments[index], self._moments[index + 1]
        left, right = self._places[index], self._places[index + 1]
        return min(right, left + (right - left) * ((at - start) / (end - start)))


def _pieces(
    openings: Sequence[tuple[datetime, datetime]], since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime, bool]]:
    """The whole span, open and closed stretches in turn."""
    at = since
    for opens, closes in openings:
        if at < opens:
            yield at, opens, False
        yield opens, closes, True
        at = closes
    if at < until:
        yield at, until, False


def _ticks(
    axis: Axis, zone: ZoneInfo, whole: timedelta, openings: Sequence[tuple[datetime, datetime]]
) -> Iterator[Tick]:
    """The beginning, the mornings where there is room, and round hours between them that are open."""
    mornings = _mornings(axis, zone, openings)
    stride = next((one for one in _DAYS if len(mornings) / one <= 0.8 / APART), _DAYS[-1])
    found: list[tuple[float, datetime]] = []
    for at in (axis.since, *mornings[::stride], *_hours(axis, zone, whole, openings)):
        place = axis.place(at)
        index = bisect_right(found, (place, at))
        clear = all(abs(place - near) >= APART for near, _ in found[max(0, index - 1) : index + 1])
        if clear and place <= 1 - APART:
            found.insert(index, (place, at))
    day, years = "", axis.until - axis.since > timedelta(days=300)
    for place, at in found:
        local = at.astimezone(zone)
        named = f"{local:%a} {local.day} {local:%b}" + (f" {local.year}" if years else "")
        yield Tick(place, f"{local:%H:%M}", "" if named == day else named)
        day = named


def _mornings(
    axis: Axis, zone: ZoneInfo, openings: Sequence[tuple[datetime, datetime]]
) -> Sequence[datetime]:
    """The first open instant of every local day but the first; midnights where it is never closed."""
    if not axis.narrowed:
        return list(_rounds(axis, zone, timedelta(days=1)))
    days: dict[date, datetime] = {}
    for opens, _ in openings:
        days.setdefault(opens.astimezone(zone).date(), opens)
    return [opens for opens in days.values() if opens > axis.since]


def _hours(
    axis: Axis, zone: ZoneInfo, whole: timedelta, openings: Sequence[tuple[datetime, datetime]]
) -> Iterator[datetime]:
    """Round times that are open, as close as labels may stand; none where a day is too narrow for them."""
    step = next((one for one in _STEPS if one / whole >= APART), None)
    if step is None:
        return
    starts = [opens for opens, _ in openings]
    for at in _rounds(axis, zone, step):
        index = bisect_right(starts, at) - 1
        if not openings or (index >= 0 and at < openings[index][1]):
            yield at


def _rounds(axis: Axis, zone: ZoneInfo, step: timedelta) -> Iterator[datetime]:
    """Rising instants within the axis at which the zone's clock shows a round time."""
    wall = axis.since.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    last = axis.since
    while (at := wall.replace(tzinfo=zone).astimezone(UTC)) <= axis.until:
        if at > last:
            yield at
            last = at
        wall += step
