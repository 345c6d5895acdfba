"""When a failed request may be sent again, and after how long."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import AuthFailed, NotFound, Rejected, Throttled, Unavailable
from connector.psa.retry import LONGEST_WAIT_S, NotSent, repeatable, retry_after, wait_s

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("Mon, 05 Jan 2026 12:01:30 GMT", 90.0),
        ("Mon, 05 Jan 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
        ("inf", 3600.0),
        ("1e300", 3600.0),
        ("99999999999999999999", 3600.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0),
        ("nan", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999", None),
    ],
)
def test_retry_after_takes_seconds_and_dates_and_survives_nonsense(value, seconds):
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    ("method", "repeats"),
    [
        ("GET", {Throttled, Unavailable, NotSent}),
        ("PATCH", {Throttled, NotSent}),
        ("DELETE", {Throttled, NotSent}),
        ("POST", {NotSent}),
    ],
)
def test_a_change_is_repeated_only_when_it_surely_did_not_happen(method, repeats):
    errors = [Throttled, Unavailable, NotSent, AuthFailed, NotFound, Rejected]
    assert {kind for kind in errors if repeatable(method, kind("x"))} == repeats


@given(st.integers(min_value=1, max_value=60))
def test_waits_double_with_jitter_and_have_a_cap(attempt):
    wait = wait_s(Unavailable("x"), attempt)
    assert min(LONGEST_WAIT_S, 0.5 * 2 ** (attempt - 1)) / 2 <= wait <= LONGEST_WAIT_S


def test_a_throttled_request_waits_what_the_psa_asked_for():
    assert wait_s(Throttled("x", retry_after=7.5), 3) == 7.5
