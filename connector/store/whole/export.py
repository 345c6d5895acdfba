"""Export: everything as files that people and programs read, without this program and without a database.

`tables/NAME.jsonl.gz` has a line for each row; `logs/CLIENT.jsonl.gz` is a ticket log, as `assess` and
`backtest` read it; `manifest.json` says what is there. All of it is of one instant.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, false, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import ConfigError
from connector.store import assessments, events, sql, tickets
from connector.store.schema import assessments as judged
from connector.store.schema import metadata
from connector.store.schema import tickets as ticket_table
from connector.store.schema_running import REVISION
from connector.store.sql import Instant
from connector.store.store import Store
from connector.store.whole import rows
from connector.store.whole.copy import Told, quiet
from connector.store.whole.files import Folder, Written
from connector.store.whole.rows import Plain
from connector.ticketlog import event_to_json, iso, ticket_to_json

NOBODYS = "(no client)"
"""The log of tickets that no client's file matches."""

_JSON = frozenset(("doc", "flags", "payload", "said", "value", "setup", "memory", "health"))
_EVERYBODYS = frozenset(
    ("audit", "connections", "cursors", "erased", "rulings", "sendings", "template_lines")
)
"""Tables that say nothing of one client, or of others as well."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Ids = dict[str, list[str]]
"""Tickets by connection."""


async def export(
    store: Store, path: Path, now: datetime, *, client: str = "", told: Told = quiet
) -> list[Written]:
    """Write everything, or what is of one client, into a new or empty folder that only we can read.

    ConfigError if the folder holds anything or cannot be written, or nothing is known of the client.
    """
    async with store.read() as tx:
        await sql.unhurried(tx)
        theirs = await _tickets_of(tx, client) if client else None
        folder = Folder(path)
        for one in rows.tables():
            parts = [None] if theirs is None else _of_client(one, client, theirs)
            if parts is not None:
                await folder.write(f"tables/{one.name}.jsonl.gz", _rows(tx, one, parts, told))
        logs = await _all_tickets(tx) if theirs is None else {client: theirs}
        for name, ids in logs.items():
            file = folder.free_name("logs/{}.jsonl.gz", name)
            await folder.write(file, _log(tx, name, ids, told))
    folder.finish({"at": iso(now), "tables": REVISION, "client": client or None})
    return folder.written


async def _tickets_of(tx: AsyncConnection, client: str) -> Ids:
    """Tickets judged by the client's rules, or of a company of that name."""
    found = {conn: set(ids) for conn, ids in (await assessments.of_client(tx, client)).items()}
    named = select(ticket_table.c.conn, ticket_table.c.id).where(ticket_table.c.client == client)
    for conn, id in await tx.execute(named):
        found.setdefault(conn, set()).add(id)
    if not found:
        raise ConfigError(f"the store has no ticket of a client {client!r}: name it as its file does")
    return {conn: sorted(ids) for conn, ids in found.items()}


async def _all_tickets(tx: AsyncConnection) -> dict[str, Ids]:
    """Every ticket, by the client whose rules judged it."""
    same = (judged.c.conn == ticket_table.c.conn) & (judged.c.ticket_id == ticket_table.c.id)
    query = select(ticket_table.c.conn, ticket_table.c.id, judged.c.client)
    query = query.select_from(ticket_table.outerjoin(judged, same))
    found: dict[str, Ids] = {}
    for conn, id, client in await tx.execute(query.order_by(ticket_table.c.conn, ticket_table.c.id)):
        found.setdefault(client or NOBODYS, {}).setdefault(conn, []).append(id)
    return found


def _of_client(one: Plain, client: str, ids: Ids) -> Sequence[ColumnElement[bool]] | None:
    """What of a table is this client's, in parts; None for a table that is not any one client's."""
    c = one.clause.c
    if one.name in _EVERYBODYS:
        return None
    ticket = c.id if one.name == "tickets" else c.get("ticket_id")
    own = c.client == client if "client" in c else false()
    parts: list[ColumnElement[bool]] = [own]
    if ticket is not None:
        for conn, some in ids.items():
            parts += [and_(~own, c.conn == conn, ticket.in_(part)) for part in sql.parts(some)]
    return parts


async def _rows(
    tx: AsyncConnection, one: Plain, parts: Sequence[ColumnElement[bool] | None], told: Told
) -> AsyncIterator[dict[str, Any]]:
    """A table's rows with instants in words and JSON as itself."""
    kinds = metadata.tables[one.name].c
    readers = [_reader(column.name, isinstance(kinds[column.name].type, Instant)) for column in one.columns]
    names = [column.name for column in one.columns]
    done = 0
    for part in parts:
        after: rows.Row | None = None
        while page := await rows.page(tx, one, after, part):
            for values in page:
                yield {n: read(value) for n, read, value in zip(names, readers, values, strict=True)}
            done += len(page)
            told(one.name, done, done)
            after = one.key_of(page[-1])


async def _log(tx: AsyncConnection, client: str, ids: Ids, told: Told) -> AsyncIterator[dict[str, Any]]:
    """Tickets with their events, `connection` beside them; those that the PSA no longer has are left out."""
    done, of = 0, sum(map(len, ids.values()))
    for conn, some in ids.items():
        for part in sql.parts(some):
            stored = await tickets.load(tx, conn, part)
            timelines = await events.timelines(tx, conn, stored)
            for id, row in stored.items():
                if not row.gone:
                    facts = [event_to_json(event) for event in timelines[id]]
                    yield {**ticket_to_json(row.ticket), "connection": conn, "events": facts}
            done += len(part)
            told(client[:16], done, of)


def _reader(name: str, instant: bool) -> Callable[[Any], Any]:
    return _moment if instant else _parsed if name in _JSON else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _moment(value: int | None) -> str | None:
    return None if value is None else iso(_EPOCH + timedelta(microseconds=value))


def _parsed(value: str | None) -> Any:
    try:
        return json.loads(value or "null")
    except ValueError:
        return value
