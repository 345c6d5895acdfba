"""What a client's file amounts to: defaults, fallbacks, calendars, digests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.clients import default_policy, load_policy
from connector.clients.forms import DAYS, duration, weekdays
from connector.errors import ConfigErrors
from connector.rules.worktime import WorkCalendar
from tests.shared import ROOT
from tests.unit.clients_kit import CALENDAR, HEAD, MINIMAL, TARGETS, policy, write

CLIENTS = ROOT / "config" / "clients"
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_four_keys_are_enough(tmp_path: Path) -> None:
    got = policy(tmp_path, MINIMAL)
    assert got.client == "Acme"
    assert got.match is not None
    assert got.match.companies == {"acme", "7"}
    assert got.enforce_from is None
    assert got.response.unknown == "not_counted"
    assert got.resplan.channels == {"phone", "visit", "chat", "time_entry"}
    assert got.pause.buckets == {"resplan", "update", "resolution"}
    assert (got.px.positive, got.px.negative, got.px.target) == (0.8, 0.4, 95)
    assert got.zones.orange_when_left == 15
    assert got.risk.raise_at == 80
    assert got.flags["felt_response"] == "Felt Response (min)"
    assert got.calendar == WorkCalendar("Europe/London", {day: [("09:00", "17:30")] for day in DAYS[:5]})
    assert got.target("anything") is got.targets["*"]
    assert got.targets["*"].minutes == {"response": 60, "resolution": 480}


def test_the_file_of_the_design_means_what_it_says() -> None:
    got = load_policy(CLIENTS / "acme.yaml")
    assert got.enforce_from == date(2026, 1, 1)
    assert got.match is not None
    assert got.match.companies == {"acme dental", "1042"}
    assert got.response.machines == {"api-rewst", "29"}
    assert got.response.not_a_response == ("we have received your request",)
    assert got.resplan.not_by == {"dispatch"}
    assert got.exclude_types == {"alert", "maintenance"}
    general, first = got.targets["*"], got.targets["p1"]
    assert general.minutes == {"response": 60, "resplan": 240, "update": 480, "resolution": 1440}
    assert first.minutes == {"response": 15, "resplan": 60, "update": 60, "resolution": 240}
    assert first.calendar == WorkCalendar.always("Europe/London")
    christmas = at("2026-12-24T00:00"), at("2026-12-29T00:00")  # off, Friday, weekend, Boxing Day observed
    assert general.calendar.between(*christmas) == timedelta(0)
    assert first.calendar.between(*christmas) == timedelta(days=5)
    assert general.calendar.between(at("2026-12-31T00:00"), at("2027-01-01T00:00")) == 3.5 * HOUR
    assert got.statuses_named == {
        "Scheduled",
        "Waiting Customer",
        "On Hold",
        "Resolved",
        "Completed",
        "Merged",
    }


def test_every_shipped_example_is_fine() -> None:
    for path in sorted(CLIENTS.glob("*.yaml")):
        assert load_policy(path).digest.startswith("sha256:")


def test_a_row_falls_back_to_the_star_row_key_by_key(tmp_path: Path) -> None:
    rows = (
        'targets:\n  "*": {response: 1h, update: 2h, resolution: 8h}\n'
        "  P1: {response: 15m, calendar: 24x7}\n  P4: {update: null}\n"
    )
    got = policy(tmp_path, HEAD + CALENDAR + rows)
    assert got.targets["p1"].minutes == {"response": 15, "update": 120, "resolution": 480}
    assert got.targets["p1"].calendar == WorkCalendar.always("Europe/London")
    assert got.targets["p4"].minutes == {"response": 60, "resolution": 480}
    assert got.target("p1") is got.target("P1")
    assert got.target("Other") is got.targets["*"]


def test_house_defaults_lie_between_program_and_client(tmp_path: Path) -> None:
    (tmp_path / "defaults.yaml").write_text(
        "calendar: {week: {mon-fri: ['08:00-18:00']}, holidays: {country: GB, subdivision: ENG}}\n"
        "targets: {'*': {response: 2h, update: 4h}, p1: {response: 30m}}\n"
        "zones: {yellow: 40}\nflags: {due: null}\npause: {statuses: [Parked]}\n"
    )
    got = policy(
        tmp_path,
        HEAD
        + "calendar: {timezone: Europe/Berlin, week: {tue-wed: ['10:00-12:00']}, holidays: {country: DE}}\n"
        + "targets: {'*': {response: 1h}, P1: {update: 1h}}\nzones: {orange: 80}\n",
    )
    assert got.targets["*"].minutes == {"response": 60, "update": 240}
    assert got.targets["p1"].minutes == {"response": 30, "update": 60}
    assert (got.zones.yellow, got.zones.orange) == (40, 80)
    assert "due" not in got.flags
    assert got.pause.statuses == {"parked"}
    week = got.calendar.between(at("2026-03-02T00:00"), at("2026-03-09T00:00"))
    assert week == 4 * HOUR  # the client's week alone; and GB's subdivision did not follow it to Germany


def test_foresight_can_be_moved_and_switched_off(tmp_path: Path) -> None:
    assert policy(tmp_path, MINIMAL + "risk: {raise_at: 67.5}\n").risk.raise_at == 67.5
    assert policy(tmp_path, MINIMAL + "risk: {raise_at: off}\n").risk.raise_at is None


def test_defaults_can_be_named(tmp_path: Path) -> None:
    house = tmp_path / "house.yaml"
    house.write_text("zones: {yellow: 30}\n")
    path = write(tmp_path, MINIMAL)
    assert load_policy(path, defaults=house).zones.yellow == 30
    assert load_policy(path).zones.yellow == 50


def test_standalone_needs_no_match_and_ignores_one(tmp_path: Path) -> None:
    alone = write(tmp_path, MINIMAL.replace(HEAD, "client: Acme\n"))
    assert load_policy(alone, standalone=True).match is None
    with pytest.raises(ConfigErrors, match="'match' is missing"):
        load_policy(alone)
    nonsense = write(tmp_path, MINIMAL.replace(HEAD, "client: Acme\nmatch: 3\n"))
    assert load_policy(nonsense, standalone=True).match is None


def test_the_defaults_alone_promise_nothing() -> None:
    got = default_policy()
    assert got.match is None
    assert got.targets["*"].minutes == {}
    assert got.response.boilerplate == "not_counted"


def test_24x7_knows_no_holiday(tmp_path: Path) -> None:
    text = MINIMAL.replace("London\n", "London\n  week: 24x7\n  holidays: {country: GB}\n")
    assert policy(tmp_path, text).calendar == WorkCalendar.always("Europe/London")


def test_days_off_are_added_and_taken_away(tmp_path: Path) -> None:
    holidays = "  holidays: {country: NO, add: [2026-03-03], remove: [2026-05-17, 2026-05-01]}\n"
    calendar = policy(tmp_path, MINIMAL.replace("London\n", "London\n" + holidays)).calendar
    day = timedelta(days=1)
    assert calendar.between(at("2026-03-03T00:00"), at("2026-03-03T00:00") + day) == timedelta(0)
    assert calendar.between(at("2026-05-01T00:00"), at("2026-05-01T00:00") + day) == 8.5 * HOUR
    assert calendar.between(at("2015-12-25T00:00"), at("2015-12-25T00:00") + day) == timedelta(0)  # old logs


def test_a_shift_past_midnight(tmp_path: Path) -> None:
    text = MINIMAL.replace("London\n", "London\n  week: {sat: ['22:00-02:00'], 'mon,wed': ['22:00-24:00']}\n")
    calendar = policy(tmp_path, text).calendar
    assert calendar.between(at("2026-03-07T12:00"), at("2026-03-08T12:00")) == 4 * HOUR
    assert calendar.between(at("2026-03-02T00:00"), at("2026-03-05T00:00")) == 4 * HOUR


def test_equal_calendars_are_one(tmp_path: Path) -> None:
    one, other = policy(tmp_path, MINIMAL), policy(tmp_path, MINIMAL.replace("Acme", "Globex"))
    assert one.calendar is other.calendar


def test_the_digest_is_over_the_rules_and_nothing_else(tmp_path: Path) -> None:
    same = "# a comment\n" + TARGETS.replace("1h", "60m") + CALENDAR + "zones: {yellow: 50}\n" + HEAD
    one = policy(tmp_path, MINIMAL)
    again = load_policy(write(tmp_path, same, "renamed.yaml"))
    assert one.digest == again.digest
    assert one.source != again.source
    changes = [
        ("1h", "61m"),
        ("client: Acme", "client: Acne"),
        ("timezone: Europe/London", "timezone: Europe/Dublin"),
        ("London\n", "London\n  holidays: {country: GB}\n"),
        ("London\n", "London\n  closures: {2026-12-24: ['12:00-24:00']}\n"),
        ("targets:", "flags: {px: Other}\ntargets:"),
        ("targets:", "response: {phrases: {response: ['on it']}}\ntargets:"),
        ("targets:", "enforce_from: 2026-01-01\ntargets:"),
        ("targets:", "risk: {raise_at: 70}\ntargets:"),
        ("targets:", "risk: {raise_at: off}\ntargets:"),
    ]
    digests = {policy(tmp_path, MINIMAL.replace(old, new)).digest for old, new in changes}
    assert len(digests | {one.digest}) == len(changes) + 1


@settings(deadline=None)
@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_durations_add_up(hours: int, minutes: int) -> None:
    assert duration(f"{hours}h{minutes}m") == timedelta(hours=hours, minutes=minutes)
    assert duration(f"{hours}h") == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("mon", "mon"),
        ("mon-thu", "mon tue wed thu"),
        ("mon,wed", "mon wed"),
        ("mon-tue, fri", "mon tue fri"),
        ("sat-mon", "sat sun mon"),
        ("mon-sun", "mon tue wed thu fri sat sun"),
    ],
)
def test_days_as_written(key: str, days: str) -> None:
    assert weekdays(key) == tuple(days.split())
