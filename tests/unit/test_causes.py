"""Whoever had the time of a missed promise is its cause, and the table of causes adds up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import Assignment, Event
from connector.rules.causes import Cause, causes, pareto
from tests.unit.desk import (
    DANA,
    DESK,
    ROBOT,
    at,
    judged,
    mail,
    policy,
    reopened,
    reply,
    status,
    target,
    ticket,
)

BY = policy(targets={"*": target(response=120, resolution=300)})


def given_to(clock: str, to: str, from_: str = "", what: Any = "person") -> Assignment:
    return Assignment(at=at(clock), actor=DANA, what=what, from_=from_, to=to)


def found(*events: Event, now: str = "16:59", **of: Any) -> dict[str, Cause]:
    about = ticket(**of)
    answer = judged(*events, now=at(now), by=BY, of=about)
    return {cause.bucket: cause for cause in causes(about, answer, DESK)}


def test_a_kept_promise_has_no_cause() -> None:
    assert found(mail(at("09:30")), now="10:00") == {}


def test_it_lay_with_nobody() -> None:
    cause = found(given_to("10:30", "Dana"), mail(at("11:30")))["response"]
    assert (cause.kind, cause.who) == ("nobody", "")
    assert cause.minutes == {"nobody": 90, "owner": 30}


def test_it_lay_with_its_owner_whom_only_the_ticket_names() -> None:
    cause = found(mail(at("11:30")), owner="Dana")["response"]
    assert (cause.kind, cause.who, cause.minutes) == ("owner", "Dana", {"owner": 120})


def test_a_machines_mail_moves_nothing() -> None:
    robot = mail(at("09:01"), ROBOT, "We have received your request.")
    assert found(robot, now="11:30", owner="Dana")["response"].kind == "owner"


def test_handed_from_one_to_the_next() -> None:
    hops = [given_to("09:10", "B", "A"), given_to("09:20", "C", "B"), given_to("10:00", "D", "C")]
    cause = found(*hops, now="11:30")["response"]
    assert (cause.kind, cause.who) == ("handed on", "D")
    assert cause.minutes == {"owner": 20, "handed on": 100}


def test_a_team_is_nobody() -> None:
    cause = found(given_to("09:05", "Dana"), given_to("09:10", "Second line", "First", "group"), now="11:30")
    assert cause["response"].kind == "nobody"


def test_the_customer_was_asked_and_the_clock_ran_on() -> None:
    cause = found(mail(at("09:30")), reply(at("15:30")), owner="Dana")["resolution"]
    assert (cause.kind, cause.minutes) == ("customer", {"owner": 30, "customer": 270})


def test_a_pause_belongs_to_nobody() -> None:
    paused = (
        mail(at("09:30")),
        status(at("10:00"), "New", "Waiting Customer"),
        status(at("13:30"), "x", "In Progress"),
    )
    cause = found(*paused, owner="Dana", now="16:59")
    assert "resolution" not in cause


def test_it_came_back() -> None:
    events = (
        mail(at("09:10")),
        status(at("09:15"), "New", "Resolved"),
        reopened(at("09:20")),
        reply(at("09:21")),
    )
    cause = found(*events, owner="Dana")["resolution"]
    assert cause.kind == "came back"


def test_missed_news_are_counted_from_the_word_before() -> None:
    by = policy(targets={"*": target(update=60)})
    about = ticket(owner="Dana")
    answer = judged(
        mail(at("09:10")), mail(at("13:00"), ROBOT), reply(at("13:30")), now=at("14:50"), by=by, of=about
    )
    (cause,) = causes(about, answer, DESK)
    assert cause.bucket == "update"
    assert sum(cause.minutes.values()) == pytest.approx(60)


@given(st.lists(st.tuples(st.sampled_from(["nobody", "owner", "customer"]), st.integers(1, 9)), max_size=40))
def test_the_table_adds_up(given_causes: list[tuple[Any, int]]) -> None:
    rows = pareto(
        Cause(ticket_id=str(number), bucket="response", kind=kind, who="", minutes={})
        for kind, number in given_causes
    )
    assert sum(row.misses for row in rows) == len(given_causes)
    assert [row.misses for row in rows] == sorted((row.misses for row in rows), reverse=True)
    if rows:
        assert rows[-1].so_far == 1
        assert all(len(set(row.tickets)) == len(row.tickets) <= row.misses for row in rows)
