"""PX: what customers said, as one figure that cannot be read wrongly.

The formula Sereno's promise rests on was never published (whether a neutral answer counts, for one), so
it is the client's rule, and a figure never goes without its n. With few answers a per cent is mostly
chance; the interval says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor, fsum, isfinite
from typing import Literal

from connector.model import PxFigure, Rating
from connector.rules.experience.chance import answers_needed, below_target, decided, wilson
from connector.rules.policy import PxRule

Sentiment = Literal["positive", "neutral", "negative"]
SENTIMENTS: tuple[Sentiment, ...] = ("positive", "neutral", "negative")

_SLACK = 1e-9  # 0.8 written as 4/5, 8/10 or 80/100 is the same share


def readable(rating: Rating) -> bool:
    """False for a rating that says nothing: a scale of zero or less, or a score that is no number."""
    return isfinite(rating.score) and isfinite(rating.scale) and rating.scale > 0


def sentiment(rating: Rating, rule: PxRule) -> Sentiment:
    """How the customer felt, by the share of the scale reached. ValueError if the rating is not readable."""
    if not readable(rating):
        raise ValueError(f"a rating of {rating.score} on a scale of {rating.scale} says nothing")
    share = rating.score / rating.scale
    if share >= rule.positive - _SLACK:
        return "positive"
    return "negative" if share <= rule.negative + _SLACK else "neutral"


def in_window(ratings: Iterable[Rating], until: datetime, days: int) -> tuple[Rating, ...]:
    """Ratings of the `days` times 24 hours that end with `until`, which is included; their order is kept."""
    since = until - timedelta(days=days)
    return tuple(rating for rating in ratings if since < rating.at <= until)


def px(ratings: Iterable[Rating], rule: PxRule) -> PxFigure:
    """Positive answers of all answers, in per cent, with a 95 % Wilson interval in per cent.

    `n` is what the figure divides by: neutral answers are in it only where the rule counts them. Ratings
    that are not readable are left out, annual ones where they weigh nothing. No window is applied here:
    see `in_window`. Where annual answers weigh otherwise than one, interval and test go by the effective
    number of answers, (Σw)² / Σw² (Kish, Survey Sampling, 1965, 11.7).
    """
    counts: dict[tuple[Sentiment, bool], int] = {}
    for rating in ratings:
        if kind := felt_as(rating, rule):
            counts[kind] = counts.get(kind, 0) + 1
    return of_counts(counts, rule)


def felt_as(rating: Rating, rule: PxRule) -> tuple[Sentiment, bool] | None:
    """How it was felt and whether it is an annual answer; None for one that PX leaves out."""
    if not readable(rating) or (rating.kind == "annual" and rule.annual_weight <= 0):
        return None
    return sentiment(rating, rule), rating.kind == "annual"


def of_counts(counts: Mapping[tuple[Sentiment, bool], int], rule: PxRule) -> PxFigure:
    """PX of so many answers of each sentiment, annual ones apart: what `px` says of them one by one."""
    felt = {kind: counts.get((kind, False), 0) + counts.get((kind, True), 0) for kind in SENTIMENTS}
    divided: tuple[Sentiment, ...] = SENTIMENTS if rule.neutral == "counted" else ("positive", "negative")
    n = sum(felt[kind] for kind in divided)
    if n == 0:
        return PxFigure(percent=None, positive=0, neutral=felt["neutral"], negative=0, n=0)
    annual = sum(counts.get((kind, True), 0) for kind in divided)
    total = fsum((n - annual, annual * rule.annual_weight))
    happy = fsum((counts.get(("positive", False), 0), counts.get(("positive", True), 0) * rule.annual_weight))
    weight = total * total / fsum((n - annual, annual * rule.annual_weight**2))
    share = happy / total
    low, high = wilson(share * weight, weight)
    return PxFigure(
        percent=100 * happy / total,
        positive=felt["positive"],
        neutral=felt["neutral"],
        negative=felt["negative"],
        n=n,
        low=100 * low,
        high=100 * high,
        annual=annual,
        weight=weight,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A figure against its target: what it says at face value, and what chance leaves of it.

    `sure`: True truly below, False truly at or above, None undecided. `p`: how often chance alone
    would show so few happy answers at the target. `needed`: further answers until it decides if they
    go as so far, None where that is too far off to tell.
    """

    below: bool
    sure: bool | None
    p: float
    needed: int | None


def standing(figure: PxFigure, target: float) -> Standing | None:
    """How the figure stands to a target in per cent; None without answers."""
    if figure.percent is None:
        return None
    n = figure.weight or float(figure.n)
    k, goal = figure.percent / 100 * n, target / 100
    return Standing(
        below=figure.percent < target - _SLACK,
        sure=decided(k, n, goal),
        p=below_target(k, n, goal),
        needed=answers_needed(k, n, goal),
    )


def formula(rule: PxRule) -> str:
    """How this client's PX is worked out, in one sentence to stand beside the number.

    >>> formula(PxRule())
    'ratings from 80 % of their scale up are positive, up to 40 % negative; positive ÷ all, neutral ones \
included; 90 days; an annual answer counts as one; target 95 %'
    """
    neutral = "positive ÷ all, neutral ones included"
    if rule.neutral == "excluded":
        neutral = "positive ÷ (positive + negative), neutral ones left out"
    annual = {0.0: "annual answers are left out", 1.0: "an annual answer counts as one"}.get(
        rule.annual_weight, f"an annual answer counts as {rule.annual_weight:g}"
    )
    return (
        f"ratings from {100 * rule.positive:g} % of their scale up are positive, up to "
        f"{100 * rule.negative:g} % negative; {neutral}; {rule.window_days} days; {annual}; "
        f"target {rule.target:g} %"
    )


def px_text(figure: PxFigure) -> str:
    """The figure as a flag, '' without answers. Cut, never rounded up: 94.7 % must not read as 95 %.

    >>> px_text(PxFigure(percent=94.73684, positive=18, neutral=0, negative=1, n=19))
    '94 % (n 19)'
    """
    return f"{whole(figure)} % (n {figure.n})" if figure.percent is not None else ""


def whole(figure: PxFigure) -> int:
    """Per cent, cut: 94.9 is not 95. 0 without answers."""
    return floor((figure.percent or 0.0) + _SLACK)
