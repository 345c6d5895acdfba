"""What a fleet needs, on paper: it follows from the cost of a turn, and the first limit is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.daemon.fleet.scale import BENCH, BUSY, measured, need
from connector.store.workers import Process

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
COSTS = replace(BENCH, turns_per_minute=1.0, turn_s=0.1, worker_ms=30.0, database_ms=6.0)


@given(st.integers(min_value=1, max_value=500_000))
def test_no_database_is_asked_for_more_than_it_can(connections: int) -> None:
    found = need(connections, COSTS)
    assert all(share <= BUSY + 1e-9 for share in found.limits.values())
    assert found.limits[found.bottleneck] == max(found.limits.values())
    assert found.workers >= found.fleets
    assert found.workers * BUSY >= found.turns_per_second * COSTS.worker_ms / 1000 - 1e-9


def test_the_numbers_of_two_thousand_connections_by_hand() -> None:
    found = need(2000, COSTS)
    assert round(found.turns_per_second, 1) == 33.3
    assert round(found.worker_cores, 2) == round(2000 / 60 * 0.03 / 0.6, 2)
    assert (found.workers, found.fleets) == (2, 1)
    assert found.bottleneck == "the engine's jobs"


def test_slow_psas_need_more_slots_and_so_more_workers() -> None:
    assert need(2000, replace(COSTS, turn_s=5.0)).workers > need(2000, COSTS).workers


def test_a_dear_turn_makes_another_thing_the_bottleneck() -> None:
    assert need(2000, replace(COSTS, database_ms=500.0)).bottleneck == "32 cores of the database"


def worker(turns: int, cpu_s: float, minutes: float) -> Process:
    since = (NOW - timedelta(minutes=minutes)).isoformat()
    return Process("w", "worker", NOW, {"since": since, "turns": turns, "cpu_s": cpu_s})


def test_a_fleet_at_work_tells_its_own_cost() -> None:
    turns = [{"turn_s": 0.2, "db_ms": 30.0, "requests": 4.0}] * 100
    found = measured(BENCH, [worker(1000, 20.0, 10), worker(1000, 40.0, 10)], turns, 500_000_000)
    assert found.worker_ms == 30.0
    assert found.turns_per_minute == 2.0
    assert [round(x, 6) for x in (found.turn_s, found.requests_per_turn, found.stored_mb)] == [0.2, 4.0, 5.0]
    assert "2000 turns of 100 connections by 2 workers" in found.source


def test_a_fleet_that_has_hardly_begun_tells_nothing() -> None:
    assert measured(BENCH, [worker(5, 1.0, 1)], [{"turn_s": 0.2, "requests": 1.0}], 1) is BENCH
    assert measured(BENCH, [], [], 1) is BENCH
