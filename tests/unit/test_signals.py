"""How the process is told to stop, where its loop takes signals and where it does not."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from connector.app import on_signals


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


async def test_sighup_reloads_and_sigterm_stops() -> None:
    stop, reload = asyncio.Event(), asyncio.Event()
    on_signals(stop.set, reload.set)
    os.kill(os.getpid(), signal.SIGHUP)
    await asyncio.wait_for(reload.wait(), 10)
    assert not stop.is_set()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(stop.wait(), 10)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().remove_signal_handler(number)


async def test_a_loop_that_takes_none_is_stopped_by_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""

    def refuse(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(asyncio.get_running_loop(), "add_signal_handler", refuse)
    stop = asyncio.Event()
    on_signals(stop.set, lambda: None)
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.wait_for(stop.wait(), 10)
