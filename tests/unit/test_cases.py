"""Cases come back as they were put in, or every n-th of them, and take little room."""

from __future__ import annotations

import gc
import math
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.rules.cases import Cases
from connector.rules.risk import Case, Standing

INSTANTS = st.datetimes(timezones=st.timezones()).filter(lambda at: 1 < at.year < 9999)
STANDINGS = st.builds(
    Standing,
    group=st.text(max_size=3),
    priority=st.text(max_size=3),
    moves=st.integers(0, 99),
    touched_at=INSTANTS,
    untouched=st.booleans(),
)
CASES = st.builds(
    Case, standing=STANDINGS, share=st.floats(0, 1), waiting=st.booleans(), now=INSTANTS, due=INSTANTS
)


def _in_utc(one: Case) -> Case:
    """An hour that is there twice, or never, equals nothing in another zone."""
    standing = replace(one.standing, touched_at=one.standing.touched_at.astimezone(UTC))
    return replace(one, standing=standing, now=one.now.astimezone(UTC), due=one.due.astimezone(UTC))


@given(st.lists(st.tuples(CASES, st.booleans()), max_size=20), st.integers(1, 25))
def test_what_is_kept_is_what_was_seen(seen: list[tuple[Case, bool]], most: int) -> None:
    cases = Cases()
    for one, missed in seen:
        cases.add(one, missed)
    assert len(cases) == len(seen)
    seen = [(_in_utc(one), missed) for one, missed in seen]
    assert list(cases.thinned(len(seen) + 1)) == seen
    some = list(cases.thinned(most))
    assert len(some) <= most
    assert some == (seen[:: math.ceil(len(seen) / most)] if seen else [])


def test_an_instant_before_the_calendar_is_not_half_kept() -> None:
    cases, at, far_east = Cases(), datetime(2026, 11, 20, 9, tzinfo=UTC), timezone(timedelta(hours=14))
    standing = Standing("", "", 0, at, untouched=True)
    with pytest.raises(OverflowError):
        cases.add(Case(standing, 0.5, False, at, datetime(1, 1, 1, tzinfo=far_east)), False)
    cases.add(Case(standing, 0.5, True, at, at), True)
    assert list(cases.thinned(9)) == [(Case(standing, 0.5, True, at, at), True)]


def test_a_hundred_thousand_take_ten_megabytes() -> None:
    opened, cases = datetime(2026, 11, 20, 9, tzinfo=UTC), Cases()
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(10_000):
            at = opened + timedelta(minutes=number)
            standing = Standing(f"Level {number % 3}", "high", number % 4, at, number % 2 == 0)
            cases.add(Case(standing, number / 10_000, False, at, at + timedelta(hours=8)), number % 5 == 0)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1_000_000
