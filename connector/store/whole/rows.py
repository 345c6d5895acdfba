"""Rows of any table as plain values: read in pages by key, counted and hashed, and put elsewhere.

Copying must not know what a row means. Text and whole numbers go across as they are, so that a table added
tomorrow is copied too, and nothing is made prettier on the way.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    ColumnElement,
    MetaData,
    Table,
    TableClause,
    column,
    func,
    insert,
    select,
    table,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator, TypeEngine

from connector.store.schema import metadata
from connector.store.schema_running import alembic_version, schema_floor
from connector.store.sql import Instant

PAGE = 1000
"""Rows read and put at a time."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Plain:
    """A table as its columns' plain values. `counter`: its key is a number the database gives."""

    name: str
    clause: TableClause
    columns: tuple[ColumnClause[Any], ...]  # by name: their order in the database does not matter
    key: tuple[ColumnClause[Any], ...]
    counter: bool

    def key_of(self, row: Row) -> Row:
        places = [self.columns.index(one) for one in self.key]
        return tuple(row[place] for place in places)


@dataclass(slots=True)
class Digest:
    """How many rows, and the sum of their hashes: the same for the same rows in whatever order they come."""

    rows: int = 0
    total: int = field(default=0, repr=False)

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.rows += 1
            hashed = blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=16)
            self.total = (self.total + int.from_bytes(hashed.digest(), "big")) % (1 << 128)

    @property
    def hex(self) -> str:
        return f"{self.total:032x}"


def tables(whole: MetaData = metadata) -> list[Plain]:
    """Every table that holds what we know, by name; not what migrations keep for themselves."""
    own = (alembic_version.name, schema_floor.name)
    return [plain(one) for name, one in sorted(whole.tables.items()) if name not in own]


def plain(one: Table) -> Plain:
    columns = {name: column(name, _plain_type(one.c[name].type)) for name in sorted(one.c.keys())}
    clause = table(one.name, *columns.values())
    key = tuple(columns[part.name] for part in one.primary_key.columns)
    counter = [part.name for part in one.primary_key.columns] == ["id"] and isinstance(
        one.c.id.type, BigInteger
    )
    return Plain(one.name, clause, tuple(columns.values()), key, counter)


async def page(
    tx: AsyncConnection,
    one: Plain,
    after: Row | None = None,
    where: ColumnElement[bool] | None = None,
    size: int = PAGE,
) -> list[Row]:
    """The next rows in the order of the key, from beyond `after` on; fewer than `size` are the last."""
    query = select(*one.columns).order_by(*one.key).limit(size)
    if where is not None:
        query = query.where(where)
    if after is not None:
        query = query.where(one.key[0] > after[0] if len(after) == 1 else tuple_(*one.key) > tuple_(*after))
    return [tuple(row) for row in await tx.execute(query)]


async def pages(tx: AsyncConnection, one: Plain, size: int = PAGE) -> AsyncIterator[list[Row]]:
    """All rows in the order of the key, `size` at a time; each page is a query of its own."""
    after: Row | None = None
    while rows := await page(tx, one, after, size=size):
        yield rows
        if len(rows) < size:
            return
        after = one.key_of(rows[-1])


async def put(tx: AsyncConnection, one: Plain, rows: Sequence[Row]) -> None:
    """Add these rows, which must be new: by COPY where the database is PostgreSQL."""
    names = [part.name for part in one.columns]
    if tx.dialect.name != "postgresql":
        await tx.execute(insert(one.clause), [dict(zip(names, row, strict=True)) for row in rows])
        return
    driver = (await tx.get_raw_connection()).driver_connection
    assert driver is not None
    quote = tx.dialect.identifier_preparer.quote
    target = f"COPY {quote(one.name)} ({', '.join(map(quote, names))}) FROM STDIN"
    async with driver.cursor() as cursor, cursor.copy(target) as into:
        for row in rows:
            await into.write_row(row)


async def count_on(tx: AsyncConnection, one: Plain) -> None:
    """The next number the database gives is above all that were put; SQLite sees to it by itself."""
    if one.counter and tx.dialect.name == "postgresql":
        number = one.key[0]
        after = select(func.coalesce(func.max(number), 0) + 1).select_from(one.clause).scalar_subquery()
        quoted = tx.dialect.identifier_preparer.quote(one.name)
        sequence = func.pg_get_serial_sequence(quoted, number.name)
        await tx.execute(select(func.setval(sequence, after, False)))


async def digest(tx: AsyncConnection, one: Plain) -> Digest:
    """Read the table once."""
    found = Digest()
    async for rows in pages(tx, one):
        found.add(rows)
    return found


async def size(tx: AsyncConnection, one: Plain) -> int:
    return await tx.scalar(select(func.count()).select_from(one.clause)) or 0


async def first_used(tx: AsyncConnection, every: Iterable[Plain]) -> str:
    """The name of a table that holds something; '' if none does."""
    for one in every:
        if await tx.scalar(select(one.key[0]).limit(1)) is not None:
            return one.name
    return ""


def _plain_type(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """What stands in the database itself: a number for an instant, text as it is."""
    if isinstance(kind, Instant):
        return BigInteger()
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind
