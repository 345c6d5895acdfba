"""So many times a minute, whoever it is, in memory that does not grow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.web import pace
from connector.web.pace import Pace


class Clock:
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_each_has_so_many_a_minute_of_their_own() -> None:
    clock = Clock()
    door = Pace(clock, 3)
    assert [door.may("a") for _ in range(5)] == [True] * 3 + [False] * 2
    assert door.may("b")
    clock.now += timedelta(seconds=59)
    assert not door.may("a")
    clock.now += timedelta(seconds=1)
    assert [door.may("a") for _ in range(4)] == [True] * 3 + [False]


def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    clock = Clock()
    door = Pace(clock, 1)
    assert door.may("a")
    clock.now -= timedelta(hours=1)
    assert door.may("a")
    assert not door.may("a")


def test_a_stranger_who_varies_the_name_gets_no_memory() -> None:
    door = Pace(Clock(), 1)
    assert all(door.may(str(n)) for n in range(3 * pace.REMEMBERED))
    assert len(door._times) <= pace.REMEMBERED
