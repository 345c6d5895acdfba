"""Each invariant: a planted fault is found and told with what to do, and what may rightly be so is silent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.assessmentlog import assessment_to_json
from connector.history.invariants.connection import (
    late_timer,
    over_quota,
    sweep_takes,
    unseen,
    unwritten,
    waits_too_long,
)
from connector.history.invariants.ticket import (
    judged_otherwise,
    learnt_since,
    seen_by_customers,
    shown_otherwise,
    wrong_for_long,
)
from connector.history.invariants.words import CUT, HOLDS, INVARIANTS, Broken
from connector.history.invariants.written import badly_written
from connector.model import Actor, Assessment, Event
from connector.psa.port import QuotaState
from connector.rules.assess import assess
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.templates import gathered, sightings
from connector.store.history import Change
from connector.store.strangers import Strange
from tests.unit.desk import POLICY, at, mail, reply, ticket

T0 = at("09:00")
SELF = Actor("automation", "px", marks=("api", "self"))


def after(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def test_every_invariant_is_told_in_a_sentence() -> None:
    assert set(HOLDS) == set(INVARIANTS)


# ── the verdict ───────────────────────────────────────────────────────────────────────────────

STORY: Sequence[Event] = (reply(at("09:00"), key="1"), mail(at("09:30"), key="2"))


def judged(events: Sequence[Event] = STORY, now: datetime | None = None, **more: Any) -> Assessment:
    return assess(ticket(), events, POLICY, now or at("11:00"), **more)


def kept(answer: Assessment) -> Any:
    """As the store gives it back."""
    return json.loads(json.dumps(assessment_to_json(answer)))


def test_what_was_judged_alike_is_silent() -> None:
    assert judged_otherwise(kept(judged()), judged()) is None


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("flags", {"zone": "green"}, "flag zone is 'green', not 'orange'"),
        ("flags", {"zone": ""}, "flag zone is empty, not 'orange'"),
        ("flags", {"felt_response": 3}, "flag felt_response is '3', not '30'"),
        ("flags", {"px_extra": "x"}, "flag px_extra is 'x', not empty"),
        ("buckets", {"response": {"state": "met"}}, "response"),
        ("buckets", {"ghost": {"state": "met"}}, "ghost state is 'met', not empty"),
    ],
)
def test_a_kept_verdict_that_is_another_one_is_found(part: str, change: Any, words: str) -> None:
    body = kept(judged())
    body[part].update(change)
    found = judged_otherwise(body, judged())
    assert found is not None
    assert (found.invariant, found.ticket_id) == ("assessment", "1")
    assert words in found.detail
    assert "px-connector explain" in found.detail


def test_a_clock_that_ran_on_under_the_same_instant_is_found() -> None:
    body = kept(judged())
    body["buckets"]["resolution"]["elapsed_min"] += 0.01
    found = judged_otherwise(body, judged())
    assert found is not None
    assert "resolution elapsed_min" in found.detail


def test_what_does_not_follow_from_the_ticket_alone_can_be_left_out() -> None:
    body = kept(judged())
    body["flags"]["px"] = "94 % (n 19)"
    assert judged_otherwise(body, judged(), ["px"]) is None
    assert judged_otherwise(body, judged()) is not None


def test_the_link_of_a_survey_is_never_told() -> None:
    body = kept(judged())
    body["flags"]["survey"] = "https://px.example/s/secret"
    found = judged_otherwise(body, judged())
    assert found is not None
    assert "secret" not in found.detail
    assert "a link" in found.detail


def test_what_was_learnt_since_explains_another_verdict_of_a_message() -> None:
    text = (
        "We have looked at the report and it lies outside of what the contract covers. "
        "The vendor of the program can be reached through the portal they gave to you."
    )
    story = (reply(at("09:00"), key="1"), mail(at("09:30"), text=text, key="2"))
    lines = gathered(s for n in range(5) for s in sightings(f"t{n}", [mail(at("08:00"), text=text)]))
    before, anew = judged(story), judged(story, learnt=Learnt(lines))
    assert learnt_since(kept(before), anew)
    assert learnt_since(kept(anew), before)
    assert not learnt_since(kept(before), before)
    other = kept(judged())
    other["messages"][0]["counts"] = not other["messages"][0]["counts"]
    assert not learnt_since(other, judged())


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_judging_again_at_the_same_instant_is_a_fixed_point(first: int, second: int) -> None:
    """The auditor's whole check rests on it: with its own clocks as `before`, a verdict is itself."""
    from connector.assessmentlog import clocks_from_json

    story = (reply(T0, key="1"), mail(after(min(first, second)), key="2"), reply(after(second), key="3"))
    now = after(max(first, second) + 7)
    once = judged(story, now)
    again = judged(story, now, before=clocks_from_json(kept(once)))
    assert judged_otherwise(kept(once), again) is None


# ── the flags in the PSA ──────────────────────────────────────────────────────────────────────


def wrong(minutes: float, before: dict[str, str], shown: str = "green") -> Broken | None:
    differs = shown_otherwise({"zone": "red", "why": "late"}, {"zone": shown, "why": "late"})  # type: ignore[dict-item]
    seen: Any = {"zone": shown}
    return wrong_for_long("1", differs, seen, before, T0, after(minutes), timedelta(minutes=5))


def test_a_flag_that_is_wrong_for_long_is_found() -> None:
    found = wrong(6, {"zone": "red"})
    assert found is not None
    assert "flag zone is 'green', not 'red'" in found.detail
    assert "nothing is owed" in found.detail


def test_what_has_just_changed_is_no_breach() -> None:
    assert wrong(5, {"zone": "red"}) is None  # not longer than the interval
    assert wrong(60, {"zone": "orange"}) is None  # it should have been another one then
    assert wrong(60, {"due": "x"}) is None
    assert wrong(60, {"zone": "red"}, shown="red") is None
    assert shown_otherwise({"zone": ""}, {}) == {}


# ── what was written ──────────────────────────────────────────────────────────────────────────


def change(minute: float, old: str, new: str, flag: Any = "zone", reason: str = "late") -> Change:
    return Change(flag=flag, old=old, new=new, reason=reason, at=after(minute))


def strange(minute: float, old: str, new: str, flag: str = "zone") -> Strange:
    return Strange(flag, old, new, "dana", after(minute))


CHAIN = [change(0, "", "green"), change(5, "green", "red"), change(9, "red", "green")]


def flaws(
    rows: Sequence[Change], others: Sequence[Strange] = (), since: datetime = T0
) -> list[tuple[str, str]]:
    return [(one.invariant, one.detail) for one in badly_written("1", rows, others, since)]


def test_a_sound_history_is_silent() -> None:
    other = [change(1, "", "x", "why"), change(2, "x", "y", "why")]
    assert flaws(sorted([*CHAIN, *other], key=lambda one: one.at)) == []


@pytest.mark.parametrize(
    ("rows", "invariant", "words"),
    [
        ([change(0, "red", "red")], "double_write", "it was so already"),
        ([change(0, "", "red"), change(1, "", "red")], "double_write", "written as 'red' at"),
        ([change(0, "", "red"), change(1, "green", "yellow")], "history", "was left as 'red'"),
        ([change(0, "", "red", reason=" ")], "history", "no reason is kept"),
        ([change(0, "", "red", flag="mood")], "history", "no rule knows this flag"),
    ],
)
def test_a_flaw_in_the_history_is_found(rows: list[Change], invariant: str, words: str) -> None:
    ((found, detail),) = flaws(rows)
    assert found == invariant
    assert words in detail
    assert "report it" in detail


def test_a_hand_of_somebody_else_explains_a_gap_and_a_second_write() -> None:
    rows = [change(0, "", "red"), change(9, "green", "red")]
    assert flaws(rows, [strange(5, "red", "green")]) == []
    assert flaws(rows, [strange(9, "red", "green")]) == []  # seen in the very turn that put it right
    assert [one for one, _ in flaws(rows, [strange(10, "red", "green")])] == ["double_write"]
    assert [one for one, _ in flaws(rows, [strange(5, "red", "green", "why")])] == ["double_write"]
    assert [one for one, _ in flaws(rows, [strange(5, "red", "yellow")])] == ["double_write"]


def test_what_is_older_than_we_look_back_is_left_alone() -> None:
    rows = [change(0, "red", "red"), change(1, "green", "red"), change(9, "yellow", "red")]
    assert flaws(rows, since=after(2)) == []  # what came before the last one is not looked at


@given(st.lists(st.sampled_from(["", "green", "yellow", "red"]), max_size=12), st.data())
def test_a_chain_is_sound_and_one_without_a_link_is_not(values: list[str], data: st.DataObject) -> None:
    steps = [(old, new) for old, new in zip(["", *values], values, strict=False) if old != new]
    rows = [change(minute, old, new) for minute, (old, new) in enumerate(steps)]
    assert flaws(rows) == []
    if len(rows) >= 3:
        gone = data.draw(st.integers(1, len(rows) - 2))
        left = rows[:gone] + rows[gone + 1 :]
        if rows[gone].old != rows[gone].new and rows[gone - 1].new != rows[gone + 1].old:
            assert len(flaws(left)) == 1


# ── what customers see ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (mail(after(5), actor=SELF, key="note:7"), True),
        (mail(after(5), actor=SELF, channel="note", key="note:7"), True),
        (mail(after(5), actor=SELF, direction="internal", key="note:7"), False),
        (mail(after(5), key="note:7"), False),
        (mail(after(5), actor=replace(SELF, marks=("api",)), key="note:7"), False),
        (mail(after(-5), actor=SELF, key="note:7"), False),  # before we came
    ],
)
def test_a_message_of_ours_that_customers_can_read_is_found(message: Event, found: bool) -> None:
    broken = seen_by_customers("1", [reply(after(1)), message], T0)
    assert (broken is not None) is found
    if broken is not None:
        assert "note:7" in broken.detail
        assert "Hide it in the PSA" in broken.detail


# ── the connection as a whole ─────────────────────────────────────────────────────────────────

MOST = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("due", "working", "found"), [(0, -60, True), (0, 5, False), (6, -60, False), (None, -60, False)]
)
def test_what_waits_is_found_but_not_for_what_came_of_an_outage(
    due: float | None, working: float, found: bool
) -> None:
    when, now = None if due is None else after(due), after(15)
    for broken in (
        late_timer(when, after(working), now, MOST),
        waits_too_long(when, after(working), now, MOST),
        unseen("7", when, after(working), now, MOST) if when else None,
        unwritten("7", when, after(working), now, MOST) if when else None,
    ):
        assert (broken is not None) is (found and when is not None)
        if broken is not None:
            assert "2026-01-05 08:00:00 UTC" in broken.detail


def test_a_big_desk_takes_longer_to_go_round() -> None:
    poll, sweep = timedelta(minutes=1), timedelta(minutes=30)
    assert sweep_takes(sweep, poll, 0, 20) == timedelta(minutes=31)
    assert sweep_takes(sweep, poll, 2000, 20) == timedelta(minutes=131)


def quota(used: int = 0, window_s: float = 60.0) -> QuotaState:
    return QuotaState(
        limit_per_minute=100,
        used_last_minute=used,
        requests_total=0,
        throttled_total=0,
        limit=100,
        left=0,
        window_s=window_s,
    )


@pytest.mark.parametrize(
    ("state", "sent", "seconds", "found"),
    [
        (quota(100), 100, 30, False),
        (quota(101), 0, 0, False),  # a limit of 100.4
        (quota(102), 0, 0, True),
        (quota(0), 1111, 600, False),  # ten windows, and parts of an eleventh
        (quota(0), 1112, 600, True),
        (quota(5000, 3600.0), 100, 600, False),  # a minute may hold more than its average of an hour
        (quota(0, 3600.0), 102, 600, True),
    ],
)
def test_more_than_the_limit_is_found(state: QuotaState, sent: int, seconds: float, found: bool) -> None:
    broken = over_quota(state, 100, sent, seconds)
    assert (broken is not None) is found
    if broken is not None:
        assert "limit is 100" in broken.detail


def test_hostile_words_are_cut_and_on_one_line() -> None:
    nasty = "<script>\n" * 500
    rows = [change(0, "", nasty, reason=""), change(1, nasty, nasty, flag=nasty)]
    told = [detail for _, detail in flaws(rows)]
    assert len(told) == 3
    assert all("\n" not in detail and len(detail) < 300 + 3 * CUT for detail in told)
