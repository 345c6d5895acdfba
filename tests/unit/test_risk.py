"""The share of working time used, and nothing where no promise is running."""

from __future__ import annotations

import pytest

from connector.model import BucketClock, ClockState
from connector.rules.risk import chance


@pytest.mark.parametrize(
    ("state", "target", "elapsed", "expected"),
    [
        ("running", 60, 0, 0.0),
        ("running", 60, 45, 0.75),
        ("paused", 60, 15, 0.25),
        ("running", 60, 61, 1.0),
        ("running", 60, -5, 0.0),
        ("running", 0, 0, 1.0),
        ("missed", 60, 61, 1.0),
        ("met", 60, 45, 0.0),
        ("waiting", 60, 0, 0.0),
        ("none", None, 45, 0.0),
        ("running", None, 45, 0.0),
    ],
)
def test_chance(state: ClockState, target: float | None, elapsed: float, expected: float) -> None:
    assert chance(BucketClock(state=state, target_min=target, elapsed_min=elapsed)) == expected
