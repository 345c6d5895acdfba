"""The line people read about a clock, for each way it can stand."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connector.model import Actor
from connector.rules.lines import author, moment, span, times
from tests.unit.desk import ALWAYS, ROBOT, at, closed, judged, mail, policy, status, target, why

NO_RESPONSE = policy(targets={"*": target(resolution=480)})
RESPONSE = policy(targets={"*": target(response=60)})
UPDATE = policy(targets={"*": target(update=60)})
BUCKETS = ("response", "resplan", "update", "resolution")


def test_a_clock_without_a_promise_says_so_while_open_and_once_done():
    assert why(judged(now=at("09:30"), by=NO_RESPONSE), "response") == "no target; no answer counted yet"
    done = judged(mail(at("09:42")), now=at("10:00"), by=NO_RESPONSE)
    assert (
        why(done, "response")
        == "answered 5 Jan 09:42 by Dana (email) after 42 min of working time; no target"
    )


def test_every_open_clock_says_what_it_waits_for():
    answer = judged(mail(at("09:10"), channel="note"), now=at("09:20"))
    assert [why(answer, bucket) for bucket in BUCKETS] == [
        "answered 5 Jan 09:10 by Dana (note) after 10 min of working time",
        "customer and somebody who can resolve engaged 5 Jan 09:10 by Dana (note)"
        " after 10 min of working time",
        "the customer waits for news; due 5 Jan 11:10",
        "not resolved yet; due 6 Jan 10:00",
    ]
    silent = judged(now=at("09:20"))
    assert [why(silent, bucket) for bucket in BUCKETS] == [
        "no answer counted yet; due 5 Jan 10:00",
        "nobody who can resolve is engaged yet; due 5 Jan 11:00",
        "starts with the first answer that counts",
        "not resolved yet; due 6 Jan 10:00",
    ]


def test_every_clock_that_a_machine_stopped_by_closing_says_so():
    answer = judged(closed(at("09:30"), ROBOT), now=at("09:40"))
    assert [why(answer, bucket) for bucket in BUCKETS] == [
        "closed without a word to the customer",
        "closed before anybody who can resolve was engaged",
        "starts with the first answer that counts",
        "closed automatically; not a resolution",
    ]
    told = judged(mail(at("09:10")), closed(at("09:30"), ROBOT), now=at("09:40"))
    assert why(told, "update") == "closed automatically; no more news is due"


def test_a_missed_clock_that_stands_still_tells_both():
    answer = judged(closed(at("10:30"), ROBOT), now=at("10:40"), by=RESPONSE)
    assert why(answer, "response") == (
        "no answer counted yet; was due 5 Jan 10:00; closed without a word to the customer"
    )
    assert (
        why(judged(now=at("10:40"), by=RESPONSE), "response") == "no answer counted yet; was due 5 Jan 10:00"
    )


def test_an_ending_without_a_message_names_its_time_alone():
    answer = judged(status(at("10:30"), "New", "Resolved"), now=at("11:00"))
    assert why(answer, "resolution") == "resolved 5 Jan 10:30 after 1 h 30 min of working time"


@pytest.mark.parametrize(
    ("clocks", "told"),
    [
        (["09:30", "10:00"], "kept informed until 5 Jan 16:00; news came late once"),
        (["09:30", "11:00"], "kept informed until 5 Jan 16:00; news came late 2 times"),
        (["15:20"], "kept informed until 5 Jan 16:00"),
    ],
)
def test_late_news_is_counted(clocks, told):
    answer = judged(
        *(mail(at(clock)) for clock in clocks),
        status(at("16:00"), "New", "Resolved"),
        now=at("17:00"),
        by=UPDATE,
    )
    assert why(answer, "update") == told


@pytest.mark.parametrize(
    ("instant", "zone", "told"),
    [
        ("2026-01-01T00:00:00+00:00", "UTC", "1 Jan 00:00"),
        ("2026-12-31T23:59:59+00:00", "UTC", "31 Dec 23:59"),
        ("2026-12-31T23:59:59+00:00", "Asia/Kolkata", "1 Jan 05:29"),
        ("2026-06-30T12:07:00+00:00", "Australia/Lord_Howe", "30 Jun 22:37"),
    ],
)
def test_a_moment_is_told_on_the_clock_of_the_desk(instant, zone, told):
    assert moment(datetime.fromisoformat(instant), ZoneInfo(zone)) == told


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (0, "0 min"),
        (59.99, "59 min"),
        (60, "1 h"),
        (61.5, "1 h 1 min"),
        (1439, "23 h 59 min"),
        (6000, "100 h"),
    ],
)
def test_working_time_is_told_in_hours_and_minutes_cut(minutes, told):
    assert span(minutes) == told


def test_once_and_more_often():
    assert [times(count) for count in (1, 2, 11)] == ["once", "2 times", "11 times"]


@pytest.mark.parametrize(
    ("fields", "told"), [(("Dana", "a4"), "Dana"), (("", "a4"), "a4"), (("", ""), "somebody")]
)
def test_an_author_is_told_by_name_else_by_id(fields, told):
    name, key = fields
    actor = Actor("staff", key, name)
    assert author(mail(at("09:10"), actor, channel="time_entry")) == f"{told} (time entry)"


def test_due_on_a_calendar_without_nights_is_told_in_its_own_zone():
    by = policy(calendar=ALWAYS, targets={"*": target(ALWAYS, response=60)})
    late = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
    assert why(judged(now=late, by=by), "response") == "no answer counted yet; due 5 Jan 10:00"
