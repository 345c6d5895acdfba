"""Laws of working time, in twelve zones with odd clocks, against a walk minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connector.rules.localhours import EPOCH, LocalHours
from connector.rules.openinghours import WEEKDAYS, closed_spans, week_spans
from connector.rules.worktime import WorkCalendar

MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)
DAY = 1440

# Days near which each zone does something odd: clock changes at midnight, by half an hour, a lost day.
ODD_DAYS = {
    "UTC": ["2024-02-29"],
    "Europe/Berlin": ["2026-03-29", "2026-10-25"],
    "Europe/London": ["2019-12-31", "2026-10-25"],
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "America/St_Johns": ["2006-10-29", "2026-03-08"],
    "America/Havana": ["2026-03-08", "2026-11-01"],
    "America/Sao_Paulo": ["2018-11-04", "2019-02-16"],
    "Africa/Casablanca": ["2026-02-15", "2026-03-22"],
    "Asia/Kolkata": ["2026-08-15"],
    "Asia/Kathmandu": ["1985-12-31"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
    "Pacific/Apia": ["2011-12-30", "2021-04-04"],
}


class Desk(NamedTuple):
    """A calendar, and the same said plainly: the minutes of the week that are open, the dates that differ."""

    calendar: WorkCalendar
    zone: ZoneInfo
    open_minutes: list[tuple[int, int]]
    holidays: frozenset[date]
    closures: dict[date, tuple[int, int]]

    def is_open(self, moment: datetime) -> bool:
        wall = moment.astimezone(self.zone)
        minute = wall.hour * 60 + wall.minute
        shut_from, shut_to = self.closures.get(wall.date(), (0, 0))
        if wall.date() in self.holidays or shut_from <= minute < shut_to:
            return False
        return any(a <= wall.weekday() * DAY + minute < b for a, b in self.open_minutes)

    def walk(self, start: datetime, end: datetime) -> timedelta:
        minutes = range((end - start) // MINUTE)
        return sum((MINUTE for m in minutes if self.is_open(start + m * MINUTE)), timedelta())


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def week_of(open_minutes: list[tuple[int, int]]) -> dict[str, list[tuple[str, str]]]:
    """Written as people would: past midnight when it is shorter than a day, cut into days when longer."""
    week: dict[str, list[tuple[str, str]]] = {}
    for a, b in open_minutes:
        if b - a <= DAY:
            week.setdefault(WEEKDAYS[a // DAY], []).append((clock(a % DAY), clock(b % DAY)))
            continue
        for day in range(a // DAY, (b - 1) // DAY + 1):
            opens, closes = max(a, day * DAY), min(b, (day + 1) * DAY)
            week.setdefault(WEEKDAYS[day], []).append((clock(opens - day * DAY), clock(closes - day * DAY)))
    return week


@st.composite
def desks(draw: st.DrawFn) -> tuple[Desk, datetime]:
    """A desk, and an odd day in its zone around which to ask."""
    zone = draw(st.sampled_from(sorted(ODD_DAYS)))
    odd = datetime.fromisoformat(draw(st.sampled_from(ODD_DAYS[zone]))).replace(tzinfo=UTC)
    marks = draw(st.lists(st.integers(0, 7 * DAY), min_size=2, max_size=16, unique=True).map(sorted))
    open_minutes = list(zip(marks[::2], marks[1::2], strict=False))
    assume(sum(b - a for a, b in open_minutes) >= 60)  # else 40 hours lead out of the century
    near = st.integers(-5, 5).map(lambda days: (odd + timedelta(days=days)).date())
    holidays = frozenset(draw(st.lists(near, max_size=2)))
    span = st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY)).filter(lambda pair: pair[0] < pair[1])
    closures = draw(st.dictionaries(near, span, max_size=2))
    calendar = WorkCalendar(
        zone,
        week_of(open_minutes),
        holidays,
        {day: [(clock(a), clock(b))] for day, (a, b) in closures.items()},
    )
    return Desk(calendar, ZoneInfo(zone), open_minutes, holidays, closures), odd


class Change(NamedTuple):
    """A desk that is another one from a date on, the date read off the new desk's clock."""

    calendar: WorkCalendar
    before: Desk
    after: Desk
    begins: datetime

    def is_open(self, moment: datetime) -> bool:
        return (self.before if moment < self.begins else self.after).is_open(moment)


def first_showing(zone: ZoneInfo, day: date) -> datetime:
    """Minute by minute: the first moment at which the zone's clock shows this date or a later one."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=26)
    while moment.astimezone(zone).date() < day:
        moment += MINUTE
    return moment


@st.composite
def changes(draw: st.DrawFn) -> tuple[Change, datetime]:
    before, odd = draw(desks())
    after, _ = draw(desks())
    day = (odd + timedelta(days=draw(st.integers(-3, 3)))).date()
    calendar = WorkCalendar.changing([(None, before.calendar), (day, after.calendar)])
    return Change(calendar, before, after, first_showing(after.zone, day)), odd


minutes = st.integers(-4 * DAY, 4 * DAY).map(lambda number: timedelta(minutes=number))
moments = st.timedeltas(timedelta(days=-500), timedelta(days=500))
amounts = st.timedeltas(TICK, timedelta(hours=40))


@settings(deadline=None)
@given(desks(), minutes, st.integers(0, 3 * DAY).map(lambda number: timedelta(minutes=number)))
def test_agrees_with_a_walk_minute_by_minute(
    drawn: tuple[Desk, datetime], offset: timedelta, span: timedelta
) -> None:
    desk, odd = drawn
    start = odd + offset
    assert desk.calendar.between(start, start + span) == desk.walk(start, start + span)
    assert desk.calendar.is_open(start) == desk.is_open(start)


@settings(deadline=None)
@given(desks(), moments, amounts)
def test_add_is_undone_by_between_and_is_the_first_such_instant(
    drawn: tuple[Desk, datetime], offset: timedelta, amount: timedelta
) -> None:
    (calendar, *_), odd = drawn
    start = odd + offset
    due = calendar.add(start, amount)
    assert calendar.between(start, due) == amount
    assert calendar.between(start, due - TICK) < amount


@settings(deadline=None)
@given(desks(), moments, amounts)
def test_walking_back_is_undone_by_between_and_is_the_last_such_instant(
    drawn: tuple[Desk, datetime], offset: timedelta, amount: timedelta
) -> None:
    (calendar, *_), odd = drawn
    end = odd + offset
    start = calendar.add(end, -amount)
    assert calendar.between(start, end) == amount
    assert calendar.between(start + TICK, end) < amount


@settings(deadline=None)
@given(desks(), moments, amounts, amounts)
def test_two_additions_are_one(
    drawn: tuple[Desk, datetime], offset: timedelta, first: timedelta, second: timedelta
) -> None:
    (calendar, *_), odd = drawn
    start = odd + offset
    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)


@settings(deadline=None)
@given(desks(), st.lists(moments, min_size=3, max_size=3))
def test_between_adds_up_turns_round_and_never_exceeds_real_time(
    drawn: tuple[Desk, datetime], offsets: list[timedelta]
) -> None:
    (calendar, *_), odd = drawn
    a, b, c = (odd + offset for offset in sorted(offsets))
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    assert calendar.between(c, a) == -calendar.between(a, c)
    assert timedelta() <= calendar.between(a, c) <= c - a


@settings(deadline=None)
@given(desks(), moments)
def test_worked_and_at_are_inverse_up_to_closed_time(drawn: tuple[Desk, datetime], offset: timedelta) -> None:
    (calendar, *_), odd = drawn
    moment = odd + offset
    earliest = calendar.at(calendar.worked(moment))
    assert earliest <= moment <= calendar.next_open(moment)
    assert calendar.worked(earliest) == calendar.worked(moment) == calendar.worked(calendar.next_open(moment))
    assert calendar.is_open(calendar.next_open(moment))
    assert calendar.is_open(moment) == (calendar.next_open(moment) == moment)
    assert calendar.add(moment, timedelta()) == calendar.next_open(moment)


@settings(deadline=None)
@given(desks(), st.integers(-3000, 3000), st.integers(1, 5_000_000))
def test_the_closed_form_total_is_the_sum_of_the_openings(
    drawn: tuple[Desk, datetime], hours: int, seconds: int
) -> None:
    desk, odd = drawn
    assume(desk.holidays or desk.closures)
    closed = closed_spans({day: [(clock(a), clock(b))] for day, (a, b) in desk.closures.items()})
    closed |= {day.toordinal(): ((0, 86_400),) for day in desk.holidays}
    local = LocalHours(desk.zone, week_spans(week_of(desk.open_minutes)), closed)
    begin = int((odd - EPOCH).total_seconds()) + hours * 3600
    openings = local.openings(begin, begin + seconds)
    assert local.total(begin, begin + seconds) == sum(end - start for start, end in openings)
    assert all(a < b for a, b in openings)
    assert all(b < c for (_, b), (c, _) in pairwise(openings))


# ── calendars that change at a date ───────────────────────────────────────────────────────────


@settings(deadline=None)
@given(changes(), minutes, st.integers(0, 3 * DAY).map(lambda number: timedelta(minutes=number)))
def test_a_change_agrees_with_a_walk_minute_by_minute(
    drawn: tuple[Change, datetime], offset: timedelta, span: timedelta
) -> None:
    change, odd = drawn
    start = odd + offset
    walk = sum((MINUTE for m in range(span // MINUTE) if change.is_open(start + m * MINUTE)), timedelta())
    assert change.calendar.between(start, start + span) == walk
    assert change.calendar.is_open(start) == change.is_open(start)


@settings(deadline=None)
@given(changes(), moments, amounts)
def test_over_a_change_add_and_between_undo_each_other(
    drawn: tuple[Change, datetime], offset: timedelta, amount: timedelta
) -> None:
    (calendar, *_), odd = drawn
    start = odd + offset
    due, back = calendar.add(start, amount), calendar.add(start, -amount)
    assert calendar.between(start, due) == amount
    assert calendar.between(start, due - TICK) < amount
    assert calendar.between(back, start) == amount
    assert calendar.between(back + TICK, start) < amount
    assert calendar.add(calendar.add(start, amount / 2), amount - amount / 2) == due


@settings(deadline=None)
@given(changes(), moments, moments)
def test_a_change_leaves_what_lies_wholly_on_one_side_as_it_was(
    drawn: tuple[Change, datetime], first: timedelta, second: timedelta
) -> None:
    change, odd = drawn
    start, end = sorted((odd + first, odd + second))
    for desk, a, b in (
        (change.before, min(start, change.begins), min(end, change.begins)),
        (change.after, max(start, change.begins), max(end, change.begins)),
    ):
        assert change.calendar.between(a, b) == desk.calendar.between(a, b)


@settings(deadline=None)
@given(desks(), st.integers(-3, 3), moments, amounts)
def test_a_change_to_the_same_hours_changes_nothing(
    drawn: tuple[Desk, datetime], days: int, offset: timedelta, amount: timedelta
) -> None:
    (plain, *_), odd = drawn
    day, start = (odd + timedelta(days=days)).date(), odd + offset
    changing = WorkCalendar.changing([(None, plain), (day, plain)])
    assert changing.add(start, amount) == plain.add(start, amount)
    assert changing.add(start, -amount) == plain.add(start, -amount)
    assert changing.next_open(start) == plain.next_open(start)
    assert changing.worked(start) == plain.worked(start)


@settings(deadline=None)
@given(changes(), moments, amounts)
def test_openings_add_up_to_the_working_time_and_lie_apart_in_order(
    drawn: tuple[Change, datetime], offset: timedelta, span: timedelta
) -> None:
    (calendar, *_), odd = drawn
    start = odd + offset
    found = calendar.openings(start, start + span)
    assert sum((b - a for a, b in found), timedelta()) == calendar.between(start, start + span)
    edges = [start, *(edge for opening in found for edge in opening), start + span]
    assert edges == sorted(edges)
    assert all(a < b and calendar.is_open(a) for a, b in found)
    assert calendar.openings(start + span, start) == []
