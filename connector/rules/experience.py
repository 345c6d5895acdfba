"""PX: what customers said, as one figure that cannot be read wrongly.

The formula Sereno's promise rests on was never published (whether a neutral answer counts, for one), so
it is the client's rule, and a figure never goes without its n. With few answers a per cent is mostly
chance; the interval says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import isfinite, sqrt
from typing import Literal

from connector.model import PxFigure, Rating
from connector.rules.policy import PxRule

Sentiment = Literal["positive", "neutral", "negative"]

_Z = 1.959963984540054  # 97.5 % of a standard normal lies below it: two-sided 95 %
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
    that are not readable are left out. No window is applied here: see `in_window`.
    """
    felt = [sentiment(rating, rule) for rating in ratings if readable(rating)]
    positive, neutral, negative = (felt.count(kind) for kind in ("positive", "neutral", "negative"))
    n = positive + negative + (neutral if rule.neutral == "counted" else 0)
    if n == 0:
        return PxFigure(percent=None, positive=0, neutral=neutral, negative=0, n=0)
    low, high = wilson(positive, n)
    return PxFigure(
        percent=100 * positive / n,
        positive=positive,
        neutral=neutral,
        negative=negative,
        n=n,
        low=100 * low,
        high=100 * high,
    )


def wilson(k: int, n: int) -> tuple[float, float]:
    """95 % score interval (Wilson 1927) of a share k/n, both ends 0..1; n must be at least 1.

    By hand, 9 of 10 with z = 1.96, z² = 3.8415: the centre is (0.9 + 3.8415/20) / (1 + 3.8415/10)
    = 1.0921 / 1.3841 = 0.7890; the half width is 1.96 · √(0.09/10 + 3.8415/400) / 1.3841 = 0.1931.

    >>> [round(100 * end, 1) for end in wilson(9, 10)]
    [59.6, 98.2]
    >>> [round(100 * end, 1) for end in wilson(20, 20)]
    [83.9, 100.0]
    >>> [round(100 * end, 1) for end in wilson(475, 500)]
    [92.7, 96.6]
    """
    share, spread = k / n, _Z * _Z / n
    centre = (share + spread / 2) / (1 + spread)
    half = _Z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def px_text(figure: PxFigure) -> str:
    """The figure as a flag, '' without answers. Cut, never rounded up: 94.7 % must not read as 95 %.

    >>> px_text(PxFigure(percent=94.73684, positive=18, neutral=0, negative=1, n=19))
    '94 % (n 19)'
    """
    return f"{100 * figure.positive // figure.n} % (n {figure.n})" if figure.n else ""
