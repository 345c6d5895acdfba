"""Serves an ASGI app as a guest in somebody's event loop: starts and leaves at once, leaves signals alone.

uvicorn would take the process's signals, look ten times a second whether it should stop, and wait a
tenth of a second at the end whether or not anything is under way. And it would wait for ever for who connects
and says nothing, so that a stranger with some hundred sockets could take all that the process may open.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

TICK_S = 1.0
"""How often the date in the answers' headers is renewed."""

ROUNDS = 3
"""How many rounds of the loop an idle connection needs to be closed."""

HEAD_S = 10.0
"""How long the head of a request may take, counted from the connection or from its first byte."""

MOST = 800
"""Connections at once; whoever comes then is told 503. A process may usually open 1,024 files in all."""


class Punctual(H11Protocol):
    """Hangs up on who does not finish the head of a request in time."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._enough()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Between requests uvicorn counts by itself, until the first byte of the next."""
        if self.conn.their_state is not h11.IDLE:
            self._enough()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_S, self.transport.close)

    def _enough(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Server(uvicorn.Server):
    """`serve(sockets=…)` until `leave()`. What is then under way has the config's time to be answered."""

    def __init__(self, config: uvicorn.Config) -> None:
        config.http, config.limit_concurrency = Punctual, MOST
        super().__init__(config)
        self.is_up = asyncio.Event()
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """Take no more, finish what is under way, and end `serve`."""
        self.should_exit = True
        self._leaving.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._leaving.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for door in sockets or []:
            door.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                await self._wait_tasks_to_complete()
        late = list(self.server_state.tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
