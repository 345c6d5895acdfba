"""How the contract stood at the end of the month, told by what had happened to it until then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.history.statement.facts import Facts, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanState:
    """`day` of `days`; `checked`: the checkpoints that have passed, of `checkpoints`."""

    number: int
    opened_at: datetime
    ends_at: datetime
    day: int
    days: int
    checked: tuple[int, ...]
    checkpoints: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractState:
    """`steps`: places in the facts of what happened in the month; a plan's weekly lines are left out."""

    review_since: datetime | None = None
    plan: PlanState | None = None
    release_since: datetime | None = None
    rewarded_at: datetime | None = None
    steps: tuple[int, ...] = ()


def contract_state(facts: Facts) -> ContractState:
    """From the steps of the facts, which are in their order."""
    review = plan = release = reward = None
    checked: list[int] = []
    for step in facts.steps:
        kind, at = step.happening.kind, step.happening.at
        if kind == "review_opened":
            review = at
        elif kind == "review_closed":
            review = None
        elif kind == "plan_opened":
            review, plan, checked = None, step, []
        elif kind == "checkpoint":
            checked.append(step.happening.day)
        elif kind in ("plan_recovered", "plan_failed"):
            plan, release = None, at if kind == "plan_failed" else release
        elif kind == "release_ended":
            release = None
        elif kind == "reward_due":
            reward = at
    return ContractState(
        review_since=review,
        plan=None if plan is None else _plan(plan, checked, facts),
        release_since=release,
        rewarded_at=reward,
        steps=tuple(
            place
            for place, step in enumerate(facts.steps)
            if step.happening.kind != "score_line" and step.happening.at > facts.head.since
        ),
    )


def _plan(step: Step, checked: list[int], facts: Facts) -> PlanState:
    rule = step.plan or facts.rules.terms.plan
    opened = step.happening.at
    return PlanState(
        number=step.happening.number,
        opened_at=opened,
        ends_at=opened + timedelta(days=rule.days),
        day=(facts.head.until - opened).days,
        days=rule.days,
        checked=tuple(checked),
        checkpoints=rule.checkpoints,
    )
