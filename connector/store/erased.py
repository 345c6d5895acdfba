"""Whose data is not kept, by connection: keyed marks of ids, names and addresses, never those themselves.

The key is random and stands beside the marks: they say nothing to who reads the table, but whoever has it can
try an id. It must be so, for the PSA tells the same ids again and they must be known again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.rules.erasing import Eraser, words_of
from connector.store import sql
from connector.store.schema_running import erased as table

_KEY, _ID, _WORDS = "key", "id", "words"
_LEFT = "left"  # of no connection: in the file there may be bytes of what is erased

_KNOWN = select(table.c.kind, table.c.mark, table.c.words).where(table.c.conn == bindparam("conn"))


async def known(tx: AsyncConnection, conn: str) -> Eraser | None:
    """What makes this connection's facts nameless; None if nobody's data was erased."""
    rows = (await tx.execute(_KNOWN, {"conn": conn})).all()
    key = next((mark for kind, mark, _ in rows if kind == _KEY), None)
    if key is None:
        return None
    lengths = sorted({words for kind, _, words in rows if kind == _WORDS}, reverse=True)
    marks = frozenset(mark for kind, mark, _ in rows if kind != _KEY)
    return Eraser(bytes.fromhex(key), marks, tuple(lengths))


async def with_marks(
    tx: AsyncConnection, conn: str, ids: Iterable[str], names: Iterable[str]
) -> tuple[Eraser, list[sql.Row]]:
    """What will make these nameless, and the rows to `keep` so that it goes on doing so."""
    before = await known(tx, conn)
    base = before or Eraser(secrets.token_bytes(32), frozenset())
    found = {base.mark_of_id(id): (_ID, 0) for id in ids}
    for name in names:
        said = words_of(name)
        for words in (said, said[-1:] + said[:-1]):  # "Smith, Ann"
            found[base.mark_of_words(words)] = (_WORDS, len(words))
    found[base.key.hex()] = (_KEY, 0)
    lengths = {number for kind, number in found.values() if kind == _WORDS}
    marks = {mark for mark, (kind, _) in found.items() if kind != _KEY}
    whole = Eraser(base.key, base.marks | marks, tuple(sorted({*base.lengths, *lengths}, reverse=True)))
    rows = [
        {"conn": conn, "kind": kind, "mark": mark, "words": number} for mark, (kind, number) in found.items()
    ]
    return whole, rows


async def keep(tx: AsyncConnection, rows: Iterable[sql.Row], at: datetime) -> None:
    await sql.put_rows(tx, table, [{**row, "at": at} for row in rows])


async def leave(tx: AsyncConnection, at: datetime) -> None:
    """Remember that an erasing begun then leaves bytes in the file, until they are `rubbed_out`."""
    await sql.put_rows(tx, table, [{"conn": "", "kind": _LEFT, "mark": "", "words": 0, "at": at}])


async def left(tx: AsyncConnection) -> datetime | None:
    """When the last erasing began that has left bytes in the file; None: there are none of anybody erased."""
    return await tx.scalar(select(table.c.at).where(table.c.conn == "", table.c.kind == _LEFT))


async def rubbed_out(tx: AsyncConnection, since: datetime) -> None:
    """What erasings begun until then have left is gone from the file."""
    await tx.execute(delete(table).where(table.c.conn == "", table.c.kind == _LEFT, table.c.at <= since))
