"""The house the daemon lives in: it is started, stopped, killed at any await, and begun anew.

All of `Connector.serve` but the listening socket: the supervisor, the look-out for changed files, the
notices, and the web app, which is called in this process.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from connector.app import Connector
from connector.daemon import reload
from connector.daemon.health import ConnectionHealth
from connector.settings import Settings, load_settings
from connector.simulator import Simulator
from connector.simulator.hooks import Delivery
from tests.weather.disk import Disk, remove
from tests.weather.line import Line, call

LOOK_AT_FILES = 30.0
"""Seconds between looks at the client files, instead of two: a look costs as much as a step."""


class House:
    """`lives`: how often the daemon has begun. `line` is the present life's way to the PSA."""

    def __init__(
        self, folder: Path, sim: Simulator, disk: Disk, heard: Callable[[httpx.Response], None]
    ) -> None:
        self.folder, self.sim, self.disk, self._heard = folder, sim, disk, heard
        self.lives = 0
        self.line = Line(sim, heard)
        self.running: Connector | None = None
        self._work: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._settings: Settings | None = None

    def install(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(httpx.AsyncClient, "_init_transport", lambda *_, **__: self.line)
        patch.setattr(reload, "LOOK_EVERY", LOOK_AT_FILES)

    @property
    def connector(self) -> Connector:
        assert self.running is not None
        return self.running

    @property
    def health(self) -> ConnectionHealth:
        return self.connector.health.connections["main"]

    async def start(self) -> None:
        """A new life, out of the file and nothing else."""
        down = self.line.down, self.line.silent
        self.lives += 1
        self.line = Line(self.sim, self._heard)
        self.line.down, self.line.silent = down
        self._settings = self._settings or load_settings(self.folder)
        settings = self._settings.model_copy(update={"store": self.disk.url})
        self.running = await Connector.build(settings, self.folder)
        self._stop = asyncio.Event()
        self._work = asyncio.create_task(self._serve(self.running))

    async def _serve(self, connector: Connector) -> None:
        def changed() -> None:
            for name in connector.supervisor.connections:
                connector.supervisor.wake(name)

        async with asyncio.TaskGroup() as group:
            group.create_task(connector.supervisor.run())
            group.create_task(connector.rules.watch(self._stop, changed))
            group.create_task(connector.notifier.run(self._stop))

    async def stop(self) -> None:
        """As after SIGTERM."""
        if self.running is None or self._work is None:
            return
        self._stop.set()
        self.connector.supervisor.stop()
        self.connector.rules.look_now()
        await self._work
        await self.connector.close()
        self.running = self._work = None

    async def kill(self, leave: Callable[[], Awaitable[None]]) -> None:
        """As after kill -9: the file is what it was at this instant, and nothing of this life is heard again.
        `leave` sends away who is at the door.

        What the dying tasks still do, they do to a copy that nobody will open, and on a line that is cut.
        """
        if self.running is None or self._work is None:
            return
        self.line.cut = True
        old = self.disk.crash()
        await leave()
        self._work.cancel()
        with contextlib.suppress(asyncio.CancelledError, ExceptionGroup):
            await self._work
        await self.connector.close()
        remove(old)
        self.running = self._work = None

    def check(self) -> None:
        """Raise what has ended the daemon, if anything has."""
        if self._work is not None and self._work.done():
            self._work.result()
            raise RuntimeError("the daemon has ended by itself")

    async def carry(self, delivery: Delivery) -> int:
        """Bring a webhook to the door; its status, 0 if nobody is there."""
        if self.running is None:
            return 0
        app = self.running._web.config.app
        await asyncio.sleep(0)
        answer = await call(app, "POST", delivery.url, delivery.headers, delivery.body)
        await asyncio.sleep(0)
        return answer.status
