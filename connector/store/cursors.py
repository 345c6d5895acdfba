"""Where each stream's reading stands. Lose one and the stream is read again: time lost, no truth."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import sql
from connector.store.schema import cursors as table


@dataclass(frozen=True, slots=True)
class Kept:
    """A cursor and when it was put."""

    value: dict[str, Any]
    at: datetime


_SOME = select(table.c.name, table.c.value, table.c.at).where(
    table.c.conn == bindparam("conn"), table.c.name.in_(bindparam("names", expanding=True))
)
_ONE = select(table.c.value).where(table.c.conn == bindparam("conn"), table.c.name == bindparam("name"))


async def get(tx: AsyncConnection, conn: str, name: str) -> dict[str, Any] | None:
    """The cursor of this name; None if none was put, or what is there cannot be read."""
    text = await tx.scalar(_ONE, {"conn": conn, "name": name})
    return None if text is None else json.loads(text)


async def some(tx: AsyncConnection, conn: str, names: Collection[str]) -> dict[str, Kept]:
    """Those of these cursors that were put."""
    rows = await tx.execute(_SOME, {"conn": conn, "names": list(names)})
    return {name: Kept(json.loads(value), at) for name, value, at in rows}


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
