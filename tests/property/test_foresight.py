"""The noise budget of foresight: whatever the models and whenever one looks, one raise for a promise."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from connector.assessmentlog import assessment_to_json, clocks_from_json
from connector.model import Assessment, BucketClock, BucketName
from connector.rules.assess import assess
from connector.rules.pace import HOURS, Pace
from connector.rules.policy import RiskRule
from connector.rules.risk import FEATURES, LEARNT, BucketModel, Model
from tests.property.test_buckets import instants, tickets, timelines
from tests.unit.desk import OPENED, mail, policy, target, ticket

EVEN = Pace([1.0] * HOURS)
DAY = timedelta(days=1)

buckets = st.builds(
    lambda first, share, idle: BucketModel(
        100, 20, (first, share, *(0.0,) * 4, idle, *(0.0,) * (len(FEATURES) - 6)), {}, {}
    ),
    st.integers(-8, 4),
    st.integers(-20, 20),
    st.integers(-3, 3),
)
models = st.builds(
    lambda learnt_at, learnt: Model(learnt_at, EVEN, learnt),
    instants.map(lambda at: at - DAY),
    st.dictionaries(st.sampled_from([*LEARNT, "update"]), buckets),
)
steps = st.lists(st.tuples(st.integers(0, 6 * 3600), st.none() | models), min_size=1, max_size=25)
rules = st.builds(
    lambda raise_at, response, resolution: policy(
        targets={"*": target(response=response, resplan=2 * response, update=100, resolution=resolution)},
        risk=RiskRule(raise_at=raise_at),
    ),
    st.sampled_from([None, 20.0, 80.0, 99.0]),
    st.integers(1, 300),
    st.integers(1, 3000),
)


def kept(answer: Assessment) -> dict[BucketName, BucketClock]:
    return clocks_from_json(json.loads(json.dumps(assessment_to_json(answer))))


@given(steps, rules, st.sets(st.integers(0, 5 * 86400), max_size=3))
def test_the_flag_goes_up_once_for_a_promise_at_most_and_never_down_while_it_lasts(turns, by, said):
    answers = [mail(OPENED + timedelta(seconds=seconds)) for seconds in said]
    now, before, flags = OPENED, {}, ["No"]
    for seconds, model in turns:
        now += timedelta(seconds=seconds)
        result = assess(ticket(), answers, by, now, model=model, before=before)
        for name, old in before.items():
            new = result.buckets[name]
            if old.foreseen_at and by.risk.raise_at:
                assert (new.foreseen_at, new.foreseen_why) == (old.foreseen_at, old.foreseen_why)
        flags.append(result.flags["at_risk"])
        if any(c.foreseen_at and not c.done_at for c in result.buckets.values()):
            assert flags[-1] == "Yes"
        before = kept(result)
    raises = list(pairwise(flags)).count(("No", "Yes"))
    assert raises <= 3 + len(answers)  # three promises, and one of further news for every answer
    if not answers:
        assert raises <= 1


@given(tickets, timelines, rules, steps)
def test_what_is_foreseen_of_a_live_promise_stays_whatever_happens(of, timeline, by, turns):
    now, before = OPENED, {}
    for seconds, model in turns:
        now += timedelta(seconds=seconds)
        result = assess(of, timeline, by, now, model=model, before=before)
        for name, old in before.items():
            new = result.buckets[name]
            if by.risk.raise_at and old.foreseen_at and new.target_min and old.reopened == new.reopened:
                assert new.foreseen_at == old.foreseen_at
        for clock in result.buckets.values():
            assert clock.foreseen_at is None or of.opened_at <= clock.foreseen_at <= now
        assert result.buckets["update"].foreseen_at is None
        before = kept(result)


@given(tickets, timelines, rules, instants, models, st.floats(0, 1))
def test_between_two_looks_nothing_changes(of, timeline, by, now, model, part):
    """Whoever has forgotten the last answer gives the reason of a later look for the same foreseeing."""
    result = assess(of, timeline, by, now, model=model)
    if result.next_at is None or result.next_at - now < timedelta(milliseconds=5):
        return
    assert result.next_at > now
    then = now + part * (result.next_at - now - timedelta(milliseconds=2))
    for before in ({}, kept(result)):
        later = assess(of, timeline, by, then, model=model, before=before)
        told = {"why"} if not before and any(c.foreseen_at for c in result.buckets.values()) else set()
        assert {k: v for k, v in later.flags.items() if k not in told} == {
            k: v for k, v in result.flags.items() if k not in told
        }
        assert later.next_at == result.next_at


@given(tickets, timelines, rules, instants)
def test_without_a_model_nothing_is_foreseen_and_nothing_else_changes(of, timeline, by, now):
    result = assess(of, timeline, by, now)
    assert not any(clock.foreseen_at for clock in result.buckets.values())
    off = assess(of, timeline, policy(targets=by.targets, risk=RiskRule(raise_at=None)), now)
    assert result == off
