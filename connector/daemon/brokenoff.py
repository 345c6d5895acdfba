"""A write that was broken off after the PSA took it and before we kept that: its record is made up for.

The value is found the next time the ticket is read. If it is the very one that is still owed, then the write
was ours, and the history tells it with the reason it was owed for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import history, outbox
from connector.store.history import Change
from connector.store.strangers import Strange

Found = Sequence[tuple[str, Strange]]
"""Values found in our fields that we had not recorded writing, each with its ticket's id."""


async def enter(tx: AsyncConnection, conn: str, found: Found, now: datetime) -> Found:
    """Keep what we wrote ourselves as changes of the history; returns what remains strange."""
    if not found:
        return found
    owed = await outbox.of(tx, conn, {ticket_id for ticket_id, _ in found})
    strange: list[tuple[str, Strange]] = []
    for ticket_id, one in found:
        debt = owed.get(ticket_id)
        flags = debt.flags.items() if debt else ()
        mine = next((flag for flag, value in flags if flag == one.flag and value == one.new), None)
        if debt is None or mine is None:
            strange.append((ticket_id, one))
            continue
        change = Change(flag=mine, old=one.old, new=one.new, reason=debt.reason, at=now)
        await history.record(tx, conn, ticket_id, [change])
    return strange
