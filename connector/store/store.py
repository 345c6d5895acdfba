"""Store: one database, one writer at a time, readers beside it.

SQLite with a write-ahead log and synchronous=FULL: a commit that returned survives a power cut, so
a webhook may be answered. Writers queue on a lock of the process first and on the file's own lock
(10 s) second; readers see the last commit and never wait.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from connector.errors import ConfigError, Unavailable
from connector.store import migrate

BUSY_SECONDS = 10.0
"""How long a writer waits for another process before it gives up."""

_WRITER = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")
_READER = ("PRAGMA query_only=ON",)
_LOCKED = frozenset((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED))
_PASSING = _LOCKED | {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN}


class Store:
    """Made by `Store.open`; close it when done."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._writer = _engine(file, "BEGIN IMMEDIATE", _WRITER)
        self._reader = _engine(file, "BEGIN", _READER)
        self._writing = asyncio.Lock()
        self._clean_up = AsyncExitStack()

    @classmethod
    async def open(cls, url: str) -> Store:
        """Open, and if need be create or migrate, the database at `url`.

        `sqlite:///var/px.db` is relative to the working folder, `sqlite:////var/px.db` absolute, and
        `sqlite://` a private one that goes when the store is closed. Raises ConfigError if it cannot
        be used or was made by a newer version, Unavailable if another process keeps it locked.
        """
        clean_up = AsyncExitStack()
        try:
            store = cls(_prepared_file(url, clean_up))
            store._clean_up = clean_up
            clean_up.push_async_callback(store._reader.dispose)
            clean_up.push_async_callback(store._writer.dispose)
            await store._migrate()
        except BaseException:
            await clean_up.aclose()
            raise
        return store

    async def close(self) -> None:
        """Close every connection; transactions that are still open are rolled back."""
        await self._clean_up.aclose()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One write transaction: committed at the end, rolled back on any error or cancellation.

        Raises Unavailable if the disk is full or failing, or another process holds the file's lock.
        Do not open a second one inside it: there is one writer.
        """
        async with self._writing:
            with _passing_trouble(self.file):
                async with self._writer.begin() as tx:
                    yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A snapshot to read from, which may run beside a writer. Writing in it is an error."""
        with _passing_trouble(self.file):
            async with self._reader.begin() as tx:
                yield tx

    async def _migrate(self) -> None:
        try:
            async with self._reader.begin() as tx:
                current = await tx.run_sync(migrate.is_current)
            if not current:
                async with self._writer.begin() as tx:
                    await tx.run_sync(migrate.prepare, str(self.file))
        except DBAPIError as error:
            if _code(error) in _LOCKED:
                raise Unavailable(f"{self.file}: {error.orig}") from error
            raise ConfigError(f"cannot be used as a database: {error.orig}", file=self.file) from error


def is_there(url: str) -> bool:
    """Whether `Store.open` would find a database there and not make one."""
    try:
        name = make_url(url).database
    except ArgumentError:
        return False
    return bool(name) and name != ":memory:" and Path(str(name)).is_file()


def _prepared_file(url: str, clean_up: AsyncExitStack) -> Path:
    """The file behind `url`, made with its folders and closed to other users if it is not there yet."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername != "sqlite" or parsed.host or parsed.query:
        raise ConfigError("store: expected an address like sqlite:///var/px.db")
    if parsed.database in (None, "", ":memory:"):
        return (
            Path(clean_up.enter_context(TemporaryDirectory(prefix="px-", ignore_cleanup_errors=True)))
            / "px.db"
        )
    file = Path(parsed.database)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot make the database file: {error}", file=file) from error
    if not (file.is_file() and os.access(file, os.R_OK | os.W_OK)):
        raise ConfigError("is not a file we may read and write", file=file)
    return file


def _engine(file: Path, begin: str, pragmas: tuple[str, ...]) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(file)),
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        hide_parameters=True,  # they are what customers wrote
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        try:
            cursor = connection.cursor()
            for pragma in pragmas:
                cursor.execute(pragma)
            cursor.close()
        except BaseException:  # cancellation too: SQLAlchemy would only drop it, its thread would stay
            connection.close()
            raise

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    @event.listens_for(engine.sync_engine, "invalidate")
    def _let_go(connection: Any, _record: Any, _error: Any) -> None:
        # Cancelled in the middle of a statement. SQLite keeps a closed connection, and its lock on the
        # file, as long as that statement lives; so end the transaction before the connection is closed.
        connection.rollback()

    return engine


@contextmanager
def _passing_trouble(file: Path) -> Iterator[None]:
    """What the disk or another process does to us, as Unavailable; other errors stay as they are."""
    try:
        yield
    except DBAPIError as error:
        if _code(error) in _PASSING:
            raise Unavailable(f"{file}: {error.orig}") from error
        raise


def _code(error: DBAPIError) -> int:
    return getattr(error.orig, "sqlite_errorcode", -1) & 0xFF
