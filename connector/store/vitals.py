"""What tells that a store gets into trouble before it is: the oldest work that waits, and the room left."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import column, func, select, values
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.schema import assessments, inbox
from connector.store.sql import Text


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes the database takes, and bytes free on its disk; None where that is another machine's."""

    taken: int
    free: int | None


async def oldest_waiting(tx: AsyncConnection) -> dict[str, datetime]:
    """When the oldest webhook came in that is not handled yet, by connection; none, and it is left out."""
    query = select(inbox.c.conn, func.min(inbox.c.received_at)).where(inbox.c.waiting)
    return {str(conn): at for conn, at in await tx.execute(query.group_by(inbox.c.conn))}


async def next_due(tx: AsyncConnection, names: Sequence[str]) -> dict[str, datetime]:
    """When the next timer of each of these connections runs out, in one statement; without any, left out."""
    if not names:
        return {}
    asked = values(column("conn", Text), name="asked").data([(name,) for name in names]).cte("asked")
    first = select(func.min(assessments.c.next_at)).where(assessments.c.conn == asked.c.conn)
    rows = await tx.execute(select(asked.c.conn, first.scalar_subquery()))
    return {str(conn): at for conn, at in rows if at is not None}


async def room(tx: AsyncConnection) -> Room:
    """SQLite: the file with its log beside it, and its disk. PostgreSQL: what the server says."""
    if tx.dialect.name == "postgresql":
        taken = (await tx.exec_driver_sql("SELECT pg_database_size(current_database())")).scalar_one()
        return Room(int(taken), None)
    rows = (await tx.exec_driver_sql("PRAGMA database_list")).mappings()
    file = Path(next(row["file"] for row in rows if row["name"] == "main"))
    beside = (file, file.with_name(f"{file.name}-wal"))
    taken = sum(one.stat().st_size for one in beside if one.exists())
    return Room(taken, shutil.disk_usage(file.parent).free)
