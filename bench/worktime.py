"""Working time beside what can be installed, on 10,000 random cases with lunch breaks and holidays.

Europe/Berlin, Monday to Friday 09:00-12:30 and 13:30-17:30, public holidays; starts at any minute of two
years, promises of 15 minutes to 40 hours, spans of up to 30 days. Every answer of everybody is held against
a plain walk over the intervals, which is timed, too. Slow peers get the first cases only. The gate: 50 times
faster than the fastest peer whose answers are right.

Peers are no dependencies of ours; one that cannot be imported is named and left out. To have them:
    python3 -m venv /tmp/peers
    /tmp/peers/bin/pip install holidays tzdata pandas business-duration businesstimedelta pytz
    PYTHONPATH=. /tmp/peers/bin/python -m bench.worktime
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from connector.rules.worktime import WorkCalendar

BERLIN = ZoneInfo("Europe/Berlin")
SPANS = ((clock(9), clock(12, 30)), (clock(13, 30), clock(17, 30)))
DAYS = ("mon", "tue", "wed", "thu", "fri")
COUNT, ROUNDS, GATE = 10_000, 5, 50.0
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

Add = Callable[[datetime, timedelta], datetime]
Between = Callable[[datetime, datetime], timedelta]


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody who can answer. `cases`: how many are asked; `whole`: promises in whole hours only."""

    name: str
    ask: Callable[[Any, Any], Any]
    cases: int = COUNT
    whole: bool = False


def main() -> None:
    off = frozenset(import_module("holidays").country_holidays("DE", subdiv="BE", years=range(2023, 2028)))
    week = {day: [(f"{a:%H:%M}", f"{b:%H:%M}") for a, b in SPANS] for day in DAYS}
    ours, walk = WorkCalendar("Europe/Berlin", week, off), Walk(off)
    dice, first = random.Random(1), datetime(2024, 1, 1, tzinfo=UTC)
    starts = [first + MINUTE * dice.randrange(2 * 365 * 1440) for _ in range(COUNT)]
    adds = [(start, MINUTE * dice.randrange(15, 2401)) for start in starts]
    spans = [(start, start + MINUTE * dice.randrange(30 * 1440)) for start in starts]
    began = time.perf_counter()
    ours.add(first, timedelta(hours=1))
    ours.between(first, first + timedelta(days=730))
    print(f"two years of pages built in {(time.perf_counter() - began) * 1e3:.1f} ms, once a calendar")
    adders = [Peer("plain walk", walk.add), *_peers(_pandas_add, _businesstimedelta_add, off=off)]
    _compare("add", Peer("ours", ours.add), adders, adds, walk, ours)
    betweens = [
        Peer("plain walk", walk.between),
        *_peers(_duration_between, _businesstimedelta_between, off=off),
    ]
    _compare("between", Peer("ours", ours.between), betweens, spans, walk, ours)


def _compare(
    what: str, ours: Peer, others: Sequence[Peer], cases: Sequence[Any], walk: Walk, calendar: WorkCalendar
) -> None:
    mine = _micros(ours, cases)
    right = _right(what, ours, cases, walk, calendar)
    print(f"{what:8} {ours.name:28} {mine:10.2f} µs   {right:6.1%} right")
    fastest: tuple[float, str] | None = None
    for peer in others:
        asked = [(a, max(HOUR, b // HOUR * HOUR)) for a, b in cases] if peer.whole else cases
        took, right = _micros(peer, asked), _right(what, peer, asked, walk, calendar)
        print(f"{what:8} {peer.name:28} {took:10.2f} µs   {right:6.1%} right   {took / mine:8.1f} times ours")
        if right == 1 and peer.name != "plain walk" and (fastest is None or took < fastest[0]):
            fastest = took, peer.name
    if fastest is None:
        print(f"{what:8} no peer at hand gets everything right: see the top of bench/worktime.py")
        return
    ratio = fastest[0] / mine
    passed = "passed" if ratio >= GATE else "NOT passed"
    print(f"{what:8} gate: {ratio:.0f} times faster than {fastest[1]} (at least {GATE:.0f}): {passed}")


def _micros(peer: Peer, cases: Sequence[Any]) -> float:
    """Microseconds a question, in the quickest round: others use the machine, too."""
    asked, ask = cases[: peer.cases], peer.ask
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for first, second in asked:
            ask(first, second)
        rounds.append((time.perf_counter() - began) / len(asked) * 1e6)
    return min(rounds)


def _right(what: str, peer: Peer, cases: Sequence[Any], walk: Walk, calendar: WorkCalendar) -> float:
    """Share of answers equal to the walk's. Closing time and the next opening are the same due date."""
    asked = cases[: min(peer.cases, 2000)]
    good = 0
    for first, second in asked:
        if what == "add":
            good += calendar.between(walk.add(first, second), peer.ask(first, second)) == timedelta()
        else:
            good += abs(walk.between(first, second) - peer.ask(first, second)) < timedelta(milliseconds=1)
    return good / len(asked)


class Walk:
    """The floor: a walk over the intervals, as anybody would write it."""

    def __init__(self, off: frozenset[date]) -> None:
        self.off = off

    def add(self, start: datetime, left: timedelta) -> datetime:
        day = start.astimezone(BERLIN).date()
        while True:
            for opens, closes in self._intervals(day):
                begin = max(opens, start)
                if begin + left <= closes:
                    return begin + left
                left -= max(timedelta(), closes - begin)
            day += timedelta(days=1)

    def between(self, start: datetime, end: datetime) -> timedelta:
        day, last = start.astimezone(BERLIN).date(), end.astimezone(BERLIN).date()
        total = timedelta()
        while day <= last:
            for opens, closes in self._intervals(day):
                total += max(timedelta(), min(closes, end) - max(opens, start))
            day += timedelta(days=1)
        return total

    def _intervals(self, day: date) -> list[tuple[datetime, datetime]]:
        if day.weekday() > 4 or day in self.off:
            return []
        return [
            (
                datetime.combine(day, a, BERLIN).astimezone(UTC),
                datetime.combine(day, b, BERLIN).astimezone(UTC),
            )
            for a, b in SPANS
        ]


# ── peers: each is handed what it understands, outside of what is timed where that is possible ─


def _peers(*makers: Callable[[frozenset[date]], Peer], off: frozenset[date]) -> list[Peer]:
    found = []
    for make in makers:
        try:
            found.append(make(off))
        except ImportError as error:
            print(f"         not at hand: {error.name}")
    return found


def _local(at: datetime) -> datetime:
    return at.astimezone(BERLIN).replace(tzinfo=None)


def _pandas_add(off: frozenset[date]) -> Peer:
    pandas = import_module("pandas")
    hours = import_module("pandas.tseries.offsets").CustomBusinessHour(
        start=[a for a, _ in SPANS], end=[b for _, b in SPANS], holidays=sorted(off)
    )

    def add(start: datetime, worked: timedelta) -> datetime:
        due = pandas.Timestamp(_local(start)) + hours * (worked // HOUR)
        found: datetime = due.to_pydatetime().replace(tzinfo=BERLIN)
        return found

    return Peer("pandas CustomBusinessHour", add, 1000, whole=True)


def _duration_between(off: frozenset[date]) -> Peer:
    module = import_module("business_duration")
    days = sorted(off)

    def between(start: datetime, end: datetime) -> timedelta:
        """It knows one interval a day, so the lunch break is asked for apart."""
        a, b, minutes = _local(start), _local(end), 0.0
        for opens, closes in SPANS:
            part = module.businessDuration(a, b, opens, closes, holidaylist=days, unit="min")
            minutes += 0 if part != part else part  # nothing open between the two: NaN
        return timedelta(minutes=minutes)

    return Peer("business-duration", between, 1000)


def _businesstimedelta(off: frozenset[date]) -> tuple[Any, Any]:
    module, zone = import_module("businesstimedelta"), import_module("pytz").timezone("Europe/Berlin")
    workdays = [
        module.WorkDayRule(start_time=a, end_time=b, working_days=[0, 1, 2, 3, 4], tz=zone) for a, b in SPANS
    ]
    return module, module.Rules([*workdays, module.HolidayRule(off, tz=zone)])


def _businesstimedelta_add(off: frozenset[date]) -> Peer:
    module, rules = _businesstimedelta(off)

    def add(start: datetime, worked: timedelta) -> datetime:
        found: datetime = start.astimezone(BERLIN) + module.BusinessTimeDelta(rules, timedelta=worked)
        return found

    return Peer("businesstimedelta", add, 200)


def _businesstimedelta_between(off: frozenset[date]) -> Peer:
    _, rules = _businesstimedelta(off)

    def between(start: datetime, end: datetime) -> timedelta:
        found: timedelta = rules.difference(start.astimezone(BERLIN), end.astimezone(BERLIN)).timedelta
        return found

    return Peer("businesstimedelta", between, 200)


if __name__ == "__main__":
    main()
