"""The connections of this process: made when their first turn comes here, let go when others have them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from connector.daemon.connection import Connection
from connector.daemon.fleet.fenced import FencedStore
from connector.daemon.making import Maker
from connector.store.store import Store

KEPT = timedelta(minutes=15)
"""How long an adapter is kept whose turns another worker makes: starting it again costs a few requests."""


class Cast:
    def __init__(self, maker: Maker, store: Store) -> None:
        self._maker, self._store = maker, store
        self._here: dict[str, tuple[Connection, FencedStore]] = {}
        self._used: dict[str, datetime] = {}
        self._busy: set[str] = set()

    @property
    def names(self) -> Collection[str]:
        """Of the settings' connections."""
        return self._maker.settings.connections.keys()

    def __len__(self) -> int:
        return len(self._here)

    def __contains__(self, name: object) -> bool:
        """Whether the settings name it."""
        return name in self._maker.settings.connections

    def enter(self, name: str) -> tuple[Connection, FencedStore]:
        """The connection for a turn, with the store its turn is written to; `leave` it afterwards.

        KeyError if the settings do not name it, ConfigError if a secret cannot be read.
        """
        if name not in self._here:
            psa = self._maker.psa(name)
            store = FencedStore(self._store, name)
            self._here[name] = self._maker.connection(name, psa, store), store
        self._busy.add(name)
        return self._here[name]

    def leave(self, name: str) -> None:
        """The turn is over, also where none was made."""
        self._busy.discard(name)
        if name in self._here:
            self._used[name] = self._maker.now()

    async def tidy(self) -> int:
        """Close the adapters that have had no turn for a while; how many."""
        before, closed = self._maker.now() - KEPT, 0
        for name in list(self._here):  # while one is closed, another may get a turn
            if name not in self._busy and self._used[name] < before:
                del self._used[name]
                connection, _ = self._here.pop(name)
                await connection.psa.close()
                closed += 1
        return closed

    async def close(self) -> None:
        for connection, _ in self._here.values():
            await connection.psa.close()
        self._here.clear()
