"""Contract: look at every client's promise, keep what happened to it, and owe the desk its tickets.

Decision, history and errands are one transaction. The PSA is asked later (`daemon.errands`), so a process
killed anywhere opens each ticket once or, at its next turn, still once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.connection import Connection
from connector.daemon.errands import desk_of
from connector.history.review import note_text, plan_text, review_text
from connector.rules.contract import Answers, Contract, Happening, Plan, advance, terms_of
from connector.rules.policy import Policy
from connector.store import contracts, errands, ratings, tickets
from connector.store.errands import Errand
from connector.store.ratings import Entry

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
    plan = before.plan
    for what in happened:
        await contracts.tell(tx, c.name, policy.client, what, now)
        log.info("contract", connection=c.name, client=policy.client, what=what.kind, number=what.number)
        if what.kind == "plan_opened":
            plan = _opened(what, after, policy)
    await commission(tx, c, policy, happened, plan, entries, now)
    return happened


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


async def commission(
    tx: AsyncConnection,
    c: Connection,
    policy: Policy,
    happened: tuple[Happening, ...],
    plan: Plan | None,
    entries: list[Entry],
    now: datetime,
) -> None:
    """Owe the desk what these happenings ask for. Nothing where the desk's settings name no place for it."""
    if not happened or desk_of(c) is None:
        return
    company = await tickets.company_of(tx, c.name, policy.client)
    wanted: list[Errand] = []
    for what in happened:
        plain = Errand(
            conn=c.name,
            mark=mark_of(c.name, policy.client, what.kind, what.number, what.day),
            kind="ticket",
            client=policy.client,
            company_id=company,
            text="",
            owner=policy.plan.owner,
            since=now,
        )
        wanted += _errands(plain, policy, what, plan, entries)
    await errands.owe(tx, wanted)


def _errands(
    plain: Errand, policy: Policy, what: Happening, plan: Plan | None, entries: list[Entry]
) -> Iterator[Errand]:
    client, number = policy.client, what.number
    match what.kind:
        case "review_opened":
            window = timedelta(days=policy.px.window_days)
            seen = [entry for entry in entries if what.at - window < entry.rating.at <= what.at]
            figure = what.figure.percent or 0.0
            summary = f"Service review: {client}'s PX is {int(figure)} %, promised {policy.px.target:g} %"
            yield replace(plain, summary=summary, text=review_text(policy, what, seen))
        case "plan_opened" if plan is not None:
            summary = f"Improvement plan for {client}: {plan.terms.plan.days} days"
            text = plan_text(policy, what, plan)
            yield replace(plain, summary=summary, text=text, due_at=plan.ends_at())
            for place, task in enumerate(plan.terms.plan.tasks, 1):
                yield replace(
                    plain,
                    mark=mark_of(plain.conn, client, f"task {place}", number, 0),
                    summary=f"{client}: {task.title}",
                    text=f"Part of the improvement plan, due on day {task.day}.",
                    owner=task.owner or plain.owner,
                    due_at=what.at + timedelta(days=task.day),
                    under=plain.mark,
                )
        case "reward_due":
            summary = f"Reward: {client}'s PX is {int(what.figure.percent or 0)} %"
            yield replace(plain, summary=summary, text=note_text(policy, what))
        case _:
            about = "review_opened" if what.kind == "review_closed" else "plan_opened"
            under = mark_of(plain.conn, client, about, number, 0)
            yield replace(plain, kind="note", under=under, text=note_text(policy, what))


def mark_of(conn: str, client: str, what: str, number: int, day: int) -> str:
    """A short word that stands in the PSA beside what we open, the same for the same thing for ever."""
    whole = f"{conn}\n{client}\n{what}\n{number}\n{day}"
    return "px-" + hashlib.sha256(whole.encode()).hexdigest()[:12]
