"""Assess: apply each client's rules to the tickets that need it, and owe the PSA the difference."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon import improve, ledger
from connector.daemon.connection import Connection
from connector.daemon.observe import Seen
from connector.daemon.survey import Asking
from connector.history.earlier import former, verdicts
from connector.history.ours import apart, ours
from connector.model import Assessment, FlagName, Timeline
from connector.psa.port import Malformed
from connector.rules.assess import assess
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.templates import Lines, sightings
from connector.rules.lines import why, zone_named
from connector.rules.policy import Policy
from connector.store import (
    assessments,
    cursors,
    events,
    outbox,
    people,
    quarantine,
    rulings,
    templates,
    tickets,
)
from connector.store.tickets import StoredTicket

log = structlog.get_logger(__name__)


async def since_when(tx: AsyncConnection, c: Connection, now: datetime) -> datetime:
    """When this connection was first run. What was closed before is history: shown, never written."""
    if c.first_run is not None:
        return c.first_run
    row = await cursors.get(tx, c.name, "first_run")
    if row is None:
        await cursors.put(tx, c.name, "first_run", {"at": now.isoformat()}, now)
        return now  # not yet for good: it stands when this transaction does
    c.first_run = datetime.fromisoformat(row["at"])
    return c.first_run


async def assess_tickets(
    tx: AsyncConnection,
    c: Connection,
    ids: Iterable[str],
    now: datetime,
    *,
    seen: Seen | None = None,
    provisional: Container[str] = (),
) -> list[Assessment]:
    """Assess these tickets under the rules in force, keep the answers, owe what differs.

    `seen`: what this turn has read and kept, so that it need not be asked for again.
    `provisional`: tickets of which facts may still be missing. Their answers are shown, nothing is
    owed or foreseen yet, and they are due again at once.
    """
    numbers = sorted(set(ids))
    first_run = await since_when(tx, c, now)
    if not numbers:
        return []
    stored = {one: seen.kept[one] for one in numbers if one in seen.kept} if seen else {}
    stored |= await tickets.load(tx, c.name, [one for one in numbers if one not in stored])
    if lost := [ticket_id for ticket_id in numbers if ticket_id not in stored]:
        await _set_aside(tx, c, lost, now)
    timelines = await events.timelines(tx, c.name, numbers)
    judged = {row.ticket.id: (row.ticket, _policy(c, row)) for row in stored.values() if not row.gone}
    await ledger.read_notes(tx, c.name, [(t, policy) for t, policy in judged.values() if policy], timelines)
    if await ledger.enter(tx, c.name, judged.values(), timelines):
        c.next_px = None  # the figure may be another one
    lines = await _sentences(tx, c, timelines)
    ruled = await rulings.in_force(tx, c.name) if seen is None or seen.reasons.ruled else ()
    learnt = Learnt(lines, ruled)
    last = await assessments.load(tx, c.name, numbers)
    stage_of = c.stage_of()
    if c.desk is None:
        c.desk = await people.get(tx, c.name)
    asking = await Asking.begin(tx, c, numbers, now)
    every = [row.ticket for row in stored.values()] if seen is None or seen.reasons.opened else []
    mine = await ours(tx, c.name, every)
    done: list[Assessment] = []
    orphans: list[str] = []
    strange: list[Malformed] = []
    owed: list[tuple[str, Mapping[FlagName, str], str]] = []
    for ticket_id, row in stored.items():
        _, policy = judged.get(ticket_id, (row.ticket, None))
        if policy is None:
            orphans.append(ticket_id)
            continue
        if ticket_id in mine:
            done.append(apart(row.ticket, policy, now))
            continue
        figure = await improve.figure(tx, c, policy, now)
        timeline = timelines.get(ticket_id, ())
        try:
            answer = assess(
                row.ticket,
                timeline,
                policy,
                now,
                px=figure,
                learnt=learnt,
                model=None if ticket_id in provisional else c.model,
                former=former(c.clients(), c.name, timeline),
                before=verdicts(last.get(ticket_id), policy),
                stage_of=stage_of,
                desk=c.desk,
            )
        except (ValueError, OverflowError) as error:
            strange.append(Malformed(ticket_id=ticket_id, reason=f"cannot be assessed: {error}", body=""))
            continue
        past, unsure = history_only(row, first_run), ticket_id in provisional
        answer = await asking.about(row.ticket, policy, answer, ask=not (past or unsure))
        if unsure and not past:
            answer = replace(answer, next_at=now)
        elif not past:
            wanted = difference(c.psa.shown(answer.flags), row.flags)
            owed += [(ticket_id, wanted, reason(answer))] if wanted else []
        done.append(answer)
    await assessments.save(tx, c.name, done)
    await assessments.drop(tx, c.name, [*orphans, *(item.ticket_id for item in strange)])
    await quarantine.put(tx, c.name, strange, now)
    await outbox.settle_all(tx, c.name, stored.keys() - {ticket_id for ticket_id, _, _ in owed})
    await outbox.owe_all(tx, c.name, owed, now)
    return done


async def _set_aside(tx: AsyncConnection, c: Connection, lost: Sequence[str], now: datetime) -> None:
    """Nothing is due for ever of what cannot be read; it is shown, and the sweep reads it anew."""
    await assessments.drop(tx, c.name, lost)
    there = sorted(await tickets.known(tx, c.name, lost))
    complaint = "what is stored of it cannot be read"
    await quarantine.put(
        tx, c.name, [Malformed(ticket_id=one, reason=complaint, body="") for one in there], now
    )


async def _sentences(tx: AsyncConnection, c: Connection, timelines: Mapping[str, Timeline]) -> Lines:
    """Remember the sentences of these tickets; what was known of them."""
    said = [one for ticket_id, timeline in timelines.items() for one in sightings(ticket_id, timeline)]
    return await templates.learn(tx, c.name, said)


def _policy(c: Connection, row: StoredTicket) -> Policy | None:
    policy = c.clients().for_ticket(c.name, row.ticket.client, row.ticket.client_id)
    company = row.ticket.client or row.ticket.client_id
    if policy is None and company and company not in c.unmatched:
        c.unmatched.add(company)
        log.warning("no client file matches this company; its tickets are not judged", company=company)
    return policy


def difference(desired: Mapping[FlagName, str], observed: Mapping[FlagName, str]) -> dict[FlagName, str]:
    """The flags to write so that the PSA shows what is desired."""
    return {flag: value for flag, value in desired.items() if observed.get(flag, "") != value}


def history_only(row: StoredTicket, first_run: datetime) -> bool:
    """Closed before we were first run: shown and counted, never written to."""
    ended = row.ticket.closed_at or row.ticket.resolved_at
    return row.ticket.closed and (ended is None or ended < first_run)


def reason(answer: Assessment) -> str:
    """Why the flags are what they are, in one line for the history."""
    zone = zone_named(answer.timezone)
    worst = [f"{name}: {why(name, clock, answer.timeline, zone)}" for name, clock in answer.buckets.items()]
    worst += [
        f"{name} foreseen late: {clock.foreseen_why}"
        for name, clock in answer.buckets.items()
        if clock.foreseen_at and not clock.done_at
    ]
    return answer.excluded or "; ".join(worst)[:500]
