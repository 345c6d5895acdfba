"""PX at the end of each week is what PX of that window is, worked out the slow way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.history.pxline import WEEKS, begins, weekly
from connector.model import Rating
from connector.rules.experience import in_window, px
from connector.rules.policy import PxRule
from tests.unit.desk import BERLIN

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
RULE = PxRule(annual_weight=0.5, neutral="excluded")


def rating(days: float, score: int, kind: str = "ticket") -> Rating:
    return Rating(at=NOW - timedelta(days=days), score=score, kind=kind)  # type: ignore[arg-type]


given_ratings = st.lists(
    st.builds(rating, st.floats(-3, 500), st.integers(0, 5), st.sampled_from(["ticket", "annual"])),
    max_size=60,
)


@given(given_ratings)
def test_each_point_is_px_of_its_window(ratings: list[Rating]) -> None:
    ratings.sort(key=lambda one: one.at)
    points = weekly(ratings, RULE, NOW, BERLIN)
    assert len(points) == WEEKS + 1
    for point in points:
        assert point.figure == px(in_window(ratings, point.at, RULE.window_days), RULE)
    needed = [one for one in ratings if one.at > begins(NOW, RULE, BERLIN)]
    assert weekly(needed, RULE, NOW, BERLIN) == points


def test_weeks_end_on_sunday_at_midnight_of_the_clients_own_clock() -> None:
    *weeks, now = [point.at for point in weekly([], RULE, NOW, BERLIN)]
    assert now == NOW
    local = [at.astimezone(BERLIN) for at in weeks]
    assert {(one.weekday(), one.hour, one.minute) for one in local} == {(0, 0, 0)}
    assert {after.date() - before.date() for before, after in pairwise(local)} == {timedelta(days=7)}
    assert weeks[-1] == datetime(2026, 11, 15, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize("now", [datetime(2026, 11, 15, 23, 0, tzinfo=UTC), NOW])
def test_now_is_the_last_point_even_at_a_weeks_end(now: datetime) -> None:
    points = [point.at for point in weekly([], RULE, now, BERLIN)]
    assert points[-1] == now
    assert points == sorted(set(points))
