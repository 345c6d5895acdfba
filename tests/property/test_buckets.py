"""What must hold for the clocks whatever happens on a ticket."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from connector.model import Assessment, BucketName, Event, Ticket
from connector.rules.assess import assess
from connector.rules.course import edges
from connector.rules.facts import SAME_STEP
from connector.rules.lines import why
from connector.rules.policy import PauseRule, ResolutionRule
from connector.rules.story import tell
from connector.rules.worktime import MINUTE
from tests.unit.desk import (
    ALWAYS,
    CAROL,
    DANA,
    DESK,
    DISPATCH,
    OPENED,
    POLICY,
    ROBOT,
    STRANGER,
    closed,
    date_made,
    mail,
    policy,
    priority,
    reopened,
    reply,
    status,
    target,
    ticket,
)

STATUSES = ("New", "In Progress", "Waiting Customer", "On Hold", "Scheduled", "Resolved", "Closed", "")
ACTORS = st.sampled_from([DANA, DISPATCH, CAROL, ROBOT, STRANGER])
TEXTS = st.sampled_from(["Thanks!", "It is the cable.", "", None])
CALENDARS = {"retroactive": DESK, "from_change": ALWAYS}

instants = st.builds(
    lambda seconds, micro: OPENED + timedelta(seconds=seconds, microseconds=micro),
    st.integers(-3600, 5 * 86400),
    st.sampled_from([0, 0, 1, 333_333]),
)
keys = st.sampled_from(["", "", "k1", "k2", "k3"])
statuses = st.sampled_from(STATUSES)

events: st.SearchStrategy[Event] = st.one_of(
    st.builds(lambda at, who, text, key: mail(at, who, text, key=key), instants, ACTORS, TEXTS, keys),
    st.builds(lambda at, text, key: reply(at, text, key=key), instants, TEXTS, keys),
    st.builds(
        lambda at, a, b, who, key: status(at, a, b, who, key=key), instants, statuses, statuses, ACTORS, keys
    ),
    st.builds(closed, instants, ACTORS),
    st.builds(reopened, instants, ACTORS),
    st.builds(date_made, instants, ACTORS),
    st.builds(priority, instants, st.sampled_from(["P1", "P3"]), st.sampled_from(["P1", "P3"])),
)
timelines = st.lists(events, max_size=12)
tickets = st.builds(
    ticket,
    priority=st.sampled_from(["P1", "P3"]),
    status=statuses,
    resolved_at=st.none() | instants,
    closed=st.booleans(),
)
policies = st.builds(
    lambda change, runs, reopened, reply, response: policy(
        targets={
            "*": POLICY.targets["*"],
            "p1": target(CALENDARS[change], response=30, resplan=60, update=45, resolution=300),
        },
        on_priority_change=change,
        update_runs=runs,
        resolution=ResolutionRule(statuses=POLICY.resolution.statuses, reopened=reopened),
        pause=PauseRule(
            statuses=POLICY.pause.statuses,
            buckets=POLICY.pause.buckets | ({"response"} if response else frozenset[BucketName]()),
            resume_on_reply=reply,
        ),
    ),
    st.sampled_from(["retroactive", "from_change"]),
    st.sampled_from(["while_ball_is_ours", "always"]),
    st.sampled_from(["adds_time", "stays_met"]),
    st.booleans(),
    st.booleans(),
)


@given(tickets, timelines, policies, instants, st.randoms(use_true_random=False))
def test_the_order_of_arrival_and_repetitions_change_nothing(of, timeline, by, now, dice):
    shuffled = timeline + dice.sample(timeline, len(timeline) // 2)
    dice.shuffle(shuffled)
    assert assess(of, shuffled, by, now) == assess(of, timeline, by, now)


@given(tickets, timelines, policies, instants)
def test_what_lies_ahead_changes_nothing_but_when_to_look_again(of, timeline, by, now):
    now = max(now, of.opened_at)
    ahead = tell(timeline, now).ahead
    result = assess(of, timeline, by, now)
    if ahead:
        assert result.next_at is not None
        assert now < result.next_at <= ahead[0].at
    assert all(event.at <= now for event in result.timeline)


@given(tickets, timelines, policies, instants, st.integers(1, 10 * 86400))
def test_a_paused_clock_never_misses(of, timeline, by, now, later):
    known = [event for event in timeline if event.at <= now]
    of = _as_of(of, now)
    before = assess(of, known, by, now)
    after = assess(of, known, by, now + timedelta(seconds=later))
    for name, clock in before.buckets.items():
        if clock.state == "paused":
            assert after.buckets[name] == clock


@given(tickets, timelines, policies, instants)
def test_the_due_time_is_start_plus_target_plus_paused_in_working_time(of, timeline, by, now):
    by = policy(pause=by.pause, resolution=by.resolution, update_runs=by.update_runs)  # one calendar, one row
    result = assess(of, timeline, by, now)
    for name, clock in result.buckets.items():
        if clock.due_at is None or clock.target_min is None or clock.missed_at is not None:
            continue
        start = _start(name, of, result)
        paused = sum((DESK.between(max(a, start), b) for a, b in clock.pauses if b is not None), timedelta())
        promised = timedelta(minutes=clock.target_min) + paused
        assert abs(DESK.between(start, clock.due_at) - promised) <= timedelta(milliseconds=2)
        used = timedelta(minutes=clock.elapsed_min) + paused
        end = clock.done_at or max(now, start)
        assert abs(DESK.between(start, end) - used) <= timedelta(milliseconds=2)


@given(tickets, timelines, policies, instants, st.integers(1, 10 * 86400))
def test_elapsed_never_falls_while_nothing_happens(of, timeline, by, now, later):
    known = [event for event in timeline if event.at <= now]
    of = _as_of(of, now)
    before = assess(of, known, by, now).buckets
    after = assess(of, known, by, now + timedelta(seconds=later)).buckets
    for name in before:
        assert after[name].elapsed_min >= before[name].elapsed_min - 1e-6
        assert before[name].state != "missed" or after[name].state == "missed"


@given(tickets, timelines, policies, instants)
def test_until_next_at_nothing_changes_and_then_something_does(of, timeline, by, now):
    result = assess(of, timeline, by, now)
    if result.next_at is None:
        far = assess(of, timeline, by, now + timedelta(days=400))
        assert _visible(far) == _visible(result)
        return
    assert result.next_at > now
    if result.next_at - now > timedelta(milliseconds=5):
        just_before = assess(of, timeline, by, result.next_at - timedelta(milliseconds=2))
        assert _visible(just_before) == _visible(result)
        assert just_before.next_at == result.next_at
    known = [event for event in timeline if event.at <= now]
    alone = _as_of(of, now)
    expected = assess(alone, known, by, now)
    if expected.next_at is not None:
        assert _visible(assess(alone, known, by, expected.next_at)) != _visible(expected)


@given(tickets, timelines, policies, instants)
def test_every_clock_agrees_with_itself(of, timeline, by, now):
    result = assess(of, timeline, by, now)
    for name, clock in result.buckets.items():
        assert _why(result, name)
        assert clock.elapsed_min >= 0
        assert (clock.target_min is None) == (clock.state == "none")
        assert clock.state != "missed" or clock.zone == "red"
        assert clock.state not in ("met", "none", "waiting") or clock.zone == "green"
        assert clock.state != "missed" or clock.missed_at is not None
        assert clock.missed_at is None or clock.missed_at <= max(now, of.opened_at)
        assert clock.state != "paused" or (clock.due_at is None and clock.pauses[-1][1] is None)
        assert clock.done_at is None or of.opened_at <= clock.done_at
        if clock.event is not None and clock.done_at is not None:
            told = max(result.timeline[clock.event].at, of.opened_at)
            assert abs(clock.done_at - told) <= SAME_STEP  # the ticket's own time may be more exact
        if clock.state == "running" and clock.target_min is not None:
            assert clock.elapsed_min * MINUTE < edges(round(clock.target_min * MINUTE), by.zones)[2]
            assert clock.due_at is not None
            assert clock.due_at > now
    assert len(result.flags["why"]) <= 100


def _as_of(of: Ticket, now: datetime) -> Ticket:
    """The ticket without what its own fields say of later."""
    late = of.resolved_at is not None and of.resolved_at > now
    return ticket(priority=of.priority, status=of.status, resolved_at=None if late else of.resolved_at)


def _start(name: BucketName, of: Ticket, result: Assessment) -> datetime:
    """Where a clock began that runs now or ended last."""
    if name != "update":
        return of.opened_at
    done = result.buckets["update"].done_at
    said = [result.timeline[verdict.event].at for verdict in result.messages if verdict.counts]
    return max(of.opened_at, [at for at in said if done is None or at <= done][-1])


def _why(result: Assessment, name: BucketName) -> str:
    return why(name, result.buckets[name], result.timeline, ZoneInfo(result.timezone))


def _visible(result: Assessment) -> object:
    """What is shown and written: all that may not change between `now` and `next_at`."""
    clocks = {
        name: (c.state, c.zone, c.due_at, c.done_at, _why(result, name)) for name, c in result.buckets.items()
    }
    return clocks, result.flags, result.findings, result.excluded
