"""Where each stream's reading stands. Lose one and the stream is read again: time lost, no truth."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import sql
from connector.store.schema import cursors as table


async def get(tx: AsyncConnection, conn: str, name: str) -> dict[str, Any] | None:
    """The cursor of this name; None if none was put, or what is there cannot be read."""
    text = await tx.scalar(select(table.c.value).where(table.c.conn == conn, table.c.name == name))
    return None if text is None else json.loads(text)


async def some(tx: AsyncConnection, conn: str, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Those of these cursors that were put."""
    query = select(table.c.name, table.c.value).where(table.c.conn == conn, table.c.name.in_(list(names)))
    return {row.name: json.loads(row.value) for row in await tx.execute(query)}


async def put(tx: AsyncConnection, conn: str, name: str, value: Mapping[str, Any], at: datetime) -> None:
    """Remember the cursor; `value` is anything JSON can hold."""
    await sql.put_rows(tx, table, [{"conn": conn, "name": name, "value": sql.dump(value), "at": at}])


async def put_some(
    tx: AsyncConnection, conn: str, values: Mapping[str, Mapping[str, Any]], at: datetime
) -> None:
    """Remember these, by name."""
    rows = [
        {"conn": conn, "name": name, "value": sql.dump(value), "at": at} for name, value in values.items()
    ]
    await sql.put_rows(tx, table, rows)
