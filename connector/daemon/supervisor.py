"""The supervisor: one task per connection, turning when there is a reason to.

A reason is a webhook (`wake`), the poll interval, a timer (`next_at`) or a retry that has become
due. A connection in trouble never disturbs the others: refused credentials stop it until a person
acts, everything else is waited out with growing pauses.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

import structlog

from connector.daemon import logins
from connector.daemon.auditor.task import keep_auditing
from connector.daemon.connection import Connection
from connector.daemon.learn import keep_learning
from connector.daemon.systemd import Pulse
from connector.daemon.taking import next_reason, note, take_turn, wait_s
from connector.errors import AuthFailed, ConfigError, ConnectorError, Throttled

log = structlog.get_logger(__name__)

FAREWELL = 1.0
"""Seconds a turn may still take when we are told to stop; a PSA may be slow, and so is a 429."""


class Supervisor:
    """Runs the connections until told to stop."""

    def __init__(self, connections: Iterable[Connection]) -> None:
        self.connections = {connection.name: connection for connection in connections}
        self._wakes = {name: asyncio.Event() for name in self.connections}
        self._idle = {name: asyncio.Event() for name in self.connections}
        self._stopping = asyncio.Event()
        self._turning: set[str] = set()

    def pulse(self) -> Pulse:
        """Whether the turns under way move; a connection that rests or waits out trouble has none."""

        def done(name: str) -> tuple[int, int, int]:
            c = self.connections[name]
            health = c.health.connections[name]
            return c.psa.quota().requests_total, health.decided, health.turns

        return Pulse(lambda: list(self._turning), done)

    def wake(self, name: str) -> None:
        """There is something to do for this connection; one that was stopped stays so."""
        c = self.connections.get(name)
        if c is not None and c.health.connections[name].state != "stopped":
            self._idle[name].clear()
            self._wakes[name].set()

    def poll_now(self, name: str) -> None:
        """Poll at the next turn, whatever the interval says."""
        self.connections[name].next_poll = None
        self.wake(name)

    async def settled(self) -> None:
        """Until every connection has nothing left to do by itself right now."""
        for event in self._idle.values():
            await event.wait()

    def stop(self) -> None:
        """Let each connection finish its turn if that is soon, then end."""
        self._stopping.set()
        for event in self._wakes.values():
            event.set()

    async def run(self) -> None:
        """Until `stop`; every connection on its own.

        A turn that takes longer than FAREWELL then is broken off: what it committed stays, the rest is
        read again, as after a power cut.
        """
        async with asyncio.TaskGroup() as group:
            tasks = []
            for c in self.connections.values():
                learning = keep_learning(c, self._stopping, self.wake)
                tasks.append(group.create_task(self._keep(c), name=f"connection {c.name}"))
                tasks.append(group.create_task(learning, name=f"learning {c.name}"))
                auditing = keep_auditing(c, self._stopping)
                tasks.append(group.create_task(auditing, name=f"auditing {c.name}"))
            await self._stopping.wait()
            await asyncio.wait(tasks, timeout=FAREWELL)
            for task in tasks:
                task.cancel()

    async def _keep(self, c: Connection) -> None:
        """Turn one connection for ever; its troubles end here."""
        failures = 0
        while not self._stopping.is_set():
            self._turning.add(c.name)
            try:
                outcome = await take_turn(c)
                failures = 0
                note(c, outcome)
                if not outcome.lagging:
                    await self._rest(c, busy=outcome.busy)
            except (AuthFailed, ConfigError) as error:
                await self._stopped(c, error)
                return
            except Throttled as error:
                c.health.report(c.name, "degraded", "the PSA asks us to slow down", c.now())
                await self._pause(c, error.retry_after)
            except ConnectorError as error:
                failures += 1
                c.health.report(c.name, "degraded", str(error), c.now())
                await self._pause(c, wait_s(failures))
            except Exception as error:  # a defect of ours: shown, logged with its trace, tried again
                failures += 1
                log.exception("turn failed", connection=c.name)
                c.health.report(c.name, "degraded", f"internal error: {type(error).__name__}", c.now())
                await self._pause(c, wait_s(failures))

    async def _stopped(self, c: Connection, error: ConnectorError) -> None:
        c.health.report(c.name, "stopped", str(error), c.now())
        if isinstance(error, AuthFailed):
            await logins.refused(c, error)
        self._at_rest(c)
        await self._stopping.wait()

    async def _pause(self, c: Connection, seconds: float) -> None:
        """Wait out trouble; a webhook does not cut it short, stopping does."""
        self._at_rest(c)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _at_rest(self, c: Connection) -> None:
        self._idle[c.name].set()
        self._turning.discard(c.name)

    async def _rest(self, c: Connection, *, busy: bool) -> None:
        """Until the next reason to turn. After a `busy` turn what is due at once is part of the same work."""
        wake = self._wakes[c.name]
        async with c.store.read() as tx:
            seconds = (await next_reason(tx, c) - c.now()).total_seconds()
        if not wake.is_set() and not (busy and seconds <= 0):
            self._at_rest(c)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), seconds)
        wake.clear()
