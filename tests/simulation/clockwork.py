"""Hours in seconds, with everything real but time: an event loop whose clock moves when nothing else does.

Sockets, HTTP and SQLite are the real ones. Whenever no task can run and no socket has anything to say, the
clock jumps to the next timer, so a pause of a minute costs nothing and a time limit still means what it
says. All that tells the time in this process tells the loop's: `datetime.now`, `time.monotonic`, the loop.
SQLite's and the executor's work is done in place instead of in threads, so the same seed is the same run.
"""

from __future__ import annotations

import asyncio
import random
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import datetime
from queue import SimpleQueue
from typing import Any, TypeVar

import aiosqlite.core
import pytest
import time_machine

from connector.psa.transport import Transport
from connector.simulator import hooks

T = TypeVar("T")

SILENCE_S = 0.005
"""Real seconds without a word on the line after which whoever waits for an answer waits for the clock."""

STUCK_S = 5.0
"""Real seconds after which a loop without any timer is stuck for good."""


class InPlaceLoop(asyncio.SelectorEventLoop):
    """Does what is meant for the executor at once."""

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        made: asyncio.Future[T] = self.create_future()
        do_now(made, lambda: func(*args))
        return made


class Clockwork(InPlaceLoop):
    """`on_the_line`: requests under way, for which the kernel may still be carrying bytes."""

    def __init__(self, travel: Callable[[float], None]) -> None:
        self.on_the_line = 0
        self.now = 1000.0
        self._travel = travel
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
        self._travel(seconds)


class _Selector(selectors.DefaultSelector):
    """Waits for sockets in real time, and for timers by turning the clock."""

    def __init__(self, loop: Clockwork) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or timeout == 0:
            return found
        if timeout is None:
            found = super().select(STUCK_S)
            if not found:
                raise RuntimeError("nothing will ever happen again")
        elif self._loop.on_the_line:
            found = super().select(SILENCE_S)
        if not found and timeout is not None:
            self._loop.advance(timeout)
        return found


def do_now(made: asyncio.Future[Any], function: Callable[[], Any]) -> None:
    """Do it now; whoever awaits it hears of it in the next round, as from a thread."""
    loop = made.get_loop()
    try:
        result = function()
    except Exception as error:
        loop.call_soon(aiosqlite.core.set_exception, made, error)
    else:
        loop.call_soon(aiosqlite.core.set_result, made, result)


class _InPlace(SimpleQueue):  # type: ignore[type-arg]
    """Takes a connection's statements as its thread would, and executes them at once."""

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        made, function = item
        if getattr(function, "__name__", "") == "close_and_stop":
            super().put_nowait((None, lambda: aiosqlite.core._STOP_RUNNING_SENTINEL))
        do_now(made or asyncio.get_running_loop().create_future(), function)


def run(start: datetime, seed: int, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` from `start` on, to its end."""
    random.seed(seed)
    with time_machine.travel(start, tick=False) as traveller, pytest.MonkeyPatch.context() as patch:

        def make() -> Clockwork:
            return Clockwork(lambda seconds: traveller.shift(seconds))

        with asyncio.Runner(loop_factory=make) as runner:
            loop = runner.get_loop()
            assert isinstance(loop, Clockwork)
            patch.setattr(time, "monotonic", loop.time)
            patch.setattr(aiosqlite.core, "SimpleQueue", _InPlace)
            patch.setattr(Transport, "_exchange", _counted(loop, Transport._exchange))
            patch.setattr(hooks, "send", _counted(loop, hooks.send))
            return runner.run(main())


def _counted(loop: Clockwork, call: Callable[..., Coroutine[Any, Any, T]]) -> Callable[..., Any]:
    async def counted(*args: Any, **more: Any) -> T:
        loop.on_the_line += 1
        try:
            return await call(*args, **more)
        finally:
            loop.on_the_line -= 1

    return counted
