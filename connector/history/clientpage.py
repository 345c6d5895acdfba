"""Everything of one client on one page: what they feel, what they were promised, what is owed to them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.clients import ClientBook
from connector.errors import NotFound
from connector.history.clientlist import states
from connector.history.clientwaits import Waits, waits
from connector.history.feeling import Feeling, feeling
from connector.history.misses import Misses, misses
from connector.history.pxline import Point, begins, weekly
from connector.history.review import sentence, told
from connector.model import PxFigure
from connector.rules.contract import Contract, HappeningKind, Plan
from connector.rules.experience import Standing, standing
from connector.rules.lines import zone_named
from connector.rules.policy import Policy
from connector.store import clientpage as stored
from connector.store import contracts, ratings
from connector.store.clientpage import Waiting
from connector.store.contracts import Told

LISTED = 20
"""Follow-ups, watermelons and misses shown one by one; the rest are counted."""
STEPS = 20
"""Things that happened to the contract, the latest ones."""

TURNS: tuple[HappeningKind, ...] = (
    "review_opened", "review_closed", "plan_opened", "plan_recovered", "plan_failed", "release_ended",
)  # fmt: skip
NOTED: tuple[HappeningKind, ...] = (*TURNS, "checkpoint", "reward_due")
"""All but a plan's weekly lines."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A day on which a plan is looked at. `figure`: PX of the plan so far, None where it is still ahead."""

    day: int
    at: datetime
    figure: PxFigure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPage:
    """One client as of an instant. Figures of tickets are of those opened in the window of PX.

    `steps`: what happened to the contract, in plain lines, the latest first; `turns`: those of them that
    opened or ended a review or a plan. `plan`: the open one, else the
    one whose failing gave the right to leave.
    """

    policy: Policy
    feeling: Feeling
    sentence: str
    standing: Standing | None
    points: tuple[Point, ...]
    waits: Waits
    misses: Misses
    waiting: tuple[Waiting, ...]
    states: tuple[str, ...]
    plan: Plan | None
    checkpoints: tuple[Checkpoint, ...]
    steps: tuple[tuple[datetime, str], ...]
    turns: tuple[tuple[datetime, str], ...]


async def client_page(tx: AsyncConnection, book: ClientBook, client: str, now: datetime) -> ClientPage:
    """NotFound for a client without a file that can be used."""
    policy = next((one for one in book.policies if one.client == client), None)
    if policy is None:
        raise NotFound(f"no client's file is about “{client}”")
    conn = policy.match.connection if policy.match else ""
    zone = zone_named(policy.calendar.timezone)
    since = now - timedelta(days=policy.px.window_days)
    felt = await feeling(tx, policy, now)
    rated = await ratings.counted(tx, client, begins(now, policy.px, zone), now)
    known = await stored.opened_since(tx, client, since)
    contract = await contracts.load(tx, conn, client)
    happened = [one for one in await contracts.told(tx, client=client) if one.conn == conn]
    plan = _plan(contract)
    return ClientPage(
        policy=policy,
        feeling=felt,
        sentence=sentence(felt.figure, policy.px),
        standing=standing(felt.figure, policy.px.target),
        points=tuple(weekly((entry.rating for entry in rated), policy.px, now, zone)),
        waits=await asyncio.to_thread(waits, known, policy),
        misses=await misses(tx, conn, policy, book, since, now),
        waiting=tuple(await stored.waiting(tx, client, LISTED + 1)),
        states=tuple(states(contract, policy, now)) if contract else (),
        plan=plan,
        checkpoints=_checkpoints(plan, happened) if plan else (),
        steps=_steps(happened, policy, NOTED)[:STEPS],
        turns=_steps(happened, policy, TURNS),
    )


def _plan(contract: Contract | None) -> Plan | None:
    return (contract.plan or contract.release) if contract else None


def _checkpoints(plan: Plan, happened: list[Told]) -> tuple[Checkpoint, ...]:
    """Its checkpoints and its verdict, which may come later than its last day."""
    kinds = ("checkpoint", "plan_recovered", "plan_failed")
    mine = [one.happening for one in happened if one.happening.number == plan.number]
    passed = {one.day: one for one in mine if one.kind in kinds}
    days = sorted({*plan.terms.plan.checkpoints, *passed})
    return tuple(
        Checkpoint(
            day,
            passed[day].at if day in passed else plan.opened_at + timedelta(days=day),
            passed[day].figure if day in passed else None,
        )
        for day in days
    )


def _steps(
    happened: list[Told], policy: Policy, kinds: Collection[HappeningKind]
) -> tuple[tuple[datetime, str], ...]:
    """Those of these kinds in plain lines, the latest first."""
    steps = [one.happening for one in happened if one.happening.kind in kinds][::-1]
    return tuple((one.at, told(policy.client, policy.px.target, one)) for one in steps)
