"""An unhappy rating asks for a person's word, on a clock of its own, and only a person's word ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.model import Event, Rating
from connector.rules.policy import LoopRule
from tests.unit.desk import CAROL, DANA, DESK, ROBOT, at, closed, judged, mail, policy, status, ticket, why

SHUT = (mail(at("09:30")), status(at("10:00"), "New", "Resolved"), closed(at("10:01")))
LOOP = policy(loop=LoopRule(deadline=240, manager="Maria"))


def rated(when: datetime, score: float = 1, **more: Any) -> Rating:
    return Rating(
        **({"at": when, "key": f"r{when}", "score": score, "actor": CAROL, "source": "smile"} | more)
    )


def shut(*events: Event, now: datetime) -> Any:
    of = ticket(closed=True, resolved_at=at("10:00"), closed_at=at("10:01"), owner="Dana", status="Closed")
    return judged(*SHUT, *events, now=now, by=LOOP, of=of)


def test_no_unhappy_rating_no_clock() -> None:
    for score in (3, 4, 5):
        answer = shut(rated(at("11:00"), score), now=at("16:00"))
        assert "followup" not in answer.buckets
        assert answer.flags["loop"] == ""


def test_it_runs_on_working_time_of_a_closed_ticket() -> None:
    answer = shut(rated(at("11:00")), now=at("14:00"))
    clock = answer.buckets["followup"]
    assert (clock.state, clock.zone, clock.elapsed_min, clock.target_min) == ("running", "yellow", 120, 240)
    assert clock.due_at == at("16:00")
    assert answer.flags["loop"] == "Dana: answer by 5 Jan 16:00"
    assert (answer.flags["at_risk"], answer.flags["zone"]) == ("No", "yellow")
    assert answer.flags["due"] == "2026-01-05T15:00:00Z"
    assert answer.next_at == at("15:00")  # three quarters
    assert why(answer, "followup") == (
        "the customer was unhappy and has not been answered yet; due 5 Jan 16:00"
    )


def test_it_asks_at_every_edge_until_it_is_late() -> None:
    seen = []
    now: datetime | None = at("11:00")
    while now is not None:
        answer = shut(rated(at("11:00")), now=now)
        seen.append((now, answer.buckets["followup"].zone, answer.flags["at_risk"]))
        now = answer.next_at
    assert seen == [
        (at("11:00"), "green", "No"),
        (at("14:00"), "yellow", "No"),
        (at("15:00"), "orange", "Yes"),
        (at("16:00"), "red", "Yes"),
    ]


def test_late_it_names_the_manager_and_is_at_risk() -> None:
    answer = shut(rated(at("11:00")), now=at("16:30"))
    assert answer.buckets["followup"].state == "missed"
    assert answer.flags["loop"] == "Dana: late since 5 Jan 16:00; with Maria"
    assert (answer.flags["at_risk"], answer.flags["zone"]) == ("Yes", "red")
    assert answer.flags["why"] == "follow-up overdue since 5 Jan 16:00 — the customer was unhappy"


def test_only_a_human_answer_after_it_closes_it() -> None:
    before = mail(at("10:59"))
    robot = mail(at("11:30"), ROBOT, "We value your feedback.")
    note = mail(at("11:40"), DANA, "Will call her later.", direction="internal")
    moved = status(at("11:50"), "Closed", "In Progress")
    assert (
        shut(before, rated(at("11:00")), robot, note, moved, now=at("15:00")).buckets["followup"].done_at
        is None
    )
    answer = shut(
        rated(at("11:00")),
        robot,
        mail(at("13:30"), text="Sorry for the wait, the disk is new now."),
        now=at("15:00"),
    )
    clock = answer.buckets["followup"]
    assert (clock.state, clock.done_at, clock.elapsed_min) == ("met", at("13:30"), 90)
    assert answer.flags["loop"] == "answered 5 Jan 13:30"
    assert answer.timeline[clock.event or 0].at == at("13:30")


def test_an_answer_too_late_stays_too_late() -> None:
    answer = shut(rated(at("11:00")), mail(at("16:30")), now=at("16:45"))
    clock = answer.buckets["followup"]
    assert (clock.state, clock.missed_times, clock.missed_at) == ("missed", 1, at("16:00"))
    assert answer.flags["loop"] == "answered 5 Jan 16:30 (late)"


def test_a_second_unhappy_rating_after_the_answer_opens_another() -> None:
    again = (closed(at("16:55", 6)),)
    events = (
        rated(at("11:00")),
        mail(at("16:30")),
        status(at("09:10", 6), "Closed", "In Progress"),
        mail(at("09:15", 6)),
        *again,
        rated(at("09:00", 7), key="second"),
    )
    clock = shut(*events, now=at("10:00", 7)).buckets["followup"]
    assert (clock.state, clock.elapsed_min, clock.missed_times) == ("running", 60, 1)


def test_a_corrected_rating_asks_for_nothing() -> None:
    answer = shut(rated(at("11:00")), rated(at("11:05"), 5), now=at("16:45"))
    assert "followup" not in answer.buckets


def test_the_desks_own_rating_opens_nothing() -> None:
    assert "followup" not in shut(rated(at("11:00"), actor=DANA), now=at("16:45")).buckets


def test_without_a_deadline_it_is_asked_for_and_never_late() -> None:
    by = replace(LOOP, loop=LoopRule(deadline=None, owner="Ann"))
    answer = judged(*SHUT, rated(at("11:00")), now=at("16:45", 9), by=by)
    assert (answer.buckets["followup"].state, answer.buckets["followup"].due_at) == ("none", None)
    assert answer.flags["loop"] == "Ann: answer"


def test_an_open_ticket_has_all_five_clocks() -> None:
    answer = judged(mail(at("09:30")), rated(at("11:00")), now=at("11:30"), by=LOOP)
    assert list(answer.buckets) == ["response", "resplan", "update", "resolution", "followup"]
    assert answer.buckets["followup"].state == "running"


def test_what_ended_under_other_rules_keeps_its_verdict() -> None:
    events = (*SHUT, rated(at("11:00")), mail(at("16:30")))
    first = judged(*events, now=at("16:45"), by=LOOP)
    before = {name: replace(clock, policy="sha256:old") for name, clock in first.buckets.items()}
    softer = replace(LOOP, loop=LoopRule(deadline=6000), digest="sha256:new")
    later = judged(*events, now=at("16:50"), by=softer, before=before)
    assert later.buckets["followup"].state == "missed"
    happier = judged(*events, rated(at("11:30"), 5), now=at("16:56"), by=softer, before=before)
    assert "followup" not in happier.buckets


@given(st.integers(0, 6 * 24 * 60), st.integers(1, 6 * 24 * 60), st.integers(1, 2000))
def test_late_exactly_when_more_working_time_passed_than_promised(
    start: int, after: int, promised: int
) -> None:
    given_at = at("10:05") + timedelta(minutes=start)
    answered = given_at + timedelta(minutes=after)
    by = replace(LOOP, loop=LoopRule(deadline=promised))
    clock = judged(*SHUT, rated(given_at), mail(answered), now=answered, by=by).buckets["followup"]
    worked = DESK.between(given_at, answered)
    assert clock.elapsed_min == worked / timedelta(minutes=1)
    assert (clock.state == "missed") == (DESK.add(given_at, timedelta(minutes=promised)) < answered)
