"""Record: keep what was read, inside the turn's one transaction.

Keeping the same thing twice changes nothing: what a killed turn has read is simply read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon import brokenoff, ledger, marks
from connector.daemon.connection import Connection
from connector.daemon.forgetting import forgetting
from connector.daemon.observe import Seen
from connector.daemon.recovered import is_told, recovered, told_changes
from connector.model import Event
from connector.psa.port import Batch, Snapshot, Written
from connector.store import cursors, events, inbox, quarantine, strangers, tickets
from connector.store.strangers import Strange
from connector.store.tickets import StoredTicket
from connector.traces import traced

log = structlog.get_logger(__name__)


@traced("record")
async def record(tx: AsyncConnection, c: Connection, seen: Seen, now: datetime) -> set[str]:
    """Keep what was read until `now`; returns the ids of tickets whose facts changed.

    Reading may take minutes where the PSA asks for patience: a change found is dated by when it was seen,
    but a ticket counts as known only as of when its reading began.
    """
    nameless = await forgetting(tx, c.name, seen)
    before = await tickets.load(tx, c.name, seen.snapshots)
    rows: list[StoredTicket] = []
    facts: list[tuple[str, Event]] = []
    strange: list[tuple[str, Strange]] = []
    changed: set[str] = set()
    taken: list[Snapshot] = []
    told = told_changes(seen.batches)
    for ticket_id, snapshot in seen.snapshots.items():
        old = before.get(ticket_id)
        if old is not None and marks.is_older(snapshot, old):
            continue
        facts += [
            (ticket_id, event)
            for event in recovered(old, snapshot, now)
            if not is_told(ticket_id, event, told)
        ]
        if old is None or old.ticket != snapshot.ticket or dict(old.flags) != dict(snapshot.flags):
            changed.add(ticket_id)
        if old is not None:
            of_others = strangers.found(old.flags, snapshot.flags, snapshot.updated_by, now)
            strange += [(ticket_id, one) for one in of_others]
        taken.append(snapshot)
        if snapshot.alone:
            seen.alone[ticket_id] = Written(flags=snapshot.flags, version=snapshot.version)
        rows.append(
            StoredTicket(
                ticket=snapshot.ticket,
                version=snapshot.version,
                updated_by=snapshot.updated_by,
                flags=snapshot.flags,
                observed_at=seen.begun if ticket_id in seen.observed else (old.observed_at if old else None),
                own_version=old.own_version if old else "",
                gone=False,
            )
        )
    await tickets.put(tx, c.name, rows)
    seen.kept = {row.ticket.id: row for row in rows if row.ticket.id not in seen.gone}
    await strangers.put(tx, c.name, await brokenoff.enter(tx, c.name, strange, now))
    rated, unreadable = await ledger.from_fields(tx, c, taken, seen.snapshots.keys() - before.keys(), now)
    facts += nameless.facts(rated) if nameless else rated
    seen.malformed += unreadable
    there = before.keys() | {row.ticket.id for row in rows}
    for batch in seen.batches:
        if batch.events or batch.complete:
            changed |= await _merge(tx, c, batch, there, facts)
            facts = []
    changed |= await events.merge(tx, c.name, facts)
    if seen.gone:
        await tickets.mark_gone(tx, c.name, seen.gone, now)
    await _set_aside(tx, c, seen, now)
    await cursors.put_some(tx, c.name, seen.cursors, now)
    await inbox.done(tx, seen.handled)
    return changed - seen.gone


async def _merge(
    tx: AsyncConnection, c: Connection, batch: Batch, there: set[str], more: Sequence[tuple[str, Event]]
) -> set[str]:
    """The facts of tickets we know (`there`: some of them), and `more`; others are not there."""
    known = there | await tickets.known(tx, c.name, {key for key, _ in batch.events} - there)
    facts = [*more, *((key, event) for key, event in batch.events if key in known)]
    return await events.merge(tx, c.name, facts, complete=batch.complete, replaceable_prefixes=batch.replaces)


async def _set_aside(tx: AsyncConnection, c: Connection, seen: Seen, now: datetime) -> None:
    """Malformed things are shown until the ticket has been understood again, or is gone."""
    if seen.reasons.complaint is not None:
        understood = seen.observed - {item.ticket_id for item in seen.malformed}
        await quarantine.clear(tx, c.name, understood | seen.gone)
    if seen.malformed:
        await quarantine.put(tx, c.name, seen.malformed, now)
        for item in seen.malformed:
            log.warning("quarantined", connection=c.name, ticket=item.ticket_id, reason=item.reason)
