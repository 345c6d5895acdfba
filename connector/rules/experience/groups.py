"""Who answers, and who does not: response rates, figures by group, and what the silent ones went through.

A happy figure from a tenth of the tickets says little if that tenth was served better than the rest.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from connector.model import PxFigure, Rating
from connector.rules.experience.px import px
from connector.rules.policy import PxRule

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRate:
    """Answers in per cent, by both definitions in use; None where there is nothing to divide by.

    `of_resolved`: answers ÷ tickets resolved (Crewhu). `of_asked`: answers to surveys ÷ surveys sent or
    shown (HeyHappy). The first is about a third of the second at a desk that asks every third customer.
    """

    answers: int
    of_resolved: float | None
    of_asked: float | None


def response_rate(answers: int, *, resolved: int, asked: int, answered: int) -> ResponseRate:
    """`answers` about `resolved` tickets; `answered` of the `asked` surveys of our own.

    >>> response_rate(20, resolved=100, asked=50, answered=20)
    ResponseRate(answers=20, of_resolved=20.0, of_asked=40.0)
    """
    return ResponseRate(
        answers=answers,
        of_resolved=100 * answers / resolved if resolved else None,
        of_asked=100 * answered / asked if asked else None,
    )


def by_group(
    answers: Iterable[T], group: Callable[[T], str], rating: Callable[[T], Rating], rule: PxRule
) -> dict[str, PxFigure]:
    """PX of each group (board, contact, channel, …), the groups with most answers first."""
    groups: dict[str, list[Rating]] = {}
    for answer in answers:
        groups.setdefault(group(answer), []).append(rating(answer))
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return {name: px(ratings, rule) for name, ratings in ordered}


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionBias:
    """Felt response, in working minutes, of tickets that were rated beside those that were not.

    `faster` is the chance in per cent that a rated ticket was answered sooner than an unrated one, a
    tie counting half (Vargha and Delaney's A, 2000): 50 is no bias, 80 flatters. None without both kinds.
    """

    rated: int
    unrated: int
    rated_median: float | None
    unrated_median: float | None
    faster: float | None


def selection_bias(rated: Sequence[float], unrated: Sequence[float]) -> SelectionBias:
    """From the felt response of each ticket. It is Mann and Whitney's U ÷ the number of pairs.

    By hand, 5 and 20 minutes beside 10 and 20: of the four pairs 5<10, 5<20, 20>10 and 20=20, so 2.5 of 4.

    >>> selection_bias([5, 20], [10, 20]).faster
    62.5
    """
    waits = sorted(unrated)
    wins = 0.0
    for wait in rated:
        later = len(waits) - bisect_right(waits, wait)
        ties = len(waits) - later - bisect_left(waits, wait)
        wins += later + ties / 2
    pairs = len(rated) * len(waits)
    return SelectionBias(
        rated=len(rated),
        unrated=len(waits),
        rated_median=median(rated) if rated else None,
        unrated_median=median(waits) if waits else None,
        faster=100 * wins / pairs if pairs else None,
    )
