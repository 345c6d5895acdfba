"""Follow-ups that are late: the manager the client's file names is told on the ticket itself, once each.

An internal note and nothing else: who reads the ticket sees it, the customer does not. Without a manager in
the file, or a desk that takes notes, the flag and the board have to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.connection import Connection
from connector.daemon.errands import desk_of
from connector.history.commission import mark_of
from connector.model import Assessment
from connector.rules.lines import moment, zone_named
from connector.rules.policy import Policy
from connector.store import errands
from connector.store.errands import Errand


async def escalate(tx: AsyncConnection, c: Connection, done: Iterable[Assessment], now: datetime) -> None:
    """Owe the desk a note for every follow-up of these tickets that has become late."""
    if desk_of(c) is None:
        return
    managers = {policy.client: policy for policy in c.policies() if policy.loop.manager}
    wanted = [_note(c, answer, managers[answer.client], now) for answer in done if answer.client in managers]
    await errands.owe(tx, [note for note in wanted if note])


def _note(c: Connection, answer: Assessment, policy: Policy, now: datetime) -> Errand | None:
    clock = answer.buckets.get("followup")
    if clock is None or clock.missed_at is None or clock.done_at is not None or answer.excluded:
        return None
    late_since = moment(clock.missed_at, zone_named(answer.timezone))
    told = f"this customer was unhappy and nobody has answered in time. Late since {late_since}."
    return Errand(
        conn=c.name,
        mark=mark_of(c.name, answer.client, f"late {answer.ticket_id}", int(clock.missed_at.timestamp()), 0),
        kind="note",
        client=answer.client,
        ticket_id=answer.ticket_id,
        text=f"{policy.loop.manager}: {told}",
        since=now,
    )
