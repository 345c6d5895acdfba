"""kill -9 at any moment loses time, never truth.

The real `run` process is killed fifty times at random while it back-fills, takes webhooks and writes. The
MSP lives on meanwhile. The promises of the clients are so long that no zone changes by itself, so every
value ever written can be traced to a fact.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from connector.simulator import Simulator, World, make_world, utcnow
from tests.acceptance.kit import environment
from tests.acceptance.nursery import Child
from tests.kit import CLIENTS, Office, Site, client_file, free_port, write_client, write_settings

KILLS = 50
SEED = int(os.environ.get("PX_KILL_SEED", "2026"))
LONG = "20000h"
ENGINEERS = ("jreed", "akaya", "mbauer", "tnovak")


class Daemon:
    """`px-connector run` as a process of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.log = folder / "run.log"

    def start(self) -> None:
        words = ("run", "--config", str(self.folder))
        self.process = Child(*words, env=environment(), out=self.log, err=self.log)

    async def listening(self) -> None:
        """Until its door answers."""
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    return
                assert self.process.poll() is None, self.log.read_text()[-2000:]
                await asyncio.sleep(0.02)

    async def kill(self, number: int) -> None:
        self.process.send_signal(number)
        await asyncio.to_thread(self.process.wait, 30)


class Staff:
    """Goes on working, whatever happens to the daemon: answers, calls and customers' mails."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world, self.dice = world, dice
        self.open = [t.id for t in world.tickets.by_id.values() if not world.statuses[t.status].closed]
        self.done = asyncio.Event()

    async def work(self) -> None:
        number = 0
        while not self.done.is_set():
            await asyncio.sleep(self.dice.uniform(0.02, 0.2))
            number += 1
            ticket = self.dice.choice(self.open)
            match self.dice.randrange(4):
                case 0:
                    text = (
                        f"Dear customer, cable {number} in rack {ticket} has been replaced; it works again."
                    )
                    self.world.post(ticket, self.dice.choice(ENGINEERS), text)
                case 1:
                    self.world.post(ticket, "contact", f"The light {number} is still red on our side.")
                case 2:
                    text = f"Called and explained step {number} of the new phone."
                    self.world.log_time(ticket, self.dice.choice(ENGINEERS), 5, text, "Phone Call")
                case _:
                    text = f"Screen {number} went dark this morning."
                    self.open.append(
                        self.world.open_ticket(self.dice.choice(CLIENTS), "Dark screen", text=text)
                    )


def long_promises(client: str) -> dict[str, Any]:
    targets = {"*": {"response": LONG, "resplan": LONG, "update": LONG, "resolution": LONG}}
    return client_file(client, targets=targets, flags={"px": None}, zones={"orange_when_left": "1m"})


def waiting_and_known(store: Path) -> tuple[int, int, set[str]]:
    """Deliveries not yet handled, writes still owed, and every delivery the store has."""
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        waiting = db.execute("SELECT count(*) FROM inbox WHERE waiting").fetchone()[0]
        owed = db.execute("SELECT count(*) FROM outbox").fetchone()[0]
        return waiting, owed, {row[0] for row in db.execute("SELECT deliver_id FROM inbox")}


def polled(store: Path) -> str:
    """When time entries, of which no callback tells, were last read to their end."""
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        found = db.execute("SELECT at FROM cursors WHERE name = 'time_entries'").fetchone()
    return str(found)


@pytest.mark.xdist_group("processes")
async def test_fifty_kills_leave_every_flag_right_and_no_webhook_lost(tmp_path: Path) -> None:
    print(f"PX_KILL_SEED={SEED}")
    dice = random.Random(SEED)
    world = make_world(seed=SEED, tickets=400, start=utcnow(), clients=CLIENTS)
    world.clock = utcnow
    port = free_port()
    for client in CLIENTS:
        write_client(tmp_path, long_promises(client))
    async with Simulator(world) as sim:
        write_settings(tmp_path, port, {"main": (sim.url, sim.credentials)}, poll_every="5s")
        daemon, staff = Daemon(tmp_path, port), Staff(world, dice)
        busy = asyncio.create_task(staff.work())
        for _ in range(KILLS):
            daemon.start()
            if dice.random() < 0.8:
                await daemon.listening()
                await asyncio.sleep(dice.uniform(0.0, 1.2))
            else:  # while it still loads, migrates or logs in
                await asyncio.sleep(dice.uniform(0.1, 1.0))
            await daemon.kill(signal.SIGKILL)
        daemon.start()
        await daemon.listening()
        staff.done.set()
        await busy
        await sim.drain()
        known = await _calm(tmp_path / "px.db", sim, world)
        await daemon.kill(signal.SIGTERM)

        accepted = {json.loads(delivery.body)["MessageId"] for delivery in sim.postman.accepted}
        assert len(accepted) > KILLS
        assert accepted <= known, "a webhook was answered 2xx and is not in the store"
        _no_value_comes_back(world)
        _no_fact_is_lost(tmp_path / "px.db", world, staff.open)
        office = Office(tmp_path, {"main": Site("main", world, sim)}, free_port(), {"poll_every": "5s"})
        writes = len(world.writes)
        try:
            await office.start()
            await office.assert_right(*staff.open)
        finally:
            await office.stop()
        assert len(world.writes) == writes, "a restart in calm wrote something"


async def _calm(store: Path, sim: Simulator, world: World) -> set[str]:
    """Until nothing is owed, nothing waits and two polls have ended since the last write.

    The first of them may have begun before the last fact; the second has read it, however busy we are.
    """
    async with asyncio.timeout(120):
        polls, writes = [polled(store)], len(world.writes)
        while True:
            await asyncio.sleep(0.5)
            waiting, owed, known = waiting_and_known(store)
            last = polled(store)
            if len(world.writes) != writes:
                polls, writes = [last], len(world.writes)
            elif last != polls[-1]:
                polls.append(last)
            if not waiting and not owed and len(polls) > 2:
                return known


def _no_value_comes_back(world: World) -> None:
    """Each field of a ticket moves on with the facts; nothing is written twice, or undone and redone."""
    values: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for write in world.writes:
        values[write.ticket, write.field].append(write.new)
    assert len(values) > 100
    wrong = {key: told for key, told in values.items() if len(set(map(str, told))) != len(told)}
    assert not wrong
    for (ticket, field), told in values.items():
        facts = len(world.posts(ticket)) + len(world.logs(ticket))
        assert len(told) <= 1 + facts, (ticket, field, told)


def _no_fact_is_lost(store: Path, world: World, tickets: list[int]) -> None:
    """Whatever was written or logged on an open ticket stands in its timeline, each once."""
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        found = db.execute("SELECT ticket_id, key FROM events").fetchall()
    stored: dict[int, list[str]] = defaultdict(list)
    for ticket_id, key in found:
        stored[int(ticket_id)].append(key)
    for ticket in tickets:
        said = sorted(f"note:{post.id}" for post in world.posts(ticket))
        assert sorted(key for key in stored[ticket] if key.startswith("note:")) == said, ticket
        assert sum(key.startswith("time:") for key in stored[ticket]) == len(world.logs(ticket)), ticket
