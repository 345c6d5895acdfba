"""Sends webhooks for what happens in the world: really over HTTP, a bounded number at once.

The dialect says how a delivery looks and, in its `Habits`, how often it is repeated and when a hook
that keeps failing is switched off; here is how it travels. There is no order and no replay, and faults
drop, double or delay what is sent.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

from connector.simulator.faults import Faults
from connector.simulator.records import Change, Hook
from connector.simulator.world import World

_AT_ONCE = 8
_LATE = 0.2
_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook call, ready to send."""

    hook: Hook
    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Habits:
    """How patiently a vendor delivers. Seconds of the event loop's time for a call and between its repeats.

    `repeats` says which statuses are tried again (0: nobody answered in time). A hook is switched off
    when it has failed for `off_after` of the world's time, or `off_at` times one after the other; the
    dialect hears of each lost call, and whether it was that one which switched the hook off.
    """

    time_limit: float
    repeat_after: Sequence[float]
    repeats: Callable[[int], bool]
    off_after: timedelta | None = None
    off_at: int = 0
    in_order: bool = False  # a call waits for the ones before it of the same hook
    given_up: Callable[[Delivery, bool], Sequence[Delivery]] = lambda _lost, _off: ()  # calls that follow


async def send(delivery: Delivery, time_limit: float) -> int:
    """POST it; the status, or 0 when nobody answered in time."""
    parts = urlsplit(delivery.url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    try:
        async with asyncio.timeout(time_limit):
            reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure or None)
            try:
                writer.write(_request(delivery, parts))
                words = (await reader.readline()).split()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return 0
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0


def _request(delivery: Delivery, parts: SplitResult) -> bytes:
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    headers = {
        "Host": parts.netloc,
        "Content-Length": str(len(delivery.body)),
        "Connection": "close",
        **delivery.headers,
    }
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + delivery.body


class Postman:
    """Listens to the world and delivers. `make` turns a change into deliveries, in the dialect's words."""

    def __init__(
        self, world: World, faults: Faults, make: Callable[[Change], Sequence[Delivery]], habits: Habits
    ) -> None:
        self.world, self.faults, self.make, self.habits = world, faults, make, habits
        self.pauses: Sequence[float] = habits.repeat_after
        self.accepted: deque[Delivery] = deque(maxlen=_REMEMBERED)  # answered 2xx, the latest
        self._dice = random.Random(world.seed)
        self._tasks: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._queues: dict[int, asyncio.Lock] = {}
        self._loop = asyncio.get_running_loop()

    def open(self) -> None:
        self.world.listeners.append(self.heard)

    async def close(self) -> None:
        self.world.listeners.remove(self.heard)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Until nothing is waiting or under way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def heard(self, change: Change) -> None:
        for delivery in self.make(change):
            for _ in range(self._copies()):
                self._start(delivery)

    def _start(self, delivery: Delivery) -> None:
        task = self._loop.create_task(self._in_turn(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _copies(self) -> int:
        if self._dice.random() < self.faults.drop_callbacks:
            self.world.deliveries["dropped"] += 1
            return 0
        if self._dice.random() < self.faults.duplicate_callbacks:
            self.world.deliveries["duplicated"] += 1
            return 2
        return 1

    async def _in_turn(self, delivery: Delivery) -> None:
        if not self.habits.in_order:
            return await self._deliver(delivery)
        async with self._queues.setdefault(delivery.hook.id, asyncio.Lock()):
            await self._deliver(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        if self._dice.random() < self.faults.reorder_callbacks:
            await asyncio.sleep(self._dice.random() * _LATE)
        status = 0
        for pause in (0.0, *self.pauses):
            if pause:
                await asyncio.sleep(pause)
            async with self._gate:
                status = await send(delivery, self.habits.time_limit)
            if not self.habits.repeats(status):
                break
        delivery.hook.last_status = status
        if 200 <= status < 300:
            self.accepted.append(delivery)
        self._remember(delivery, 200 <= status < 300)

    def _remember(self, delivery: Delivery, delivered: bool) -> None:
        hook, now = delivery.hook, self.world.now()
        if delivered:
            self.world.deliveries["sent"] += 1
            hook.failing_since, hook.failures = None, 0
            return
        self.world.deliveries["failed"] += 1
        hook.failing_since, hook.failures = hook.failing_since or now, hook.failures + 1
        habits = self.habits
        too_long = habits.off_after is not None and now - hook.failing_since >= habits.off_after
        off = (too_long or 0 < habits.off_at <= hook.failures) and not hook.inactive
        if off:
            hook.inactive = True
            self.world.deliveries["disabled"] += 1
        for further in habits.given_up(delivery, off):
            self._start(further)
