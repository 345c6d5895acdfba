"""Operators: what those who run the connector are told, found by looking at what is so now.

A connection that stopped, writes the PSA refused, things nobody could read and what the auditor found are
all still there when one looks again, so nothing is lost if nobody looked at the moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.health import Health
from connector.daemon.notices.placing import Caps, Placing
from connector.rules.lines import zone_named
from connector.rules.notices import (
    OPERATOR_EVENTS,
    Begun,
    Condition,
    NotifyRule,
    OperatorEvent,
)
from connector.rules.worktime import WorkCalendar
from connector.store import breaches, errands, notices, outbox, quarantine
from connector.store.notices import Notice

ROWS = 200
"""Dead letters and things not understood that are told one by one; beyond it they are on their pages only."""

_ALWAYS = WorkCalendar.always()
_UTC = zone_named("UTC")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong: `subject` tells it from others of its connection."""

    conn: str
    event: OperatorEvent
    subject: str
    line: str
    ticket_id: str = ""


async def look(tx: AsyncConnection, health: Health, rule: NotifyRule, caps: Caps, now: datetime) -> None:
    """Begin and end the operators' episodes."""
    told_of = {event for event in OPERATOR_EVENTS if any(rule.channels(event))}
    found = [one for one in (*_stopped(health), *await _stored(tx)) if one.event in told_of]
    placing = Placing(tx, caps, now)
    for conn in health.connections:
        mine = {one.subject: one for one in found if one.conn == conn}
        starting = health.connections[conn].state in ("starting", "degraded")
        going: dict[str, list[Notice]] = {}
        for known in await notices.going(tx, conn, OPERATOR_EVENTS):
            if known.event == "connection_stopped" and starting:
                continue  # over when it works again, not when it is tried again
            going.setdefault(known.subject, []).append(known)
        going |= await notices.known(tx, conn, mine.keys() - going.keys())
        for subject in dict.fromkeys((*mine, *going)):
            so = [Condition(event=mine[subject].event)] if subject in mine else []
            notice_of = partial(_notice, mine.get(subject), now)
            await placing.look(so, going.get(subject, []), rule, _ALWAYS, _UTC, notice_of)
    await placing.keep()


def _stopped(health: Health) -> Iterator[Trouble]:
    for name, one in health.connections.items():
        if one.state == "stopped":
            line = f"{name} ({one.vendor}) needs a person: {one.detail}"
            yield Trouble(name, "connection_stopped", "connection", line)


async def _stored(tx: AsyncConnection) -> list[Trouble]:
    refused = [
        Trouble(one.connection, "dead_letter", f"flags {one.ticket_id}", one.error, one.ticket_id)
        for one in await outbox.dead(tx, ROWS)
    ]
    unopened = [
        Trouble(one.conn, "dead_letter", f"errand {one.mark}", f"{one.client}: {one.error}", one.ticket_id)
        for one in await errands.listed(tx, state="dead", limit=ROWS)
    ]
    unread = [
        Trouble(one.connection, "quarantined", f"q {one.ticket_id} {one.reason}", one.reason, one.ticket_id)
        for one in await quarantine.listed(tx, ROWS)
    ]
    wrong = [
        Trouble(one.conn, "audit_breach", f"audit {one.invariant} {one.ticket_id}", one.detail, one.ticket_id)
        for one in await breaches.listed(tx, ROWS)
    ]
    return [*refused, *unopened, *unread, *wrong]


def _notice(trouble: Trouble | None, now: datetime, begun: Begun) -> Notice:
    assert trouble is not None, "what begins is so"
    return Notice(
        id="",
        conn=trouble.conn,
        client="",
        subject=trouble.subject,
        event=trouble.event,
        channel=begun.channel,
        at=now,
        state="held",
        said={"line": trouble.line, "summary": f"{trouble.conn} {trouble.ticket_id}".strip()},
    )
