"""A PSA's calendar, written as YAML and read back by the loader, is the same calendar."""

from __future__ import annotations

import doctest
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from connector.clients import block, load_policy
from connector.clients.block import as_mapping, as_yaml, in_short, one_line
from connector.psa.connectwise import calendar as connectwise
from connector.psa.halo import calendar as halo
from connector.rules.worktime import WorkCalendar
from connector.rules.writtenhours import WrittenHours, written_hours

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ZONES = ("Europe/London", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "America/Havana", "UTC")
WINDOWS = ("GMT Standard Time", "Newfoundland Standard Time", "Nepal Standard Time", "Samoa Standard Time")
EVERY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

CLOCKS = st.builds(lambda h, m: f"{h:02}:{m:02}:00", st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
DATES = st.dates(date(2025, 12, 1), date(2027, 2, 1))
NAMES = st.one_of(
    st.text(max_size=80), st.sampled_from(["", 'a "b": [c] # d', "x\ny: z", "\u2028- 1", "é🎄"])
)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=480)).map(datetime(2025, 11, 1, tzinfo=UTC).__add__)
SPANS = st.timedeltas(timedelta(hours=-300), timedelta(hours=300))


@st.composite
def from_connectwise(draw: st.DrawFn) -> WrittenHours:
    """One interval a day or none, sometimes the same every day, with holidays of both kinds."""
    row: dict[str, Any] = {"id": 1, "name": draw(NAMES), "holidayList": {"id": 1}}
    same = draw(st.sampled_from([None, None, ("00:00:00", "23:59:00"), ("00:00:00", "00:00:00")]))
    for day in DAYS:
        hours = same or (draw(CLOCKS), draw(CLOCKS)) if same or draw(st.booleans()) else (None, None)
        row[f"{day}StartTime"], row[f"{day}EndTime"] = hours
    holidays = []
    for number, day in enumerate(draw(st.lists(DATES, max_size=6))):
        whole = draw(st.booleans())
        part = {} if whole else {"timeStart": draw(CLOCKS), "timeEnd": draw(CLOCKS)}
        holidays.append({"id": number, "name": draw(NAMES), "date": str(day), "allDayFlag": whole, **part})
    return _if_possible(lambda: connectwise.opening_hours(row, holidays, draw(st.sampled_from(ZONES))))


@st.composite
def from_halo(draw: st.DrawFn) -> WrittenHours:
    """A workday with breaks, and holidays that are dates, instants, recurring or only a part of a day."""
    row: dict[str, Any] = {"id": 3, "name": draw(NAMES), "timezone": draw(st.sampled_from(WINDOWS))}
    for day in DAYS:
        row[f"inc{day}"] = draw(st.booleans())
        row[f"start{day}"], row[f"end{day}"] = (f"1900-01-01T{draw(CLOCKS)}" for _ in range(2))
    row["breaks"] = [
        {edge: f"1900-01-01T{draw(CLOCKS)}" for edge in ("start", "end")}
        | {f"inc{draw(st.sampled_from(DAYS))}": True}
        for _ in range(draw(st.integers(0, 3)))
    ]
    row["holidays"] = [
        {
            "name": draw(NAMES),
            "date": f"{day}T{draw(CLOCKS)}",
            "end_date": f"{day + timedelta(days=draw(st.integers(0, 3)))}T{draw(CLOCKS)}",
            "allday": draw(st.booleans()),
            "isrecurring": draw(st.sampled_from([False, False, True])),
        }
        for day in draw(st.lists(DATES, max_size=4))
    ]
    return _if_possible(lambda: halo.opening_hours(row))


def _if_possible(make: Callable[[], WrittenHours]) -> WrittenHours:
    """Overlapping nights and closed weeks are refused: other tests tell how."""
    try:
        return make()
    except ValueError as error:
        assume("overlap" not in str(error) and "no working time" not in str(error))
        raise


@pytest.fixture
def read_back(tmp_path: Path) -> Callable[[str], WorkCalendar]:
    """The calendar that the loader makes of a pasted block, under defaults that say something else."""
    (tmp_path / "clients").mkdir()
    house = "calendar: {holidays: {country: GB, subdivision: ENG, add: [2026-01-05]}}\n"
    (tmp_path / "defaults.yaml").write_text(house, encoding="utf-8")

    def read(block: str) -> WorkCalendar:
        path = tmp_path / "clients" / "acme.yaml"
        head = "client: Acme\nmatch: {connection: main, companies: [Acme]}\n"
        path.write_text(f'{head}{block}targets:\n  "*": {{response: 1h}}\n', encoding="utf-8")
        return load_policy(path).calendar

    return read


@EVERY
@given(
    hours=st.one_of(from_connectwise(), from_halo()),
    heading=st.lists(NAMES, max_size=2),
    asked=st.lists(st.tuples(INSTANTS, INSTANTS, SPANS), min_size=5, max_size=5),
)
def test_the_pasted_block_gives_the_very_same_answers(
    read_back: Callable[[str], WorkCalendar],
    hours: WrittenHours,
    heading: list[str],
    asked: list[tuple[datetime, datetime, timedelta]],
) -> None:
    ours, pasted = hours.calendar(), read_back(as_yaml(hours, heading))
    assert pasted == ours
    for start, end, span in asked:
        assert pasted.between(start, end) == ours.between(start, end)
        assert pasted.add(start, span) == ours.add(start, span)


@EVERY
@given(hours=from_connectwise())
def test_the_json_says_the_same_as_the_yaml(
    read_back: Callable[[str], WorkCalendar], hours: WrittenHours
) -> None:
    assert read_back(f"calendar: {json.dumps(as_mapping(hours))}\n") == hours.calendar()


@given(st.text())
def test_text_from_outside_stays_on_its_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
    assert one_line(text).isprintable()


def test_the_week_on_one_line() -> None:
    assert doctest.testmod(block).failed == 0
    always = {day: [("00:00", "00:00")] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    assert in_short(written_hours("UTC", always)) == "24x7"


def test_a_desk_that_is_open_always_but_on_holidays_is_not_24x7() -> None:
    week = {day: [("00:00", "24:00")] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    assert "week: 24x7\n" in as_yaml(written_hours("UTC", week))
    written = as_yaml(written_hours("UTC", week, [date(2026, 12, 25)]))
    assert 'mon-sun: ["00:00-00:00"]' in written
    assert "24x7 would ignore the days off" in written


def test_the_block_as_a_person_reads_it() -> None:
    split = [("08:30", "12:30"), ("13:30", "18:00")]
    week = {"mon": split, "tue": split, "thu": split, "fri": [("8:30", "17:00:00")], "sun": []}
    names = {date(2026, 12, 24): "Christmas\nEve", date(2026, 12, 25): "Christmas Day"}
    hours = written_hours(
        "Europe/London",
        week,
        [date(2026, 12, 25), date(2026, 1, 1)],
        {date(2026, 12, 24): [("12:00", "24:00")]},
        names,
    )
    assert as_yaml(hours, ["from the PSA"]) == (
        "# from the PSA\n"
        "calendar:\n"
        "  timezone: Europe/London\n"
        "  week:\n"
        '    mon-tue,thu: ["08:30-12:30", "13:30-18:00"]\n'
        '    fri: ["08:30-17:00"]\n'
        "  holidays:\n"
        "    country: null  # the days off are listed\n"
        "    subdivision: null\n"
        "    add:\n"
        "      - 2026-01-01\n"
        "      - 2026-12-25  # Christmas Day\n"
        "    remove: []\n"
        "  closures:\n"
        '    2026-12-24: ["12:00-24:00"]  # Christmas Eve\n'
    )
