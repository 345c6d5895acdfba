"""Contract: look at every client's promise, keep what happened to it, and owe the desk its tickets.

Decision, history and errands are one transaction. The PSA is asked later (`daemon.errands`), so a process
killed anywhere opens each ticket once or, at its next turn, still once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.connection import Connection
from connector.daemon.errands import desk_of
from connector.daemon.notices.decide import decide_contract
from connector.history.commission import Told, owe
from connector.history.misses import Misses, misses
from connector.rules.contract import Answers, Contract, Happening, Plan, advance, terms_of
from connector.rules.policy import Policy
from connector.store import contracts, ratings

log = structlog.get_logger(__name__)


async def look(tx: AsyncConnection, c: Connection, now: datetime) -> list[Happening]:
    """Advance the contract of every client of this connection; what happened, in their order."""
    found: list[Happening] = []
    for policy in c.policies():
        found += await look_at(tx, c, policy, now)
    return found


async def look_at(tx: AsyncConnection, c: Connection, policy: Policy, now: datetime) -> tuple[Happening, ...]:
    """Advance one client's contract."""
    terms = terms_of(policy)
    before = await contracts.load(tx, c.name, policy.client) or Contract(looked_at=now)
    now = max(now, before.looked_at)
    entries = await ratings.counted(tx, policy.client, _since(before, policy), now)
    after, happened = advance(before, Answers(entry.rating for entry in entries), terms, now)
    await contracts.save(tx, c.name, policy.client, after)
    plan, told = before.plan, list[Told]()
    for what in happened:
        await contracts.tell(tx, c.name, policy.client, what, now)
        log.info("contract", connection=c.name, client=policy.client, what=what.kind, number=what.number)
        if what.kind == "plan_opened":
            plan = _opened(what, after, policy)
        missed = await _missed(tx, c, policy, what) if what.kind == "review_opened" else None
        told.append(Told(what=what, plan=plan, answers=entries, missed=missed))
    await owe(tx, c.name, policy, told, now, opens_tickets=desk_of(c) is not None)
    await decide_contract(tx, c, policy, happened, now)
    return happened


async def _missed(tx: AsyncConnection, c: Connection, policy: Policy, review: Happening) -> Misses:
    """The promises missed in the window of a review, for its ticket."""
    since = review.at - timedelta(days=policy.px.window_days)
    return await misses(tx, c.name, policy, c.clients(), since, review.at)


def _since(contract: Contract, policy: Policy) -> datetime:
    """Older answers matter to nothing that is still to be decided."""
    began = [contract.looked_at] + [p.opened_at for p in (contract.plan, contract.release) if p]
    return min(began) - timedelta(days=policy.px.window_days)


def _opened(what: Happening, after: Contract, policy: Policy) -> Plan:
    """The plan that opened; it may have come to its end within the same look."""
    for plan in (after.plan, after.release):
        if plan and plan.number == what.number:
            return plan
    return Plan(number=what.number, opened_at=what.at, figure=what.figure, terms=terms_of(policy))
