"""From a rating to a kept promise: PX below target opens a review, then a plan, then the right to leave.

`advance` goes through every instant at which something can change, in order, so what it decides depends
on when the ratings were given and not on how often it is asked: a daemon that was down for a week finds
the review open since the day PX crossed the target.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate

from connector.model import PxFigure, Rating
from connector.rules.contract.state import (
    REVIEW_LASTS,
    WEEK,
    Contract,
    Happening,
    HappeningKind,
    Plan,
    Review,
    Terms,
)
from connector.rules.experience import at_least, decided
from connector.rules.experience.chance import alpha_for
from connector.rules.experience.px import Sentiment, felt_as, of_counts
from connector.rules.policy import PxRule

_SLACK = 1e-9

_Sums = dict[tuple[Sentiment, bool], list[int]]
"""Of each kind of answer, how many there are among the first 0, 1, 2 …"""


class Answers:
    """The counted ratings of one client, ready to be asked for any stretch of time."""

    def __init__(self, ratings: Iterable[Rating]) -> None:
        self.ratings = sorted(ratings, key=lambda rating: (rating.at, rating.key))
        self._times = [rating.at for rating in self.ratings]
        self._sums: dict[PxRule, _Sums] = {}

    def between(self, since: datetime, until: datetime) -> Sequence[Rating]:
        """Those after `since`, `until` included."""
        return self.ratings[bisect_right(self._times, since) : bisect_right(self._times, until)]

    def first_after(self, since: datetime) -> datetime | None:
        place = bisect_right(self._times, since)
        return self._times[place] if place < len(self._times) else None

    def figure(self, rule: PxRule, until: datetime) -> PxFigure:
        """PX over the window of the rule that ends at `until`."""
        return self.px(rule, until - timedelta(days=rule.window_days), until)

    def px(self, rule: PxRule, since: datetime, until: datetime) -> PxFigure:
        """PX of (since, until]. Answers are judged once a rule: after an outage every one is a look."""
        sums = self._sums.get(rule)
        if sums is None:
            sums = self._sums[rule] = self._summed(rule)
        first, last = bisect_right(self._times, since), bisect_right(self._times, until)
        if last <= first:
            return of_counts({}, rule)
        return of_counts({kind: so_far[last] - so_far[first] for kind, so_far in sums.items()}, rule)

    def _summed(self, rule: PxRule) -> _Sums:
        felt = [felt_as(rating, rule) for rating in self.ratings]
        kinds = {kind for kind in felt if kind}
        return {kind: [0, *accumulate(int(one == kind) for one in felt)] for kind in kinds}


def advance(
    contract: Contract, answers: Answers, terms: Terms, now: datetime
) -> tuple[Contract, tuple[Happening, ...]]:
    """The contract as it stands at `now`, and what happened since it was last looked at.

    Advancing to the same instant again changes nothing, unless the terms are others by then. ValueError if
    `now` lies before the last look.
    """
    if now < contract.looked_at:
        raise ValueError(f"already decided up to {contract.looked_at.isoformat()}")
    told: list[Happening] = []
    if contract.confirmed and contract.awaits_plan():
        contract, happened = _open_plan(contract, answers, terms, contract.looked_at)
        told += happened
    while (at := next_look(contract, answers, terms)) is not None and at <= now:
        contract, happened = _look(replace(contract, looked_at=at), answers, terms, at)
        told += happened
    contract, happened = _look(replace(contract, looked_at=now), answers, terms, now)
    return contract, tuple(told + happened)


def next_look(contract: Contract, answers: Answers, terms: Terms) -> datetime | None:
    """The next instant after the last look at which something may change; None: only by a new rating."""
    return min((at for at in _instants(contract, answers, terms) if at > contract.looked_at), default=None)


def _instants(contract: Contract, answers: Answers, terms: Terms) -> Iterator[datetime]:
    since, window = contract.looked_at, timedelta(days=terms.px.window_days)
    for moved in (timedelta(), window):
        if first := answers.first_after(since - moved):
            yield first + moved
    if contract.reviewed_at:
        yield contract.reviewed_at + REVIEW_LASTS
    if contract.rewarded_at:
        yield contract.rewarded_at + window
    if contract.released_at:
        yield contract.released_at + window
    plan = contract.plan
    if plan:
        yield plan.opened_at + WEEK * (plan.lines + 1)
        yield plan.ends_at()
        yield from (
            plan.opened_at + timedelta(days=day) for day in plan.terms.plan.checkpoints[plan.checked :][:1]
        )


def _look(
    contract: Contract, answers: Answers, terms: Terms, at: datetime
) -> tuple[Contract, list[Happening]]:
    told: list[Happening] = []
    figure = answers.figure(terms.px, at)
    for part in (_plan_goes_on, _release, _review, _plan_opens, _reward):
        contract, happened = part(contract, answers, terms, figure, at)
        told += happened
    return contract, told


def _below(figure: PxFigure, target: float, least: int, test: str) -> bool:
    """Below the target by this test: at face value, or when chance cannot explain it."""
    if figure.percent is None or figure.n < least or figure.percent >= target - _SLACK:
        return False
    happy = figure.percent / 100 * figure.weight
    return test == "strict" or decided(happy, figure.weight, target / 100) is True


def _review(
    contract: Contract, answers: Answers, terms: Terms, figure: PxFigure, at: datetime
) -> tuple[Contract, list[Happening]]:
    rule, review = terms.px, contract.review
    fine = figure.percent is not None and figure.percent >= rule.target - _SLACK
    if review:
        if not fine or at < review.opened_at + REVIEW_LASTS:
            return contract, []
        closed = Happening(
            kind="review_closed", at=at, number=review.number, figure=figure, why="PX is at its target again"
        )
        return replace(contract, review=None, armed=True), [closed]
    if fine and not contract.armed:
        contract = replace(contract, armed=True)
    busy = contract.plan or contract.release or not contract.armed
    early = contract.reviewed_at is not None and at < contract.reviewed_at + REVIEW_LASTS
    if busy or early or not _below(figure, rule.target, rule.min_answers, rule.review):
        return contract, []
    number = contract.numbers + 1
    opened = replace(
        contract,
        review=Review(number=number, opened_at=at, figure=figure),
        reviewed_at=at,
        armed=False,
        followed=False,
        numbers=number,
    )
    return opened, [Happening(kind="review_opened", at=at, number=number, figure=figure)]


def _plan_opens(
    contract: Contract, answers: Answers, terms: Terms, figure: PxFigure, at: datetime
) -> tuple[Contract, list[Happening]]:
    """A review was called for, PX has not been back since, and it is below by the test agreed upon."""
    rule = terms.px
    if not contract.awaits_plan() or not _below(figure, rule.target, rule.min_answers, rule.plan):
        return contract, []
    return _open_plan(contract, answers, terms, at)


def _open_plan(
    contract: Contract, answers: Answers, terms: Terms, at: datetime
) -> tuple[Contract, list[Happening]]:
    word = contract.confirmed
    at = max(at, word.at) if word else at
    figure = answers.figure(terms.px, at)
    number, by = contract.numbers + 1, word.by if word else ""
    plan = Plan(number=number, opened_at=at, figure=figure, terms=terms, confirmed_by=by)
    opened = replace(contract, review=None, plan=plan, followed=True, confirmed=None, numbers=number)
    why = word.why if word else ""
    return opened, [Happening(kind="plan_opened", at=at, number=number, figure=figure, by=by, why=why)]


def _plan_goes_on(
    contract: Contract, answers: Answers, terms: Terms, figure: PxFigure, at: datetime
) -> tuple[Contract, list[Happening]]:
    """Weekly lines, checkpoints, and the verdict by the test fixed on day 0."""
    plan = contract.plan
    if plan is None:
        return contract, []
    told: list[Happening] = []
    own = answers.px(plan.terms.px, plan.opened_at, min(at, _verdict_until(plan, answers, at)))

    def tell(kind: HappeningKind) -> None:
        day = (at - plan.opened_at).days
        told.append(Happening(kind=kind, at=at, number=plan.number, figure=own, day=day))

    checked, lines = plan.checked, plan.lines
    if checked < len(plan.terms.plan.checkpoints) and at >= plan.opened_at + timedelta(
        days=plan.terms.plan.checkpoints[checked]
    ):
        tell("checkpoint")
        checked += 1
    if at >= plan.opened_at + WEEK * (lines + 1):
        tell("score_line")
        lines += 1
    going = replace(plan, checked=checked, lines=lines)
    if at < plan.ends_at() or own.n < plan.terms.px.min_answers:
        return replace(contract, plan=going), told
    if not _below(own, plan.terms.px.target, 0, plan.terms.plan.exit):
        tell("plan_recovered")
        return replace(contract, plan=None), told
    tell("plan_failed")
    return replace(contract, plan=None, release=going, released_at=at), told


def _verdict_until(plan: Plan, answers: Answers, at: datetime) -> datetime:
    """The plan's last day, or the answer that first made enough of them to judge by."""
    until = plan.ends_at()
    return until if len(answers.between(plan.opened_at, until)) >= plan.terms.px.min_answers else at


def _release(
    contract: Contract, answers: Answers, terms: Terms, figure: PxFigure, at: datetime
) -> tuple[Contract, list[Happening]]:
    """The right to leave ends when a whole window after the verdict is at the target."""
    plan, since = contract.release, contract.released_at
    if plan is None or since is None or at < since + timedelta(days=terms.px.window_days):
        return contract, []
    if figure.percent is None or figure.n < terms.px.min_answers or figure.percent < terms.px.target - _SLACK:
        return contract, []
    ended = Happening(
        kind="release_ended",
        at=at,
        number=plan.number,
        figure=figure,
        why="PX was at its target over a whole window",
    )
    return replace(contract, release=None, released_at=None), [ended]


def _reward(
    contract: Contract, answers: Answers, terms: Terms, figure: PxFigure, at: datetime
) -> tuple[Contract, list[Happening]]:
    """The mirror of a review: PX above what was agreed, once a window; guarded as the plan is."""
    rule, above = terms.px, terms.reward
    window = timedelta(days=rule.window_days)
    early = contract.rewarded_at is not None and at < contract.rewarded_at + window
    if above is None or early or contract.review or contract.plan or contract.release:
        return contract, []
    if figure.percent is None or figure.n < rule.min_answers or figure.percent < above - _SLACK:
        return contract, []
    if rule.plan == "guarded" and not _surely_above(figure, above):
        return contract, []
    number = contract.numbers + 1
    told = Happening(kind="reward_due", at=at, number=number, figure=figure)
    return replace(contract, rewarded_at=at, numbers=number), [told]


def _surely_above(figure: PxFigure, above: float) -> bool:
    """So many happy answers would hardly come by chance if PX were just there."""
    n = int(figure.weight + _SLACK)
    k = min(n, int((figure.percent or 0.0) / 100 * figure.weight + _SLACK))
    return n > 0 and at_least(k, n, above / 100) <= alpha_for(n)
