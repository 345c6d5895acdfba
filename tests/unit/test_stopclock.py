"""The stop-clock audit finds where a clock stopped or moved while the customer waited, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest

from connector.assessmentlog import assessment_to_json
from connector.history.backtest.figures import Figures
from connector.history.backtest.replay import replay
from connector.model import Actor, Event, Message, PriorityChange, PsaVerdict, StopFinding, StopRule
from connector.rules.stopclock import WHY, Stops, totals
from tests.unit.desk import (
    CAROL,
    DANA,
    at,
    closed,
    judged,
    mail,
    policy,
    reopened,
    reply,
    status,
    target,
    ticket,
)

NOW = at("16:00", 8)
BY = policy(
    targets={
        "*": target(response=60, resplan=120, update=480, resolution=480),
        "low": target(response=240, resplan=480, update=960, resolution=2400),
    }
)


def found(*events: Event, now: Any = NOW, by: Any = BY, **of: Any) -> tuple[StopFinding, ...]:
    return judged(*events, now=now, by=by, of=ticket(**of)).stops


def rules(*events: Event, **more: Any) -> list[StopRule]:
    return [one.rule for one in found(*events, **more)]


def waits(start: Any, end: Any = None, actor: Actor = DANA) -> list[Event]:
    events: list[Event] = [status(start, "In Progress", "Waiting Customer", actor)]
    return events if end is None else [*events, status(end, "Waiting Customer", "In Progress", actor)]


def test_an_ordinary_ticket_gives_no_reason_to_look() -> None:
    asked = mail(at("09:30"), text="Which cable is it, the red one?")
    answered = mail(at("15:00"), text="I have replaced the cable.")
    events = [asked, *waits(at("09:31"), at("14:00")), reply(at("13:59"), "The red one."), answered]
    assert rules(*events, status(at("15:01"), "In Progress", "Resolved")) == []


def test_a_pause_while_the_customer_waits_for_us() -> None:
    events = [reply(at("10:00")), *waits(at("11:00"), at("14:00")), mail(at("15:00"))]
    (one,) = found(*events)
    assert (one.rule, one.at, one.until, one.minutes) == ("pause_unanswered", at("11:00"), at("14:00"), 120)
    assert one.text == "status Waiting Customer while the customer's message of 5 Jan 10:00 was unanswered"
    assert one.event == 1


def test_a_pause_set_together_with_the_answer_is_none() -> None:
    """The status is saved a few minutes before the mail is written, or after it."""
    before = [reply(at("10:00")), *waits(at("11:00"), at("14:00")), mail(at("11:10"))]
    after = [reply(at("10:00")), mail(at("10:55")), *waits(at("11:00"), at("14:00"))]
    assert "pause_unanswered" not in rules(*before) + rules(*after)


def test_a_message_that_comes_into_a_pause_and_waits() -> None:
    """Our own clock runs on; the PSA's does not, for as long as the status stands."""
    events = [mail(at("09:30")), *waits(at("09:35")), reply(at("11:00")), mail(at("16:00"))]
    (one,) = found(*events)
    assert (one.rule, one.at, one.until, one.minutes) == ("pause_unanswered", at("11:00"), at("16:00"), 240)


@pytest.mark.parametrize("text", ["Thanks!", "Thank you"])
def test_a_thanks_waits_for_nothing(text: str) -> None:
    assert rules(mail(at("09:30")), *waits(at("09:35")), reply(at("11:00"), text)) == []


def test_a_pause_minutes_before_a_promise_is_due() -> None:
    """Eight working hours of resolution: 460 minutes are used on Tuesday at 09:40."""
    events = [mail(at("09:30")), *waits(at("09:40", 6), at("12:00", 7))]
    (one,) = found(*events, now=at("13:00", 7))
    assert (one.rule, round(one.minutes)) == ("pause_before_due", 20)
    assert one.text == "status Waiting Customer began 20 min before resolution was due"


def test_a_pause_long_before_a_promise_is_due_is_none() -> None:
    assert rules(mail(at("09:30")), *waits(at("10:00"), at("11:00"))) == []


def change(when: Any, from_: str, to: str, actor: Actor = DANA) -> PriorityChange:
    return PriorityChange(at=when, from_=from_, to=to, actor=actor)


def test_a_promise_made_longer_when_it_was_nearly_broken() -> None:
    (one,) = found(change(at("09:50"), "High", "Low"), mail(at("10:30")), priority="Low")
    assert (one.rule, one.at, one.minutes) == ("due_pushed", at("09:50"), 180)
    assert one.text == "priority changed from High to Low 10 min before response was due"


def test_a_promise_made_longer_when_it_was_broken() -> None:
    (one,) = found(change(at("10:20"), "High", "Low"), mail(at("10:30")), priority="Low")
    assert one.text == "priority changed from High to Low when response was overdue"


@pytest.mark.parametrize(
    "event",
    [
        change(at("09:10"), "High", "Low"),  # early enough
        change(at("09:50"), "Low", "High"),  # shorter
        change(at("09:50"), "High", "Low", CAROL),  # the customer's own word
    ],
)
def test_other_changes_of_priority_are_none(event: PriorityChange) -> None:
    assert rules(event, mail(at("09:55")), priority=event.to) == []


def test_resolved_and_reopened_within_a_day() -> None:
    events = [mail(at("09:30")), closed(at("11:00")), reopened(at("15:00"))]
    (one,) = found(*events)
    assert (one.rule, one.at, one.until, one.minutes) == ("reopened_soon", at("11:00"), at("15:00"), 180)
    assert one.event == 1
    assert rules(mail(at("09:30")), closed(at("11:00")), reopened(at("15:00", 7))) == []
    assert rules(mail(at("09:30")), closed(at("11:00")), reopened(at("11:05"))) == []  # a slip of the hand


def test_an_answer_that_came_back() -> None:
    bounce = Message(
        at=at("09:31"),
        actor=Actor("unknown"),
        direction="in",
        channel="email",
        subject="Undelivered Mail Returned to Sender",
        text="The mail system: <carol@acme.example>: host said 550 5.1.1 user unknown",
        headers={"return-path": "<>", "content-type": "multipart/report; report-type=delivery-status"},
    )
    (one,) = found(mail(at("09:30")), bounce, mail(at("11:30"), text="I called you instead."))
    assert (one.rule, one.at, one.until) == ("response_unreceived", at("09:30"), at("11:30"))
    assert one.minutes == 120


def test_a_response_that_only_the_desk_can_read() -> None:
    note = mail(at("09:20"), text="Will look at it later.", direction="internal", channel="note")
    says = PsaVerdict(response_at=at("09:20"))
    (one,) = found(note, mail(at("11:20")), psa=says)
    assert (one.rule, one.event, one.minutes) == ("response_unreceived", 0, 120)
    assert rules(note, mail(at("09:25")), psa=says) == []  # the customer got one, too
    assert rules(mail(at("11:20")), psa=says) == []  # a status did it; both clocks say so


def test_three_pauses_within_a_day_are_told_once() -> None:
    events = [mail(at("09:30"))]
    for hour in (10, 11, 13, 14):
        events += waits(at(f"{hour}:00"), at(f"{hour}:20"))
    (one,) = found(*events)
    assert (one.rule, one.at, one.until, one.minutes) == ("ping_pong", at("10:00"), at("14:20"), 80)
    assert one.text == "4 pauses within a day, together 1 h 20 min"


def test_words_never_accuse_and_every_rule_says_why_it_matters() -> None:
    assert set(WHY) == set(get_args(StopRule))


def test_the_json_carries_what_was_found() -> None:
    answer = judged(reply(at("10:00")), *waits(at("11:00"), at("14:00")), now=NOW, by=BY)
    assert assessment_to_json(answer)["stops"] == [
        {
            "rule": "pause_unanswered",
            "at": "2026-01-05T10:00:00Z",
            "until": "2026-01-05T13:00:00Z",
            "minutes": 120.0,
            "event": 1,
            "text": "status Waiting Customer while the customer's message of 5 Jan 10:00 was unanswered",
        }
    ]


def test_totals_add_up_by_client_and_name_nobody_unless_asked() -> None:
    bad = judged(reply(at("10:00")), *waits(at("11:00"), at("14:00")), now=NOW, by=BY)
    apart = replace(bad, excluded="type Alert is excluded")
    (one,) = totals([bad, replace(bad, ticket_id="2"), apart])
    assert (one.client, one.engineer, one.rule) == ("Acme", "", "pause_unanswered")
    assert (one.findings, one.tickets, one.minutes) == (2, 2, 240)
    assert [each.engineer for each in totals([bad], engineers=True)] == ["Dana"]


def test_sums_can_be_counted_in_parts() -> None:
    bad = judged(reply(at("10:00")), *waits(at("11:00"), at("14:00")), now=NOW, by=BY)
    whole, part, rest = Stops(), Stops(), Stops()
    whole.add(bad.stops)
    whole.add(bad.stops)
    part.add(bad.stops)
    rest.add(bad.stops)
    part.merge(rest)
    assert part == whole
    counted = whole.to_json()
    assert counted["pause_unanswered"] == {"findings": 2, "tickets": 2, "minutes": 240}
    assert counted["ping_pong"] == {"findings": 0, "tickets": 0, "minutes": 0}


def test_a_backtest_counts_what_was_promised_and_where_clocks_stopped() -> None:
    said = mail(at("09:30"), text="I'll call you by 11 am.")
    bad = judged(said, reply(at("10:00")), *waits(at("11:00"), at("14:00")), now=NOW, by=BY)
    figures = Figures()
    figures.add(replay(ticket(), bad.timeline, BY, NOW))
    told = figures.to_json(24)
    assert told["words"]["forgotten"] == 1
    assert told["stops"]["pause_unanswered"]["findings"] == 1


def test_a_ticket_that_is_no_ticket_is_told_in_part() -> None:
    events: list[Event] = []
    for number in range(1000):
        start = at("09:00") + timedelta(minutes=40 * number)
        events += [reply(start), *waits(start, start + timedelta(minutes=39))]
    assert len(found(*events, now=at("09:00") + timedelta(days=60))) == 100
