"""What must hold for a replay whatever happened on a ticket: it is the same judge, and it misses nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.history.backtest.changes import Changes
from connector.history.backtest.crew import Sum
from connector.history.backtest.replay import replay
from connector.rules.assess import assess
from tests.property.test_buckets import events, instants, policies, tickets
from tests.unit.desk import OPENED

timelines = st.lists(events, max_size=12)
END = OPENED + timedelta(days=9)


@given(tickets, timelines, policies)
def test_in_the_end_it_says_what_assess_says(of, timeline, by):
    assert replay(of, timeline, by, END).final == assess(of, timeline, by, END)


@given(tickets, timelines, policies, instants)
def test_between_two_instants_no_flag_changes(of, timeline, by, now):
    """So every alert and every write is at one of them."""
    now = max(now, of.opened_at)
    found = replay(of, timeline, by, now)
    last = found.instants[-1].at
    assert assess(of, timeline, by, last).flags == found.final.flags
    assert [one.at for one in found.instants] == sorted({one.at for one in found.instants})


@given(tickets, timelines, policies, instants)
def test_a_longer_replay_begins_with_the_shorter_one(of, timeline, by, now):
    """What is not known yet changes no alert: so the figures of a month stay those of that month."""
    now = max(now, of.opened_at)
    short, long = replay(of, timeline, by, now).instants, replay(of, timeline, by, END).instants
    assert short == long[: len(short)]
    assert all(one.at > now for one in long[len(short) :])


@given(tickets, timelines, policies)
def test_a_policy_against_itself_has_no_difference(of, timeline, by):
    found = Changes()
    found.add(of, replay(of, timeline, by, END), replay(of, timeline, by, END))
    assert found.to_json() == {"tickets": 0, "moves": [], "first": []}


@given(st.lists(st.tuples(tickets, timelines), max_size=6), policies, policies, st.integers(0, 6))
def test_parts_add_up_to_the_whole(made, by, other, cut):
    named = [(replace(of, id=str(number)), timeline) for number, (of, timeline) in enumerate(made)]
    whole, first, second = _sum(named, by, other), _sum(named[:cut], by, other), _sum(named[cut:], by, other)
    first.merge(second)
    for total in (whole, first):
        total.policy.felt = sorted(total.policy.felt)
        total.against.felt = sorted(total.against.felt)
        for stops in (total.policy.stops, total.against.stops):  # floats add up by their order
            stops.minutes = {rule: round(minutes, 6) for rule, minutes in stops.minutes.items()}
    assert first == whole


def _sum(made, by, other):
    found = Sum()
    for of, timeline in made:
        after, before = replay(of, timeline, by, END), replay(of, timeline, other, END)
        found.policy.add(after)
        found.against.add(before)
        found.changes.add(of, before, after)
        found.gaps.add(of, timeline)
        found.done += 1
    return found
