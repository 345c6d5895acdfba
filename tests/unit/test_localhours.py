"""Openings in UTC, to the second: where the offset changes, and where an opening is cut or joined."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from connector.rules.localhours import EPOCH, LocalHours, stretches
from connector.rules.openinghours import DAY, WEEKDAYS, Hours, week_spans

HOUR = 3600
ALL_DAY: Mapping[str, Hours] = {day: [("00:00", "24:00")] for day in WEEKDAYS}
OFFICE: Mapping[str, Hours] = {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]}


def second(instant: str) -> int:
    return int((datetime.fromisoformat(instant) - EPOCH).total_seconds())


def of(zone: str, week: Mapping[str, Hours]) -> LocalHours:
    return LocalHours(ZoneInfo(zone), week_spans(week), {})


@pytest.mark.parametrize(
    ("zone", "change", "before", "after"),
    [
        ("Europe/Berlin", "2026-03-29T01:00:00+00:00", HOUR, 2 * HOUR),
        ("Europe/Berlin", "2026-10-25T01:00:00+00:00", 2 * HOUR, HOUR),
        ("America/St_Johns", "2006-10-29T02:31:00+00:00", -9000, -12600),
        ("Australia/Lord_Howe", "2026-10-03T15:30:00+00:00", 37800, 11 * HOUR),
        ("Pacific/Apia", "2011-12-30T10:00:00+00:00", -10 * HOUR, 14 * HOUR),
    ],
)
@pytest.mark.parametrize("ahead", [1, 2 * HOUR, 3 * DAY - 1, 3 * DAY, 3 * DAY + 1, 20 * DAY])
def test_a_change_of_the_clock_is_found_to_the_second_wherever_one_looks_from(
    zone, change, before, after, ahead
):
    at, key = second(change), ZoneInfo(zone)
    begin, end = at - ahead, at + 5 * DAY
    assert stretches(key, begin, end) == ((begin, at, before), (at, end, after))
    assert stretches(key, at, end) == ((at, end, after),)
    assert stretches(key, begin, at) == ((begin, at, before),)
    assert stretches(key, begin, at + 1) == ((begin, at, before), (at, at + 1, after))


def test_nothing_lies_between_an_instant_and_itself():
    assert stretches(ZoneInfo("Europe/Berlin"), 1000, 1000) == ()
    assert of("Europe/Berlin", ALL_DAY).openings(1000, 1000) == []
    assert of("Europe/Berlin", ALL_DAY).total(1000, 1000) == 0


@pytest.mark.parametrize(
    ("begin", "end"),
    [(0, 1), (0, DAY - 1), (0, DAY), (0, DAY + 1), (DAY - 1, DAY), (DAY - 1, DAY + 1), (5, 9)],
)
def test_what_is_always_open_is_one_opening_from_end_to_end(begin, end):
    hours = of("UTC", ALL_DAY)
    assert hours.openings(begin, end) == [(begin, end)]
    assert hours.total(begin, end) == end - begin


def test_openings_are_cut_where_the_question_begins_and_ends():
    office, monday = of("UTC", OFFICE), second("2026-01-05T00:00:00+00:00")
    nine, five = monday + 9 * HOUR, monday + 17 * HOUR
    assert office.openings(nine - 1, five + 1) == [(nine, five)]
    assert office.openings(nine + 1, five - 1) == [(nine + 1, five - 1)]
    assert office.openings(five, nine + DAY) == []
    assert office.openings(five - 1, nine + DAY + 1) == [(five - 1, five), (nine + DAY, nine + DAY + 1)]


def test_a_week_is_counted_from_any_second_to_any_other():
    office, monday = of("UTC", OFFICE), second("2026-01-05T00:00:00+00:00")
    for day, hour in ((0, 8), (0, 12), (3, 17), (5, 12), (6, 23)):
        begin = monday + day * DAY + hour * HOUR
        assert office.total(begin, begin + 7 * DAY) == 40 * HOUR
        assert office.total(begin - 700 * DAY, begin) == 100 * 40 * HOUR
    assert office.total(monday, monday + 12 * HOUR) == 3 * HOUR


def test_a_closed_day_is_taken_from_what_lies_after_it_and_from_nothing_before():
    monday = date(2026, 1, 5)
    hours = LocalHours(ZoneInfo("UTC"), week_spans(OFFICE), {monday.toordinal(): ((0, DAY),)})
    begin = second("2026-01-05T00:00:00+00:00")
    assert hours.total(begin - 7 * DAY, begin) == 40 * HOUR
    assert hours.total(begin - 7 * DAY, begin + DAY) == 40 * HOUR
    assert hours.total(begin, begin + 7 * DAY) == 32 * HOUR
    assert hours.total(begin + DAY, begin + 8 * DAY) == 40 * HOUR
    assert hours.openings(begin, begin + 2 * DAY) == [(begin + 33 * HOUR, begin + 41 * HOUR)]
