"""PostgreSQL: many workers and web replicas on one database.

Writers of the same connection take turns by an advisory lock, which ends with their transaction; all others
run side by side. A reader has one snapshot. Nobody holds a transaction open for long: a worker that is frozen
in the middle of one loses it, so that it cannot keep others from its connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.util import find_spec
from typing import Any

from sqlalchemy import URL, Connection, event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from connector.errors import ConfigError
from connector.store.database import Trouble
from connector.store.sql import LOCKS, holding

POOL, MORE = 6, 4
"""Connections a process keeps, and more of them while it is busy; who finds none waits for one.

A fleet has many processes, and a server as it comes takes 100."""

_PASSING = ("08", "53", "57", "58", "40", "25P03")  # the last: idle in a transaction for too long
_LOCKED = "55P03"
_OPTIONS = " ".join(
    f"-c {setting}"
    for setting in (
        "lock_timeout=10s",
        "statement_timeout=120s",
        "idle_in_transaction_session_timeout=30s",
        "timezone=UTC",
    )
)


class Postgres:
    """The database `url` names; what it does not say (user, password, host) libpq takes from its own places.

    Nothing is connected to before the first transaction. ConfigError if the extra is not installed.
    """

    def __init__(self, url: URL) -> None:
        if find_spec("psycopg") is None:
            raise ConfigError("store: PostgreSQL needs: pip install 'px-connector[postgres]'")
        self.shared = True
        self.name = f"postgresql://{url.host or ''}/{url.database or ''}"
        self.writer = create_async_engine(
            url.set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",  # transactions are begun by hand: a driver asks once more for it
            pool_size=POOL,
            max_overflow=MORE,
            connect_args={"connect_timeout": 10, "application_name": "px-connector", "options": _OPTIONS},
            hide_parameters=True,  # they are what customers wrote
        )
        event.listen(self.writer.sync_engine, "checkin", _no_pipeline)
        self.asker = self.writer
        self.reader = self.writer.execution_options()
        event.listen(self.reader.sync_engine, "begin", _snapshot)

    @asynccontextmanager
    async def writing(self, of: str) -> AsyncIterator[AsyncConnection]:
        try:
            async with self.writer.begin() as tx:
                await tx.exec_driver_sql(f"BEGIN; {holding(of)}" if of else "BEGIN")
                yield tx
        except AssertionError as error:
            if isinstance(error.__context__, asyncio.CancelledError):  # psycopg's, see `_no_pipeline`
                raise error.__context__ from None
            raise

    def single(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self.asker.begin()

    @asynccontextmanager
    async def alone(self, what: str) -> AsyncIterator[bool]:
        async with self.writer.connect() as session:
            key = (LOCKS + 1, func.hashtext(what))
            got = bool(await session.scalar(select(func.pg_try_advisory_lock(*key))))
            try:
                yield got
            finally:
                if got:
                    await session.invalidate()  # ends the session, and the lock with it, whatever happened

    def trouble(self, error: Exception) -> Trouble | None:
        if isinstance(error, PoolTimeout):
            return "passing"
        if not isinstance(error, DBAPIError):
            return None
        state = getattr(error.orig, "sqlstate", None)
        if state is None:
            return "passing" if error.connection_invalidated or _never_connected(error) else None
        if state == _LOCKED:
            return "locked"
        return "passing" if state.startswith(_PASSING) else None

    async def close(self) -> None:
        await self.writer.dispose()


def _snapshot(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")


def _no_pipeline(connection: Any, record: ConnectionPoolEntry) -> None:
    """Never keep a connection whose pipeline is still open, which nothing else can be asked on.

    psycopg 3.3 leaves one if it is cancelled while it enters the pipeline of an `executemany`.
    """
    if connection is not None and connection.driver_connection.pgconn.pipeline_status:
        record.invalidate(soft=True)


def _never_connected(error: DBAPIError) -> bool:
    return error.statement is None and type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout")
