"""SQLite: one file, one writer at a time, readers beside it.

A write-ahead log and synchronous=FULL: a commit that returned survives a power cut, so a webhook may be
answered. Writers queue on a lock of the process first and on the file's own lock (10 s) second; readers
see the last commit and never wait.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import URL, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from connector.errors import ConfigError
from connector.store.database import Trouble

BUSY_SECONDS = 10.0
"""How long a writer waits for another process before it gives up."""

_WRITER = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")
_READER = ("PRAGMA query_only=ON",)
_LOCKED = frozenset((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED))
_PASSING = frozenset((sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN))


class SqliteFile:
    """The file `url` names, made with its folders and closed to other users if it is not there yet.

    Without a name it is a private one that goes when `close` is called. ConfigError if it cannot be used.
    """

    def __init__(self, url: URL) -> None:
        self._clean_up = ExitStack()
        self.file = _prepared(url, self._clean_up)
        self.name, self.shared = str(self.file), False
        self.writer = _engine(self.file, "BEGIN IMMEDIATE", _WRITER)
        self.reader = _engine(self.file, "BEGIN", _READER)
        self.asker = self.reader
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def writing(self, of: str) -> AsyncIterator[AsyncConnection]:
        """There is one writer, whatever it writes to."""
        async with self._writing, self.writer.begin() as tx:
            yield tx

    def single(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self.writing("")

    @asynccontextmanager
    async def alone(self, what: str) -> AsyncIterator[bool]:
        """A file is one process's own: nobody else is asked."""
        yield True

    def trouble(self, error: Exception) -> Trouble | None:
        if not isinstance(error, DBAPIError):
            return None
        code = getattr(error.orig, "sqlite_errorcode", -1) & 0xFF
        return "locked" if code in _LOCKED else "passing" if code in _PASSING else None

    async def close(self) -> None:
        await self.writer.dispose()
        await self.reader.dispose()
        self._clean_up.close()


def _prepared(url: URL, clean_up: ExitStack) -> Path:
    if url.drivername != "sqlite" or url.host or url.query:
        raise ConfigError("store: expected an address like sqlite:///var/px.db")
    if url.database in (None, "", ":memory:"):
        folder = clean_up.enter_context(TemporaryDirectory(prefix="px-", ignore_cleanup_errors=True))
        return Path(folder) / "px.db"
    file = Path(str(url.database))
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
