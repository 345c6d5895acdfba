"""The supervisor: one task per connection, turning when there is a reason to.

A reason is a webhook (`wake`), the poll interval, a timer (`next_at`) or a retry that has become
due. A connection in trouble never disturbs the others: refused credentials stop it until a person
acts, everything else is waited out with growing pauses.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterable
from datetime import timedelta

import structlog

from connector.daemon import gate, logins
from connector.daemon.connection import Connection
from connector.daemon.errands import desk_of
from connector.daemon.learn import keep_learning
from connector.daemon.start import start, tell_of_idle_clients
from connector.daemon.systemd import Pulse
from connector.daemon.turn import Outcome, turn
from connector.errors import AuthFailed, ConfigError, ConnectorError, Throttled
from connector.store import assessments, errands, inbox, outbox

log = structlog.get_logger(__name__)

HOOK_CHECK = timedelta(days=1)
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
                if c.facts is None or c.started_under != c.clients().digest:
                    await logins.permitted(c)
                    await start(c)
                    await logins.accepted(c)
                elif c.held:
                    await gate.look(c)
                await self._check_hook(c)  # first: what happens during a back-fill is heard of, too
                outcome = await turn(c)
                if not outcome.lagging:
                    await tell_of_idle_clients(c)
                    await gate.tell_of_watching(c)
            except (AuthFailed, ConfigError) as error:
                await self._stopped(c, error)
                return
            except Throttled as error:
                c.health.report(c.name, "degraded", "the PSA asks us to slow down", c.now())
                await self._pause(c, error.retry_after)
            except ConnectorError as error:
                failures += 1
                c.health.report(c.name, "degraded", str(error), c.now())
                await self._pause(c, _wait(failures))
            except Exception as error:  # a defect of ours: shown, logged with its trace, tried again
                failures += 1
                log.exception("turn failed", connection=c.name)
                c.health.report(c.name, "degraded", f"internal error: {type(error).__name__}", c.now())
                await self._pause(c, _wait(failures))
            else:
                failures = 0
                note(c, outcome)
                if not outcome.lagging:
                    await self._rest(c, busy=outcome.busy)

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
        seconds = await seconds_to_rest(c)
        if not wake.is_set() and not (busy and seconds == 0):
            self._at_rest(c)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), seconds)
        wake.clear()

    async def _check_hook(self, c: Connection) -> None:
        """Once a day: is our webhook still alive? PSAs switch them off silently."""
        now = c.now()
        if not c.hook_url or (c.next_hook_check is not None and now < c.next_hook_check):
            return
        c.next_hook_check = now + HOOK_CHECK
        try:
            found = await c.psa.ensure_webhook(c.hook_url)
        except ConnectorError as error:
            found = f"not working: {error}"
            c.next_hook_check = now + HOOK_CHECK / 24
        health = c.health.connections[c.name]
        if health.webhook != found:
            log.info("webhook", connection=c.name, found=found)
        health.webhook = found


async def seconds_to_rest(c: Connection) -> float:
    """Seconds until the poll, the next timer or the next retry; never negative, at most the interval.

    Nothing at all while webhooks or ratings wait, or open tickets have not been judged by the rules in force.
    """
    now = c.now()
    async with c.store.read() as tx:
        if c.more_ratings or c.rules_seen != c.clients().digest or await inbox.take(tx, c.name, 1):
            return 0.0
        times = [await assessments.next_due(tx, c.name), c.next_poll]
        if c.writes:
            times.append(await outbox.next_retry(tx, c.name))
        if desk_of(c):
            times.append(await errands.next_retry(tx, c.name))
    nearest = min((t for t in times if t is not None), default=now + c.poll_every)
    return max(0.0, min((nearest - now).total_seconds(), c.poll_every.total_seconds()))


def note(c: Connection, outcome: Outcome) -> None:
    """Add a turn to the connection's health."""
    health, now = c.health.connections[c.name], c.now()
    health.turns += 1
    health.last_turn = now
    health.observed += outcome.observed
    health.assessed += outcome.assessed
    health.written += outcome.written
    health.backfilling = outcome.lagging
    health.watches = not c.writes
    if not outcome.lagging:
        health.last_poll = now
    c.health.report(c.name, "ok", "", now)


def _wait(failures: int) -> float:
    """Seconds after this many failures in a row: 1, 2, 4 … 60, and up to one more by chance, so that
    connections that fell together do not come back together."""
    return float(min(2 ** min(failures - 1, 6), 60)) + random.random()
