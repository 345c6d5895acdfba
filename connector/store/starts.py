"""What the last start of a connection has read of its PSA's set-up, for a start elsewhere soon after.

Lose it and the next start asks the PSA.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import cursors, sql
from connector.store.schema import cursors as table

KEPT = timedelta(hours=1)
"""What is older is asked for anew: somebody may have changed it in the PSA."""
MOST = 4_000_000
"""Characters of JSON; a set-up that is larger is not kept."""
_NAME = "start"


async def get(
    tx: AsyncConnection, conn: str, settings: str, now: datetime
) -> tuple[dict[str, list[Any]], float] | None:
    """The lists and their age in seconds; None if none are kept of these settings, or they are too old."""
    kept = (await cursors.some(tx, conn, [_NAME])).get(_NAME)
    if kept is None or kept.value.get("settings") != settings or not kept.at <= now < kept.at + KEPT:
        return None
    return kept.value["lists"], (now - kept.at).total_seconds()


async def put(
    tx: AsyncConnection, conn: str, settings: str, lists: Mapping[str, list[Any]], at: datetime
) -> None:
    """Keep these lists, and no others; {} if nothing is to be recalled."""
    value = {"settings": settings, "lists": lists}
    if len(sql.dump(value)) > MOST:
        value["lists"] = {}
    await cursors.put(tx, conn, _NAME, value, at)


async def forget(tx: AsyncConnection, conn: str) -> None:
    """The next start asks the PSA: names of people and companies stand in these lists."""
    await tx.execute(delete(table).where(table.c.conn == conn, table.c.name == _NAME))
