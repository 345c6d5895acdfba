"""Calendars written as differences: from a date on, and for one priority."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.clients import load_policy
from connector.rules.worktime import WorkCalendar
from tests.unit.clients_kit import HEAD, MINIMAL, TARGETS, errors, policy, shown, write

HOUR = timedelta(hours=1)
BASE = (
    HEAD + "calendar:\n  timezone: Europe/London\n  week: {mon-fri: ['09:00-17:00']}\n"
    "  holidays: {country: GB, subdivision: ENG}\n"
)
CHANGING = BASE + (
    "  from:\n"
    "    2027-01-01: {timezone: Europe/Dublin, holidays: {country: IE}}\n"
    "    2026-07-01: {week: {mon-fri: ['08:00-18:00']}, closures: {2026-07-02: ['12:00-24:00']}}\n"
)


def worked(calendar: WorkCalendar, day: str) -> float:
    """Hours worked on this day in UTC."""
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return calendar.between(start, start + timedelta(days=1)) / HOUR


def test_what_a_date_does_not_name_stays_as_it_was(tmp_path: Path) -> None:
    calendar = policy(tmp_path, CHANGING + TARGETS).calendar
    assert worked(calendar, "2026-06-30") == 8
    assert worked(calendar, "2026-07-01") == 10
    assert worked(calendar, "2026-07-02") == 4  # the closure came with the change, 12:00 in London is 11:00
    assert worked(calendar, "2026-08-31") == 0  # a bank holiday in England still
    assert worked(calendar, "2027-02-01") == 0  # Saint Brigid's day, in Ireland only
    assert worked(calendar, "2027-05-31") == 10  # the spring bank holiday, in England only
    assert calendar.timezone == "Europe/Dublin"


def test_each_date_changes_the_digest_and_equal_ones_do_not(tmp_path: Path) -> None:
    first, same = policy(tmp_path, CHANGING + TARGETS), policy(tmp_path, "# x\n" + CHANGING + TARGETS)
    other = policy(tmp_path, (CHANGING + TARGETS).replace("2026-07-01", "2026-07-03"))
    assert first.digest == same.digest != other.digest
    assert first.calendar is same.calendar


def test_a_week_of_ones_own_drops_the_changes_of_the_house(tmp_path: Path) -> None:
    house = "calendar: {timezone: UTC, from: {2026-07-01: {week: {mon-fri: ['08:00-18:00']}}}}\n"
    (tmp_path / "defaults.yaml").write_text(house)
    kept = load_policy(write(tmp_path, HEAD + TARGETS))
    own = load_policy(write(tmp_path, HEAD + "calendar: {week: {mon-fri: ['10:00-12:00']}}\n" + TARGETS))
    assert worked(kept.calendar, "2026-07-01") == 10
    assert worked(own.calendar, "2026-07-01") == 2


def test_a_priority_names_what_differs_from_the_clients_calendar(tmp_path: Path) -> None:
    rows = (
        TARGETS + "  P1: {response: 15m, calendar: 24x7}\n"
        "  P2: {calendar: {week: {mon-sun: ['07:00-22:00']}}}\n"
        "  P3: {calendar: {holidays: {add: [2026-06-30]}}}\n"
        "  P4: {calendar: {from: {2026-06-30: {week: {tue: ['09:00-10:00']}}}}}\n"
        "  P5: {calendar: null}\n"
    )
    got = policy(tmp_path, CHANGING + rows)
    by = {name: row.calendar for name, row in got.targets.items()}
    assert (
        by["p1"].between(datetime(2026, 12, 25, tzinfo=UTC), datetime(2026, 12, 26, tzinfo=UTC)) == 24 * HOUR
    )
    assert worked(by["p2"], "2026-07-04") == 15  # the client's later week is not for this priority
    assert worked(by["p2"], "2026-08-31") == 0  # its holidays are
    assert worked(by["p3"], "2026-06-30") == 0
    assert worked(by["p3"], "2026-07-01") == 10  # and its changes, where the row has no week
    assert worked(by["p4"], "2026-07-07") == 1
    assert by["p5"] is by["*"] is got.calendar


def test_rows_without_a_calendar_have_that_of_the_star_row(tmp_path: Path) -> None:
    got = policy(
        tmp_path,
        MINIMAL.replace("resolution: 8h", "resolution: 8h, calendar: 24x7") + "  P1: {response: 5m}\n",
    )
    assert got.targets["p1"].calendar == WorkCalendar.always("Europe/London")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("    2026-07: {}", "8:5: expected a date as YYYY-MM-DD"),
        ("    2026-07-01: {weak: 24x7}", "8:18: unknown key 'weak'; did you mean 'week'?"),
        ("    2026-07-01: {from: {}}", "8:18: unknown key 'from'"),
        ("    2026-07-01: [x]", "8:17: expected keys and values"),
        ("    2026-07-01: {week: {mon: ['9-17']}}", '8:31: expected "HH:MM-HH:MM"'),
        ("    2026-07-01: {week: {mon: ['09:00-12:00', '11:00-17:00']}}", "8:30: mon: two intervals overlap"),
        ("    2026-07-01: {week: {mon: []}}", "8:24: the week has no working time at all"),
        (
            "    2026-07-01: {timezone: Europe/Lundon}",
            "8:28: unknown time zone 'Europe/Lundon'; did you mean",
        ),
        ("    2026-07-01: {holidays: {country: XX}}", "8:38: no holidays are known for country 'XX'"),
        (
            "    2026-07-02: {timezone: Pacific/Kiritimati}\n    2026-07-01: {timezone: Pacific/Honolulu}",
            "7:3: 2026-07-0",
        ),
    ],
)
def test_a_mistake_in_a_change_is_told_at_its_place(tmp_path: Path, lines: str, words: str) -> None:
    (only,) = shown(errors(tmp_path, BASE + "  from:\n" + lines + "\n" + TARGETS))
    assert only.startswith("acme.yaml:" + words), only


def test_what_changes_inherit_is_told_once(tmp_path: Path) -> None:
    text = (CHANGING + TARGETS).replace("09:00-17:00", "17:00")
    (only,) = shown(errors(tmp_path, text + "  P1: {calendar: {closures: {}}}\n"))
    assert only.startswith('acme.yaml:5:20: expected "HH:MM-HH:MM"')


def test_a_mistake_in_a_rows_calendar_is_told_at_its_place(tmp_path: Path) -> None:
    rows = "  P2: {calendar: {week: {mon: ['09:00-12:00', '11:00-17:00']}}}\n  P3: {calendar: [x]}\n"
    (found,) = shown(errors(tmp_path, BASE + TARGETS + rows.splitlines()[0] + "\n"))
    assert found.startswith("acme.yaml:9:31: mon: two intervals overlap")
    assert any("expected keys and values" in one for one in shown(errors(tmp_path, BASE + TARGETS + rows)))


def test_without_a_zone_the_differences_wait(tmp_path: Path) -> None:
    text = (CHANGING + TARGETS).replace("  timezone: Europe/London\n", "") + "  P1: {calendar: 24x7}\n"
    (only,) = shown(errors(tmp_path, text))
    assert "'calendar.timezone' is missing" in only


@pytest.mark.parametrize(
    "text", ["calendar: 24x7\n", "calendar: {timezone: UTC, from: 2026}\n", "targets: 3\n"]
)
def test_things_of_another_kind_are_errors_not_crashes(tmp_path: Path, text: str) -> None:
    rest = (
        HEAD
        + ("" if "targets" in text else TARGETS)
        + ("" if "calendar" in text else "calendar: {timezone: UTC}\n")
    )
    assert any("expected" in one for one in shown(errors(tmp_path, rest + text)))


def test_dates_are_those_of_the_new_calendars_clock(tmp_path: Path) -> None:
    calendar = policy(tmp_path, CHANGING + TARGETS).calendar
    before = datetime(2026, 6, 30, 16, tzinfo=UTC)  # closing time in London
    assert calendar.add(before, HOUR) == datetime(2026, 7, 1, 8, tzinfo=UTC)
