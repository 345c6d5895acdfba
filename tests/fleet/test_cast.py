"""Adapters are let go when their turns are made elsewhere, and never under a turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from connector.daemon.fleet.worker import Worker
from tests.fleet.kit import Place, place

Close = Callable[[], Awaitable[None]]


async def settled(worker: Worker, here: Place) -> None:
    await worker._prepare()
    for _ in range(12):
        await worker.turner.turn("main", "slow")
        if (await here.row())["due_at"] > here.now():
            return
    raise AssertionError("always due")


def slowly(close: Close, went: asyncio.Event, go_on: asyncio.Event) -> Close:
    async def closing() -> None:
        went.set()
        await go_on.wait()
        await close()

    return closing


async def test_who_had_a_job_and_nothing_to_do_has_no_adapter_to_close(
    tmp_path: Path, postgres_url: str
) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one, here.resting() as other:
        await settled(one, here)
        await other.turner.turn("main", "fast")
        assert (len(one.cast), len(other.cast)) == (1, 0)
        here.later(minutes=16)
        assert await other.cast.tidy() == 0
        assert await one.cast.tidy() == 1
        assert len(one.cast) == 0


async def test_a_connection_that_gets_a_turn_while_others_are_closed_keeps_its_adapter(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place(tmp_path, postgres_url, names=("main", "second")) as here, here.resting() as one:
        went, go_on = asyncio.Event(), asyncio.Event()
        for name in ("main", "second"):
            connection, _ = one.cast.enter(name)
            one.cast.leave(name)
            monkeypatch.setattr(connection.psa, "close", slowly(connection.psa.close, went, go_on))
        here.later(minutes=16)
        tidying = asyncio.create_task(one.cast.tidy())
        await went.wait()
        entered, _ = one.cast.enter("second")
        go_on.set()
        assert await tidying == 1
        assert one.cast.enter("second")[0] is entered
