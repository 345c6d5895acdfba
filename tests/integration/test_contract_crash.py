"""kill -9 at every step of opening reviews and plans: one review ticket and one set of tasks, each time.

A real connector in a process of its own is killed by the pretend PSA itself: when it has carried out a
request that makes, finds or notes a ticket of ours, before the answer leaves or a moment after. Whoever comes
next finds it half done.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from connector.simulator import Exchange, Simulator, World, make_world, utcnow
from tests.contract.psa.stage import SHARED
from tests.contract.psa.tongues import TONGUES
from tests.kit import CLIENTS, client_file, free_port, write_client

KILLS = {"connectwise": 18, "autotask": 16, "halo": 16}
SEED = int(os.environ.get("PX_KILL_SEED", "2026"))
TASKS = 12
_OURS = re.compile(rb"px-[0-9a-f]{12}")

_NURSERY = """
import asyncio, os, sys
from datetime import timedelta
from pathlib import Path
from connector.daemon import errands
from connector.app import Connector
from connector.settings import load_settings
import aiosqlite, anyio._backends._asyncio, httpcore
import connector.psa.autotask.build, connector.psa.connectwise.build, connector.psa.halo.build

errands.LAG = timedelta(0)  # its lists do not lag, and fifty times half a minute is too long

async def run(folder):
    connector = await Connector.build(load_settings(folder), folder)
    await connector.serve()

for _ in sys.stdin:  # a child for every line: forked, so that importing is paid once
    child = os.fork()
    if child == 0:
        os.write(1, b"%d\\n" % os.getpid())
        asyncio.run(run(Path(sys.argv[1])))
        os._exit(0)
    os.waitpid(child, 0)
    os.write(1, b"dead\\n")
"""


class Assassin:
    """Listens on the PSA's line and kills at the `left`-th request about a ticket of ours."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.child = self.pid = self.left = 0
        self.struck = ""
        self.heard = asyncio.Event()

    def aim(self, pid: int) -> None:
        self.child = self.pid = pid
        self.left, self.struck = self.dice.randint(1, 4), ""

    async def idle(self, seconds: float) -> bool:
        """Whether nothing is asked about our tickets for so long."""
        self.heard.clear()
        with contextlib.suppress(TimeoutError):
            return not await asyncio.wait_for(self.heard.wait(), seconds)
        return True

    def __call__(self, exchange: Exchange) -> None:
        if not _OURS.search(exchange.request_body + exchange.query.encode()):
            return
        self.heard.set()
        if not self.pid:
            return
        self.left -= 1
        if self.left == 0:
            self.struck = f"{exchange.method} {exchange.path}"
            if self.dice.random() < 0.6:  # before the answer
                self.strike()
            else:  # while it is read, or its ticket remembered
                asyncio.get_running_loop().call_later(self.dice.uniform(0.0, 0.03), self.strike)

    def strike(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.pid = 0


def unhappy_world(seed: int) -> World:
    """Three clients whose twelve answers of the last days call for a review and a plan."""
    world = make_world(seed=seed, tickets=0, start=utcnow(), clients=CLIENTS)
    world.clock = utcnow
    for client in CLIENTS:
        for number in range(12):
            ticket = world.open_ticket(client, f"Printer {number}", text="No ink.")
            world.rate(ticket, 1 if number % 2 else 5)
    return world


def configure(folder: Path, vendor: str, sim: Simulator) -> None:
    tongue = TONGUES[vendor]
    keys = {"vendor": vendor, **SHARED, **tongue.keys(sim), "poll_every": "5s", "cases": dict(tongue.cases)}
    settings = {
        "store": f"sqlite:///{folder}/px.db",
        "web": {"port": free_port()},
        "connections": {"main": {**keys, "write_back": True, "canary": {"waived": "a test"}}},
    }
    (folder / "connector.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    tasks = [{"title": f"Step {n}", "day": n} for n in range(1, TASKS + 1)]
    for client in CLIENTS:
        write_client(folder, client_file(client, improvement_plan={"tasks": tasks}))


@pytest.mark.parametrize("vendor", TONGUES)
@pytest.mark.xdist_group("processes")
async def test_killed_at_any_step_of_opening(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"PX_KILL_SEED={SEED}")
    world, struck = unhappy_world(SEED), list[str]()
    killer = Assassin(random.Random(f"{SEED} {vendor}"))
    async with Simulator(world, vendor=vendor, tap=killer) as sim:
        for name, value in TONGUES[vendor].secrets(sim).items():
            monkeypatch.setenv(name, value)
        configure(tmp_path, vendor, sim)
        with (tmp_path / "run.log").open("wb") as log:
            nursery = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", _NURSERY, str(tmp_path)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        try:
            for _ in range(KILLS[vendor]):
                nursery.stdin.write(b"\n")
                killer.aim(int(await nursery.stdout.readline()))
                async with asyncio.timeout(30):
                    while await nursery.stdout.readline() != b"dead\n":
                        pass
                struck.append(killer.struck)
            nursery.stdin.write(b"\n")
            killer.child = int(await nursery.stdout.readline())
            await _all_there(world, killer)
        finally:
            nursery.kill()
            with contextlib.suppress(ProcessLookupError):
                os.kill(killer.child, signal.SIGKILL)
            await nursery.communicate()
    assert all(struck), "every one was killed at a request about a ticket of ours"
    assert len(set(struck)) >= 2, struck
    _each_once(world)


async def _all_there(world: World, killer: Assassin) -> None:
    """Until nothing has been asked about our tickets for a second."""
    async with asyncio.timeout(60):
        while len(_own(world)) < len(CLIENTS) * (2 + TASKS) or not await killer.idle(1.0):
            await killer.idle(0.05)


def _own(world: World) -> list[str]:
    mine = [ticket for ticket in world.tickets.by_id.values() if ticket.entered_by == "PxConnector"]
    for ticket in mine:
        notes = [post.text for post in world.posts(ticket.id) if not post.visible]
        assert len(notes) <= 1, "its text is told once"
    return [ticket.summary.partition(" (px-")[0] for ticket in mine]


def _each_once(world: World) -> None:
    wanted = [
        summary
        for client in CLIENTS
        for summary in (
            f"Service review: {client}'s PX is 50 %, promised 95 %",
            f"Improvement plan for {client}: 90 days",
            *(f"{client}: Step {number}" for number in range(1, TASKS + 1)),
        )
    ]
    assert sorted(_own(world)) == sorted(wanted)
    mine = [ticket for ticket in world.tickets.by_id.values() if ticket.entered_by == "PxConnector"]
    assert all(any(not post.visible for post in world.posts(ticket.id)) for ticket in mine)
    assert {ticket.contact for ticket in mine} == {None}
