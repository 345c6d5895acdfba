"""The clients' rules in force, reloaded when their files change; a bad edit never takes good rules away."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Collection
from fnmatch import fnmatchcase
from pathlib import Path

import structlog

from connector.clients import ClientBook, Readings, load_clients
from connector.daemon.health import Health

log = structlog.get_logger(__name__)

LOOK_EVERY = 2.0
"""Seconds between looks at the files; a look costs a few stat calls."""


class Rules:
    """The book of clients in force; `reload` replaces it, file by file."""

    def __init__(
        self, config_dir: Path, connections: Collection[str], health: Health, channels: Collection[str] = ()
    ) -> None:
        self._dir, self._connections, self._health = config_dir, connections, health
        self._channels = channels
        self._look = asyncio.Event()
        self._print = fingerprint(config_dir)
        self._readings = Readings()
        self.book = load_clients(config_dir, self._readings)
        self._show(self.book)

    def _show(self, book: ClientBook) -> None:
        strange = book.unknown_connections(self._connections) + book.unknown_channels(self._channels)
        errors = (*book.errors, *strange)
        self._health.config_errors = tuple(str(error) for error in errors)
        for text in self._health.config_errors:
            log.error("client file", error=text)

    async def reload(self) -> bool:
        """Read the files again if they changed; True when the rules in force are others than before.

        A file with errors keeps the last rules it had; the errors are logged once and shown.
        """
        found = fingerprint(self._dir)
        if found == self._print:
            return False
        fresh = (await asyncio.to_thread(load_clients, self._dir, self._readings)).keeping(self.book)
        changed = fresh.digest != self.book.digest
        self.book, self._print = fresh, found
        self._show(fresh)
        if changed:
            log.info("rules reloaded", clients=len(fresh.policies))
        return changed

    def look_now(self) -> None:
        """Do not wait for the next look."""
        self._look.set()

    async def watch(
        self, stop: asyncio.Event, changed: Callable[[], None], looked: Callable[[], None] = lambda: None
    ) -> None:
        """Until `stop`: call `changed` when the rules in force became others, `looked` after `look_now`."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), LOOK_EVERY)
            asked = self._look.is_set()
            self._look.clear()
            try:
                if await self.reload():
                    changed()
            except OSError as error:
                log.warning("cannot read the client files; the rules in force stay", error=str(error))
            if asked and not stop.is_set():
                looked()


def fingerprint(config_dir: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, times and sizes of every file the rules come from; of thousands, every other second."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        stat = os.stat(config_dir / "defaults.yaml")
        found.append(("", stat.st_mtime_ns, stat.st_size))
    with (
        contextlib.suppress(FileNotFoundError, NotADirectoryError),
        os.scandir(config_dir / "clients") as files,
    ):
        for file in files:
            if fnmatchcase(file.name, "*.y*ml"):
                with contextlib.suppress(FileNotFoundError):
                    stat = file.stat()
                    found.append((file.name, stat.st_mtime_ns, stat.st_size))
    return tuple(sorted(found))
