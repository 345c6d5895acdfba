"""How far the PSA's clock is from ours is heard in every answer, and nothing silly is made of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connector.psa.clocks import ServerClock

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def heard(*differences: timedelta) -> ServerClock:
    """A clock of which answers were heard, each so far behind ours."""
    clock = ServerClock()
    for difference in differences:
        clock.hear({"date": format_datetime(NOW - difference, usegmt=True)}, NOW)
    return clock


@pytest.mark.parametrize(
    ("behind", "allowed", "said"),
    [
        (timedelta(0), timedelta(0), ""),
        (timedelta(seconds=2), timedelta(0), ""),
        (timedelta(seconds=40), timedelta(seconds=40), ""),
        (timedelta(minutes=10), timedelta(minutes=10), "10 min behind ours"),
        (timedelta(minutes=-10), timedelta(0), "10 min ahead of ours"),
        (timedelta(days=2), timedelta(0), "2880 min behind ours"),
    ],
)
def test_a_difference_is_allowed_for_and_said(behind, allowed, said):
    clock = heard(behind)
    assert clock.allowance == allowed
    assert [note for note in clock.notes() if said in note] == clock.notes()
    assert bool(clock.notes()) == bool(said)


def test_a_clock_that_goes_wrong_later_is_noticed_and_so_is_one_put_right():
    assert heard(timedelta(0), timedelta(minutes=10)).allowance == timedelta(minutes=10)
    assert heard(timedelta(minutes=10), timedelta(0)).allowance == timedelta(0)


@pytest.mark.parametrize(
    "headers", [{}, {"date": ""}, {"date": "soon"}, {"date": "Fri, 20 Nov 2026", "age": "9"}]
)
def test_an_answer_that_tells_no_time_changes_nothing(headers):
    clock = heard(timedelta(minutes=10))
    clock.hear(headers, NOW)
    assert clock.allowance == timedelta(minutes=10)


def test_what_a_cache_has_kept_is_no_clock():
    clock = heard(timedelta(0))
    clock.hear({"date": format_datetime(NOW - timedelta(minutes=30), usegmt=True), "age": "1800"}, NOW)
    assert clock.behind == timedelta(0)
