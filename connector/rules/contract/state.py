"""What the contract remembers of a client: review, plan with the terms it opened under, right to leave.

Plain frozen values, so that a state can be kept as JSON, compared, and advanced again from any past one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from connector.model import PxFigure
from connector.rules.policy import PlanRule, Policy, PxRule

HappeningKind = Literal[
    "review_opened",
    "review_closed",
    "plan_opened",
    "checkpoint",
    "score_line",
    "plan_recovered",
    "plan_failed",
    "release_ended",
    "reward_due",
]

_USUAL = PlanRule()
REVIEW_LASTS = timedelta(days=30)
"""A review stands at least so long, so that a PX going to and fro around its target opens one, not ten."""
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What client and desk have agreed: in force for reviews as it stands, for a plan as on its day 0.

    `reward`: PX in per cent from which a reward is due, None for no rewards.
    """

    px: PxRule
    plan: PlanRule = _USUAL
    reward: float | None = None


def terms_of(policy: Policy) -> Terms:
    """Only what the figures depend on: where ratings are read from is no part of the promise."""
    px = replace(policy.px, notes=(), fields=(), own=frozenset())
    return Terms(px=px, plan=policy.plan, reward=policy.reward)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A person's word: that a plan shall open, or that a review or a right to leave is over."""

    by: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    number: int
    opened_at: datetime
    figure: PxFigure


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`lines` is how many weekly lines have been told, `checked` how many checkpoints have passed."""

    number: int
    opened_at: datetime
    figure: PxFigure
    terms: Terms
    confirmed_by: str = ""  # '' when the figures decided
    lines: int = 0
    checked: int = 0

    def ends_at(self) -> datetime:
        return self.opened_at + timedelta(days=self.terms.plan.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """`looked_at`: everything up to then is decided. `armed`: PX has been at target since the last review.

    `followed`: that review has led to a plan. Until then, and until PX is back, a plan may still open, even
    if somebody has closed the review meanwhile.
    """

    looked_at: datetime
    armed: bool = True
    followed: bool = False
    numbers: int = 0  # reviews, plans and rewards so far
    review: Review | None = None
    reviewed_at: datetime | None = None  # when the last review opened
    plan: Plan | None = None
    release: Plan | None = None  # the plan that failed: the client may leave
    released_at: datetime | None = None
    rewarded_at: datetime | None = None
    confirmed: Confirmation | None = None  # a plan a person wants, not opened yet

    def awaits_plan(self) -> bool:
        return not (self.armed or self.followed or self.plan or self.release)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened to the contract, at the instant it did, whenever that was found out.

    `number` is of the review, plan or reward. `day` counts days of a plan. `figure` is PX over the
    contract's window, for a plan's checkpoints, lines and verdict PX of the plan's own days.
    """

    kind: HappeningKind
    at: datetime
    number: int
    figure: PxFigure
    day: int = 0
    by: str = ""  # the person whose word it was, '' for the figures
    why: str = ""


def confirm_plan(contract: Contract, word: Confirmation) -> Contract:
    """A person opens the plan the guard holds back. ValueError when there is no review to follow up."""
    if contract.plan is not None:
        raise ValueError(f"plan {contract.plan.number} is already open")
    if not contract.awaits_plan():
        raise ValueError("no review waits for a plan")
    return replace(contract, confirmed=word)


def close_review(contract: Contract, word: Confirmation) -> tuple[Contract, Happening]:
    """A person has held the review. ValueError when none is open."""
    review = contract.review
    if review is None:
        raise ValueError("no review is open")
    closed = Happening(
        kind="review_closed",
        at=word.at,
        number=review.number,
        figure=review.figure,
        by=word.by,
        why=word.why,
    )
    return replace(contract, review=None), closed


def end_release(contract: Contract, word: Confirmation) -> tuple[Contract, Happening]:
    """A person ends the right to leave, as agreed with the client. ValueError when there is none."""
    plan = contract.release
    if plan is None:
        raise ValueError("no right to leave is active")
    ended = Happening(
        kind="release_ended", at=word.at, number=plan.number, figure=plan.figure, by=word.by, why=word.why
    )
    return replace(contract, release=None, released_at=None, armed=True), ended
