"""Which sentences a desk has used before: marks of sentences by author, with their earliest tickets.

No text is kept, and no sentence twice: what is learnt again changes nothing, so a message may be read as
often as one likes. A sentence nobody uses any more is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.rules.authorship.templates import Lines, Sighting, Uses, with_use
from connector.store import sql
from connector.store.schema import template_lines as table

REMEMBERED = timedelta(days=180)
"""How long a sentence is remembered after its last use."""

_FRESH = timedelta(days=1)  # a use this much later than the last one noted is worth a write
_Key = tuple[str, str]  # line, author
_Row = tuple[Uses, datetime]

_OF_LINES = select(table.c.line, table.c.author, table.c.uses, table.c.last_at).where(
    table.c.conn == bindparam("conn"), table.c.line.in_(bindparam("lines", expanding=True))
)
_KEYS = (table.c.conn, table.c.line, table.c.author)
_OLD = (
    select(*_KEYS)
    .where(table.c.conn == bindparam("conn"), table.c.last_at < bindparam("before"))
    .limit(bindparam("limit"))
)


async def learn(tx: AsyncConnection, conn: str, sightings: Sequence[Sighting]) -> Lines:
    """Remember these uses; returns all that is known of their sentences."""
    stored = await _rows(tx, conn, {one.line for one in sightings})
    found = dict(stored)
    for one in sightings:
        key, at = (one.line, sql.clean(one.author)), datetime.fromtimestamp(one.use[0], UTC)
        uses, last = found.get(key, ((), at))
        found[key] = with_use(uses, one.use), max(last, at)
    changed = [key for key, row in found.items() if _worth(stored.get(key), row)]
    rows = [
        {"conn": conn, "line": line, "author": author, "uses": _packed(uses), "last_at": last}
        for line, author in changed
        for uses, last in [found[line, author]]
    ]
    await sql.put_rows(tx, table, rows)
    return _lines(found)


async def known(tx: AsyncConnection, conn: str, lines: Iterable[str]) -> Lines:
    """All that is known of these sentences."""
    return _lines(await _rows(tx, conn, lines))


async def forget(tx: AsyncConnection, conn: str, before: datetime, limit: int) -> int:
    """Forget up to `limit` sentences that were last used before an instant; returns how many."""
    gone = (await tx.execute(_OLD, {"conn": conn, "before": before, "limit": limit})).all()
    for start in range(0, len(gone), sql.IN_LIMIT):
        part = [tuple(row) for row in gone[start : start + sql.IN_LIMIT]]
        await tx.execute(delete(table).where(tuple_(*_KEYS).in_(part)))
    return len(gone)


async def _rows(tx: AsyncConnection, conn: str, lines: Iterable[str]) -> dict[_Key, _Row]:
    found: dict[_Key, _Row] = {}
    for part in sql.parts(lines):
        rows = await tx.execute(_OF_LINES, {"conn": conn, "lines": part})
        found.update({(line, author): (_unpacked(uses), last) for line, author, uses, last in rows})
    return found


def _worth(before: _Row | None, now: _Row) -> bool:
    return before is None or before[0] != now[0] or now[1] - before[1] >= _FRESH


def _lines(found: dict[_Key, _Row]) -> Lines:
    lines: dict[str, dict[str, Uses]] = {}
    for (line, author), (uses, _) in found.items():
        lines.setdefault(line, {})[author] = uses
    return lines


def _packed(uses: Uses) -> str:
    return " ".join(f"{at:x}.{ticket}" for at, ticket in uses)


def _unpacked(text: str) -> Uses:
    return tuple((int(at, 16), ticket) for at, _, ticket in (one.partition(".") for one in text.split()))
