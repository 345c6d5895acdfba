"""An event loop without an outside: only the clock can wake it, and the clock moves when all else rests.

Like `tests.simulation.clockwork`, and cheaper, because there is no socket and no thread at all: the PSA and
the door are called in this process, and SQLite does its work in place. Two clocks are kept apart: the *true*
time, by which the world and the loop go, and the wall clock of the machine the daemon runs on, which may be
wrong and may jump.
"""

from __future__ import annotations

import asyncio
import random
import selectors
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import aiosqlite.core
import pytest
import time_machine

from tests.simulation.clockwork import InPlaceLoop, do_now

T = TypeVar("T")

ROUNDS = 300_000
"""Of the loop in one instant: more is a daemon that runs in circles."""

BEGINNING = 1000.0
"""What the loop's clock shows at first."""


class Stillness(InPlaceLoop):
    """`wrong`: how far the machine's wall clock is ahead of the true time."""

    def __init__(self, start: datetime, traveller: time_machine.Traveller) -> None:
        self.elapsed = BEGINNING
        self.start, self.wrong = start, timedelta(0)
        self._traveller = traveller
        super().__init__(_Nothing(self))

    def time(self) -> float:
        return self.elapsed

    def true_now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed - BEGINNING)

    def advance(self, seconds: float) -> None:
        self.elapsed += seconds
        self._set_wall()

    def set_wrong(self, by: timedelta) -> None:
        """The wall clock jumps; how long things take is measured as before."""
        self.wrong = by
        self._set_wall()

    def _set_wall(self) -> None:
        self._traveller.move_to(self.true_now() + self.wrong)


class _Nothing(selectors.DefaultSelector):
    """There is never anything to read or to write; to wait is to turn the clock."""

    def __init__(self, loop: Stillness) -> None:
        super().__init__()
        self._still, self._rounds = loop, 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing will ever happen again")
        self._rounds += 1
        if timeout > 0:
            self._still.advance(timeout)
            self._rounds = 0
        elif self._rounds > ROUNDS:
            raise RuntimeError("the daemon runs in circles: no time passes any more")
        return []


class _InPlace:
    """Takes what a connection's thread would, and does it at once."""

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        made, function = item
        if getattr(function, "__name__", "") == "close_and_stop":
            made = made or asyncio.get_running_loop().create_future()
        if made is not None:
            do_now(made, function)


class _NoThread:
    """What stands for the thread of a connection."""

    def __init__(self, **_: Any) -> None: ...

    def start(self) -> None: ...


async def _execute(self: aiosqlite.core.Connection, function: Callable[..., T], *args: Any, **more: Any) -> T:
    """A statement, in place. Others may run before it where it opens or ends a transaction, which is where a
    thread would make a difference; everywhere else a hop only costs."""
    if args and isinstance(args[0], str) and args[0].startswith("BEGIN"):
        await asyncio.sleep(0)
    if function.__name__ in ("commit", "rollback"):
        await asyncio.sleep(0)
    if not self._running or not self._connection:
        raise ValueError("Connection closed")
    return function(*args, **more)


def run(start: datetime, seed: int, main: Callable[[Stillness], Coroutine[Any, Any, T]]) -> T:
    """Run `main` from `start` on, to its end; the same seed is the same run."""
    random.seed(seed)
    with time_machine.travel(start, tick=False) as traveller, pytest.MonkeyPatch.context() as patch:
        made: list[Stillness] = []

        def make() -> Stillness:
            made.append(Stillness(start.astimezone(UTC), traveller))
            return made[0]

        with asyncio.Runner(loop_factory=make) as runner:
            loop = runner.get_loop()
            patch.setattr(time, "monotonic", loop.time)
            patch.setattr(aiosqlite.core, "SimpleQueue", _InPlace)
            patch.setattr(aiosqlite.core, "Thread", _NoThread)
            patch.setattr(aiosqlite.core.Connection, "_execute", _execute)
            return runner.run(main(made[0]))
