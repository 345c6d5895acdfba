"""What `doctor` makes of what was seen: calendars without days off, and the notes of an adapter's start."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.clients import default_policy
from connector.history.doctor import bad
from connector.history.doctor.agree import fields, others, statuses
from connector.history.doctor.findings import Finding, Seen, some
from connector.history.doctor.hours import lacks_days_off
from connector.psa.port import PsaFacts
from connector.rules.worktime import WorkCalendar

TODAY = date(2026, 11, 22)
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = {day: [("08:00", "18:00")] for day in WORKDAYS}
NIGHT = {day: [("22:00", "06:00")] for day in ("sun", *WORKDAYS[:4])}
NEARLY = {day: [("00:00", "23:59")] for day in (*WORKDAYS, "sat", "sun")}
CHRISTMAS = date(2026, 12, 25)


@pytest.mark.parametrize(
    ("week", "holidays", "lacks"),
    [
        (OFFICE, [], True),
        (OFFICE, [CHRISTMAS], False),
        (OFFICE, [date(2026, 12, 26)], True),  # a Saturday: nobody works anyway
        (OFFICE, [date(2025, 12, 25), date(2026, 1, 1)], True),  # a list that has run out
        (OFFICE, [TODAY + timedelta(days=380)], True),  # one that begins too late
        (NIGHT, [], True),
        (NIGHT, [CHRISTMAS], False),
        (NEARLY, [], False),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/London", "America/St_Johns", "Pacific/Auckland"])
def test_a_calendar_lacks_days_off(week, holidays, lacks, zone):
    assert lacks_days_off(WorkCalendar(zone, week, holidays), TODAY) is lacks


def test_a_desk_that_never_closes_lacks_none():
    assert not lacks_days_off(WorkCalendar.always(), TODAY)


def test_hours_that_change_within_the_year_are_no_day_off():
    later = WorkCalendar("Europe/London", {**OFFICE, "sat": [("09:00", "13:00")]})
    calendar = WorkCalendar.changing(
        [(None, WorkCalendar("Europe/London", OFFICE)), (date(2027, 2, 1), later)]
    )
    assert lacks_days_off(calendar, TODAY)


def seen(*notes: str, **facts: object) -> Seen:
    return Seen(
        policies=[default_policy()],
        today=TODAY,
        facts=PsaFacts(server="x", me="", notes=notes, **facts),
        lacking={"surveys": "403 no"},
    )


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.check, one.severity) for one in findings]


def test_each_note_of_the_start_is_told_once_under_its_heading():
    one = seen(
        "surveys is off: 403 no",
        "system/members cannot be read: people and machines are told apart less well (403)",
        "the status 'Done' means Resolved and Waiting on different boards",
        "sla_events: Autotask has no status 'Hold'; which of its statuses means waiting_customer?",
        "our API application acts as Ann, who is a person: give it an API-only agent of its own",
        "the PSA's clock is 10 min behind ours: set the clock that is wrong",
        "over half of the database's requests an hour are used: Autotask answers slower",
        "the field 'SLA Zone' is of type Button, which cannot carry a flag: make it Text",
        "the PSA has no company field 'Client PX': nothing is written there",
    )
    assert told(others(one)) == [
        ("rights", "warning"),
        ("statuses", "note"),
        ("statuses", "warning"),
        ("set-up", "warning"),
    ]
    assert told(fields(one)) == [("fields", "warning")] * 2


def test_a_psa_that_shows_no_statuses_is_not_said_to_lack_any():
    assert told(statuses(seen())) == [("statuses", "note")]


def test_the_stage_of_one_board_is_enough():
    one = seen(statuses={"Parked": "NoEscalation/Responded", "New": "NotResponded", "Resolved": "Resolved"})
    (finding,) = statuses(one)
    assert "'Parked', which stops the clock" in finding.found
    named = replace(default_policy(), statuses_named=frozenset({"parked", "RESOLVED"}))
    one.policies = [named]
    (fine,) = statuses(one)
    assert (fine.severity, fine.found) == ("ok", "3 statuses; clocks run in New")


def test_notes_need_nobody_and_warnings_do():
    made = {
        severity: Finding(check="clock", severity=severity, looked_at="", found="")
        for severity in ("ok", "note", "warning", "error")
    }
    assert [name for name, one in made.items() if bad([one])] == ["warning", "error"]


def test_of_many_names_the_first_are_shown():
    assert some(["a", "b"]) == "a, b"
    assert some([str(n) for n in range(11)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 3 more"
