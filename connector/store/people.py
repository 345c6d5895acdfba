"""Who works at the desk, as the daemon found them at its last start: their ratings do not count.

Lose it and it is found again at the next start.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import cursors

_NAME = "people"


async def get(tx: AsyncConnection, conn: str) -> frozenset[str]:
    """Casefolded ids and mail addresses; empty before the first start."""
    row = await cursors.get(tx, conn, _NAME) or {}
    return frozenset(row.get("known", ()))


async def put(tx: AsyncConnection, conn: str, known: Collection[str], at: datetime) -> None:
    await cursors.put(tx, conn, _NAME, {"known": sorted(known)}, at)
