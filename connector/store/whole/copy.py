"""Copy: everything one store knows into an empty one, SQLite or PostgreSQL, in one transaction.

Whoever is killed half-way leaves the target empty. Before it is committed the target is read again, and the
hash of each table must be that of the source.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import ConfigError, Unavailable
from connector.store import sql
from connector.store.store import Store
from connector.store.whole import rows, sqlitefile
from connector.store.whole.revisions import must_be_known, state
from connector.store.whole.rows import Digest, Plain

Told = Callable[[str, int, int], None]
"""Called with a table's name, how many of its rows are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Copied:
    """One table: how many rows, and their hash, the same on both sides."""

    table: str
    rows: int
    hash: str


def quiet(table: str, done: int, of: int) -> None:
    """Tell nobody."""


async def copy(source: Store, target: Store, told: Told = quiet) -> Sequence[Copied]:
    """All rows of all tables. The source is read as it is at one instant.

    ConfigError if the target holds anything or a daemon uses it; Unavailable if what arrived is not what
    was sent.
    """
    every = rows.tables()
    async with target.begin() as writes:
        await sql.unhurried(writes)
        await _is_ours(writes, every)
        async with source.read() as reads:
            await sql.unhurried(reads)
            sent = {one: await _one(reads, writes, one, told) for one in every}
        for one, digest in sent.items():
            arrived = await rows.digest(writes, one)
            if arrived != digest:
                raise Unavailable(
                    f"{one.name}: {digest.rows} rows were sent and {arrived.rows} arrived, or they are not "
                    "the same; nothing is kept of the copy: try again"
                )
    return [Copied(one.name, digest.rows, digest.hex) for one, digest in sent.items()]


async def copy_between(source: str, target: str, told: Told = quiet) -> Sequence[Copied]:
    """`copy` from one address to another; what the source lacks of tables is made first.

    ConfigError also where the source is a newer version's: what this one does not know would stay behind.
    """
    there, file = await state(target), sqlitefile.file_of(target)
    await must_be_known(source)
    if file is not None and there.found and await asyncio.to_thread(sqlitefile.in_use, file):
        raise ConfigError("is in use: stop the daemon first", file=file)
    if there.found and not there.current:
        raise ConfigError(
            f"the target has tables of another version ({there.found}): name an empty database or a new file"
        )
    reads = await Store.open(source)
    try:
        writes = await Store.open(target)
        try:
            return await copy(reads, writes, told)
        finally:
            await writes.close()
    finally:
        await reads.close()


async def _is_ours(writes: AsyncConnection, every: Sequence[Plain]) -> None:
    used = await rows.first_used(writes, every)
    if used:
        raise ConfigError(
            f"the target is not empty, there are rows in {used}: name an empty database or a new file"
        )
    if writes.dialect.name == "postgresql" and await writes.scalar(_OTHERS):
        raise ConfigError("a daemon is connected to the target: stop it first")


_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name LIKE 'px-connector%' AND pid <> pg_backend_pid()"
)


async def _one(reads: AsyncConnection, writes: AsyncConnection, one: Plain, told: Told) -> Digest:
    of, sent = await rows.size(reads, one), Digest()
    told(one.name, 0, of)
    async for page in rows.pages(reads, one):
        sent.add(page)
        await rows.put(writes, one, page)
        told(one.name, sent.rows, of)
    await rows.count_on(writes, one)
    return sent
