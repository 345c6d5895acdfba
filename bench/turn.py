"""What a turn costs one worker: CPU, statements, requests; 50 open tickets, real PostgreSQL.

A turn with nothing new (the poll finds nothing), one that the webhook of a new ticket asked for, and one with
nothing new of a worker that never had the connection before. The PSAs and the database are processes of their
own, so what is counted is the worker's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from bench._fleet import POLL, Fleet, fleet
from connector.app import utcnow
from connector.cli.fleet import _loop
from connector.daemon.fleet import lessons, turning
from connector.daemon.fleet.worker import Worker
from connector.logs import configure_logging
from connector.psa.port import Hint
from connector.settings import Settings, load_settings
from connector.store import connections, inbox

CONNECTIONS, TICKETS, WARM, ROUNDS = 20, 50, 2, 20


def main() -> None:
    with fleet(CONNECTIONS, TICKETS) as made:
        os.environ.update(made.env)
        with asyncio.Runner(loop_factory=_loop()) as runner:
            runner.run(_measure(made))


async def _measure(made: Fleet) -> None:
    configure_logging("json", "error")
    lessons.LEARN_PAUSE = turning.AUDIT_PAUSE = timedelta(0)  # all is learnt and audited before we count
    settings = _for_turns(load_settings(made.folder))
    async with Worker.open(settings, made.folder, slots=8, now=utcnow) as worker:
        await worker.presence.enter()
        await worker._prepare()
        names = sorted(settings.connections)
        while made.lanes() != {"fast": len(names)} or made.learnt() < len(names):
            await _round(worker, names, "slow")
        idle, heard = Cost(made, worker), Cost(made, worker)
        for number in range(WARM + ROUNDS):
            with idle.counted(len(names)) if number >= WARM else contextlib.nullcontext():
                await _round(worker, names, "fast")
        _polls(worker, names, timedelta(seconds=float(POLL.rstrip("s"))))
        await _round(worker, names, "fast")
        for number in range(WARM + ROUNDS):
            await _hear(made, worker, names)
            with heard.counted(len(names)) if number >= WARM else contextlib.nullcontext():
                await _round(worker, names, "fast")
        _polls(worker, names, timedelta(0))
        moved = Cost(made, worker)
        for number in range(WARM + ROUNDS):
            await worker.cast.close()
            with moved.counted(len(names)) if number >= WARM else contextlib.nullcontext():
                await _round(worker, names, "fast")
        idle.tell("nothing new")
        heard.tell("a webhook")
        moved.tell("begun elsewhere")
        await worker.presence.leave()


def _for_turns(settings: Settings) -> Settings:
    """Each turn polls, and the PSAs call nobody: their webhooks are put into the inbox here."""
    return settings.model_copy(
        update={
            "web": settings.web.model_copy(update={"public_url": None}),
            "connections": {
                name: one.model_copy(update={"poll_every": timedelta(0)})
                for name, one in settings.connections.items()
            },
        }
    )


def _polls(worker: Worker, names: list[str], every: timedelta) -> None:
    for name in names:
        connection, _ = worker.cast.enter(name)
        connection.poll_every = every
        worker.cast.leave(name)


async def _hear(made: Fleet, worker: Worker, names: list[str]) -> None:
    """A new ticket at every PSA, and its webhook waiting."""
    for name, ticket in zip(names, made.ask("/open")["opened"], strict=True):
        hint = Hint(deliver_id=f"{name} {ticket}", ticket_id=str(ticket), action="created")
        async with worker.store.begin() as tx:
            await inbox.put(tx, name, [hint], utcnow())


async def _round(worker: Worker, names: list[str], lane: str) -> None:
    async with worker.store.begin() as tx:
        await connections.hurry(tx, names, utcnow(), held=True)
    for name in names:
        await worker.turner.turn(name, lane)


class Cost:
    """Of one kind of turn: seconds of CPU by part, statements by their text, requests."""

    def __init__(self, made: Fleet, worker: Worker) -> None:
        self._made, self._engine = made, worker.store.engine.sync_engine
        self.turns, self.requests, self.wall_s = 0, 0, 0.0
        self.cpu_s = dict.fromkeys(("worker", "PostgreSQL", "farm"), 0.0)
        self.statements = Counter[str]()

    @contextlib.contextmanager
    def counted(self, turns: int) -> Iterator[None]:
        event.listen(self._engine, "before_cursor_execute", self._count)
        self._made.ask("/state", fresh=1)
        database, wall, own = self._made.spent()["postgres"], time.perf_counter(), time.process_time()
        yield
        self.cpu_s["worker"] += time.process_time() - own
        self.wall_s += time.perf_counter() - wall
        self.cpu_s["PostgreSQL"] += self._made.spent()["postgres"] - database
        asked = self._made.ask("/state")
        event.remove(self._engine, "before_cursor_execute", self._count)
        self.cpu_s["farm"] += asked["cpu"]
        self.requests += sum(asked["requests"].values())
        self.turns += turns

    def tell(self, what: str) -> None:
        print(f"{what}, {self.turns} turns one after the other, {self.wall_s / self.turns * 1e3:.1f} ms each")
        for part, seconds in self.cpu_s.items():
            print(f"  {part:10} {seconds / self.turns * 1e3:6.2f} ms CPU a turn")
        print(f"  statements {self.statements.total() / self.turns:6.2f} a turn")
        print(f"  requests   {self.requests / self.turns:6.2f} a turn")
        if os.environ.get("PX_TURN_TEXTS"):
            for text, number in self.statements.most_common():
                print(f"    {number / self.turns:5.2f} {text[:150]}")

    def _count(self, _c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements[" ".join(statement.split())] += 1
