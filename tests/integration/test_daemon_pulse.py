"""Whether the turns move, as the watchdog is told; and a store that fails between two turns."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from connector.daemon import supervisor
from connector.daemon.connection import Connection
from connector.daemon.systemd import STUCK_S
from connector.daemon.turn import Outcome
from connector.errors import Unavailable
from tests.kit import Office, office


async def until_stuck(o: Office, wanted: str) -> None:
    """Looks at the pulse as if a quarter of an hour lay between two looks."""
    assert o.running is not None
    pulse, clock = o.running.supervisor.pulse(), 0.0
    pulse._clock = lambda: clock
    async with asyncio.timeout(30):
        while pulse.stuck() != wanted or clock < 3 * STUCK_S:
            await asyncio.sleep(0.01)
            clock += STUCK_S


async def test_at_rest_and_in_a_pause_nothing_is_stuck_and_a_hung_turn_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as o:
        await o.start()
        await until_stuck(o, "")
        real, hung = supervisor.take_turn, asyncio.Event()

        async def hang(c: Connection) -> Outcome:
            await hung.wait()
            return await real(c)

        monkeypatch.setattr(supervisor, "take_turn", hang)
        assert o.running is not None
        o.running.supervisor.poll_now("main")
        await until_stuck(o, "no progress in the turn of main")

        async def fail(c: Connection) -> Outcome:
            raise Unavailable("the PSA is down")

        monkeypatch.setattr(supervisor, "take_turn", fail)
        hung.set()
        await o.settle()
        o.running.supervisor.poll_now("main")
        await o.until(lambda: o.health.state == "degraded")
        await until_stuck(o, "")


async def test_a_store_that_fails_between_two_turns_is_waited_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as o:
        await o.start()
        failed = asyncio.Event()
        real = supervisor.next_reason

        async def fail_once(*args: object) -> object:
            if not failed.is_set():
                failed.set()
                raise Unavailable("px.db: disk I/O error")
            return await real(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(supervisor, "next_reason", fail_once)
        monkeypatch.setattr(supervisor, "wait_s", lambda failures: 0.01)
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing.")
        assert o.running is not None
        o.running.supervisor.poll_now("main")
        await asyncio.wait_for(failed.wait(), 30)
        await o.later(minutes=5)
        assert o.flags(ticket)["zone"] == "green"
