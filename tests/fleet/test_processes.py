"""A fleet of real processes: webhooks by the door of one, turns by others, and what kill -9 does to it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.acceptance.kit import environment
from tests.acceptance.nursery import Child
from tests.fleet.kit import Place, place, until

FLAG = "SLA Zone"


class Fleet:
    """Processes by name; what they say lies beside the files."""

    def __init__(self, here: Place) -> None:
        self.here = here
        self.processes: dict[str, Child] = {}

    def start(self, name: str, command: str) -> None:
        log = self.here.folder / f"{name}.log"
        words = (command, "--config", str(self.here.folder))
        self.processes[name] = Child(*words, env=environment(PX_STORE=self.here.url), out=log, err=log)

    def said(self, name: str) -> str:
        return (self.here.folder / f"{name}.log").read_text("utf-8", "replace")

    async def end(self, name: str, number: int) -> int:
        process = self.processes.pop(name)
        process.send_signal(number)
        code = await asyncio.to_thread(process.wait, 30)
        return int(code)

    def kill_all(self) -> None:
        for process in self.processes.values():
            process.kill()

    async def at_home(self) -> str:
        """Which of them had the last turn."""
        home = (await self.here.row())["home"]
        return next((name for name, one in self.processes.items() if f"-{one.pid}-" in home), "")


@pytest.mark.xdist_group("processes")
async def test_webhooks_come_in_by_one_process_and_are_turned_by_those_that_live(
    tmp_path: Path, postgres_url: str
) -> None:
    async with (
        place(tmp_path, postgres_url, real_time=True, poll_every="10s") as here,
        AsyncExitStack() as stack,
    ):
        fleet, world = Fleet(here), here.worlds["main"]
        stack.callback(fleet.kill_all)
        for name, command in (("web", "web"), ("one", "worker"), ("two", "worker")):
            fleet.start(name, command)
        await until(lambda: here.settled(), "the back-fill")

        first = here.open_ticket()
        await until(lambda: world.field(first, FLAG), "a flag")
        assert here.sims["main"].postman.accepted, "no webhook came in"

        home = await fleet.at_home()
        here.sims["main"].faults.latency = 3000
        second = here.open_ticket()
        await until(lambda: here.turning(), "a turn under way")
        assert await fleet.end(home, signal.SIGKILL) == -signal.SIGKILL
        here.sims["main"].faults.latency = 0
        await until(lambda: world.field(second, FLAG), "the flag by the worker that lives")
        assert [w.field for w in world.writes if w.ticket == second].count(FLAG) == 1
        living = await until(lambda: fleet.at_home(), "a turn by the worker that lives")

        for name in (living, "web"):
            assert await fleet.end(name, signal.SIGTERM) == 0, fleet.said(name)
        for name in ("web", "one", "two"):
            assert "Traceback" not in fleet.said(name)
