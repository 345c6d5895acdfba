"""Store: the one place where everything is kept that the daemon must not forget, on SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connector.errors import ConfigError, Unavailable
from connector.store import migrate
from connector.store.database import EXPECTED, Database, address
from connector.store.postgres import Postgres
from connector.store.sqlite import SqliteFile


class Store:
    """Made by `Store.open`; close it when done. `name` is how messages call it, without any password."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.name = database.name

    @classmethod
    async def open(cls, url: str) -> Store:
        """Open, and if need be create or migrate, the database at `url`.

        `sqlite:///var/px.db` is relative to the working folder, `sqlite:////var/px.db` absolute, and
        `sqlite://` a private one that goes when the store is closed; `postgresql://HOST/DATABASE` is one
        that many share. Raises ConfigError if it cannot be used or was made by a newer version, Unavailable
        if it does not answer or another process keeps it locked.
        """
        database = _database(url)
        store = cls(database)
        try:
            await store._migrate()
        except BaseException:
            await database.close()
            raise
        return store

    async def close(self) -> None:
        """Close every connection; transactions that are still open are rolled back."""
        await self._database.close()

    @property
    def shared(self) -> bool:
        """Whether other processes may write to it at the same time."""
        return self._database.shared

    @property
    def engine(self) -> AsyncEngine:
        """For whoever counts the statements that are sent."""
        return self._database.writer

    @asynccontextmanager
    async def begin(self, of: str = "") -> AsyncIterator[AsyncConnection]:
        """One write transaction: committed at the end, rolled back on any error or cancellation.

        `of`: the connection whose rows are read and changed in it; two of the same connection never run at
        once. '' is enough for what cannot collide, like putting a delivery.
        Raises Unavailable if the disk is full or failing, the database is gone, or somebody else holds the
        lock. Do not open a second one inside it: on SQLite there is one writer.
        """
        with self._passing_trouble():
            async with self._database.writing(of) as tx:
                yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A snapshot to read from, which may run beside a writer. Writing in it is an error."""
        with self._passing_trouble():
            async with self._database.reader.begin() as tx:
                yield tx

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[AsyncConnection]:
        """To read by questions of which each stands for itself: between two of them the store may change.

        On PostgreSQL a third of a snapshot's price: nothing is begun and ended around them.
        """
        with self._passing_trouble():
            async with self._database.asker.begin() as tx:
                yield tx

    @asynccontextmanager
    async def single(self) -> AsyncIterator[AsyncConnection]:
        """For exactly one statement that writes, of which no other may come in between; a second one would be
        a transaction of its own."""
        with self._passing_trouble():
            async with self._database.single() as tx:
                yield tx

    def alone(self, what: str) -> AbstractAsyncContextManager[bool]:
        """Whether we are now the only process that does `what`, until the end of the block."""
        return self._database.alone(what)

    async def _migrate(self) -> None:
        try:
            async with self._database.reader.begin() as tx:
                current = await tx.run_sync(migrate.is_current)
            if not current:
                async with self._database.writing("migrate") as tx:
                    await tx.run_sync(migrate.prepare, self.name)
        except (DBAPIError, PoolTimeout) as error:
            reason = str(getattr(error, "orig", error)).strip()
            if self._database.trouble(error) == "locked" or (self.shared and self._database.trouble(error)):
                raise Unavailable(f"{self.name}: {reason}") from error
            raise ConfigError(f"cannot be used as a database: {reason}", file=self.name) from error

    @contextmanager
    def _passing_trouble(self) -> Iterator[None]:
        """What the disk or another process does to us, as Unavailable; other errors stay as they are."""
        try:
            yield
        except (DBAPIError, PoolTimeout) as error:
            if self._database.trouble(error):
                raise Unavailable(f"{self.name}: {getattr(error, 'orig', error)}") from error
            raise


def is_there(url: str) -> bool:
    """Whether `Store.open` would find a database there and not make one; a server's is taken to be there."""
    parsed = address(url)
    if parsed is None:
        return False
    if parsed.drivername.startswith("postgresql"):
        return True
    name = parsed.database
    return bool(name) and name != ":memory:" and Path(str(name)).is_file()


def _database(url: str) -> Database:
    parsed = address(url)
    if parsed is not None and parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return Postgres(parsed)
    if parsed is None or parsed.drivername != "sqlite":
        raise ConfigError(EXPECTED)
    return SqliteFile(parsed)
