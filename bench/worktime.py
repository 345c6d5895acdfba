"""Working-time arithmetic: µs a call, beside a plain walk over the openings and, where installed, others.

The walk is what one would write first: opening by opening from the start on, with the wall clock of the
client's zone. It must agree with ours on every case, or the bench fails.
"""

from __future__ import annotations

import importlib
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

from connector.rules.worktime import WorkCalendar

ZONE = ZoneInfo("Europe/Berlin")
HOURS = ((clock(9), clock(12, 30)), (clock(13, 30), clock(17)))
HOLIDAYS = (date(2026, 12, 25), date(2026, 12, 26))
CALENDAR = WorkCalendar(
    timezone="Europe/Berlin",
    week={day: [("09:00", "12:30"), ("13:30", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")},
    holidays=list(HOLIDAYS),
)
CASES = 2000


def openings(start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The openings that end after `start`, one day after the other."""
    day = start.astimezone(ZONE).date()
    while True:
        if day.weekday() < 5 and day not in HOLIDAYS:
            for opens, closes in HOURS:
                end = datetime.combine(day, closes, ZONE).astimezone(UTC)
                if end > start:
                    yield max(start, datetime.combine(day, opens, ZONE).astimezone(UTC)), end
        day += timedelta(days=1)


def walk_add(start: datetime, work: timedelta) -> datetime:
    for opens, closes in openings(start):
        if work <= closes - opens:
            return opens + work
        work -= closes - opens
    raise AssertionError


def walk_between(start: datetime, end: datetime) -> timedelta:
    done = timedelta(0)
    for opens, closes in openings(start):
        if opens >= end:
            break
        done += min(closes, end) - opens
    return done


def microseconds(
    call: Callable[[datetime, timedelta], object], cases: list[tuple[datetime, timedelta]]
) -> float:
    """Best mean of five, in µs: the one least disturbed."""
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for start, length in cases:
            call(start, length)
        best = min(best, time.process_time() - began)
    return best / len(cases) * 1e6


def others() -> dict[str, Callable[[datetime, timedelta], object]]:
    """Libraries people use for this, if they are here; they are no dependencies of ours."""
    found: dict[str, Callable[[datetime, timedelta], object]] = {}
    for name in ("pandas", "business_duration"):
        try:
            importlib.import_module(name)
        except ImportError:
            print(f"  {name}: not installed")
    try:
        pandas = importlib.import_module("pandas")
        hours = pandas.offsets.CustomBusinessHour(
            start=["09:00", "13:30"], end=["12:30", "17:00"], holidays=list(HOLIDAYS)
        )
        found["pandas CustomBusinessHour, add"] = lambda start, work: (
            pandas.Timestamp(start) + hours * max(1, round(work / timedelta(hours=1)))
        )
        duration = importlib.import_module("business_duration").businessDuration
        found["business_duration, between"] = lambda start, work: duration(
            start.replace(tzinfo=None),
            (start + work).replace(tzinfo=None),
            clock(9),
            clock(17),
            [5, 6],
            dict.fromkeys(HOLIDAYS, ""),
            "min",
        )
    except ImportError:
        pass
    return found


def main() -> None:
    for what, longest in (("within 3 days", timedelta(days=3)), ("within 90 days", timedelta(days=90))):
        dice = random.Random(7)
        start = datetime(2026, 9, 1, tzinfo=UTC)
        cases = [
            (start + dice.random() * timedelta(days=120), dice.random() * longest / 4) for _ in range(CASES)
        ]
        assert all(CALENDAR.add(a, w) == walk_add(a, w) for a, w in cases)
        assert all(CALENDAR.between(a, a + 4 * w) == walk_between(a, a + 4 * w) for a, w in cases)
        add, floor = microseconds(CALENDAR.add, cases), microseconds(walk_add, cases)
        print(f"{what}: add {add:.2f} µs, plain walk {floor:.1f} µs, ratio {add / floor:.3f}")
        span = microseconds(lambda a, w: CALENDAR.between(a, a + 4 * w), cases)
        floor = microseconds(lambda a, w: walk_between(a, a + 4 * w), cases)
        print(f"{what}: between {span:.2f} µs, plain walk {floor:.1f} µs, ratio {span / floor:.3f}")
        for name, call in others().items():
            print(f"  {name}: {microseconds(call, cases[:200]):.0f} µs")
