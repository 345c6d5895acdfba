"""PX figures must come out as the published table says, and never look better than they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import PxFigure, Rating
from connector.rules.experience import in_window, px, px_text, sentiment, wilson
from connector.rules.policy import PxRule

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RULE = PxRule()
EXCLUDING = PxRule(neutral="excluded")


def rated(*scores: float, scale: float = 5.0) -> list[Rating]:
    return [Rating(at=NOW, score=score, scale=scale) for score in scores]


@pytest.mark.parametrize(
    ("score", "scale", "felt"),
    [
        (5, 5, "positive"),
        (4, 5, "positive"),
        (3, 5, "neutral"),
        (2, 5, "negative"),
        (1, 5, "negative"),
        (8, 10, "positive"),
        (7.99, 10, "neutral"),
        (80, 100, "positive"),
        (24, 30, "positive"),
        (1, 1, "positive"),
        (0, 1, "negative"),
        (-1, 1, "negative"),
    ],
)
def test_sentiment_is_by_share_of_the_scale(score: float, scale: float, felt: str) -> None:
    assert sentiment(rated(score, scale=scale)[0], RULE) == felt


def test_the_same_share_is_the_same_however_the_rule_wrote_it() -> None:
    rule = PxRule(positive=0.1 + 0.2, negative=0.1)  # 0.30000000000000004
    assert sentiment(rated(3, scale=10)[0], rule) == "positive"


@pytest.mark.parametrize(("score", "scale"), [(4, 0), (4, -5), (float("nan"), 5), (4, float("inf"))])
def test_a_rating_that_says_nothing_is_refused_alone_and_left_out_of_the_figure(
    score: float, scale: float
) -> None:
    bad = rated(score, scale=scale)
    with pytest.raises(ValueError, match="says nothing"):
        sentiment(bad[0], RULE)
    assert px(bad + rated(5), RULE) == px(rated(5), RULE)


def test_neutral_is_counted_or_excluded_by_the_rule() -> None:
    answers = rated(5, 5, 4, 3, 3, 1)
    counted, excluded = px(answers, RULE), px(answers, EXCLUDING)
    assert (counted.percent, counted.n) == (50.0, 6)
    assert (excluded.percent, excluded.n) == (75.0, 4)
    for figure in (counted, excluded):
        assert (figure.positive, figure.neutral, figure.negative) == (3, 2, 1)


def test_no_answers_is_no_figure_and_an_empty_flag() -> None:
    assert px([], RULE) == PxFigure(percent=None, positive=0, neutral=0, negative=0, n=0)
    only_neutral = px(rated(3, 3), EXCLUDING)
    assert (only_neutral.percent, only_neutral.neutral, only_neutral.low) == (None, 2, None)
    assert px_text(only_neutral) == ""


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (9, 10, 59.6, 98.2),
        (10, 10, 72.2, 100.0),
        (11, 12, 64.6, 98.5),
        (19, 20, 76.4, 99.1),
        (20, 20, 83.9, 100.0),
        (48, 50, 86.5, 98.9),
        (90, 100, 82.6, 94.5),
        (95, 100, 88.8, 97.8),
        (190, 200, 91.0, 97.3),
        (475, 500, 92.7, 96.6),
        (0, 10, 0.0, 27.8),
    ],
)
def test_wilson_as_published(k: int, n: int, low: float, high: float) -> None:
    assert [round(100 * end, 1) for end in wilson(k, n)] == [low, high]
    figure = px(rated(*[5] * k, *[1] * (n - k)), RULE)
    assert figure.low == pytest.approx(low, abs=0.05)
    assert figure.high == pytest.approx(high, abs=0.05)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_figure_and_mirrors(case: tuple[int, int]) -> None:
    k, n = case
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert wilson(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_flag_never_shows_more_than_the_figure(case: tuple[int, int]) -> None:
    k, n = case
    figure = PxFigure(percent=100 * k / n, positive=k, neutral=0, negative=n - k, n=n)
    shown = int(px_text(figure).split(" ")[0])
    assert shown * n <= 100 * k < (shown + 1) * n
    assert px_text(figure).endswith(f" % (n {n})")


def test_18_of_19_is_not_95() -> None:
    assert px_text(px(rated(*[5] * 18, 1), RULE)) == "94 % (n 19)"
    assert px_text(px(rated(*[5] * 13, 1), RULE)) == "92 % (n 14)"
    assert px_text(px(rated(*[5] * 57, *[1] * 43), RULE)) == "57 % (n 100)"


def test_the_window_ends_now_and_starts_after_its_first_instant() -> None:
    ages = [timedelta(days=-1), timedelta(), timedelta(days=89), timedelta(days=90), timedelta(days=400)]
    ratings = [Rating(at=NOW - age, score=5) for age in ages]
    assert in_window(ratings, NOW, 90) == tuple(ratings[1:3])
