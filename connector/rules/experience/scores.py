"""NPS and happiness: promoters less detractors on a scale from 0 to 10, never without n and margin.

With ten answers an NPS is right to within forty points, so a trend in it is mostly weather.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from connector.model import Rating
from connector.rules.experience.chance import Z95
from connector.rules.experience.px import readable

READABLE_FROM = 50  # answers; below, a score is shown without a trend
_SCALE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`value` -100..100 and its two-sided 95 % `margin` in points; both None without answers.

    `left_out` answers were given on a scale that is not 0 to 10 and say nothing here.
    """

    value: float | None
    margin: float | None
    promoters: int
    passives: int
    detractors: int
    n: int
    left_out: int = 0


def nps(ratings: Iterable[Rating]) -> Score:
    """% of 9 and 10 less % of 0 to 6, of the answers on a scale to 10; 7 and 8 only divide.

    HappySignals' happiness is the same figure (support.happysignals.com/glossary). The margin is
    z · √((p + d − (p − d)²) / n) for shares p and d: 70 % promoters and 10 % detractors of ten
    answers are 60 ± 41.

    >>> from datetime import datetime, UTC
    >>> of = [Rating(at=datetime(2026, 1, 1, tzinfo=UTC), score=s, scale=10) for s in [9] * 7 + [7] * 2 + [3]]
    >>> score = nps(of)
    >>> round(score.value), round(score.margin), score.n
    (60, 41, 10)
    """
    told = [rating for rating in ratings if readable(rating)]
    scores = [rating.score for rating in told if rating.scale == _SCALE]
    n = len(scores)
    promoters = sum(score >= 9 for score in scores)
    detractors = sum(score <= 6 for score in scores)
    if n == 0:
        return Score(value=None, margin=None, promoters=0, passives=0, detractors=0, n=0, left_out=len(told))
    up, down = promoters / n, detractors / n
    return Score(
        value=100 * (promoters - detractors) / n,
        margin=100 * Z95 * sqrt(max(0.0, up + down - (up - down) ** 2) / n),
        promoters=promoters,
        passives=n - promoters - detractors,
        detractors=detractors,
        n=n,
        left_out=len(told) - n,
    )
