"""One job: take the turn of a connection, make it, and hand the connection on.

A turn never waits out trouble. Whatever goes wrong is put into the connection's health with the instant from
which it is tried again, and the job ends: the worker's slot is for others. In the fast lane a turn that takes
long is broken off and goes on in the slow one, where it has all the time it needs; what it committed stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connector.daemon import gate, logins
from connector.daemon.auditor.audit import EVERY, audit_once
from connector.daemon.connection import Connection
from connector.daemon.fleet import memory, report
from connector.daemon.fleet.cast import Cast
from connector.daemon.fleet.engine import Wanted
from connector.daemon.fleet.fenced import FencedStore, Superseded
from connector.daemon.fleet.lessons import Lessons
from connector.daemon.fleet.meter import Meter
from connector.daemon.fleet.permits import FIRST, Permits
from connector.daemon.fleet.report import Report
from connector.daemon.fleet.seal import Seal
from connector.daemon.reload import Rules
from connector.daemon.taking import next_of, next_reason, note, take_turn, wait_s
from connector.errors import AuthFailed, ConfigError, ConnectorError, Throttled, Unavailable
from connector.psa.quota import Budgeted
from connector.store import connections
from connector.store.connections import Lane, Taken
from connector.store.store import Store

log = structlog.get_logger(__name__)

FAST_S = 10.0
"""Seconds after which a turn goes on in the slow lane."""
SLOW_S = 600.0
"""Seconds after which even a slow one is broken off: a back-fill is many turns, so none takes so long."""
QUICK_S = 5.0
"""A turn in the slow lane that was as quick as this is followed by one in the fast lane."""
STOPPED_AGAIN = timedelta(hours=1)
"""A connection that needs a person is looked at again; `logins` sees to it that no user is locked by that."""
AUDIT_PAUSE = timedelta(seconds=6)
"""Between two audits of the whole fleet: an audit costs as much as ten turns."""
FAREWELL_S = 2.0
"""For handing on a turn that was broken off because the worker stops."""

Defer = Callable[[Sequence[Wanted]], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class After:
    """What follows a turn. `due`: None means when there is a reason to."""

    lane: Lane
    due: datetime | None = None


class Turner:
    """Makes the turns of one worker, which is called `me`."""

    def __init__(
        self,
        store: Store,
        cast: Cast,
        rules: Rules,
        seal: Seal,
        me: str,
        now: Callable[[], datetime],
        defer: Defer,
    ) -> None:
        self._store, self._cast, self._rules, self._seal, self._me = store, cast, rules, seal, me
        self._now, self._defer = now, defer
        self._audits = max(EVERY, AUDIT_PAUSE * len(cast.names))
        self._last: dict[str, int] = {}  # the fence of the last turn made here
        self._looked = float("-inf")
        self.turns, self.busy_s, self.under_way = 0, 0.0, 0

    async def turn(self, name: str, lane: str) -> None:
        """One job of the engine. Whatever happens, it returns: what is still due is found again."""
        if name not in self._cast:
            return  # another worker has newer settings than we have, or older ones
        self.under_way += 1
        began = time.perf_counter()
        try:
            taken = await self._take(name, lane)
            if taken is not None:
                await self._make(name, lane, taken)
                self.turns += 1
        except Superseded as lost:
            log.warning("turn lost", connection=name, reason=str(lost))
        except (Unavailable, SQLAlchemyError) as error:
            log.warning("turn not handed on", connection=name, reason=str(error)[:256])
        finally:
            self.under_way -= 1
            self.busy_s += time.perf_counter() - began
            self._cast.leave(name)

    async def _take(self, name: str, lane: str) -> Taken | None:
        """Begin the turn; None where there is nothing to do, or not in this lane."""
        async with self._store.single() as tx:
            taken = await connections.take(tx, name, FIRST, self._now(), any_lane=lane == "slow")
        left = None
        if taken is None:
            async with self._store.glance() as tx:
                left = await connections.look(tx, name)
        if left is not None and left.lane == "slow" and left.due_at <= self._now():
            await self._defer([Wanted(name, "slow", self._me)])
        return taken

    async def _make(self, name: str, lane: str, taken: Taken) -> None:
        meter, began = Meter.start(), time.perf_counter()
        try:
            c, store = self._cast.enter(name)
        except ConfigError as error:
            return await self._unmade(name, taken, error)
        store.fence = taken.fence
        kept: dict[str, Any] = json.loads(taken.memory)
        told = self._restore(c, taken, kept)
        if c.facts is None:
            self._seal.take(c, kept)
        self._budget(c, store, taken, kept)
        await self._same_rules(c, kept)
        lessons = Lessons(c, kept, len(self._cast.names))
        sent = c.psa.quota().requests_total
        try:
            after = await self._play(c, lane, lessons, kept)
        except asyncio.CancelledError:
            after = After("slow" if lane == "slow" else "fast", c.now())
            with contextlib.suppress(Exception):  # we are stopping: whoever comes next will manage without
                async with asyncio.timeout(FAREWELL_S):
                    await self._hand_on(c, taken, after, kept, told)
            raise
        took, requests = time.perf_counter() - began, c.psa.quota().requests_total - sent
        if lane == "slow" and after.lane == "fast" and took > QUICK_S:
            after = After("slow", after.due)
        cost = told.cost.after(took, meter.db_ms, max(0, requests))
        due = await self._hand_on(c, taken, after, kept, Report(cost=cost))
        if due is not None and due <= self._now():
            await self._defer([Wanted(name, "fast" if after.lane == "fast" else "slow", self._me)])

    def _restore(self, c: Connection, taken: Taken, kept: dict[str, Any]) -> Report:
        if "turn" in kept:
            memory.restore(c, kept["turn"])
        else:  # its first turn of all: not all of a fleet are audited at once
            c.next_audit = c.now() + AUDIT_PAUSE * (len(self._cast.names) - 1) * random.random()
        if self._last.get(c.name, -1) + 1 != taken.fence:
            c.figures.clear()  # another worker has looked since, or we have just come
            c.desk = None
            c.broken_off = None  # and may have been killed while it wrote
        if taken.sent:  # somebody vanished in a turn, who may have planned by a clock that is ahead of ours
            c.turned_at = None
        self._last[c.name] = taken.fence
        health = c.health.connections[c.name]
        told = report.restore(health, taken.health)
        health.held = c.held
        return told

    def _budget(self, c: Connection, store: FencedStore, taken: Taken, kept: dict[str, Any]) -> None:
        """Go on within the same limits. Who vanished in a turn is taken to have used up its permits."""
        if not isinstance(c.psa, Budgeted):
            return
        if "budget" in kept:
            c.psa.budget.take_over(kept["budget"], self._now())
        c.psa.budget.assume(taken.sent)

        async def more(number: int) -> None:
            async with self._store.single() as tx:
                if not await connections.permit(tx, c.name, taken.fence, number):
                    raise Superseded(f"another worker has the turn of {c.name}")

        c.psa.budget.permit = Permits(more)

    async def _same_rules(self, c: Connection, kept: dict[str, Any]) -> None:
        """Where others have judged by rules we have not read yet, read the files first."""
        if kept.get("judged_by", "") != c.rules() and time.monotonic() - self._looked >= 1.0:
            self._looked = time.monotonic()
            with contextlib.suppress(OSError):
                await self._rules.reload()
        kept["judged_by"] = c.rules()

    async def _play(self, c: Connection, lane: str, lessons: Lessons, kept: dict[str, Any]) -> After:
        """The turn, whatever comes of it, and what follows."""
        failures = int(kept.get("failures", 0))
        limit = asyncio.timeout(FAST_S if lane == "fast" else SLOW_S)
        try:
            async with limit:
                if c.facts is None:
                    kept["waived"] = await gate.tell_of_waiver(c, kept.get("waived"))
                await lessons.recall()
                outcome = await take_turn(c)
                note(c, outcome)
                audited = c.next_audit
                if not outcome.lagging:
                    await _aside(c, lane, lessons, self._audits)
        except Superseded:
            raise
        except TimeoutError as error:
            if lane == "fast" and limit.expired():
                return After("slow", c.now())
            return self._failed(c, error, kept, failures)
        except (AuthFailed, ConfigError) as error:
            return await self._stopped(c, error)
        except Throttled as error:
            c.health.report(c.name, "degraded", "the PSA asks us to slow down", c.now())
            return After("held", c.now() + timedelta(seconds=error.retry_after))
        except Exception as error:
            return self._failed(c, error, kept, failures)
        kept["failures"] = 0
        if outcome.lagging:
            return After("slow", c.now())
        if lane == "fast" and lessons.due():
            return After("slow", c.now())
        if outcome.reasons is None or lane == "slow" or c.next_audit != audited:
            return After("fast")  # what is done aside may have made something due
        return After("fast", next_of(c, outcome.reasons))

    def _failed(self, c: Connection, error: Exception, kept: dict[str, Any], failures: int) -> After:
        if isinstance(error, ConnectorError):
            detail = str(error)
        elif isinstance(error, TimeoutError):
            detail = f"a turn took longer than {SLOW_S / 60:.0f} minutes and was broken off"
        else:  # a defect of ours: shown, logged with its trace, tried again
            log.exception("turn failed", connection=c.name)
            detail = f"internal error: {type(error).__name__}"
        kept["failures"] = failures + 1
        c.health.report(c.name, "degraded", detail, c.now())
        return After("held", c.now() + timedelta(seconds=wait_s(failures + 1)))

    async def _stopped(self, c: Connection, error: ConnectorError) -> After:
        c.health.report(c.name, "stopped", str(error), c.now())
        if isinstance(error, AuthFailed):
            await logins.refused(c, error)
        return After("held", c.now() + STOPPED_AGAIN)

    async def _unmade(self, name: str, taken: Taken, error: ConfigError) -> None:
        """A connection that cannot even be made, for want of a secret: shown, and nothing else is changed."""
        now = self._now()
        health = report.stopped(taken.health, str(error), now)
        log.error("connection", connection=name, state="stopped", detail=str(error))
        async with self._store.single() as tx:
            await connections.hand_on(
                tx,
                name,
                taken.fence,
                due_at=now + STOPPED_AGAIN,
                lane="held",
                home=taken.home,
                at=now,
                memory=taken.memory,
                health=health,
            )

    async def _hand_on(
        self, c: Connection, taken: Taken, after: After, kept: dict[str, Any], told: Report
    ) -> datetime | None:
        """End the turn; when the next one is due, or None if it was another's by now."""
        kept["turn"] = memory.dump(c)
        self._seal.put(c, kept)
        if isinstance(c.psa, Budgeted):
            c.psa.budget.permit = None
            kept["budget"] = c.psa.budget.handed_on(self._now())
        health = report.dump(c.health.connections[c.name], c.psa.quota(), told.cost)
        due = after.due
        if due is None:
            async with self._store.glance() as tx:
                due = await next_reason(tx, c)
        async with self._store.single() as tx:
            mine = await connections.hand_on(
                tx,
                c.name,
                taken.fence,
                due_at=due,
                lane=after.lane,
                home=self._me,
                at=self._now(),
                memory=json.dumps(kept),
                health=health,
            )
        return due if mine else None


async def _aside(c: Connection, lane: str, lessons: Lessons, audits: timedelta) -> None:
    """What is done beside the turns of a connection that is at work. A defect there ends no turn."""
    if lane == "slow":
        await lessons.learn()
    try:
        await audit_once(c, c.now(), audits)
    except (Superseded, ConnectorError, SQLAlchemyError):
        raise
    except Exception:  # a defect of ours must not end the turn; it is logged with its trace
        log.exception("audit failed", connection=c.name)
