"""A share of an hour that all integrations use together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.psa.autotask.pool import KEEP_CLEAR, LEAST, Usage, least_per_minute, per_minute, usage


@pytest.mark.parametrize(
    ("used", "ours", "hourly"),
    [
        (0, 0, 4000),
        (3000, 3000, 4000),
        (1500, 1000, 4000),
        (2500, 0, 2000),
        (4400, 100, 200),
        (8000, 100, 100),
    ],
)
def test_we_take_our_share_and_less_where_others_are_busy(used, ours, hourly):
    assert per_minute(40, Usage(10_000, used), ours) * 60 == pytest.approx(hourly)


@given(st.floats(0.01, 100), st.integers(0, 20_000), st.integers(0, 10_000))
def test_never_more_than_the_share_nor_than_what_keeps_clear_of_the_penalty(share, used, ours):
    hourly = per_minute(share, Usage(10_000, used), ours) * 60
    others = max(0, used - ours)
    assert 0 < hourly <= share * 100 + 1e-6
    assert hourly + others <= max(KEEP_CLEAR * 10_000, others + LEAST * 10_000) + 1e-6


@pytest.mark.parametrize(("share", "hourly"), [(40, 100), (0.5, 50)])
def test_a_little_is_always_ours(share, hourly):
    assert least_per_minute(share, Usage(10_000, 9_000)) * 60 == pytest.approx(hourly)


def test_the_answer_is_read_without_trust():
    assert usage({}) == Usage(10_000, 0)
    assert usage({"externalRequestThreshold": 20_000, "currentTimeframeRequestCount": 19_500}).full
    assert Usage(10_000, 5_000).slow
    assert not Usage(10_000, 4_999).slow
