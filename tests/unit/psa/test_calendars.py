"""The PSAs' own calendars, made into ours."""

from __future__ import annotations

import doctest
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from connector.psa import zones
from connector.psa.connectwise import calendar as connectwise
from connector.psa.halo import calendar as halo
from connector.psa.values import Unreadable
from connector.rules.worktime import WorkCalendar
from tests.shared import SHARED, shared

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
HOUR = timedelta(hours=1)


def worked(calendar: WorkCalendar, first: str, last: str | None = None) -> float:
    """Hours worked from one local date to another, both whole."""
    zone = ZoneInfo(calendar.timezone)
    start, end = (datetime.fromisoformat(day).replace(tzinfo=zone) for day in (first, last or first))
    return calendar.between(start, end + timedelta(days=1)) / HOUR


def from_connectwise(calendar: dict[str, Any], holidays: list[dict[str, Any]], zone: str) -> WorkCalendar:
    return connectwise.opening_hours(calendar, holidays, zone).calendar()


def from_halo(workday: dict[str, Any], holidays: list[Any] | None = None) -> WorkCalendar:
    return halo.opening_hours(workday, holidays).calendar()


# ── ConnectWise ───────────────────────────────────────────────────────────────────────────────

STANDARD: dict[str, Any] = {
    "id": 1,
    "name": "Standard",
    "holidayList": {"id": 1},
    **{f"{day}StartTime": "08:00:00" for day in WEEKDAYS},
    **{f"{day}EndTime": "17:00:00" for day in WEEKDAYS},
    "saturdayStartTime": None,
    "saturdayEndTime": None,
}
HOLIDAYS: list[dict[str, Any]] = [
    {"id": 1, "date": "2026-01-06", "holidayList": {"id": 1}},
    {"id": 2, "date": "2026-01-07T00:00:00Z", "allDayFlag": True},
    {"id": 3, "date": "2026-01-08", "allDayFlag": False, "timeStart": "12:00:00", "timeEnd": "17:00:00"},
    {"id": 4, "date": "2026-01-09", "holidayList": {"id": 2}},
]


def test_a_connectwise_calendar_with_its_holidays() -> None:
    calendar = from_connectwise(STANDARD, HOLIDAYS, "America/New_York")
    assert calendar == WorkCalendar(
        "America/New_York",
        {day[:3]: [("08:00", "17:00")] for day in WEEKDAYS},
        [date(2026, 1, 6), date(2026, 1, 7)],
        {date(2026, 1, 8): [("12:00", "17:00")]},
    )
    assert worked(calendar, "2026-01-05", "2026-01-11") == 9 + 0 + 0 + 4 + 9


@pytest.mark.parametrize(
    ("start", "end", "hours"), [("00:00:00", "23:59:00", 24), ("00:00:00", "00:00:00", 24)]
)
def test_a_whole_day_in_a_format_without_24_00(start: str, end: str, hours: int) -> None:
    calendar = from_connectwise({"mondayStartTime": start, "mondayEndTime": end}, [], "UTC")
    assert worked(calendar, "2026-01-05", "2026-01-11") == hours


def test_a_night_shift() -> None:
    row = {"sundayStartTime": "22:00:00", "sundayEndTime": "06:00:00"}
    assert worked(from_connectwise(row, [], "UTC"), "2026-01-05") == 6


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mondayEndTime": None}, "mondayEndTime: a time like 08:00:00 was expected"),
        ({"mondayStartTime": "8 am"}, "calendar Standard: mon: '8 am' is not a time of day"),
        (
            {f"{day}{edge}Time": None for day in WEEKDAYS for edge in ("Start", "End")},
            "no working time at all",
        ),
    ],
)
def test_a_connectwise_calendar_that_cannot_be(change: dict[str, Any], words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        from_connectwise(STANDARD | change, HOLIDAYS, "UTC")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"date": "24.12.2026"}, "date: a date was expected, not '24.12.2026'"),
        ({}, "date: a date was expected, not None"),
        ({"date": "2026-12-24", "allDayFlag": False}, "timeStart: a time like"),
    ],
)
def test_a_connectwise_holiday_that_cannot_be(row: dict[str, Any], words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        from_connectwise(STANDARD, [row], "UTC")


def test_an_unknown_zone_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="unknown time zone"):
        from_connectwise(STANDARD, [], "US Eastern")


if SHARED:

    def test_the_recorded_connectwise_calendar() -> None:
        folder = shared("payloads", "connectwise")[0]
        row, holiday = (
            json.loads((folder / f"djcw_schedule_{name}.json").read_text())
            for name in ("calendar", "holiday")
        )
        calendar = from_connectwise(row, [holiday], "America/Chicago")
        assert worked(calendar, "2018-11-19", "2018-11-25") == 4 * 9  # Friday 08-17 is off
        assert worked(calendar, "2018-11-26", "2018-12-02") == 5 * 9


# ── Halo ──────────────────────────────────────────────────────────────────────────────────────


def at(clock: str) -> str:
    return f"1900-01-01T{clock}:00"


WORKDAY: dict[str, Any] = {
    "id": 3,
    "name": "Office",
    "timezone": "GMT Standard Time",
    **{f"inc{day}": True for day in WEEKDAYS},
    "incsaturday": False,
    **{f"start{day}": at("09:00") for day in (*WEEKDAYS, "saturday")},
    **{f"end{day}": at("17:30") for day in (*WEEKDAYS, "saturday")},
    "endfriday": at("16:00"),
    "breaks": [
        {"start": at("12:30"), "end": at("13:30"), **{f"inc{day}": True for day in WEEKDAYS[:4]}},
        {"start": at("12:00"), "end": at("12:30"), "incfriday": True},
        {"start": at("15:00"), "end": at("15:00"), "incfriday": True},
        {"start": at("15:00"), "end": at("15:30")},
        None,
    ],
}


def test_a_halo_workday_less_its_breaks() -> None:
    calendar = from_halo(WORKDAY)
    split = [("09:00", "12:30"), ("13:30", "17:30")]
    week = {day[:3]: split for day in WEEKDAYS[:4]} | {"fri": [("09:00", "12:00"), ("12:30", "16:00")]}
    assert calendar == WorkCalendar("Europe/London", week)


def test_names_of_days_off_are_kept() -> None:
    rows = [{**HOLIDAYS[0], "name": "Epiphany"}, {**HOLIDAYS[2], "name": "Stocktaking"}]
    hours = connectwise.opening_hours(STANDARD, rows, "UTC")
    assert hours.names == {date(2026, 1, 6): "Epiphany", date(2026, 1, 8): "Stocktaking"}
    longer = {"name": "Retreat", "date": "2026-01-06T00:00:00", "end_date": "2026-01-07T00:00:00"}
    part = {
        "name": "Inventory",
        "allday": False,
        "date": "2026-01-09T12:00:00",
        "end_date": "2026-01-09T14:00:00",
    }
    names = halo.opening_hours(WORKDAY, [longer, part]).names
    assert {day.day: name for day, name in names.items()} == {6: "Retreat", 7: "Retreat", 9: "Inventory"}


def test_a_part_day_holiday_to_the_last_minute_is_one_to_midnight() -> None:
    row = {"allday": False, "date": "2026-01-06T12:00:00", "end_date": "2026-01-06T23:59:59"}
    hours = halo.opening_hours(WORKDAY, [row])
    assert hours.closures == {date(2026, 1, 6): ("12:00-24:00",)}


def test_times_with_seconds_are_refused_because_a_clients_file_has_minutes_only() -> None:
    with pytest.raises(Unreadable, match="mon: 08:00:30 has seconds, and a client's file has minutes only"):
        connectwise.opening_hours(STANDARD | {"mondayStartTime": "08:00:30"}, [], "UTC")


def test_hours_are_written_as_in_a_clients_file() -> None:
    row = {"holidayList": {"id": 1}, "tuesdayStartTime": "8:00", "tuesdayEndTime": "17:30:00"}
    row |= {"mondayStartTime": "22:00:00", "mondayEndTime": "06:00:00"}
    hours = connectwise.opening_hours(row, HOLIDAYS[:3], "UTC")
    assert list(hours.week.items()) == [("mon", ("22:00-06:00",)), ("tue", ("08:00-17:30",))]
    assert hours.holidays == (date(2026, 1, 6), date(2026, 1, 7))
    assert hours.closures == {date(2026, 1, 8): ("12:00-17:00",)}


def test_all_days_the_same() -> None:
    row = WORKDAY | {
        "alldayssame": True,
        "start": at("08:00"),
        "end": "1900-01-01T20:00:00.00",
        "breaks": None,
    }
    assert worked(from_halo(row), "2026-01-05", "2026-01-11") == 5 * 12


def test_a_night_shift_with_a_break_at_night() -> None:
    row = {"timezone": "UTC", "incsunday": True, "startsunday": at("22:00"), "endsunday": at("06:00")}
    calendar = from_halo(row | {"breaks": [{"start": at("01:00"), "end": at("01:30"), "incmonday": True}]})
    assert worked(calendar, "2026-01-04", "2026-01-05") == 7.5


def test_round_the_clock() -> None:
    row: dict[str, Any] = {"timezone": "UTC", "alldayssame": True, "start": at("00:00"), "end": at("23:59")}
    row |= {f"inc{day}": True for day in (*WEEKDAYS, "saturday", "sunday")}
    assert from_halo(row) == WorkCalendar.always()


@pytest.mark.parametrize(
    ("row", "off"),
    [
        ({"date": "2026-01-06T00:00:00"}, {"2026-01-06"}),
        (
            {"date": "2026-01-06T00:00:00", "end_date": "2026-01-08T00:00:00"},
            {"2026-01-06", "2026-01-07", "2026-01-08"},
        ),
        ({"date": "2026-01-06T12:00:00", "end_date": "1899-12-30T00:00:00"}, {"2026-01-06"}),
        (
            {"date": "2026-07-05T23:00:00", "end_date": "2026-07-06T22:59:59"},
            {"2026-07-06"},
        ),  # summer in London
        ({"date": "2026-01-06T00:00:00+00:00", "end_date": "2026-01-05T00:00:00"}, {"2026-01-06"}),
        ({"date": "2019-01-06T00:00:00", "isrecurring": True}, {"2026-01-06", "2027-01-06"}),
        ({"date": "2024-02-29T00:00:00", "isrecurring": True}, {"2028-02-29"}),
        ({"date": "2026-01-06T00:00:00", "agent_id": 7}, set()),
        ({"date": "2026-01-06T00:00:00", "workday_id": 4}, set()),
        ({"date": "2026-01-06T00:00:00", "workday_id": 3, "agent_id": 0}, {"2026-01-06"}),
    ],
)
def test_holidays(row: dict[str, Any], off: set[str]) -> None:
    calendar, usual = from_halo(WORKDAY, [row, "nonsense"]), from_halo(WORKDAY)
    days = ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-07-06", "2027-01-06", "2028-02-29"]
    assert {day for day in days if worked(calendar, day) < worked(usual, day)} == off
    assert all(worked(calendar, day) == 0 for day in off)


def test_a_holiday_of_some_hours_is_in_utc_and_may_run_over_midnight() -> None:
    row = {"allday": False, "date": "2026-07-06T14:30:00", "end_date": "2026-07-07T09:00:00"}
    calendar = from_halo(WORKDAY | {"holidays": [row]})
    assert worked(calendar, "2026-07-06") == 7.5 - 2  # off from 15:30 in London
    assert worked(calendar, "2026-07-07") == 7.5 - 1
    assert worked(calendar, "2026-07-08") == 7.5
    nothing = {"allday": False, "date": "2026-07-06T14:30:00", "end_date": None}
    assert from_halo(WORKDAY | {"holidays": [nothing]}) == from_halo(WORKDAY)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"timezone": None}, "workday Office: unknown time zone ''"),
        ({"timezone": "Middle Earth Standard Time"}, "unknown time zone 'Middle Earth Standard Time'"),
        ({"startmonday": None}, "startmonday: a date and time was expected, not None"),
        ({f"inc{day}": False for day in WEEKDAYS}, "no working time at all"),
        ({"holidays": [{}]}, "date: a date and time was expected"),
        (
            {"holidays": [{"date": "2026-01-06T00:00:00", "end_date": "9999-12-31T00:00:00"}]},
            "more than a year",
        ),
    ],
)
def test_a_halo_workday_that_cannot_be(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        from_halo(WORKDAY | change)


# ── zones ─────────────────────────────────────────────────────────────────────────────────────


def test_every_windows_zone_is_a_zone() -> None:
    assert len(zones.WINDOWS) > 130
    assert set(zones.WINDOWS.values()) <= available_timezones()
    now = datetime(2026, 7, 1, tzinfo=UTC)
    assert all(now.astimezone(ZoneInfo(name)).utcoffset() is not None for name in zones.WINDOWS.values())


def test_zones_by_either_name() -> None:
    assert doctest.testmod(zones).failed == 0
    assert zones.iana_zone(" eastern standard time ") == "America/New_York"
    with pytest.raises(ValueError, match="unknown time zone 'EST5'"):
        zones.iana_zone("EST5")
