"""Who is at work in a fleet: one row for each process, written every few seconds while it lives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import cursors
from connector.store.schema import cursors as table

_NOBODYS = ""  # the row belongs to no connection
_PREFIX = "process:"


@dataclass(frozen=True, slots=True)
class Process:
    """A process as it last said. `said` is what it told of itself; `kind` is worker, web or run."""

    name: str
    kind: str
    at: datetime
    said: Mapping[str, Any]


async def put(tx: AsyncConnection, name: str, kind: str, said: Mapping[str, Any], at: datetime) -> None:
    """The process lives."""
    await cursors.put(tx, _NOBODYS, _PREFIX + name, {**said, "kind": kind}, at)


async def every(tx: AsyncConnection) -> list[Process]:
    """All that have said something and not taken their leave, the dead among them."""
    query = select(table.c.name, table.c.value, table.c.at).where(
        table.c.conn == _NOBODYS, table.c.name.startswith(_PREFIX)
    )
    found = [(row.name, json.loads(row.value), row.at) for row in await tx.execute(query)]
    return [Process(name.removeprefix(_PREFIX), said.get("kind", ""), at, said) for name, said, at in found]


async def leave(tx: AsyncConnection, name: str) -> None:
    """The process ends."""
    await tx.execute(delete(table).where(table.c.conn == _NOBODYS, table.c.name == _PREFIX + name))


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """Those not heard of since are gone for good."""
    mine = (table.c.conn == _NOBODYS, table.c.name.startswith(_PREFIX))
    await tx.execute(delete(table).where(*mine, table.c.at < before))
