"""What a person does about what is stuck: a refused letter, errand or notice, a ticket nobody could read.

Each deed is done once, however often it is asked for, and kept in the audit within its own transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.psa.port import Hint
from connector.store import audit, errands, inbox, notices, outbox, quarantine
from connector.store.audit import Deed, Doer
from connector.store.store import Store

Refused = Literal["letter", "errand"]
"""A letter is known by its connection and ticket, an errand by its connection and mark."""

_RETRY = {"letter": outbox.retry, "errand": errands.retry}
_DROP = {"letter": outbox.drop, "errand": errands.drop}
_ASKED = "asked for"


async def retry(tx: AsyncConnection, kind: Refused, conn: str, subject: str, by: Doer, at: datetime) -> bool:
    """Have a dead or dropped letter (by its ticket) or errand (by its mark) tried again.

    False, and nothing is done, if it is not dead any more.
    """
    if not await _RETRY[kind](tx, conn, subject):
        return False
    await audit.add(tx, Deed(at=at, by=by, what=f"{kind} tried again", conn=conn, subject=subject))
    return True


async def drop(tx: AsyncConnection, kind: Refused, conn: str, subject: str, by: Doer, at: datetime) -> bool:
    """Give a dead letter or errand up. False, and nothing is done, if it is not dead any more."""
    if not await _DROP[kind](tx, conn, subject):
        return False
    await audit.add(tx, Deed(at=at, by=by, what=f"{kind} dropped", conn=conn, subject=subject))
    return True


async def tell_again(tx: AsyncConnection, sending: str, by: Doer, at: datetime) -> bool:
    """Have a dead notice sent once more. False, and nothing is done, if nothing dead has this id."""
    if not await notices.retry(tx, sending):
        return False
    await audit.add(tx, Deed(at=at, by=by, what="notice tried again", subject=sending))
    return True


async def look_again(tx: AsyncConnection, conn: str, ticket_id: str, by: Doer, at: datetime) -> bool:
    """Have a quarantined ticket read once more, as if a webhook had named it.

    False, and nothing is done, if it is not quarantined or will be read anyway.
    """
    if not await quarantine.holds(tx, conn, ticket_id) or await inbox.waits_for(tx, conn, ticket_id):
        return False
    await inbox.put(tx, conn, [Hint(ticket_id=ticket_id, action=_ASKED)], at)
    await audit.add(tx, Deed(at=at, by=by, what="read again", conn=conn, subject=ticket_id))
    return True


async def deeds(store_url: str, limit: int) -> Sequence[Deed]:
    """The last deeds of a store on disk, the newest first."""
    store = await Store.open(store_url)
    try:
        async with store.read() as tx:
            return await audit.latest(tx, limit)
    finally:
        await store.close()
