"""What becomes of a promise: a person keeps it, late or in time, moves it, or forgets it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.assessmentlog import assessment_to_json
from connector.model import Actor, Appointment, Commitment, Event
from connector.rules.policy import CommitmentRule
from tests.unit.desk import CAROL, DANA, POLICY, ROBOT, at, judged, mail, policy, reply, status, ticket

ON = policy(commitments=CommitmentRule(mode="on"))
NOON = at("11:00")
CALL = mail(at("09:30"), text="The cable is broken. I'll call you by 11 am.")
UPDATE = mail(at("09:30"), text="We are on it. I will update you by 11:00.")
FIX = mail(at("09:30"), text="We'll have it fixed by 11:00.")


def only(*events: Event, now: Any = None, by: Any = POLICY, **of: Any) -> Commitment:
    (found,) = judged(*events, now=now or at("16:00"), by=by, of=ticket(**of)).commitments
    return found


def call(when: Any, **more: Any) -> Event:
    return mail(when, text="Told her about the cable.", channel="phone", **more)


def test_a_promise_is_open_until_its_time() -> None:
    found = only(CALL, now=at("10:00"))
    assert (found.state, found.kind, found.due_at, found.said_at) == ("open", "call", NOON, at("09:30"))
    assert found.quote == "I'll call you by 11 am"
    assert found.event == 0


@pytest.mark.parametrize(
    ("said", "act", "state"),
    [
        (CALL, call(at("10:50")), "kept"),
        (CALL, call(at("11:14")), "kept"),  # nobody's watch is that exact
        (CALL, call(at("13:30")), "late"),
        (CALL, call(at("10:50"), direction="internal"), "kept"),
        (CALL, reply(at("10:50"), channel="phone"), "kept"),  # she rang: they talked
        (CALL, mail(at("10:50"), text="I tried to call you and left a voicemail."), "kept"),
        (CALL, mail(at("10:50"), text="The new cable is ordered."), "forgotten"),
        (CALL, mail(at("10:50"), text="Time worked", channel="time_entry", minutes=5), "kept"),
        (UPDATE, mail(at("10:50"), text="The new cable is ordered."), "kept"),
        (UPDATE, mail(at("10:50"), ROBOT, "Your ticket is in progress."), "forgotten"),
        (UPDATE, mail(at("10:50"), text="Internal remark", direction="internal"), "forgotten"),
        (UPDATE, reply(at("10:50")), "forgotten"),
        (FIX, status(at("10:50"), "In Progress", "Resolved"), "kept"),
        (FIX, mail(at("10:50"), text="The cable has been replaced, all is working again."), "kept"),
        (FIX, status(at("15:00"), "In Progress", "Resolved"), "late"),
        (CALL, status(at("10:50"), "In Progress", "Resolved"), "withdrawn"),
    ],
)
def test_an_act_of_a_person_keeps_it(said: Event, act: Event, state: str) -> None:
    assert only(said, act, now=at("16:00")).state == state


def test_it_is_late_before_it_is_forgotten() -> None:
    """Due at 11:00, grace is four working hours: an hour until noon, and three from one o'clock on."""
    assert only(CALL, now=at("11:15")).state == "open"
    assert only(CALL, now=at("15:59")).state == "late"
    forgotten = only(CALL, now=at("16:00"))
    assert (forgotten.state, forgotten.done_at) == ("forgotten", None)
    sooner = policy(commitments=CommitmentRule(grace=60))
    assert only(CALL, now=at("13:30"), by=sooner).state == "forgotten"


def test_a_later_promise_moves_it_unless_it_was_late_already() -> None:
    moved = mail(at("10:30"), text="Sorry, I'll call you by 3 pm.")
    first, second = judged(CALL, moved, now=at("14:00")).commitments
    assert (first.state, second.state) == ("withdrawn", "open")
    assert "call you by 3 pm" in first.why
    too_late = mail(at("11:40"), text="Sorry, I'll call you by 3 pm.")
    assert [one.state for one in judged(CALL, too_late, now=at("14:00")).commitments] == ["late", "open"]


def test_a_date_agreed_on_moves_a_call() -> None:
    date = Appointment(at=at("10:00"), actor=DANA, starts_at=at("14:00"))
    assert only(CALL, date).state == "withdrawn"


@pytest.mark.parametrize(
    "message",
    [
        reply(at("09:30"), "I'll call you by 11 am."),
        mail(at("09:30"), ROBOT, "I'll call you by 11 am."),
        mail(at("09:30"), Actor("unknown", "x"), "I'll call you by 11 am."),
        mail(at("09:30"), text="I'll call her by 11 am.", direction="internal"),
        mail(at("09:30"), text="Done.\n\nOn Monday Carol wrote:\n> I'll call you by 11 am."),
        mail(at("09:30"), text="Done.\n\nKind regards\nDana\nI will be with you by Friday"),
        mail(at("09:30"), CAROL, "I'll call you by 11 am.", direction="in"),
    ],
)
def test_only_a_persons_own_words_to_the_customer_are_read(message: Event) -> None:
    assert judged(message, now=at("16:00")).commitments == ()


def test_shadow_shows_and_never_flags() -> None:
    shadow, without = judged(CALL, now=at("14:00")), policy(commitments=CommitmentRule(mode="off"))
    silent = judged(CALL, now=at("14:00"), by=without)
    assert shadow.commitments
    assert silent.commitments == ()
    assert replace(shadow, commitments=()) == silent


def test_on_puts_a_ticket_at_risk_before_the_promise_is_broken() -> None:
    before = judged(CALL, now=at("10:40"), by=ON)
    assert before.flags["at_risk"] == "No"
    assert before.next_at == at("10:45")  # orange_when_left before the time told
    soon = judged(CALL, now=at("10:45"), by=ON)
    assert soon.flags["at_risk"] == "Yes"
    assert soon.flags["why"] == "promised for 5 Jan 11:00: “I'll call you by 11 am”"
    late = judged(CALL, mail(at("11:05"), text="It is ordered."), now=at("11:20"), by=ON)
    assert late.flags["why"].startswith("promised for 5 Jan 11:00, nothing seen yet: “")
    kept = judged(CALL, call(at("10:44")), now=at("10:50"), by=ON)
    assert kept.flags["at_risk"] == "No"


def test_a_clock_that_is_late_keeps_its_own_words() -> None:
    by = replace(ON, targets=POLICY.targets)
    answer = judged(mail(at("11:30"), text="I'll call you by 2 pm."), now=at("14:30"), by=by)
    assert answer.flags["at_risk"] == "Yes"
    assert not answer.flags["why"].startswith("promised")


def test_what_is_resolved_asks_for_nothing() -> None:
    answer = judged(CALL, status(at("11:30"), "New", "Resolved"), now=at("15:00"), by=ON)
    assert answer.flags["at_risk"] == "No"


def test_the_json_carries_quote_time_and_state() -> None:
    answer = judged(CALL, call(at("10:50")), now=at("14:00"))
    assert assessment_to_json(answer)["commitments"] == [
        {
            "event": 0,
            "quote": "I'll call you by 11 am",
            "kind": "call",
            "by": "writer",
            "said_at": "2026-01-05T08:30:00Z",
            "due_at": "2026-01-05T10:00:00Z",
            "state": "kept",
            "done_at": "2026-01-05T09:50:00Z",
            "done_event": 1,
            "why": "",
        }
    ]
    assert "commitments" not in assessment_to_json(judged(now=at("14:00")))
