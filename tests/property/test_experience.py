"""Every formula of experience against SciPy, over random input, to nine digits."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime
from statistics import pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from connector.model import Rating
from connector.rules.experience import (
    answers_needed,
    at_least,
    at_most,
    below_target,
    chance,
    decided,
    formula,
    groups,
    lost_time,
    losttime,
    nps,
    px,
    px_text,
    scores,
    selection_bias,
    standing,
    wilson,
)
from connector.rules.policy import PxRule

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
CLOSE = {"rel": 1e-9, "abs": 1e-12}
COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
CHANCES = st.floats(0.001, 0.999)
MINUTES = st.lists(st.integers(0, 5000).map(float), max_size=60)


@pytest.mark.parametrize("module", [chance, scores, losttime, groups])
def test_hand_worked_examples(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.failed == 0
    assert result.attempted > 0


@given(COUNTS)
def test_wilson(case: tuple[int, int]) -> None:
    k, n = case
    interval = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert wilson(k, n) == pytest.approx((interval.low, interval.high), **CLOSE)


@given(COUNTS, CHANCES)
def test_exact_binomial(case: tuple[int, int], p: float) -> None:
    k, n = case
    assert at_most(k, n, p) == pytest.approx(stats.binomtest(k, n, p, alternative="less").pvalue, **CLOSE)
    assert at_least(k, n, p) == pytest.approx(stats.binomtest(k, n, p, alternative="greater").pvalue, **CLOSE)


@pytest.mark.parametrize(
    ("n", "negatives"), [(10, 3), (12, 3), (20, 4), (30, 5), (50, 6), (100, 10), (200, 16)]
)
def test_negatives_needed_as_published(n: int, negatives: int) -> None:
    assert below_target(n - negatives, n, 0.95) <= 0.05 < below_target(n - negatives + 1, n, 0.95)


@given(COUNTS.filter(lambda case: case[1] <= 300), st.sampled_from([0.8, 0.9, 0.95, 0.98]))
@settings(max_examples=60)
def test_answers_needed_are_enough_and_one_less_is_not(case: tuple[int, int], target: float) -> None:
    k, n = case
    needed = answers_needed(k, n, target)
    if needed is None:
        assert decided(k, n, target) is None
        return
    share = k / n
    assert decided(round(share * (n + needed)), n + needed, target) is not None
    assert all(decided(round(share * (n + m)), n + m, target) is None for m in range(needed))


def test_what_is_no_chance_is_refused_and_the_ends_are_certain() -> None:
    for n, p in ((-1, 0.5), (3, 1.5), (3, float("nan"))):
        with pytest.raises(ValueError, match="no chance"):
            at_most(1, n, p)
    assert (at_most(-1, 3, 0.5), at_most(3, 3, 0.5)) == (0.0, 1.0)
    assert (at_most(1, 3, 0.0), at_most(1, 3, 1.0), at_least(1, 3, 1.0)) == (1.0, 0.0, 1.0)
    assert decided(0, 0, 0.95) is None
    assert answers_needed(0, 0, 0.95) is None
    assert answers_needed(95, 100, 0.95) is None  # at the very target no number of answers decides


def rated(*given_scores: float, scale: float = 10.0, annual: bool = False) -> list[Rating]:
    kind = "annual" if annual else "ticket"
    return [Rating(at=AT, score=score, scale=scale, kind=kind) for score in given_scores]


@given(st.lists(st.integers(0, 10), min_size=1, max_size=200))
def test_nps(given_scores: list[int]) -> None:
    votes = [1 if score >= 9 else -1 if score <= 6 else 0 for score in given_scores]
    score = nps(rated(*given_scores))
    assert score.value == pytest.approx(100 * stats.tmean(votes), **CLOSE)
    spread = stats.norm.ppf(0.975) * pstdev(votes) / len(votes) ** 0.5
    assert score.margin == pytest.approx(100 * spread, rel=1e-9, abs=1e-7)
    assert score.promoters + score.passives + score.detractors == score.n == len(given_scores)


def test_an_nps_reads_only_scales_to_ten() -> None:
    score = nps([*rated(9, 3), *rated(5, scale=5), *rated(1, scale=0)])
    assert (score.value, score.n, score.left_out) == (0.0, 2, 1)
    assert nps(rated(4, scale=5)).value is None


@given(MINUTES.filter(bool))
def test_lost_time(minutes: list[float]) -> None:
    lost = lost_time((str(i), Rating(at=AT, lost_minutes=m)) for i, m in enumerate(minutes))
    assert lost.mean == pytest.approx(stats.tmean(minutes), **CLOSE)
    assert lost.median == pytest.approx(stats.scoreatpercentile(minutes, 50), **CLOSE)
    assert lost.trimmed == pytest.approx(stats.trim_mean(minutes, 0.1), **CLOSE)
    few = [minutes[int(key)] for key in lost.few]
    if lost.total:
        assert sum(few) >= 0.8 * lost.total - 1e-6
        assert sum(few[:-1]) < 0.8 * lost.total
        assert few == sorted(minutes, reverse=True)[: len(few)]
    else:
        assert few == []


def test_minutes_nobody_can_read_do_not_count() -> None:
    unread = [Rating(at=AT, lost_minutes=m) for m in (None, -5.0, float("nan"), float("inf"))]
    assert lost_time(("x", rating) for rating in unread).n == 0


@given(MINUTES, MINUTES)
def test_selection_bias(ours: list[float], others: list[float]) -> None:
    bias = selection_bias(ours, others)
    assert (bias.rated, bias.unrated) == (len(ours), len(others))
    if not ours or not others:
        assert bias.faster is None
        return
    wins = len(ours) * len(others) - stats.mannwhitneyu(ours, others).statistic
    assert bias.faster == pytest.approx(100 * wins / (len(ours) * len(others)), **CLOSE)


def test_response_rate_without_anything_to_divide_by() -> None:
    rate = groups.response_rate(0, resolved=0, asked=0, answered=0)
    assert (rate.of_resolved, rate.of_asked) == (None, None)


def test_groups_come_with_most_answers_first() -> None:
    answers = [("b", 10.0), ("a", 10.0), ("a", 0.0)]
    figures = groups.by_group(answers, lambda one: one[0], lambda one: rated(one[1])[0], PxRule())
    assert [(name, figure.percent, figure.n) for name, figure in figures.items()] == [
        ("a", 50.0, 2),
        ("b", 100.0, 1),
    ]


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.floats(0.1, 10))
def test_annual_answers_weigh_as_the_rule_says(a: int, b: int, c: int, d: int, weight: float) -> None:
    """Against a weighted mean and Kish's effective number worked out another way."""
    answers = [*rated(*[10] * a, *[0] * b), *rated(*[10] * c, *[0] * d, annual=True)]
    figure = px(answers, PxRule(annual_weight=weight))
    assert (figure.n, figure.annual) == (a + b + c + d, c + d)
    if not figure.n:
        assert figure.percent is None
        return
    weights = [1.0] * (a + b) + [weight] * (c + d)
    happy = [1.0] * a + [0.0] * b + [1.0] * c + [0.0] * d
    mean = sum(w * x for w, x in zip(weights, happy, strict=True)) / sum(weights)
    assert figure.percent == pytest.approx(100 * mean, **CLOSE)
    assert figure.weight == pytest.approx(sum(weights) ** 2 / sum(w * w for w in weights), **CLOSE)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low <= figure.percent + 1e-9
    assert figure.percent <= figure.high + 1e-9


def test_annual_answers_may_be_left_out() -> None:
    figure = px([*rated(10), *rated(0, annual=True)], PxRule(annual_weight=0))
    assert px_text(figure) == "100 % (n 1)"


def test_standing_says_what_chance_leaves() -> None:
    small = standing(px(rated(*[10] * 11, 0), PxRule()), 95)
    assert small is not None
    assert (small.below, small.sure, small.needed) == (True, None, 126)
    bad = standing(px(rated(*[10] * 8, 0, 0, 0, 0), PxRule()), 95)
    assert bad is not None
    assert (bad.below, bad.sure, bad.needed) == (True, True, 0)
    assert standing(px([], PxRule()), 95) is None
    exact = standing(px(rated(*[10] * 19, 0), PxRule()), 95)
    assert exact is not None
    assert not exact.below


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            PxRule(neutral="excluded", annual_weight=0),
            ("neutral ones left out", "annual answers are left out"),
        ),
        (PxRule(annual_weight=2.5), ("counts as 2.5",)),
    ],
)
def test_the_formula_is_told(rule: PxRule, words: tuple[str, ...]) -> None:
    assert all(word in formula(rule) for word in words)
