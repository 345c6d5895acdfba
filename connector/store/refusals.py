"""Logins that a PSA refused, one after the other, with the same settings.

Kept so that restarts do not hammer: wrong credentials lock a user. Lose it and they are tried again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector import ticketlog
from connector.store import cursors

_NAME = "refusals"


@dataclass(frozen=True, slots=True)
class Refused:
    """`times` in a row, at `last` for the last time, under settings of this `fingerprint`."""

    fingerprint: str
    times: int
    last: datetime
    why: str


async def get(tx: AsyncConnection, conn: str) -> Refused | None:
    """What was refused last; None where the last login was accepted."""
    kept = await cursors.get(tx, conn, _NAME)
    if not kept:
        return None
    return Refused(kept["fingerprint"], kept["times"], ticketlog.instant(kept["last"]), kept["why"])


async def put(tx: AsyncConnection, conn: str, refused: Refused) -> None:
    value = {
        "fingerprint": refused.fingerprint,
        "times": refused.times,
        "last": ticketlog.iso(refused.last),
        "why": refused.why,
    }
    await cursors.put(tx, conn, _NAME, value, refused.last)


async def forget(tx: AsyncConnection, conn: str, at: datetime) -> None:
    """A login was accepted."""
    await cursors.put(tx, conn, _NAME, {}, at)
