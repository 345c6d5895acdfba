"""Every client on one page: what they feel, what follows from it, and which tickets ask for a word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.history.feeling import Feeling, feeling
from connector.history.review import sentence
from connector.rules.contract import Contract, Plan
from connector.rules.experience import Standing, standing
from connector.rules.lines import moment, zone_named
from connector.rules.policy import Policy
from connector.store import assessments, contracts
from connector.store.assessments import Marked

LISTED = 10
"""Watermelons and follow-ups shown of one client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRow:
    """One client. `states`: of its contract, in plain lines. `more_*`: how many are not listed."""

    policy: Policy
    feeling: Feeling
    sentence: str
    standing: Standing | None
    states: tuple[str, ...]
    watermelons: tuple[Marked, ...]
    more_watermelons: int
    followups: tuple[Marked, ...]
    more_followups: int


async def client_list(tx: AsyncConnection, policies: Iterable[Policy], now: datetime) -> list[ClientRow]:
    """Every client, those with a right to leave, a plan or a review first, then by PX."""
    known = await contracts.every(tx)
    rows: list[ClientRow] = []
    for policy in policies:
        felt = await feeling(tx, policy, now)
        since = now - timedelta(days=policy.px.window_days)
        melons = await assessments.watermelons(tx, policy.client, since, LISTED)
        waiting = await assessments.followups(tx, policy.client, LISTED)
        mine = known.get((policy.match.connection if policy.match else "", policy.client))
        rows.append(
            ClientRow(
                policy=policy,
                feeling=felt,
                sentence=sentence(felt.figure, policy.px),
                standing=standing(felt.figure, policy.px.target),
                states=tuple(states(mine, policy, now)) if mine else (),
                watermelons=tuple(melons.listed),
                more_watermelons=melons.more,
                followups=tuple(waiting.listed),
                more_followups=waiting.more,
            )
        )
    return sorted(rows, key=_urgency)


def states(contract: Contract, policy: Policy, now: datetime) -> list[str]:
    """What is open of the contract; empty where nothing is."""
    zone = zone_named(policy.calendar.timezone)
    told: list[str] = []
    if contract.released_at:
        told.append(f"right to leave active since {moment(contract.released_at, zone)}")
    if contract.plan:
        told.append(_plan(contract.plan, now, moment(contract.plan.ends_at(), zone)))
    if contract.review:
        told.append(f"service review open since {moment(contract.review.opened_at, zone)}")
    if contract.rewarded_at:
        told.append(f"reward last due {moment(contract.rewarded_at, zone)}")
    return told


def _plan(plan: Plan, now: datetime, ends: str) -> str:
    days = plan.terms.plan.checkpoints
    ahead = ", ".join(str(day) for day in days[plan.checked :]) or "none"
    passed = ", ".join(str(day) for day in days[: plan.checked]) or "none"
    day = (now - plan.opened_at).days
    return (
        f"improvement plan, day {day} of {plan.terms.plan.days}, until {ends}; "
        f"checkpoints passed: {passed}, ahead: {ahead}"
    )


def _urgency(row: ClientRow) -> tuple[bool, float, str]:
    percent = row.feeling.figure.percent
    open_now = any(not state.startswith("reward") for state in row.states)
    return not open_now, 101.0 if percent is None else percent, row.policy.client
