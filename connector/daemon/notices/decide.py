"""Decide: what this turn found that somebody wants to be told, in the turn's own transaction.

The PSA is not asked and nothing is sent from here. A notice is a row of ours: it is no message on the ticket,
and no clock knows of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.connection import Connection
from connector.daemon.notices.placing import Placing
from connector.model import Assessment, Ticket
from connector.rules.assess import too_early
from connector.rules.contract import Happening
from connector.rules.experience import whole
from connector.rules.lines import why, zone_named
from connector.rules.notices import Begun, ClientEvent, Condition, conditions, speaks
from connector.rules.policy import Policy
from connector.rules.worktime import WorkCalendar
from connector.store import cursors, notices, tickets
from connector.store.notices import Notice

Since = dict[tuple[str, str, str], datetime]
"""By client, event and channel."""

_CURSOR = "notify"
_HAPPENINGS: Mapping[str, ClientEvent] = {
    "review_opened": "review_opened",
    "plan_opened": "plan_opened",
    "plan_failed": "release",
}


async def decide(tx: AsyncConnection, c: Connection, done: Iterable[Assessment], now: datetime) -> None:
    """Begin and end the episodes of these tickets; costs nothing where no client is to be told."""
    rules = {policy.client: policy for policy in c.policies() if policy.notify}
    if not rules:
        return
    since = await _switched_on(tx, c, rules.values(), now)
    mine = {answer.ticket_id: answer for answer in done if answer.client in rules}
    if not mine:
        return
    known = await notices.known(tx, c.name, mine)
    telling = [id for id, answer in mine.items() if id in known or speaks(answer)]
    stored = await tickets.load(tx, c.name, telling)
    placing = Placing(tx, c.channels, now)
    for ticket_id, row in stored.items():
        answer = mine[ticket_id]
        policy, ticket = rules[answer.client], row.ticket
        so = [] if too_early(ticket, policy) else list(conditions(answer, ticket, policy))
        calendar, zone = _calendar(policy, ticket), zone_named(policy.calendar.timezone)
        await placing.look(
            so,
            known.get(ticket_id, ()),
            policy.notify,
            calendar,
            zone,
            partial(_of_ticket, c.name, answer, ticket, now, since),
        )
    await placing.keep()


async def decide_contract(
    tx: AsyncConnection, c: Connection, policy: Policy, happened: Iterable[Happening], now: datetime
) -> None:
    """Tell of reviews and plans that opened and of the right to leave: each once, over at once."""
    placing = Placing(tx, c.channels, now)
    for what in happened:
        event = _HAPPENINGS.get(what.kind)
        for channel, at_once in policy.notify.channels(event) if event else ():
            line = f"PX is {whole(what.figure)} % of {what.figure.n}, promised {policy.px.target:g} %"
            notice = Notice(
                id="",
                conn=c.name,
                client=policy.client,
                subject=f"client {policy.client}",
                event=event or "review_opened",
                key=str(what.number),
                channel=channel,
                at=now,
                over_at=now,
                state="held",
                said={"line": line},
            )
            zone = zone_named(policy.calendar.timezone)
            await placing.add(notice, policy.notify, policy.calendar, zone, at_once=at_once)
    await placing.keep()


def _of_ticket(
    conn: str, answer: Assessment, ticket: Ticket, now: datetime, since: Since, begun: Begun
) -> Notice:
    what = begun.condition
    old = what.since is not None and what.since < since[answer.client, what.event, begun.channel]
    clock = answer.buckets[what.bucket] if what.bucket else None
    said = {
        "line": _line(what, answer),
        "summary": ticket.summary,
        "priority": ticket.priority,
        "owner": ticket.owner,
        "url": ticket.url,
        "bucket": what.bucket or "",
        "due_at": clock.due_at.isoformat() if clock and clock.due_at else "",
    }
    return Notice(
        id="",
        conn=conn,
        client=answer.client,
        subject=ticket.id,
        ticket_id=ticket.id,
        event=what.event,
        key=what.key,
        channel=begun.channel,
        at=now,
        state="suppressed" if old else "held",
        why="so before this channel was told of it" if old else "",
        said=said,
    )


def _line(what: Condition, answer: Assessment) -> str:
    """The reason people read, for the worst promise where it is about the ticket as a whole."""
    zone = zone_named(answer.timezone)
    bucket = what.bucket
    if bucket is None:
        late = [(clock.missed_at, name) for name, clock in answer.buckets.items() if clock.missed_at]
        bucket = min(late)[1] if late else "response"
    clock = answer.buckets[bucket]
    line = why(bucket, clock, answer.timeline, zone)
    return f"{line}; foreseen late: {clock.foreseen_why}" if clock.foreseen_why else line


def _calendar(policy: Policy, ticket: Ticket) -> WorkCalendar:
    target = policy.target(ticket.priority)
    return target.calendar if target else policy.calendar


async def _switched_on(
    tx: AsyncConnection, c: Connection, policies: Iterable[Policy], now: datetime
) -> Since:
    """Since when each client's event has been told on each channel: what was so before is no news."""
    row = await cursors.get(tx, c.name, _CURSOR) or {}
    kept: dict[str, str] = {}
    found: Since = {}
    for policy in policies:
        for event in (*policy.notify.at_once, *policy.notify.digest):
            for channel, _ in policy.notify.channels(event):
                name = "\n".join((policy.client, event, channel))
                kept[name] = row.get(name, now.isoformat())
                found[policy.client, event, channel] = datetime.fromisoformat(kept[name])
    if kept != row:
        await cursors.put(tx, c.name, _CURSOR, kept, now)
    return found
