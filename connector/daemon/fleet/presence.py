"""Who is at work: each process of a fleet says so every few seconds, in the store.

`run` is alone, or not at all: beside workers each connection would be turned twice. Who finds the other there
does not start, and says what to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connector.errors import ConfigError, Unavailable
from connector.store import workers
from connector.store.store import Store
from connector.store.workers import Process

log = structlog.get_logger(__name__)

SAY_EVERY = 3.0
ALIVE = timedelta(seconds=12)
"""Silent for longer than this is dead."""
FORGOTTEN = timedelta(hours=1)

Kind = Literal["worker", "web", "run"]


def own_name() -> str:
    """A name no other process has; short, for it ends up in names of channels."""
    host = "".join(char for char in socket.gethostname() if char.isalnum() or char == "-")[:16]
    return f"{host}-{os.getpid()}-{secrets.token_hex(2)}"


class Presence:
    """Of this process. `said()` is what others may want to know of it."""

    def __init__(
        self,
        store: Store,
        kind: Kind,
        now: Callable[[], datetime],
        said: Callable[[], Mapping[str, Any]] = dict,
        name: str = "",
    ) -> None:
        self._store, self.kind, self._now, self._said = store, kind, now, said
        self.name = name or own_name()
        self.others: list[Process] = []

    @property
    def workers(self) -> list[str]:
        """Names of the workers that were alive when we last looked."""
        return [one.name for one in self.others if one.kind == "worker"]

    async def enter(self) -> None:
        """Say that we are there. ConfigError where that cannot be, beside those that are."""
        await self.say()
        strangers = [one for one in self.others if (one.kind == "run") != (self.kind == "run")]
        if strangers:
            await self.leave()
            raise ConfigError(_refusal(self.kind, strangers[0]))

    async def say(self) -> None:
        """We are there; who else is?"""
        now = self._now()
        async with self._store.begin() as tx:
            await workers.put(tx, self.name, self.kind, self._said(), now)
            await workers.forget(tx, now - FORGOTTEN)
            every = await workers.every(tx)
        self.others = [one for one in every if one.name != self.name and now - one.at < ALIVE]

    async def keep(self) -> None:
        """Until cancelled. Without a store the others think us dead, which hurts nobody."""
        while True:
            await asyncio.sleep(SAY_EVERY)
            try:
                await self.say()
            except (Unavailable, SQLAlchemyError) as error:
                log.warning("presence not said", reason=str(error)[:256])

    @asynccontextmanager
    async def said_for_good(self) -> AsyncIterator[None]:
        """As long as the block lasts we are there. ConfigError where that cannot be."""
        await self.enter()
        saying = asyncio.create_task(self.keep())
        try:
            yield
        finally:
            saying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await saying
            await self.leave()

    async def leave(self) -> None:
        """We are gone."""
        with contextlib.suppress(Unavailable, SQLAlchemyError):
            async with self._store.begin() as tx:
                await workers.leave(tx, self.name)


def _refusal(kind: Kind, other: Process) -> str:
    if other.kind == "run":
        return (
            f"`px-connector run` ({other.name}) works on this database: stop it first. One process (`run`) "
            "or a fleet (`worker` and `web`), never both"
        )
    return (
        f"a fleet works on this database ({other.kind} {other.name}): stop all its `worker` and `web` "
        f"processes first, then start `{kind}`; one that was killed counts as there for "
        f"{ALIVE.total_seconds():.0f} s"
    )
