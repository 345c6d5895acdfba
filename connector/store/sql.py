"""The few pieces of SQL every subject shares: column types, JSON as text, upserts, bounded IN lists.

They exist so that text and instants of any sort reach the database in one agreed form, and so that
the subjects can be written once for SQLite and PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import BigInteger, Dialect, Table, TypeDecorator
from sqlalchemy import Text as PlainText
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

Row = dict[str, Any]

IN_LIMIT = 500
"""Values of one IN list; SQLite and PostgreSQL both allow far more, planning time does not."""

LOCKS = 0x7078
"""The space of our advisory locks; the engine of a fleet takes none of it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PLAIN = json.JSONEncoder(separators=(",", ":")).encode
_SORTED = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


def clean(text: str) -> str:
    """Text that any database takes: NUL and lone surrogates become U+FFFD, the rest is kept."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    return text.replace("\0", "\ufffd")


class Text(TypeDecorator[str]):
    """Text that survives whatever a PSA sends, and sorts by its bytes on any database."""

    impl = PlainText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        return PlainText(collation="C" if dialect.name == "postgresql" else None)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean(value)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970 UTC: exact, small, sorted by the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


def dump(value: object) -> str:
    """JSON as ASCII, odd text escaped, so that any database takes it and gives it back unchanged."""
    return _PLAIN(value)


def canonical(value: object) -> str:
    """`dump` in one agreed order of keys, so that equal values are equal text."""
    return _SORTED(value)


def parts(values: Iterable[str], size: int = IN_LIMIT) -> Iterator[list[str]]:
    """The distinct values, a bounded list at a time."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]


def insert(dialect: str, table: Table) -> Any:
    """INSERT of a dialect that knows ON CONFLICT; SQLite and PostgreSQL spell it alike."""
    module = import_module(f"sqlalchemy.dialects.{dialect}")
    return module.insert(table)


@cache
def _replace(dialect: str, table: Table) -> Any:
    statement = insert(dialect, table)
    key = list(table.primary_key.columns)
    values = {column.name: statement.excluded[column.name] for column in table.c if column not in set(key)}
    return statement.on_conflict_do_update(index_elements=key, set_=values)


async def hold(tx: AsyncConnection, what: str) -> None:
    """Until the transaction ends nobody else holds `what`: a connection, or another name of ours.

    On SQLite there is one writer anyway. Hold a connection first, another name after it: no two wait for
    each other.
    """
    if tx.dialect.name == "postgresql":
        await tx.exec_driver_sql(holding(what))


def holding(what: str) -> str:
    """What `hold` asks PostgreSQL: text, so that it can be sent together with something else."""
    quoted = what.replace("'", "''").replace("\\", "\\\\").replace("%", "%%")
    return f"SELECT pg_advisory_xact_lock({LOCKS}, hashtext(E'{quoted}'))"


UNHURRIED = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
"""On PostgreSQL, for a transaction over a whole store: it may take longer than a turn's."""


async def unhurried(tx: AsyncConnection) -> None:
    """Nobody ends this transaction for the time it takes; locks are waited for no longer than ever."""
    if tx.dialect.name == "postgresql":
        await tx.exec_driver_sql(UNHURRIED)


async def put_rows(tx: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Insert or replace whole rows by primary key."""
    if rows:
        await tx.execute(_replace(tx.dialect.name, table), rows)
