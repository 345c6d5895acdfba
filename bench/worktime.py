"""Working-time arithmetic: µs a call, beside a plain walk over the openings and, where installed, others.

The walk is what one would write first: opening by opening from the start on, with the wall clock of the
client's zone. It must agree with ours on every case, or the bench fails.
"""

from __future__ import annotations

import importlib
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any
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
CASES = 10_000


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


Call = Callable[[datetime, Any], object]


def microseconds(call: Call, cases: Sequence[tuple[datetime, Any]], rounds: int = 5) -> float:
    """Best mean of some rounds, in µs: the one least disturbed."""
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        for first, second in cases:
            call(first, second)
        best = min(best, time.process_time() - began)
    return best / len(cases) * 1e6


def others() -> Iterator[tuple[str, Call | None, Call | None]]:
    """Libraries people use for this, if they are here: name, add, between. We depend on none of them."""
    try:
        pandas = importlib.import_module("pandas")
        hours = pandas.offsets.CustomBusinessHour(
            start=["09:00", "13:30"], end=["12:30", "17:00"], holidays=list(HOLIDAYS)
        )
        yield (
            "pandas CustomBusinessHour (whole hours only)",
            lambda start, work: (
                pandas.Timestamp(start.astimezone(ZONE)) + hours * max(1, round(work / timedelta(hours=1)))
            ),
            None,
        )
    except ImportError:
        print("  pandas: not installed")
    try:
        duration = importlib.import_module("business_duration").businessDuration
        days_off = dict.fromkeys(HOLIDAYS, "")
        yield (
            "business-duration (no lunch break)",
            None,
            lambda start, end: timedelta(
                minutes=duration(_local(start), _local(end), clock(9), clock(17), [5, 6], days_off, "min")
            ),
        )
    except ImportError:
        print("  business-duration: not installed")
    try:
        theirs, pytz = importlib.import_module("businesstimedelta"), importlib.import_module("pytz")
        where = {"working_days": [0, 1, 2, 3, 4], "tz": pytz.timezone("Europe/Berlin")}
        day = theirs.WorkDayRule(start_time=clock(9), end_time=clock(17), **where)
        lunch = theirs.LunchTimeRule(start_time=clock(12, 30), end_time=clock(13, 30), **where)
        far = date(2027, 12, 25)  # it fails once no holiday is ahead
        off = theirs.HolidayRule(dict.fromkeys((*HOLIDAYS, far), ""), tz=where["tz"])
        rules = theirs.Rules([day, lunch, off])
        yield (
            "businesstimedelta",
            lambda start, work: start + theirs.BusinessTimeDelta(rules, timedelta=work),
            lambda start, end: rules.difference(start, end).timedelta,
        )
    except ImportError:
        print("  businesstimedelta: not installed")


def _local(at: datetime) -> datetime:
    return at.astimezone(ZONE).replace(tzinfo=None)


def compare(
    what: str,
    ours: Call,
    walk: Call,
    peers: Iterable[tuple[str, Call | None]],
    cases: list[tuple[datetime, Any]],
) -> None:
    """Ours, the plain walk, and how often each peer that is here agrees with both."""
    assert all(ours(*case) == walk(*case) for case in cases[:1000])
    mine, floor = microseconds(ours, cases), microseconds(walk, cases[:1000], 3)
    print(f"{what}: {mine:.2f} µs; plain walk {floor:.1f} µs, {floor / mine:.0f} times as long")
    some = cases[:200]
    for name, call in peers:
        if call:
            right = sum(call(*case) == ours(*case) for case in some)
            took = microseconds(call, some, 3)
            print(
                f"  {name}: {took:.0f} µs, {took / mine:.0f} times as long, right in {right} of {len(some)}"
            )


def main() -> None:
    peers = list(others())
    for what, longest in (("within 3 days", timedelta(days=3)), ("within 90 days", timedelta(days=90))):
        dice = random.Random(7)
        start = datetime(2026, 9, 1, tzinfo=UTC)
        cases = [
            (start + dice.random() * timedelta(days=120), dice.random() * longest / 4) for _ in range(CASES)
        ]
        spans = [(at, at + 4 * work) for at, work in cases]
        compare(f"add {what}", CALENDAR.add, walk_add, [(n, add) for n, add, _ in peers], cases)
        compare(f"between {what}", CALENDAR.between, walk_between, [(n, span) for n, _, span in peers], spans)
