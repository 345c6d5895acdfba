"""What a desk's calendar must get right: each test is one thing people have got wrong before."""

from __future__ import annotations

import doctest
import pickle
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from connector.rules import localhours, openinghours, risk, versions, worktime
from connector.rules.openinghours import WEEKDAYS, Hours, clock, week_spans
from connector.rules.worktime import MINUTE, WorkCalendar

SPLIT: list[tuple[str, str]] = [("09:00", "12:30"), ("13:30", "17:00")]
WEEK: Mapping[str, Hours] = dict.fromkeys(WEEKDAYS[:5], SPLIT) | {"sun": []}
BERLIN = WorkCalendar("Europe/Berlin", WEEK)


def at(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def daily(zone: str, start: str, end: str, **more: object) -> WorkCalendar:
    return WorkCalendar(zone, {day: [(start, end)] for day in WEEKDAYS}, **more)


@pytest.mark.parametrize("module", [worktime, openinghours, localhours, versions, risk])
def test_examples_in_docstrings_are_true(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def test_the_contract_of_the_design_page() -> None:
    cal = WorkCalendar(
        timezone="Europe/Berlin",
        week=dict.fromkeys(WEEKDAYS[:5], SPLIT) | {"sat": [], "sun": []},
        holidays=[date(2026, 12, 25)],
        closures={date(2026, 12, 24): [("12:00", "24:00")]},
    )
    due = cal.add(at("2026-12-24 11:00"), hours(4))
    assert due == at("2026-12-28 12:00")
    assert due.tzinfo is UTC
    assert cal.between(at("2026-12-24 11:00"), due) == hours(4)


@pytest.mark.parametrize(
    ("start", "worked", "due"),
    [
        ("2026-01-05 09:00", 3.5, "2026-01-05 12:30"),  # exactly at closing is the closing time
        ("2026-01-05 12:30", 0, "2026-01-05 13:30"),  # zero at closing is the next opening
        ("2026-01-05 12:00", 1, "2026-01-05 14:00"),  # over lunch
        ("2026-01-09 16:30", 1, "2026-01-12 09:30"),  # over the weekend
        ("2026-01-10 11:00", 0, "2026-01-12 09:00"),  # zero outside hours
        ("2026-01-05 10:00", 0, "2026-01-05 10:00"),
        ("2026-01-05 10:00", -1, "2026-01-05 09:00"),  # back to exactly the opening
        ("2026-01-12 09:30", -1, "2026-01-09 16:30"),  # back over the weekend
        ("2026-01-11 09:30", -3.5, "2026-01-09 13:30"),
    ],
)
def test_add(start: str, worked: float, due: str) -> None:
    assert BERLIN.add(at(start), hours(worked)) == at(due)


def test_between_is_negative_backwards_and_zero_while_closed() -> None:
    assert BERLIN.between(at("2026-01-12 10:00"), at("2026-01-09 16:00")) == hours(-2)
    assert BERLIN.between(at("2026-01-09 17:00"), at("2026-01-12 09:00")) == hours(0)


def test_open_from_the_opening_on_and_closed_from_the_closing_on() -> None:
    assert [BERLIN.is_open(at(f"2026-01-05 {time}")) for time in ("08:59", "09:00", "12:29", "12:30")] == [
        False,
        True,
        True,
        False,
    ]
    assert BERLIN.next_open(at("2026-01-05 12:30")) == at("2026-01-05 13:30")
    assert BERLIN.next_open(at("2026-01-05 10:15")) == at("2026-01-05 10:15")


def test_any_zone_may_ask() -> None:
    auckland = at("2026-01-05 22:00", "Pacific/Auckland")  # 10:00 in Berlin
    assert BERLIN.add(auckland, hours(1)) == at("2026-01-05 11:00")


def test_microseconds_are_kept() -> None:
    tick = timedelta(microseconds=1)
    assert BERLIN.add(at("2026-01-05 12:29:59.999999"), 2 * tick) == at("2026-01-05 13:30") + tick
    assert BERLIN.at(BERLIN.worked(at("2026-01-05 10:00:00.000001"))) == at("2026-01-05 10:00:00.000001")


def test_worked_and_at_are_the_same_line_read_both_ways() -> None:
    closing, opening = at("2026-01-09 17:00"), at("2026-01-12 09:00")
    assert BERLIN.worked(closing) == BERLIN.worked(opening)
    assert BERLIN.at(BERLIN.worked(opening)) == closing
    assert BERLIN.worked(at("2026-01-12 09:30")) - BERLIN.worked(closing) == 30 * MINUTE
    assert BERLIN.worked(datetime(2019, 12, 31, 15, tzinfo=UTC)) == -60 * MINUTE


# ── midnight ──────────────────────────────────────────────────────────────────────────────────


def test_a_shift_runs_past_midnight_and_past_the_end_of_the_week() -> None:
    night = WorkCalendar("Europe/London", {"sun": [("22:00", "06:00")]})
    assert night.between(at("2026-01-11 00:00", "Europe/London"), at("2026-01-13", "Europe/London")) == hours(
        8
    )
    assert night.is_open(at("2026-01-12 05:59", "Europe/London"))
    assert not night.is_open(at("2026-01-12 06:00", "Europe/London"))


def test_24_00_joins_the_next_day() -> None:
    cal = WorkCalendar("UTC", {"mon": [("20:00", "24:00")], "tue": [("00:00", "04:00")]})
    assert cal.add(at("2026-01-05 20:00", "UTC"), hours(8)) == at("2026-01-06 04:00", "UTC")
    assert cal.add(at("2026-01-05 20:00", "UTC"), hours(4)) == at("2026-01-06 00:00", "UTC")


def test_a_holiday_closes_its_own_date_and_nothing_else() -> None:
    night = daily("UTC", "22:00", "06:00", holidays=[date(2026, 1, 6)])
    assert not night.is_open(at("2026-01-06 00:00", "UTC"))
    assert not night.is_open(at("2026-01-06 23:59", "UTC"))
    assert night.is_open(at("2026-01-05 23:59", "UTC"))
    assert night.is_open(at("2026-01-07 00:00", "UTC"))


def test_closures_cut_and_may_run_past_midnight() -> None:
    cal = daily(
        "UTC", "00:00", "24:00", closures={date(2026, 1, 5): [("12:00", "13:00"), ("20:00", "02:00")]}
    )
    assert cal.between(at("2026-01-05", "UTC"), at("2026-01-07", "UTC")) == hours(48 - 1 - 6)
    assert cal.next_open(at("2026-01-05 21:00", "UTC")) == at("2026-01-06 02:00", "UTC")


def test_a_holiday_beside_a_closure_of_the_same_day_closes_all_of_it() -> None:
    day = date(2026, 1, 5)
    cal = WorkCalendar("UTC", WEEK, holidays=[day], closures={day: [("09:00", "10:00")]})
    assert cal.next_open(at("2026-01-05", "UTC")) == at("2026-01-06 09:00", "UTC")


# ── clocks that change ────────────────────────────────────────────────────────────────────────


def test_a_25_hour_sunday_counts_25_hours_and_a_23_hour_one_23() -> None:
    cal = WorkCalendar("Europe/Berlin", {"sun": [("00:00", "24:00")]})
    assert cal.between(at("2026-10-25"), at("2026-10-26")) == hours(25)
    assert cal.between(at("2026-03-29"), at("2026-03-30")) == hours(23)


def test_office_hours_stay_on_the_wall_clock_over_the_change() -> None:
    assert BERLIN.add(at("2026-03-27 16:00"), hours(2)) == at("2026-03-30 10:00")
    assert BERLIN.add(at("2026-10-23 16:00"), hours(2)) == at("2026-10-26 10:00")


def test_an_edge_in_the_skipped_hour_moves_to_the_jump() -> None:
    assert daily("Europe/Berlin", "02:30", "05:00").next_open(at("2026-03-29 00:00")) == at(
        "2026-03-29 03:00"
    )
    assert daily("Europe/Berlin", "01:00", "02:30").between(at("2026-03-29"), at("2026-03-30")) == hours(1)
    assert daily("Europe/Berlin", "02:10", "02:50").between(at("2026-03-29"), at("2026-03-30")) == hours(0)


def test_the_repeated_hour_is_open_both_times_the_clock_shows_it() -> None:
    cal = daily("Europe/Berlin", "01:00", "02:30")
    assert cal.between(at("2026-10-25"), at("2026-10-26")) == hours(2)
    assert [
        cal.is_open(at(f"2026-10-25 {time}", fold=fold))
        for time, fold in (("02:15", 0), ("02:45", 0), ("02:15", 1), ("02:45", 1))
    ] == [True, False, True, False]


def test_samoa_had_no_30_december_2011() -> None:
    cal = daily("Pacific/Apia", "22:00", "02:00")
    worked = cal.between(at("2011-12-29 12:00", "Pacific/Apia"), at("2011-12-31 12:00", "Pacific/Apia"))
    assert worked == hours(2 + 2)  # Thursday 22-24, then at once Saturday 00-02


def test_lord_howe_moves_its_clock_by_half_an_hour() -> None:
    cal = daily("Australia/Lord_Howe", "00:00", "24:00")
    assert cal.add(at("2026-04-05", "Australia/Lord_Howe"), hours(24.5)) == at(
        "2026-04-06", "Australia/Lord_Howe"
    )


# ── 24x7, and the edges of time ───────────────────────────────────────────────────────────────


def test_24x7_is_plain_time() -> None:
    always = WorkCalendar.always()
    start = at("2026-10-24 13:00")
    assert always.add(start, hours(30)) == start.astimezone(UTC) + hours(30)
    assert always.between(start, start - hours(3)) == hours(-3)
    assert always.is_open(start)
    assert always.at(always.worked(start)) == start
    assert always.next_open(start) == always.add(start, hours(0)) == start
    assert always.add(start, hours(-30)) == start.astimezone(UTC) - hours(30)


def test_24x7_with_a_holiday_is_not_plain_time() -> None:
    cal = daily("UTC", "00:00", "24:00", holidays=[date(2026, 1, 1)])
    assert cal.add(at("2025-12-31 23:00", "UTC"), hours(2)) == at("2026-01-02 01:00", "UTC")


def test_pages_are_seamless_over_many_years() -> None:
    cal = WorkCalendar("Europe/Berlin", {"wed": [("23:00", "01:00")]})
    start, end = at("1975-01-01"), at("2050-01-01")
    nights = (end.date() - start.date()).days // 7 + 1  # 1 January 1975 is a Wednesday
    assert cal.between(start, end) == hours(2 * nights)
    assert cal.add(start, hours(2 * nights)) == at("2049-12-30 01:00")


@pytest.mark.parametrize("page", [-2, -1, 0, 1, 7])
def test_the_very_first_instant_of_a_page_is_like_any_other(page: int) -> None:
    cal = daily("UTC", "00:00", "12:00")
    start = datetime(2020, 1, 1, tzinfo=UTC) + page * timedelta(days=91)
    assert cal.worked(start) == page * 91 * 12 * 60 * MINUTE
    assert cal.add(start, hours(-1)) == start - hours(13)
    assert cal.add(start, hours(13)) == start + hours(25)


def test_a_calendar_with_only_holidays_ahead_says_so_soon() -> None:
    mondays = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(5000)]
    cal = WorkCalendar("UTC", {"mon": [("09:00", "10:00")]}, holidays=mondays)
    assert not cal.is_open(at("2026-01-05 09:30", "UTC"))
    with pytest.raises(ValueError, match="no working time is left"):
        cal.add(at("2026-01-05", "UTC"), hours(1))
    with pytest.raises(ValueError, match="no working time is left"):
        cal.next_open(at("2026-01-05", "UTC"))
    assert cal.add(at("2026-01-05", "UTC"), hours(-1)) == at("2025-12-29 09:00", "UTC")


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-30", "2150-01-01", "9999-12-31"])
def test_impossible_dates_are_refused(day: str) -> None:
    with pytest.raises(ValueError, match="1970 to 2100"):
        BERLIN.worked(at(day, "UTC"))


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Etc/GMT+12"])
def test_the_promised_century_is_counted_from_its_first_minute_to_its_last(zone: str) -> None:
    office = daily(zone, "09:00", "17:00")
    first, last = at("1970-01-01 00:00", "UTC"), at("2100-12-31 23:59", "UTC")
    assert office.between(first, at("1970-01-08", "UTC")) == hours(7 * 8)
    assert office.between(at("2100-12-24 23:59", "UTC"), last) == hours(7 * 8)
    assert first <= office.next_open(first) < first + hours(24)
    assert last <= office.add(last, hours(1)) < last + hours(24)
    assert first - hours(24) <= office.add(first, hours(-1)) < first


def test_too_long_durations_are_refused() -> None:
    for cal in (BERLIN, WorkCalendar.always()):
        with pytest.raises(ValueError, match="1970 to 2100"):
            cal.add(at("2026-01-05"), timedelta.max)
        with pytest.raises(ValueError, match="1970 to 2100"):
            cal.add(at("2026-01-05"), timedelta.min)


def test_24x7_is_open_in_the_last_instant_there_is() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert WorkCalendar.always().is_open(last)
    assert WorkCalendar.always().next_open(last) == last


def test_naive_datetimes_are_refused() -> None:
    naive = datetime.fromisoformat("2026-01-05T09:00:00")
    for ask in (BERLIN.worked, BERLIN.is_open, BERLIN.next_open, WorkCalendar.always().worked):
        with pytest.raises(ValueError, match="2026-01-05T09:00:00 has no time zone"):
            ask(naive)


# ── calendars that change at a date ───────────────────────────────────────────────────────────

LATE = WorkCalendar("Europe/Berlin", {day: [("10:00", "20:00")] for day in WEEKDAYS[:5]})


def test_new_hours_hold_from_their_date_on() -> None:
    cal = WorkCalendar.changing([(None, BERLIN), (date(2026, 7, 1), LATE)])  # a Wednesday
    assert cal.add(at("2026-06-30 16:00"), hours(2)) == at("2026-07-01 11:00")
    assert cal.between(at("2026-06-30"), at("2026-07-02")) == hours(7 + 10)
    assert cal.add(at("2026-07-01 11:00"), hours(-2)) == at("2026-06-30 16:00")
    assert cal.next_open(at("2026-07-01 09:00")) == at("2026-07-01 10:00")
    assert cal.is_open(at("2026-06-30 09:00"))
    assert cal.between(at("2019-01-07"), at("2019-01-08")) == hours(7)
    assert cal.between(at("2035-01-01"), at("2035-01-02")) == hours(10)


def test_versions_may_come_in_any_order_and_be_many() -> None:
    sixth, seventh = date(2026, 1, 6), date(2026, 1, 7)
    always = WorkCalendar.always()  # whose 6 January begins at 01:00 in Berlin
    cal = WorkCalendar.changing([(seventh, BERLIN), (sixth, always), (None, BERLIN)])
    assert cal.between(at("2026-01-05"), at("2026-01-08")) == hours(7 + 23 + 7)
    assert cal == WorkCalendar.changing([(None, BERLIN), (sixth, always), (seventh, BERLIN)])
    assert cal != WorkCalendar.changing([(None, BERLIN), (sixth, always)])
    assert cal.timezone == "Europe/Berlin"
    assert pickle.loads(pickle.dumps(cal)) == cal


def test_a_desk_that_moves_takes_the_clock_of_the_new_place() -> None:
    moved = WorkCalendar("America/New_York", {"mon": [("09:00", "17:00")]})
    cal = WorkCalendar.changing([(None, BERLIN), (date(2026, 1, 12), moved)])
    assert cal.timezone == "America/New_York"
    begins = at("2026-01-12 00:00", "America/New_York")  # 06:00 in Berlin
    assert cal.between(at("2026-01-12 00:00"), begins) == hours(0)
    assert cal.add(at("2026-01-09 16:00"), hours(2)) == at("2026-01-12 10:00", "America/New_York")


def test_a_change_of_a_changing_calendar_is_one_more_change() -> None:
    inner = WorkCalendar.changing([(None, BERLIN), (date(2026, 1, 6), LATE)])
    cal = WorkCalendar.changing([(None, inner), (date(2026, 1, 7), BERLIN)])
    assert cal.between(at("2026-01-05"), at("2026-01-08")) == hours(7 + 10 + 7)


def test_the_night_of_a_change_is_cut_at_midnight() -> None:
    night, early = daily("UTC", "22:00", "06:00"), daily("UTC", "04:00", "12:00")
    cal = WorkCalendar.changing([(None, night), (date(2026, 1, 6), early)])
    assert cal.between(at("2026-01-05 12:00", "UTC"), at("2026-01-06 12:00", "UTC")) == hours(2 + 8)


def test_a_change_on_a_day_that_never_was_comes_with_the_next() -> None:
    before, after = daily("Pacific/Apia", "08:00", "12:00"), daily("Pacific/Apia", "08:00", "18:00")
    for day in (date(2011, 12, 30), date(2011, 12, 31)):
        cal = WorkCalendar.changing([(None, before), (day, after)])
        start, end = at("2011-12-29", "Pacific/Apia"), at("2012-01-01", "Pacific/Apia")
        assert cal.between(start, end) == hours(4 + 10)


def test_a_change_at_a_midnight_that_is_put_off_waits_for_it() -> None:
    """In São Paulo the 16th had its last hour twice: at 24:00 the clock went back to 23:00."""
    zone = "America/Sao_Paulo"
    early, late = daily(zone, "00:00", "01:00"), daily(zone, "23:00", "24:00")
    cal = WorkCalendar.changing([(None, early), (date(2019, 2, 17), late)])
    assert cal.between(at("2019-02-16 12:00", zone), at("2019-02-17 12:00", zone)) == hours(0)


def test_only_24x7_throughout_is_24x7() -> None:
    always = WorkCalendar.always()
    start = at("2026-01-05", "UTC")
    both = WorkCalendar.changing([(None, always), (date(2026, 1, 6), WorkCalendar.always("Europe/Berlin"))])
    assert repr(both) == "WorkCalendar('Europe/Berlin', 24x7)"
    assert both.add(start, hours(100)) == start + hours(100)
    mixed = WorkCalendar.changing([(None, always), (date(2026, 1, 6), daily("UTC", "00:00", "12:00"))])
    assert mixed.add(start, hours(40)) == start + hours(24 + 24 + 4)


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        ([], "exactly one calendar without a date"),
        ([(date(2026, 1, 1), BERLIN)], "exactly one calendar without a date"),
        ([(None, BERLIN), (None, LATE)], "exactly one calendar without a date"),
        ([(None, BERLIN), (date(2026, 1, 1), BERLIN), (date(2026, 1, 1), LATE)], "2026-01-01: another"),
        ([(None, BERLIN), ("2026-01-01", LATE)], "'2026-01-01' is not a date"),
    ],
)
def test_changes_that_make_no_sense_are_refused(versions: list[object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WorkCalendar.changing(versions)


# ── calendars as values ───────────────────────────────────────────────────────────────────────


def test_equal_calendars_are_equal_however_they_were_written() -> None:
    other = WorkCalendar("Europe/Berlin", dict.fromkeys(WEEKDAYS[:5], SPLIT[::-1]), [date(2026, 1, 4)])
    assert other == BERLIN  # the holiday is a Sunday, closed anyway
    assert hash(other) == hash(BERLIN)
    assert other.key == BERLIN.key
    assert WorkCalendar("Europe/Paris", WEEK) != BERLIN
    assert WorkCalendar("Europe/Berlin", WEEK, [date(2026, 1, 5)]) != BERLIN
    assert BERLIN != "Europe/Berlin"


def test_intervals_that_touch_are_one() -> None:
    touching = WorkCalendar("UTC", {"mon": [("12:00", "17:00"), ("09:00", "12:00")]})
    assert touching == WorkCalendar("UTC", {"mon": [("09:00", "17:00")]})
    later = WorkCalendar("UTC", {"mon": [("06:00", "07:00"), ("09:00", "12:00"), ("12:00", "17:00")]})
    assert later == WorkCalendar("UTC", {"mon": [("06:00", "07:00"), ("09:00", "17:00")]})


def test_closures_may_overlap_and_lie_where_nothing_is_open() -> None:
    def closed(*spans: tuple[str, str]) -> WorkCalendar:
        return WorkCalendar("UTC", {"mon": [("09:00", "17:00")]}, closures={date(2026, 1, 5): list(spans)})

    assert closed(("09:00", "10:00"), ("12:00", "14:00"), ("13:00", "13:30")) == closed(
        ("12:00", "14:00"), ("09:00", "10:00")
    )
    assert closed(("17:00", "24:00"), ("08:00", "09:00")) == WorkCalendar(
        "UTC", {"mon": [("09:00", "17:00")]}
    )


def test_a_calendar_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(BERLIN)).add(at("2026-01-09 16:30"), hours(1)) == at("2026-01-12 09:30")


def test_repr_is_short() -> None:
    assert repr(BERLIN) == "WorkCalendar('Europe/Berlin', ...)"
    assert repr(WorkCalendar.always()) == "WorkCalendar('UTC', 24x7)"


@pytest.mark.parametrize(
    ("zone", "week", "message"),
    [
        ("Europe/Berln", WEEK, "unknown time zone 'Europe/Berln'"),
        ("", WEEK, "unknown time zone ''"),
        ("../etc/passwd", WEEK, "unknown time zone"),
        ("UTC", {}, "no working time at all"),
        ("UTC", {"mon": []}, "no working time at all"),
        ("UTC", {"monday": SPLIT}, "'monday' is not a day of the week"),
        ("UTC", {"mon": [("9", "17:00")]}, "mon: '9' is not a time of day"),
        ("UTC", {"mon": [("09:60", "17:00")]}, "'09:60' is not a time of day"),
        ("UTC", {"mon": [("09:00", "24:01")]}, "'24:01' is not a time of day"),
        ("UTC", {"mon": [("09:00", "-1:00")]}, "'-1:00' is not a time of day"),
        ("UTC", {"mon": [(540, 1020)]}, "540 is not a time of day"),
        ("UTC", {"mon": [("24:00", "08:00")]}, "24:00 can only end an interval"),
        ("UTC", {"mon": ["09:00-17:00"]}, "is not a pair of times"),
        ("UTC", {"mon": [("09:00", "12:00", "17:00")]}, "is not a pair of times"),
        (
            "UTC",
            {"mon": [("09:00", "12:00"), ("11:00", "17:00")]},
            "mon: two intervals overlap at 11:00 to 12:00",
        ),
        (
            "UTC",
            {"mon": [("22:00", "06:00")], "tue": [("05:00", "17:00")]},
            "tue: two intervals overlap at 05:00",
        ),
        (
            "UTC",
            {"sun": [("22:00", "06:00")], "mon": [("05:00", "17:00")]},
            "mon: two intervals overlap at 05:00",
        ),
    ],
)
def test_nonsense_is_refused_with_what_to_write(zone: str, week: Mapping[str, Hours], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WorkCalendar(zone, week)


def test_holidays_and_closures_must_be_dates() -> None:
    with pytest.raises(ValueError, match="holiday '2026-12-25' is not a date"):
        WorkCalendar("UTC", WEEK, holidays=["2026-12-25"])
    with pytest.raises(ValueError, match="closure '2026-12-24' is not a date"):
        WorkCalendar("UTC", WEEK, closures={"2026-12-24": [("12:00", "24:00")]})


def test_every_minute_of_a_day_is_written_as_it_is_read() -> None:
    written = [clock(minute * 60) for minute in range(1, 24 * 60 + 1)]
    read = [week_spans({"mon": [("00:00", text)]})[0][0][1] for text in written]
    assert read == [minute * 60 for minute in range(1, 24 * 60 + 1)]


def test_seconds_are_allowed_and_a_day_may_be_null() -> None:
    cal = WorkCalendar("UTC", {"mon": [("08:59:30", "09:00")], "tue": None})
    assert cal.between(at("2026-01-05", "UTC"), at("2026-01-07", "UTC")) == timedelta(seconds=30)
