"""What is worth telling, once an episode, and when: the rules of notices, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.rules.notices import (
    DAMPED,
    Begun,
    Changes,
    Condition,
    Episode,
    NotifyRule,
    changes,
    conditions,
    speaks,
)
from connector.rules.noticetimes import next_digest, place
from connector.rules.worktime import WorkCalendar
from tests.unit.desk import (
    ALWAYS,
    BERLIN,
    DESK,
    POLICY,
    at,
    closed,
    judged,
    mail,
    reopened,
    reply,
    status,
    ticket,
)

NOW = at("10:00")
RULE = NotifyRule(at_once={"missed": ("chat",), "red": ("chat", "boss")}, digest={"at_risk": ("boss",)})
LATE = Condition(event="missed", key="response 0")


def known(event: str = "missed", key: str = "response 0", channel: str = "chat", **more: object) -> Episode:
    return Episode(**({"id": "n1", "event": event, "key": key, "channel": channel, "over_at": None} | more))  # type: ignore[arg-type]


def so(*events: object, now: datetime, **of: object) -> list[tuple[str, str]]:
    subject = ticket(**of)
    answer = judged(*events, now=now, of=subject)  # type: ignore[arg-type]
    found = [(one.event, one.key) for one in conditions(answer, subject, POLICY)]
    assert speaks(answer) or not found
    return found


def test_a_ticket_says_what_is_at_risk_and_what_was_missed() -> None:
    ask = reply(at("09:00"))
    assert so(ask, now=at("09:30")) == []
    assert so(ask, now=at("09:50")) == [("at_risk", "response 0")]
    assert so(ask, now=at("10:30"))[0] == ("missed", "response 0")
    assert ("red", "0") in so(ask, now=at("10:30"))


def test_what_was_answered_late_asks_nothing_any_more() -> None:
    assert so(reply(at("09:00")), mail(at("10:30")), now=at("10:31")) == []


def test_a_closed_ticket_is_no_news_though_nobody_ever_answered() -> None:
    facts = (reply(at("09:00")), closed(at("11:00")))
    assert so(*facts, now=at("11:01"), closed=True, status="Closed", closed_at=at("11:00")) == []


def test_a_ticket_that_is_reported_apart_says_nothing() -> None:
    assert so(reply(at("09:00")), now=at("11:00"), type="Alert") == []


def test_a_reopened_ticket_begins_new_episodes() -> None:
    first = mail(at("09:05"))
    facts = (first, closed(at("09:10"), to="Resolved"), reopened(at("09:20")))
    late = at("16:00", day=8)
    assert ("missed", "resolution 1") in so(*facts, now=late, status="In Progress")
    assert ("missed", "resolution 0") in so(first, now=late, status="In Progress")


def test_an_episode_begins_once_on_every_channel_of_its_event() -> None:
    red = Condition(event="red", key="0")
    found = changes([LATE, red], [], RULE, NOW)
    assert found.begun == (Begun(LATE, "chat", True), Begun(red, "chat", True), Begun(red, "boss", True))
    assert changes([LATE], [known()], RULE, NOW) == Changes((), (), ())


def test_it_is_over_when_it_is_no_longer_so_or_nobody_wants_it() -> None:
    assert changes([], [known()], RULE, NOW).over == ("n1",)
    assert changes([LATE], [known()], NotifyRule(), NOW).over == ("n1",)
    assert changes([], [known(over_at=NOW - timedelta(hours=3))], RULE, NOW) == Changes((), (), ())


@pytest.mark.parametrize(("ago", "same"), [(DAMPED - timedelta(seconds=1), True), (DAMPED, False)])
def test_what_comes_straight_back_is_the_same_episode(ago: timedelta, same: bool) -> None:
    found = changes([LATE], [known(over_at=NOW - ago)], RULE, NOW)
    assert (found.back == ("n1",)) is same
    assert bool(found.begun) is not same


def test_the_latest_of_several_episodes_is_what_counts() -> None:
    old = known(id="n0", over_at=NOW - timedelta(hours=5))
    assert changes([LATE], [old, known()], RULE, NOW) == Changes((), (), ())
    assert changes([LATE], [known(), old], RULE, NOW) == Changes((), (), ())


def test_a_pause_neither_ends_the_risk_nor_begins_it() -> None:
    facts = (reply(at("09:00")), mail(at("09:05")), reply(at("09:06")))
    waiting = status(at("10:50"), "In Progress", "Waiting Customer")
    subject = ticket(status="Waiting Customer")
    answer = judged(*facts, waiting, now=at("10:55"), of=subject)
    paused = [one for one in conditions(answer, subject, POLICY) if one.event == "at_risk"]
    assert [one.begins for one in paused] == [False]
    mine = known(event="at_risk", key=paused[0].key, channel="boss")
    assert changes(paused, [mine], RULE, NOW) == Changes((), (), ())
    assert changes(paused, [], RULE, NOW) == Changes((), (), ())
    gone = replace(mine, over_at=NOW - timedelta(minutes=1))
    assert changes(paused, [gone], RULE, NOW) == Changes((), (), ())


def held(rule: NotifyRule, now: datetime, calendar: WorkCalendar = DESK, **more: object) -> datetime | None:
    return place(rule, calendar, BERLIN, now, **({"at_once": True} | more)).held_until  # type: ignore[arg-type]


def test_outside_of_its_hours_it_waits_for_their_beginning() -> None:
    quiet = replace(RULE, hours="working_hours")
    assert held(quiet, at("10:00")) is None
    assert held(quiet, at("18:00")) == at("09:00", day=6)
    assert held(quiet, at("18:00", day=9)) == at("09:00", day=12), "over the weekend"
    assert held(quiet, at("18:00"), ALWAYS) is None, "a promise that runs around the clock is told around it"
    assert held(RULE, at("03:00")) is None


def test_more_than_the_channel_takes_waits_until_it_takes_more() -> None:
    lately = [NOW - timedelta(minutes=50), NOW - timedelta(minutes=2), NOW - timedelta(hours=2)]
    assert held(RULE, NOW, lately=lately, per_hour=3) is None
    assert held(RULE, NOW, lately=lately, per_hour=2) == NOW + timedelta(minutes=10)
    assert held(RULE, NOW, lately=lately * 99, per_hour=None) is None


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-01-05T06:59:59+00:00", "2026-01-05T07:00:00+00:00"),
        ("2026-01-05T07:00:00+00:00", "2026-01-06T07:00:00+00:00"),
        ("2026-03-28T12:00:00+00:00", "2026-03-29T06:00:00+00:00"),  # summer time begins
        ("2026-10-24T12:00:00+00:00", "2026-10-25T07:00:00+00:00"),  # and ends
    ],
)
def test_a_daily_digest_keeps_its_local_time(after: str, due: str) -> None:
    assert next_digest(RULE, BERLIN, datetime.fromisoformat(after)) == datetime.fromisoformat(due)


def test_an_hourly_digest_comes_at_full_local_hours() -> None:
    hourly = replace(RULE, digest_minute=None)
    half_past = datetime(2026, 1, 5, 10, 40, 7, tzinfo=UTC)
    assert next_digest(hourly, ZoneInfo("Asia/Kolkata"), half_past) == datetime(
        2026, 1, 5, 11, 30, tzinfo=UTC
    )
    assert next_digest(hourly, BERLIN, half_past) == datetime(2026, 1, 5, 11, 0, tzinfo=UTC)


def test_a_digest_that_falls_into_quiet_hours_comes_when_they_end() -> None:
    early = replace(RULE, digest_minute=6 * 60, hours="working_hours")
    assert held(early, at("12:00"), at_once=False) == at("09:00", day=6)
