"""One turn of one connection: observe, assess, diff, write. Idempotent and bounded.

Everything the turn decides is committed in one transaction before the PSA is touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon import clockset, improve, ledger, observe
from connector.daemon.assess import assess_tickets
from connector.daemon.companies import keep_companies
from connector.daemon.connection import BATCH, Connection
from connector.daemon.errands import run_errands
from connector.daemon.followups import escalate
from connector.daemon.notices.decide import decide
from connector.daemon.record import record
from connector.daemon.write import write_owed
from connector.store import assessments, inbox, outbox, quarantine, templates
from connector.store.reasons import Reasons, is_past
from connector.store.whole import prune
from connector.traces import traced

DELIVERIES_KEPT = timedelta(days=7)
"""How long a handled delivery is remembered, so that it is recognised when it comes again."""

NAMELESS_KEPT = timedelta(days=7)
"""How long something malformed is shown that does not even say which ticket it belongs to."""

NEXT_BITE = timedelta(seconds=10)
"""What is to leave the store goes a little at a time, so that no turn takes long by it."""

_FORGET = 1000  # sentences forgotten in one go at most


@dataclass(frozen=True, slots=True)
class Outcome:
    observed: int
    assessed: int
    written: int
    lagging: bool  # a stream is not read to its end; turn again at once
    busy: bool  # there was something to do, so there may be more
    reasons: Reasons | None = None  # for the next turn, where this one has changed nothing of them


@traced("turn", lambda c: {"connection": c.name})
async def turn(c: Connection) -> Outcome:
    """Do what is due now. Raises what the adapter raises; what was committed before stays."""
    begun = c.now()
    set_back = clockset.set_back(c, begun)
    seen = await observe.gather(c, begun)
    now = c.now()  # the PSA may have let us wait
    if seen.nothing() and not (set_back or _has_work(c, seen.reasons, now)):
        return await _quiet(c, seen.reasons, now)
    async with c.store.begin(of=c.name) as tx:
        if set_back:
            await clockset.plan_anew(tx, c, now)
        changed = await record(tx, c, seen, now)
        changed |= await ledger.take_in(tx, c, waiting=seen.reasons.rating)
        due: list[str] = []
        if not seen.lagging:
            if set_back or is_past(seen.reasons.timer, now):
                due = await assessments.due(tx, c.name, now, BATCH)
            due += await _under_old_rules(tx, c)
        provisional = changed - seen.whole if seen.lagging else set()
        numbers = changed | set(due)
        done = await assess_tickets(tx, c, numbers, now, seen=seen, provisional=provisional)
        await escalate(tx, c, done, now)
        await decide(tx, c, [answer for answer in done if answer.ticket_id not in provisional], now)
        moved = await improve.refresh(tx, c, now, lagging=seen.lagging or c.more_ratings)
        if c.next_tidy is None or now >= c.next_tidy:
            await inbox.prune(tx, c.name, now - DELIVERIES_KEPT)
            more = await prune.bite(tx, c.name, c.keep, now)
            forgot = await templates.forget(tx, c.name, now - templates.REMEMBERED, _FORGET)
            await quarantine.forget_nameless(tx, c.name, now - NAMELESS_KEPT)
            c.next_tidy = now + (NEXT_BITE if more or forgot == _FORGET else timedelta(days=1))
        writes = c.writes and not moved and (done or set_back or is_past(seen.reasons.write, now))
        owed = await outbox.owed(tx, c.name, now, BATCH) if writes else []
    if changed or done or seen.gone or seen.malformed:
        c.health.connections[c.name].decided += 1
    written = await write_owed(c, owed, now, seen)
    errands = await run_errands(c, now)
    marked = await keep_companies(c, now)
    busy = bool(seen.handled or done or written or moved or errands or marked)
    return Outcome(
        observed=len(seen.snapshots),
        assessed=len(done),
        written=written,
        lagging=seen.lagging,
        busy=busy,
        reasons=None if changed or busy or set_back or seen.malformed else seen.reasons,
    )


def _has_work(c: Connection, why: Reasons, now: datetime) -> bool:
    """Whether there is something to decide although the PSA told nothing new."""
    if why.in_the_store(now) or c.more_ratings or c.rules_seen != c.rules() or c.first_run is None:
        return True
    return improve.is_time(c, now) or c.next_tidy is None or now >= c.next_tidy


async def _quiet(c: Connection, why: Reasons, now: datetime) -> Outcome:
    """The end of a turn that has nothing to keep and nothing to decide, which is most of them."""
    done = await run_errands(c, now) + await keep_companies(c, now)
    return Outcome(
        observed=0,
        assessed=0,
        written=0,
        lagging=False,
        busy=True,  # what is due by now is new
        reasons=None if done else why,
    )


async def _under_old_rules(tx: AsyncConnection, c: Connection) -> list[str]:
    """Open tickets judged by rules no longer in force, and those that had no rules at all.

    Looked for after a start or a change of the rules, a few a turn, until none is left. What is
    closed keeps the verdict of the rules that made it.
    """
    rules = c.rules()
    if c.rules_seen == rules:
        return []
    c.rules_seen = ""  # what is judged by these is looked for, too, when those of before are back
    c.figures.clear()  # whose ratings count for whom may have changed
    if c.strays_under != rules:  # they changed again before it had come to its end
        c.strays_under, c.strays_after = rules, ""
    found: list[str] = []
    for policy in c.policies():
        found += await assessments.other_policy(tx, c.name, policy.client, policy.digest, BATCH)
    for client in await assessments.clients(tx, c.name) - {policy.client for policy in c.policies()}:
        found += await assessments.other_policy(tx, c.name, client, "", BATCH)
    strays = await assessments.unassessed(tx, c.name, BATCH, after=c.strays_after)
    if strays:
        c.strays_after = strays[-1]
    elif not found and c.rules() == rules:  # they may have changed while we looked
        c.rules_seen, c.strays_after = rules, ""
    return found + strays
