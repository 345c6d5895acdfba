"""A ticket is a watermelon when its promises were kept on paper and what the customer did says otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.model import Assignment, Event, Rating, Watermelon
from connector.rules.policy import WatermelonRule
from tests.unit.desk import (
    CAROL,
    DANA,
    ROBOT,
    at,
    closed,
    judged,
    mail,
    policy,
    priority,
    reopened,
    reply,
    status,
    target,
    ticket,
)

RULE = WatermelonRule(words=("fed up", "unacceptable"))
BY = policy(
    watermelon=RULE,
    targets={"*": target(response=60, resolution=480), "high": target(response=15, resolution=240)},
)


def seen(*events: Event, by: Any = BY, **of: Any) -> Watermelon | None:
    return judged(*events, now=at("16:00"), by=by, of=ticket(**of)).watermelon


def rated(score: float, source: str = "smile") -> Rating:
    return Rating(at=at("11:00"), key=source, score=score, actor=CAROL, source=source)


def test_a_happy_ticket_has_nothing_to_say() -> None:
    assert seen(mail(at("09:30")), rated(5)) is None


def test_an_unhappy_rating_beside_kept_promises_is_one() -> None:
    found = seen(mail(at("09:30")), rated(1))
    assert found == Watermelon(points=3, reasons=("rated 1 of 5",), on_paper=True, flagged=True)
    answer = judged(mail(at("09:30")), rated(1), now=at("11:30"), by=BY)
    assert answer.flags["watermelon"] == "rated 1 of 5"


def test_a_promise_missed_is_red_outside_and_no_watermelon() -> None:
    found = seen(mail(at("10:30")), rated(1))
    assert found is not None
    assert (found.on_paper, found.flagged) == (False, False)
    assert judged(mail(at("10:30")), rated(1), now=at("11:30"), by=BY).flags["watermelon"] == ""


@pytest.mark.parametrize(
    ("said", "on_paper"),
    [
        ({"sla_met": True}, True),
        ({"sla_met": False}, False),
        ({"response_at": at("09:04")}, True),  # the PSA took a status for an answer
        ({"response_at": at("10:01")}, False),
        ({}, False),
    ],
)
def test_on_paper_is_what_the_psa_reports(said: dict[str, Any], on_paper: bool) -> None:
    psa = replace(ticket().psa, **said)
    found = seen(mail(at("10:30")), rated(1), psa=psa)
    assert found is not None
    assert found.on_paper is on_paper


def test_a_customer_who_chases_shows_it_without_a_rating() -> None:
    chasing = [
        reply(at(clock), text="Any news?") for clock in ("10:00", "10:05", "11:00", "13:00", "14:00", "15:00")
    ]
    found = seen(mail(at("09:30")), *chasing)
    assert found is not None
    assert found.reasons == ("chased 4 times without an answer in between",)
    assert found.points == 3  # no more than three count
    assert seen(mail(at("09:30")), reply(at("10:00")), mail(at("10:30")), reply(at("11:00"))) is None


def test_a_machines_mail_is_no_answer_to_a_chaser() -> None:
    robot = mail(at("10:30"), ROBOT, "We have received your message.")
    found = seen(mail(at("09:30")), reply(at("10:00")), robot, reply(at("11:00")))
    assert found is not None
    assert found.reasons == ("chased once without an answer in between",)


def test_words_are_found_whole_and_quoted_only_from_the_customer() -> None:
    angry = reply(at("10:00"), text="I am FED UP, this is unacceptable!")
    found = seen(mail(at("09:30")), angry)
    assert found is not None
    assert found.reasons == ("the customer wrote “fed up”, “unacceptable”",)
    assert (
        seen(mail(at("09:30"), text="That would be unacceptable."), reply(at("10:00"), text="unacceptably"))
        is None
    )


def test_hand_overs_beyond_the_second_and_a_priority_raised_by_the_customer() -> None:
    hops = [
        Assignment(at=at(f"{hour}:00"), actor=DANA, from_=str(hour), to=str(hour + 1))
        for hour in (9, 10, 11, 12)
    ]
    assert seen(mail(at("09:30")), *hops[:2]) is None
    found = seen(mail(at("09:10")), *hops, replace(priority(at("13:00"), "Low", "High"), actor=CAROL))
    assert found is not None
    assert found.reasons == ("handed over 4 times", "the customer raised the priority")
    assert found.points == 4
    lowered = replace(priority(at("13:00"), "High", "Low"), actor=CAROL)
    assert seen(mail(at("09:10")), lowered) is None
    assert seen(mail(at("09:10")), priority(at("13:00"), "Low", "High")) is None


def test_a_priority_without_promises_is_not_raised() -> None:
    by = replace(BY, targets={"high": target(response=15)})
    assert seen(mail(at("09:10")), replace(priority(at("13:00"), "Low", "High"), actor=CAROL), by=by) is None


def test_reopening_and_the_heaviest_three_reasons() -> None:
    events = (
        mail(at("09:10")),
        status(at("09:20"), "New", "Resolved"),
        reopened(at("10:00")),
        mail(at("10:05")),
        reply(at("10:10"), text="unacceptable"),
        reply(at("11:10"), text="hello?"),
        closed(at("11:20")),
        rated(2),
    )
    found = seen(*events)
    assert found is not None
    assert found.reasons == ("rated 2 of 5", "the customer wrote “unacceptable”", "reopened once")
    assert found.points == 8


def test_a_face_on_the_thermometer_weighs_less_than_a_rating() -> None:
    found = seen(mail(at("09:30")), rated(1, "service thermometer"))
    assert found is not None
    assert (found.points, found.reasons) == (2, ("an unhappy face on the thermometer",))
    assert not found.flagged


def test_what_weighs_nothing_is_not_looked_at() -> None:
    quiet = replace(BY, watermelon=replace(RULE, rated=0, chased=0, words=()))
    assert (
        seen(mail(at("09:30")), rated(1), reply(at("11:30")), reply(at("12:30"), text="fed up"), by=quiet)
        is None
    )


def test_an_excluded_ticket_is_not_flagged() -> None:
    answer = judged(mail(at("09:30")), rated(1), now=at("11:30"), by=BY, of=ticket(type="Alert"))
    assert answer.flags["watermelon"] == ""
