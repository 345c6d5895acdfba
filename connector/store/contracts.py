"""Each client's contract as it stands, and everything that ever happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.rules.contract import Contract, Happening
from connector.store import sql
from connector.store.schema import contracts as table
from connector.store.schema import happenings

_CONTRACT = TypeAdapter(Contract)
_HAPPENING = TypeAdapter(Happening)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that happened to a client's contract, and when it was found out."""

    id: int
    conn: str
    client: str
    told_at: datetime
    happening: Happening


async def load(tx: AsyncConnection, conn: str, client: str) -> Contract | None:
    """The contract as it was kept last; None for a client never looked at."""
    query = select(table.c.doc).where(table.c.conn == conn, table.c.client == sql.clean(client))
    text = await tx.scalar(query)
    return None if text is None else _CONTRACT.validate_json(text)


async def of(tx: AsyncConnection, conn: str) -> dict[str, Contract]:
    """A connection's contracts by client."""
    rows = await tx.execute(select(table.c.client, table.c.doc).where(table.c.conn == conn))
    return {row.client: _CONTRACT.validate_json(row.doc) for row in rows}


async def every(tx: AsyncConnection) -> dict[tuple[str, str], Contract]:
    """All contracts by (connection, client)."""
    rows = await tx.execute(select(table).order_by(table.c.conn, table.c.client))
    return {(row.conn, row.client): _CONTRACT.validate_json(row.doc) for row in rows}


async def save(tx: AsyncConnection, conn: str, client: str, contract: Contract) -> None:
    """Insert or replace it."""
    doc = _CONTRACT.dump_json(contract).decode()
    await sql.put_rows(
        tx, table, [{"conn": conn, "client": sql.clean(client), "at": contract.looked_at, "doc": doc}]
    )


async def tell(tx: AsyncConnection, conn: str, client: str, what: Happening, now: datetime) -> None:
    """Keep it for good."""
    row = {
        "conn": conn,
        "client": sql.clean(client),
        "kind": what.kind,
        "number": what.number,
        "at": what.at,
        "told_at": now,
        "doc": _HAPPENING.dump_json(what).decode(),
    }
    await tx.execute(insert(happenings), row)


async def told(
    tx: AsyncConnection,
    *,
    client: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Told]:
    """What happened in (since, until], oldest first; what is empty does not restrict."""
    query = select(happenings)
    if client:
        query = query.where(happenings.c.client == sql.clean(client))
    if since is not None:
        query = query.where(happenings.c.at > since)
    if until is not None:
        query = query.where(happenings.c.at <= until)
    return [_told(row) for row in await tx.execute(query.order_by(happenings.c.at, happenings.c.id))]


def _told(row: Row[Any]) -> Told:
    return Told(
        id=row.id,
        conn=row.conn,
        client=row.client,
        told_at=row.told_at,
        happening=_HAPPENING.validate_json(row.doc),
    )
