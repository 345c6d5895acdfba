"""Forgetting: what was erased for a person stays so, whatever the PSA tells again.

It happens in the transaction that records, before anything is compared with what is kept: a ticket that is
read again is then no news, and its timeline is the one that was left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import Event
from connector.psa.port import Batch, Malformed, Snapshot
from connector.rules.erasing import ERASED, Eraser
from connector.store import erased, tickets

if TYPE_CHECKING:
    from connector.daemon.observe import Seen


@dataclass(frozen=True, slots=True)
class Forgetting:
    """`whole`: tickets of erased contacts, where every text goes."""

    eraser: Eraser
    whole: frozenset[str]

    def facts(self, facts: Iterable[tuple[str, Event]]) -> list[tuple[str, Event]]:
        return [(id, self.eraser.event(event, whole=id in self.whole)) for id, event in facts]

    def snapshot(self, one: Snapshot) -> Snapshot:
        whole = one.ticket.id in self.whole
        ticket = self.eraser.ticket(one.ticket)
        if whole and ticket.summary:  # theirs, also where the ticket has another contact by now
            ticket = replace(ticket, summary=ERASED)
        return replace(one, ticket=ticket, flags=self.eraser.flags(one.flags, whole=whole))

    def batch(self, batch: Batch) -> Batch:
        return replace(batch, events=tuple(self.facts(batch.events)))

    def malformed(self, item: Malformed) -> Malformed:
        theirs = item.ticket_id in self.whole or self.eraser.told_of(item.body)
        body = ERASED if theirs and item.body else self.eraser.text(item.body)
        return replace(item, body=body, reason=self.eraser.text(item.reason))


async def forgetting(tx: AsyncConnection, conn: str, seen: Seen) -> Forgetting | None:
    """Make nameless what was seen; what later facts need for it, None if nobody's data was erased."""
    if not (seen.snapshots or seen.malformed or any(batch.events for batch in seen.batches)):
        return None
    eraser = await erased.known(tx, conn)
    if eraser is None:
        return None
    told = {ticket_id for batch in seen.batches for ticket_id, _ in batch.events}
    named = {ticket_id for ticket_id, one in seen.snapshots.items() if eraser.knows(one.ticket.contact)}
    ids = {*told, *seen.snapshots, *(item.ticket_id for item in seen.malformed)}
    stored = [row.ticket for row in (await tickets.load(tx, conn, ids)).values()]
    known = {one.id for one in stored if one.summary == ERASED or eraser.knows(one.contact)}
    found = Forgetting(eraser, frozenset(named | known))
    seen.snapshots = {ticket_id: found.snapshot(one) for ticket_id, one in seen.snapshots.items()}
    seen.batches = [found.batch(batch) for batch in seen.batches]
    seen.malformed = [found.malformed(item) for item in seen.malformed]
    return found
