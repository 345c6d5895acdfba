"""The request budget: a hard ceiling a minute, narrowed by 429s, with room kept for the urgent."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import Throttled
from connector.psa.quota import Budget
from tests.unit.psa.fakes import FakeTime


def budget(per_minute=60, concurrency=4):
    time = FakeTime()
    return Budget(per_minute, concurrency, clock=time, sleep=time.sleep), time


def at_once(coroutine):
    """Run what waits only for the fake clock, without an event loop."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


async def spend(b, n, urgent=True):
    for _ in range(n):
        await b.acquire(urgent=urgent)
        b.release(urgent=urgent)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(min_value=0, max_value=20), max_size=120), st.integers(min_value=1, max_value=20))
def test_no_sixty_seconds_ever_hold_more_than_the_ceiling(pauses, ceiling):
    b, time = budget(per_minute=ceiling)
    stamps = []
    for pause in pauses:
        time.now += pause
        at_once(b.acquire(urgent=True))
        stamps.append(time.now)
        b.release(urgent=True)
    for i, start in enumerate(stamps):
        assert sum(1 for s in stamps[i:] if s < start + 59.999) <= ceiling


async def test_bulk_reading_leaves_a_tenth_of_the_minute_to_the_urgent():
    b, time = budget(per_minute=100)
    await spend(b, 90, urgent=False)
    await spend(b, 10, urgent=True)
    assert time.slept == []
    await spend(b, 1, urgent=False)
    assert sum(time.slept) == pytest.approx(60)


async def test_bulk_reading_leaves_a_slot_to_the_urgent():
    b, _ = budget(concurrency=3)
    await b.acquire()
    await b.acquire()
    waiting = asyncio.ensure_future(b.acquire())
    await asyncio.sleep(0)
    await asyncio.wait_for(b.acquire(urgent=True), 1)
    assert not waiting.done()
    b.release()
    await asyncio.wait_for(waiting, 1)


async def test_a_429_stops_everybody_for_as_long_as_it_says_and_halves_the_limit():
    b, time = budget(per_minute=60)
    b.throttled(12)
    await spend(b, 1)
    assert sum(time.slept) == pytest.approx(12)
    assert b.state().limit_per_minute == 30
    assert b.state().throttled_total == 1


async def test_a_burst_of_429s_narrows_the_limit_once():
    b, _ = budget(per_minute=60)
    for _ in range(8):
        b.throttled(1)
    assert b.state().limit_per_minute == 30


async def test_a_429_storm_never_stops_the_connection_for_good():
    b, time = budget(per_minute=60)
    for _ in range(50):
        time.now += 11
        b.throttled(0)
    assert b.state().limit_per_minute == 3
    await spend(b, 1)


async def test_the_limit_comes_back_a_tenth_of_the_ceiling_for_each_full_minute():
    b, _ = budget(per_minute=60)
    b.throttled(0)
    for _ in range(30):
        b.succeeded()
    assert b.state().limit_per_minute == pytest.approx(36, abs=0.7)
    for _ in range(1000):
        b.succeeded()
    assert b.state().limit_per_minute == 60


async def test_more_patience_than_a_minute_is_the_callers_business():
    b, _ = budget()
    b.throttled(3600)
    with pytest.raises(Throttled) as caught:
        await b.acquire(urgent=True)
    assert caught.value.retry_after == pytest.approx(3600)


async def test_a_refused_turn_gives_its_slot_back():
    b, time = budget(concurrency=2)
    b.throttled(3600)
    for _ in range(5):
        with pytest.raises(Throttled):
            await b.acquire()
    time.now += 3601
    await asyncio.wait_for(spend(b, 1, urgent=False), 1)


@pytest.mark.parametrize(("per_minute", "concurrency"), [(0, 1), (10, 0)])
def test_a_budget_of_nothing_is_a_mistake(per_minute, concurrency):
    with pytest.raises(ValueError, match="at least one"):
        Budget(per_minute, concurrency)


async def test_a_psa_that_counts_by_the_hour_lets_a_back_fill_burst_and_then_says_how_long_to_wait():
    time = FakeTime()
    b = Budget(2, 4, window_s=3600, clock=time, sleep=time.sleep)
    await spend(b, 120)
    assert time.slept == []
    time.now += 1800
    with pytest.raises(Throttled) as caught:
        await b.acquire(urgent=True)
    assert caught.value.retry_after == pytest.approx(1800)
    assert (b.used(60), b.used(3600), b.state().used_last_minute) == (0, 120, 0)
    time.now += 1801
    await spend(b, 1)
    assert b.state().used_last_minute == 1


async def test_a_lower_ceiling_counts_at_once_and_a_higher_one_is_grown_into():
    b, _ = budget(per_minute=60)
    b.cap(6)
    assert b.state().limit_per_minute == 6
    b.cap(60)
    assert b.state().limit_per_minute == 6
    for _ in range(100):
        b.succeeded()
    assert b.state().limit_per_minute == pytest.approx(35, abs=2)


async def test_a_429_storm_slows_an_hour_down_and_does_not_silence_the_rest_of_it():
    time = FakeTime()
    b = Budget(40, 4, window_s=3600, clock=time, sleep=time.sleep)
    await spend(b, 600)
    for _ in range(12):
        time.now += 11
        b.throttled(0)
    slept = len(time.slept)
    await spend(b, 10)
    assert max(time.slept[slept:]) <= 60, "the pause of a minute, not what is left of the hour"
    assert b.state().limit_per_minute == pytest.approx(2)
    for _ in range(1000):
        b.succeeded()
    before = time.now
    await spend(b, 500)
    assert time.now == before, "after a calm while it bursts again"


async def test_where_others_leave_nothing_the_least_goes_on_evenly_and_never_beyond_the_share():
    time = FakeTime()
    b = Budget(10, 4, window_s=3600, clock=time, sleep=time.sleep)
    await spend(b, 590)
    assert not b.spent
    b.cap(1.5, least=1.5)
    assert b.spent
    before = time.now
    await spend(b, 3)
    assert time.now - before == pytest.approx(120)
    await spend(b, 7)
    with pytest.raises(Throttled):
        await b.acquire(urgent=True)


async def test_a_pause_of_a_minute_to_the_hair_is_waited_for_whatever_the_clock_rounds():
    b, time = budget(per_minute=1)
    time.now += 1 / 3
    await spend(b, 2)
    assert sum(time.slept) == pytest.approx(60)


async def test_what_is_left_is_of_the_window_the_psa_counts_in():
    time = FakeTime()
    b = Budget(2, 4, window_s=3600, clock=time, sleep=time.sleep)
    await spend(b, 100)
    time.now += 120
    state = b.state()
    assert (state.limit, state.left, state.window_s, state.used_last_minute) == (120, 20, 3600, 0)
    b.cap(1)
    assert (b.state().limit, b.state().left) == (60, 0), "others use the PSA's patience, too"
    time.now += 3600
    assert b.state().left == 60


NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def handed(first, now=NOW, later=0.0, per_minute=60, started=5000.0):
    """The same budget in another process: another clock, `later` seconds on; what passes is JSON."""
    other, time = budget(per_minute=per_minute)
    time.now = started
    kept = json.loads(json.dumps(first.handed_on(now)))
    other.take_over(kept, now + timedelta(seconds=later))
    return other, time


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(min_value=0, max_value=20), st.booleans()), max_size=80))
def test_however_often_it_changes_hands_no_sixty_seconds_hold_more_than_the_ceiling(steps):
    b, time = budget(per_minute=10)
    wall, stamps = NOW, []
    for pause, moves in steps:
        time.now += pause
        wall += timedelta(seconds=pause)
        before = time.now
        at_once(b.acquire(urgent=True))
        b.release(urgent=True)
        wall += timedelta(seconds=time.now - before)
        stamps.append(wall.timestamp())
        if moves:
            b, time = handed(b, wall, per_minute=10)
    for i, start in enumerate(stamps):
        assert sum(1 for s in stamps[i:] if s < start + 59.99) <= 10


async def test_who_takes_over_waits_out_a_429_and_keeps_the_narrowed_pace():
    b, _ = budget()
    b.throttled(30)
    other, time = handed(b, later=10)
    await spend(other, 1)
    assert sum(time.slept) == pytest.approx(20)
    assert other.state().limit_per_minute == 30
    assert other.state().throttled_total == 1


async def test_a_new_share_in_the_settings_beats_the_pace_that_was_handed_on():
    b, _ = budget(per_minute=60)
    b.throttled(0)
    other, _ = handed(b, per_minute=100)
    assert other.state().limit_per_minute == 100


async def test_totals_go_on_in_the_next_process():
    b, _ = budget()
    await spend(b, 5)
    other, _ = handed(b)
    await spend(other, 2)
    assert other.state().requests_total == 7


async def test_what_a_killed_process_may_have_sent_counts_as_sent_just_now():
    b, time = budget(per_minute=10)
    b.assume(10)
    await spend(b, 1)
    assert sum(time.slept) == pytest.approx(60)


async def test_a_clock_set_back_makes_nothing_last_longer_than_the_window():
    b, _ = budget(per_minute=5)
    await spend(b, 5)
    other, time = handed(b, later=-7200, per_minute=5)
    await spend(other, 1)
    assert sum(time.slept) == pytest.approx(60)


async def test_each_request_asks_for_its_permit_first():
    b, _ = budget()
    asked = []

    async def permit():
        asked.append(b.used(60))

    b.permit = permit
    await spend(b, 3)
    assert asked == [0, 1, 2]


async def test_who_waited_for_a_slot_is_counted_when_it_is_sent_and_heeds_a_429_heard_meanwhile():
    b, time = budget(per_minute=2, concurrency=1)
    await b.acquire(urgent=True)
    waiting = asyncio.ensure_future(b.acquire(urgent=True))
    await asyncio.sleep(0)
    time.now += 70  # the PSA took its time over the first
    b.throttled(20)
    b.release(urgent=True)
    await waiting
    assert time.slept == [pytest.approx(20)]
    assert b.used(60) == 1
    assert b.state().requests_total == 2


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from(["send", "wait", "429", "cap"]), max_size=40),
    st.sampled_from([60.0, 300.0, 3600.0]),
)
def test_as_many_as_may_be_sent_at_once_are_sent_without_a_pause_and_the_next_one_waits(steps, window_s):
    time = FakeTime()
    b = Budget(20, 4, window_s=window_s, clock=time, sleep=time.sleep)
    for step in steps:
        if step == "send":
            at_once(spend(b, min(7, b.at_once)))
        elif step == "wait":
            time.now += 11.0
        elif step == "429":
            b.throttled(5.0)
        else:
            b.cap(9)
        before, number = list(time.slept), b.at_once
        at_once(spend(b, number))
        assert time.slept == before
        assert b.at_once == 0
        with suppress(Throttled):
            at_once(spend(b, 1))
            assert time.slept != before
