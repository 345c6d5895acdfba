"""What each happening of a contract asks of the desk: its ticket or its note, and the mark it is known by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.history.misses import Misses
from connector.history.review import note_text, plan_text, review_text
from connector.rules.contract import Happening, Plan
from connector.rules.experience import whole
from connector.rules.policy import Policy
from connector.store import cursors, errands, tickets
from connector.store.errands import Errand
from connector.store.ratings import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A happening with what its text is written from: the plan it is about, the answers of its window.

    `missed`: for a review, the promises missed in its window.
    """

    what: Happening
    plan: Plan | None = None
    answers: Sequence[Entry] = ()
    missed: Misses | None = None


async def owe(
    tx: AsyncConnection,
    conn: str,
    policy: Policy,
    told: Sequence[Told],
    now: datetime,
    *,
    opens_tickets: bool,
) -> None:
    """Owe the desk what these ask for, in their order.

    No tickets unless the desk opens some, and no note on a ticket that was never asked for.
    """
    if not told:
        return
    company, born = await tickets.company_of(tx, conn, policy.client), await _born(tx, conn)
    wanted: list[Errand] = []
    for one in told:
        mark = _Marks(conn, policy.client, born)
        plain = Errand(
            conn=conn,
            mark=mark.of(one.what.kind, one.what.number, one.what.day),
            kind="ticket",
            client=policy.client,
            company_id=company,
            text="",
            owner=policy.plan.owner,
            since=min(one.what.at, now),
        )
        wanted += _errands(plain, mark, policy, one)
    known: set[str] = set()
    if opens_tickets:
        known = {errand.mark for errand in wanted if errand.kind == "ticket"}
    unders = {errand.under for errand in wanted if errand.kind == "note"} - known
    known |= await errands.wanted(tx, conn, unders)
    asked = [e for e in wanted if (opens_tickets if e.kind == "ticket" else e.under in known)]
    await errands.owe(tx, _in_order(asked))


def _in_order(wanted: Sequence[Errand]) -> Iterator[Errand]:
    """A microsecond apart, none later than it was, so that they are done in the order they were wanted."""
    for place, errand in enumerate(wanted):
        yield replace(errand, since=errand.since - timedelta(microseconds=len(wanted) - place))


def _errands(plain: Errand, mark: _Marks, policy: Policy, told: Told) -> Iterator[Errand]:
    what, plan, client = told.what, told.plan, policy.client
    match what.kind:
        case "review_opened":
            window = timedelta(days=policy.px.window_days)
            seen = [entry for entry in told.answers if what.at - window < entry.rating.at <= what.at]
            summary = (
                f"Service review: {client}'s PX is {whole(what.figure)} %, promised {policy.px.target:g} %"
            )
            yield replace(plain, summary=summary, text=review_text(policy, what, seen, told.missed))
        case "plan_opened" if plan is not None:
            summary = f"Improvement plan for {client}: {plan.terms.plan.days} days"
            text = plan_text(policy, what, plan)
            yield replace(plain, summary=summary, text=text, due_at=plan.ends_at())
            for place, task in enumerate(plan.terms.plan.tasks, 1):
                yield replace(
                    plain,
                    mark=mark.of(f"task {place}", what.number),
                    summary=f"{client}: {task.title}",
                    text=f"Part of the improvement plan, due on day {task.day}.",
                    owner=task.owner or plain.owner,
                    due_at=what.at + timedelta(days=task.day),
                    under=plain.mark,
                )
        case "reward_due":
            summary = f"Reward: {client}'s PX is {whole(what.figure)} %"
            yield replace(plain, summary=summary, text=note_text(policy, what))
        case _:
            about = "review_opened" if what.kind == "review_closed" else "plan_opened"
            yield replace(plain, kind="note", under=mark.of(about, what.number), text=note_text(policy, what))


def mark_of(conn: str, client: str, what: str, number: int, day: int = 0, born: str = "") -> str:
    """A short word that stands in the PSA beside what we open, the same for the same thing for ever.

    `born`: when this store began. A new store counts reviews from one again, and must not find those that
    an old one opened.
    """
    words = "\n".join((conn, client, born, what, str(number), str(day)))
    return "px-" + hashlib.sha256(words.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class _Marks:
    """The marks of one client."""

    conn: str
    client: str
    born: str

    def of(self, what: str, number: int, day: int = 0) -> str:
        return mark_of(self.conn, self.client, what, number, day, self.born)


async def _born(tx: AsyncConnection, conn: str) -> str:
    return str((await cursors.get(tx, conn, "first_run") or {}).get("at", ""))
