"""What chance alone could do to a share of few answers: interval, exact test, answers still needed.

With under twenty answers a single unhappy one puts PX below 95 %. These figures keep a promise from
being called broken by luck, and say how far off certainty is.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor, fsum, sqrt

Z95 = 1.959963984540054  # 97.5 % of a standard normal lies below it: two-sided 95 %
ALPHA = 0.05
ALPHA_OF_FEW = 0.01
FEW = 20
"""Answers below which more certainty is asked for. The figure is looked at after every answer, and the fewer
there are, the more a look is worth: of a client truly at 98 % with 12 answers a quarter, 5 % at every look
would doubt nearly 4 in 100 within 300 days, this 1 in 100 (600 made-up lives of the bench `contract`)."""
FAR = 2000  # answers ahead that are still worth telling
_NEGLIGIBLE = 1e-18  # of the largest term


def wilson(k: float, n: float) -> tuple[float, float]:
    """95 % score interval (Wilson 1927) of a share k/n, both ends 0..1; n must be above 0.

    By hand, 9 of 10 with z = 1.96, z² = 3.8415: the centre is (0.9 + 3.8415/20) / (1 + 3.8415/10)
    = 1.0921 / 1.3841 = 0.7890; the half width is 1.96 · √(0.09/10 + 3.8415/400) / 1.3841 = 0.1931.

    >>> [round(100 * end, 1) for end in wilson(9, 10)]
    [59.6, 98.2]
    >>> [round(100 * end, 1) for end in wilson(20, 20)]
    [83.9, 100.0]
    >>> [round(100 * end, 1) for end in wilson(475, 500)]
    [92.7, 96.6]
    """
    share, spread = k / n, Z95 * Z95 / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z95 * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def at_most(k: int, n: int, p: float) -> float:
    """Chance of k or fewer positive answers of n if each is positive with chance p: exact binomial.

    Every term is taken relative to the likeliest one and the sum of all divides them, so nothing
    overflows and no factorial is needed. ValueError unless 0 <= p <= 1 and n >= 0.

    By hand, 1 of 2 at p = 0.9: 0.1² + 2 · 0.9 · 0.1 = 0.19.

    >>> round(at_most(1, 2, 0.9), 12)
    0.19
    >>> at_most(12, 12, 0.95)
    1.0
    """
    if not 0 <= p <= 1 or n < 0:
        raise ValueError(f"no chance of {k} in {n} at {p}")
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    if p in (0.0, 1.0):
        return 1.0 if p == 0.0 else 0.0
    below: list[float] = []
    above: list[float] = []
    for i, term in _terms(n, p):
        (below if i <= k else above).append(term)
    low, high = fsum(sorted(below)), fsum(sorted(above))
    return low / (low + high)


def at_least(k: int, n: int, p: float) -> float:
    """Chance of k or more positive answers of n if each is positive with chance p.

    By hand, 2 of 2 at p = 0.9: 0.81.

    >>> round(at_least(2, 2, 0.9), 12)
    0.81
    """
    return at_most(n - k, n, 1 - p)


def _terms(n: int, p: float) -> Iterable[tuple[int, float]]:
    """(i, chance of i relative to the likeliest i), as far as it matters to a double."""
    peak = min(n, floor((n + 1) * p))
    odds = p / (1 - p)
    yield peak, 1.0
    term = 1.0
    for i in range(peak, 0, -1):
        term *= i / ((n - i + 1) * odds)
        yield i - 1, term
        if term < _NEGLIGIBLE:
            break
    term = 1.0
    for i in range(peak, n):
        term *= (n - i) * odds / (i + 1)
        yield i + 1, term
        if term < _NEGLIGIBLE:
            break


def below_target(k: float, n: float, target: float) -> float:
    """One-sided exact p-value against "truly at the target": small means really below it.

    `target` is a share 0..1. Weighted counts are rounded in the desk's favour: happy ones up, others down.

    By hand, 9 of 12 at 95 %: three negatives or more happen by chance in 1.96 % of such quarters.

    >>> round(100 * below_target(9, 12, 0.95), 2)
    1.96
    """
    positive = ceil(k - 1e-9)
    return at_most(positive, positive + floor(n - k + 1e-9), target)


def alpha_for(n: float) -> float:
    """How rare chance must be before so many answers are believed."""
    return ALPHA_OF_FEW if n < FEW else ALPHA


def decided(k: float, n: float, target: float) -> bool | None:
    """True: truly below the target; False: truly at or above it; None: chance could still do both.

    >>> decided(8, 12, 0.95), decided(9, 12, 0.95), decided(59, 59, 0.95), decided(58, 58, 0.95)
    (True, None, False, None)
    """
    if n <= 0:
        return None
    alpha = alpha_for(n)
    if below_target(k, n, target) <= alpha:
        return True
    whole = floor(n + 1e-9)
    return False if at_least(min(whole, floor(k + 1e-9)), whole, target) <= alpha else None


def answers_needed(k: float, n: float, target: float) -> int | None:
    """Further answers until the figure decides, if they go as the ones so far; 0: it does already.

    None without answers, or when more than `FAR` would be needed. All-positive answers say
    "at least 95 %" from the 59th on, since 0.95⁵⁹ = 0.0485.

    >>> answers_needed(20, 20, 0.95), answers_needed(11, 12, 0.95), answers_needed(8, 12, 0.95)
    (39, 126, 0)
    """
    if n <= 0:
        return None
    share = k / n
    return next(
        (m for m in range(FAR + 1) if decided(round(share * (n + m)), n + m, target) is not None), None
    )
