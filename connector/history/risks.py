"""How likely each open promise of a ticket is to be missed, and what makes it so, for whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.model import Assessment, BucketClock, BucketName, Ticket
from connector.rules.foresight import reasons
from connector.rules.policy import Policy
from connector.rules.risk import BucketModel, Model, case, features, standing


@dataclass(frozen=True, slots=True)
class Risk:
    """`chance`: 0..1 of a miss; where nothing is `learnt`, the share of the promise that is used."""

    bucket: BucketName
    chance: float
    learnt: bool
    reasons: tuple[str, ...]


def risks(
    answer: Assessment, ticket: Ticket, policy: Policy, model: Model | None, now: datetime
) -> Sequence[Risk]:
    """Of the promises that run or pause, the likeliest miss first."""
    found = []
    for bucket, clock in answer.buckets.items():
        if clock.state not in ("running", "paused") or not clock.target_min or bucket not in answer.risk:
            continue
        learnt = model.buckets.get(bucket) if model else None
        told: Sequence[str] = [f"{100 * min(1.0, clock.elapsed_min / clock.target_min):.0f} % used"]
        if model is not None and learnt is not None:
            told = _why(clock, answer, ticket, policy, model, learnt, now)
        found.append(Risk(bucket, answer.risk[bucket], learnt is not None, tuple(told)))
    return sorted(found, key=lambda one: -one.chance)


def _why(
    clock: BucketClock,
    answer: Assessment,
    ticket: Ticket,
    policy: Policy,
    model: Model,
    learnt: BucketModel,
    now: datetime,
) -> Sequence[str]:
    target = policy.target(ticket.priority)
    calendar = policy.calendar if target is None else target.calendar
    seen = case(clock, standing(ticket, answer.timeline, now), calendar, now)
    return reasons(seen, features(seen, learnt, model.pace), learnt)
