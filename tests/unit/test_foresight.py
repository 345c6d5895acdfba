"""At risk before orange: raised once by what was learnt, and never taken back by it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from connector.assessmentlog import assessment_to_json, clocks_from_json
from connector.history.explain import lines
from connector.model import Assessment, Assignment, BucketClock, BucketName, Event
from connector.rules.pace import HOURS, Pace
from connector.rules.policy import Policy, RiskRule
from connector.rules.risk import FEATURES, BucketModel, Model
from tests.unit.desk import (
    CAROL,
    DANA,
    OPENED,
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

RESOLUTION = policy(targets={"*": target(resolution=480), "p1": target(resolution=420)})
EVEN = Pace([1.0] * HOURS)
LONG_AGO = OPENED - timedelta(days=1)


def learnt(*, learnt_at: datetime = LONG_AGO, bucket: BucketName = "resolution", **slopes: float) -> Model:
    """What was learnt of one promise, with only these slopes; the intercept under the name `first`."""
    numbers = (slopes.pop("first", 0.0), *(slopes.pop(name, 0.0) for name in FEATURES))
    assert not slopes
    one = BucketModel(100, 20, numbers, {"Fast": 0.5, "Slow": -1.0}, {})
    return Model(learnt_at, EVEN, {bucket: one})


HALF = learnt(first=-6.0, share=15.0)  # over 80 % from half of the time on: 14:00
SURE, NEVER = learnt(first=9.0), learnt(first=-9.0)


def kept(answer: Assessment) -> dict[BucketName, BucketClock]:
    """Its clocks as the store gives them back."""
    return clocks_from_json(json.loads(json.dumps(assessment_to_json(answer))))


def seen(clock: str, *events: Event, day: int = 5, by: Policy = RESOLUTION, **more: Any) -> Assessment:
    return judged(*events, now=at(clock, day), by=by, **({"model": HALF} | more))


def foreseen(answer: Assessment) -> datetime | None:
    return answer.buckets["resolution"].foreseen_at


# ── when it is raised ─────────────────────────────────────────────────────────────────────────


def test_it_is_raised_at_the_look_at_which_the_chance_is_there_and_before_orange() -> None:
    before, then = seen("13:59:59"), seen("14:00")
    assert (before.flags["at_risk"], foreseen(before)) == ("No", None)
    assert (then.flags["at_risk"], then.flags["zone"], foreseen(then)) == ("Yes", "yellow", at("14:00"))
    assert then.flags["why"] == (
        "resolution likely late, due 6 Jan 10:00; over 80 %: 50 % used, 20 busy hours left"
    )
    assert seen("16:00").flags["why"].startswith("resolution 75 % used")  # what the zones say is worse


def test_the_next_look_is_the_next_twelfth_of_the_working_time() -> None:
    looks, now = [], at("09:00")
    while len(looks) < 6:
        next_at = judged(now=now, by=RESOLUTION, model=HALF).next_at
        assert next_at is not None
        looks.append(now := next_at)
    assert looks == [at("09:40"), at("10:20"), at("11:00"), at("11:40"), at("13:20"), at("14:00")]
    assert seen("14:00").next_at == at("16:00")  # foreseen: nothing before the zone changes
    evening = seen("18:00", by=policy(targets={"*": target(resolution=4800)}))
    assert evening.next_at == at("16:20", 6)  # of ten working days, every 400 minutes


def test_who_asks_between_two_looks_gets_the_same() -> None:
    answers = [seen(clock) for clock in ("14:00", "14:01", "14:39:59")]
    assert len({foreseen(answer) for answer in answers}) == 1
    assert len({json.dumps(dict(answer.flags)) for answer in answers}) == 1
    steep = learnt(first=-19.0, share=40.0)  # over 80 % from 51 % on: 14:40 is the look that sees it
    assert [foreseen(seen(clock, model=steep)) for clock in ("14:39", "14:40")] == [None, at("14:40")]


def test_nothing_is_foreseen_without_something_learnt() -> None:
    for model in (None, learnt(bucket="response", first=9.0), Model(LONG_AGO, EVEN, {})):
        answer = seen("15:59", model=model)
        assert (answer.flags["at_risk"], foreseen(answer), answer.next_at) == ("No", None, at("16:00"))


def test_off_means_off() -> None:
    off = replace(RESOLUTION, risk=RiskRule(raise_at=None))
    answer = seen("15:00", by=off, model=SURE, before=kept(seen("14:00")))
    assert (answer.flags["at_risk"], foreseen(answer), answer.next_at) == ("No", None, at("16:00"))
    assert answer.flags == judged(now=at("15:00"), by=off).flags


def test_the_client_says_from_which_chance_on() -> None:
    at_nine_in_ten = replace(RESOLUTION, risk=RiskRule(raise_at=90.0))
    assert foreseen(seen("14:00", by=at_nine_in_ten)) is None
    assert foreseen(seen("14:40", by=at_nine_in_ten)) == at("14:40")
    assert "over 90 %" in seen("14:40", by=at_nine_in_ten).flags["why"]


def test_the_update_promise_is_never_foreseen() -> None:
    by = policy(targets={"*": target(update=480)})
    answer = seen("11:00", mail(at("09:10")), by=by, model=learnt(bucket="update", first=9.0))
    assert answer.buckets["update"].state == "running"
    assert (answer.flags["at_risk"], answer.buckets["update"].foreseen_at) == ("No", None)


def test_a_clock_that_stands_still_is_not_raised_nor_looked_at() -> None:
    waiting = status(at("10:00"), "New", "On Hold")
    answer = seen("14:30", waiting, model=SURE)
    assert (answer.flags["at_risk"], foreseen(answer), answer.next_at) == ("No", None, None)


def test_what_is_not_flagged_is_not_foreseen() -> None:
    early = replace(RESOLUTION, enforce_from=date(2026, 1, 6))
    for answer in (
        seen("14:30", by=early, model=SURE),
        seen("14:30", of=ticket(type="Alert"), model=SURE),
        seen("14:30", closed(at("14:20")), model=SURE),
    ):
        assert foreseen(answer) is None
        assert answer.flags["at_risk"] in ("", "No")
        assert answer.next_at in (None, at("16:00"))


def test_a_look_before_the_opening_hours_is_one_at_the_opening() -> None:
    opened = at("06:00")
    answer = judged(now=at("07:00"), by=RESOLUTION, model=SURE, of=ticket(opened_at=opened))
    assert foreseen(answer) == opened
    calm = judged(now=at("07:00"), by=RESOLUTION, model=NEVER, of=ticket(opened_at=opened))
    assert calm.next_at == at("09:40")


def test_it_is_foreseen_since_the_fact_or_the_model_that_made_it_so() -> None:
    slow = Assignment(at=at("10:07"), actor=DANA, what="group", from_="Fast", to="Slow")
    assert foreseen(seen("10:30", slow, model=learnt(first=1.0, speed=-2.0))) == at("10:20")
    assert foreseen(seen("10:19", slow, model=learnt(first=1.0, speed=-2.0))) == at("10:07")
    assert foreseen(seen("10:30", model=learnt(first=9.0, learnt_at=at("10:25")))) == at("10:25")
    assert foreseen(seen("10:30", model=learnt(first=9.0, learnt_at=at("11:00")))) == at("10:30")


# ── that it stays ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", [None, NEVER, SURE])
def test_no_other_model_takes_it_back_or_says_it_in_other_words(model: Model | None) -> None:
    first = seen("14:00")
    later = seen("15:30", model=model, before=kept(first))
    assert later.flags == first.flags
    assert later.buckets["resolution"].foreseen_why == first.buckets["resolution"].foreseen_why
    assert later.next_at == at("16:00")


def test_it_stays_over_a_pause_and_an_orange_zone_and_until_it_is_done() -> None:
    before = kept(seen("14:00"))
    waiting = status(at("14:10"), "New", "On Hold")
    paused = seen("15:00", waiting, model=NEVER, before=before)
    assert paused.flags["at_risk"] == "Yes"
    assert paused.flags["why"].startswith("resolution likely late, paused by status On Hold; over 80 %: 50 %")
    late = seen("12:00", day=6, model=NEVER, before=before)
    assert (late.flags["at_risk"], foreseen(late)) == ("Yes", at("14:00"))
    assert late.flags["why"].startswith("resolution overdue since")
    done = seen("15:00", closed(at("14:30")), before=before)
    assert (done.flags["at_risk"], foreseen(done)) == ("No", at("14:00"))
    assert "likely" not in done.flags["why"]


def test_a_fact_that_changes_the_promise_has_it_judged_anew() -> None:
    before = kept(seen("14:00"))
    again = seen("14:30", priority(at("14:10"), "Medium", "P1"), of=ticket(priority="P1"), model=NEVER)
    assert again.buckets["resolution"].target_min == 420
    changed = {"of": ticket(priority="P1"), "model": NEVER, "before": before}
    assert foreseen(seen("14:30", priority(at("14:10"), "Medium", "P1"), **changed)) is None
    assert foreseen(seen("14:30", priority(at("14:10"), "P1", "Medium"), model=NEVER, before=before))
    later = ticket(opened_at=at("14:05"))
    assert foreseen(seen("14:30", of=later, model=NEVER, before=before)) is None
    unpromised = replace(RESOLUTION, targets={})
    assert foreseen(seen("14:30", by=unpromised, before=before)) is None


def test_a_reopened_ticket_is_judged_anew() -> None:
    before = kept(seen("14:00"))
    story = (closed(at("14:10")), reopened(at("14:20")))
    assert foreseen(seen("14:30", *story, model=NEVER, before=before)) is None
    assert foreseen(seen("14:30", *story, before=before)) == at("14:20")
    over = closed(at("14:30"))
    told = seen("14:40", *story, over, before=kept(seen("14:25", *story)))
    assert foreseen(told) == at("14:20")


def test_a_target_that_json_cuts_is_still_the_same() -> None:
    by = policy(targets={"*": target(resolution=480 + 1 / 3)})
    first = seen("14:30", by=by, model=SURE)
    assert foreseen(seen("15:00", by=by, model=NEVER, before=kept(first))) == foreseen(first)


def test_a_target_that_is_a_minute_longer_is_another_promise() -> None:
    first = kept(seen("14:30", model=SURE))
    longer = policy(targets={"*": target(resolution=481)})
    assert foreseen(seen("15:00", by=RESOLUTION, model=NEVER, before=first))
    assert foreseen(seen("15:00", by=longer, model=NEVER, before=first)) is None


def test_a_running_promise_is_not_judged_as_one_that_waits() -> None:
    assert foreseen(seen("14:30", model=learnt(first=-9.0, waiting=20.0))) is None
    assert foreseen(seen("14:30", model=learnt(first=9.0, waiting=-20.0)))


def test_an_answered_promise_ends_its_own_warning_and_no_other() -> None:
    by = policy(targets={"*": target(response=60, resolution=480)})
    both = Model(LONG_AGO, EVEN, {"response": SURE.buckets["resolution"], **NEVER.buckets})
    first = seen("09:01", by=by, model=both)
    assert first.flags["why"].startswith("response likely late, due 5 Jan 10:00; over 80 %")
    answered = seen("09:20", mail(at("09:10")), by=by, model=both, before=kept(first))
    assert answered.flags["at_risk"] == "No"
    assert answered.buckets["response"].foreseen_at == OPENED


# ── how it is told ────────────────────────────────────────────────────────────────────────────


def test_the_reasons_are_those_that_make_it_likely() -> None:
    moves: list[Event] = [
        Assignment(at=at(clock), actor=CAROL, what="group", from_=old, to=new)
        for clock, old, new in (
            ("09:10", "Desk", "Fast"),
            ("09:20", "Fast", "Desk"),
            ("09:30", "Desk", "Slow"),
        )
    ]
    reasons = learnt(first=3.0, speed=-1.0, untouched=1.0, moves=1.0)
    told = seen("10:30", *moves, model=reasons).flags["why"]
    assert told.startswith(
        "resolution likely late, due 6 Jan 10:00; over 80 %: 17 % used, group Slow is slow, "
    )
    assert told.endswith("nobody has touch…")
    clock = seen("10:30", *moves, model=reasons).buckets["resolution"]
    assert clock.foreseen_why == (
        "over 80 %: 17 % used, group Slow is slow, nobody has touched it, moved 2 times"
    )
    good = learnt(first=9.0, speed=1.0, untouched=-1.0, moves=-1.0)
    assert "slow" not in seen("10:30", *moves, model=good).flags["why"]
    fast = seen("10:30", *moves[:1], model=learnt(first=9.0, speed=1.0))
    assert "Fast" not in fast.flags["why"]  # whatever its slope, a fast group is not called slow


def test_flags_that_nobody_wants_are_not_made_up() -> None:
    none = replace(RESOLUTION, flags={"zone": "SLA Zone"})
    answer = seen("14:00", by=none)
    assert answer.flags == {"zone": "yellow"}
    assert foreseen(answer) == at("14:00")


def test_explain_tells_it_at_its_place() -> None:
    story = (reply(at("09:30")), reply(at("14:20")))
    before = kept(seen("14:00", *story))
    told = lines(seen("14:30", *story, before=before), ticket())
    assert [line.at for line in told] == [at("09:00"), at("09:30"), at("14:00"), at("14:20")]
    assert told[2].what == "foreseen: resolution will likely be late"
    assert told[2].verdict == "over 80 %: 50 % used, 20 busy hours left"


def test_json_keeps_what_was_foreseen_and_says_nothing_else() -> None:
    then = seen("14:00")
    body = assessment_to_json(then)["buckets"]
    assert body["resolution"]["foreseen_at"] == "2026-01-05T13:00:00Z"
    assert "foreseen_at" not in body["response"]
    assert kept(then)["resolution"].foreseen_at == at("14:00")


def test_the_odds_are_those_of_the_model() -> None:
    """Over 80 % means odds of four: just below is not raised."""
    assert foreseen(seen("09:30", model=learnt(first=math.log(4) + 1e-9))) == OPENED
    assert foreseen(seen("09:30", model=learnt(first=math.log(4) - 1e-9))) is None
