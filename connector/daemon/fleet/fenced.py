"""A store that only the worker may write to that has the connection's turn.

A worker that was frozen, or cut off from the database, and comes back finds its turn taken: whatever it still
wants to keep is refused, and its turn ends without a trace.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import connections
from connector.store.store import Store


class Superseded(Exception):
    """Another worker has the turn. No error: there is nothing to be done and nothing to be shown."""


class FencedStore(Store):
    """The store of one connection. `fence` is the turn we have; set it when one is taken."""

    def __init__(self, store: Store, conn: str) -> None:
        super().__init__(store._database)
        self._conn = conn
        self.fence = 0

    @asynccontextmanager
    async def begin(self, of: str = "") -> AsyncIterator[AsyncConnection]:
        """Like any store's, always under this connection's lock. Superseded if the turn is another's."""
        async with super().begin(of=self._conn) as tx:
            if await connections.fence(tx, self._conn) != self.fence:
                raise Superseded(f"another worker has the turn of {self._conn}")
            yield tx
