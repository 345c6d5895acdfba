"""What a turn with nothing new costs one worker: CPU, statements, requests; 50 open tickets, real PostgreSQL.

The PSAs and the database are processes of their own, so what is counted is the worker's.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from bench._fleet import Fleet, fleet
from connector.app import utcnow
from connector.daemon.fleet.worker import Worker
from connector.logs import configure_logging
from connector.settings import load_settings
from connector.store import connections

CONNECTIONS, TICKETS, ROUNDS = 20, 50, 10


def main() -> None:
    with fleet(CONNECTIONS, TICKETS) as made:
        os.environ.update(made.env)
        asyncio.run(_measure(made))


async def _measure(made: Fleet) -> None:
    configure_logging("json", "error")
    settings = load_settings(made.folder)
    settings = settings.model_copy(
        update={
            "connections": {
                name: one.model_copy(update={"poll_every": timedelta(0)})  # at every turn it is time to look
                for name, one in settings.connections.items()
            }
        }
    )
    async with Worker.open(settings, made.folder, slots=8, now=utcnow) as worker:
        await worker.presence.enter()
        await worker._prepare()
        names = sorted(settings.connections)
        while made.lanes() != {"fast": len(names)}:
            await _round(worker, names, "slow")
        await _round(worker, names, "fast")
        sent, asked = Counter[str](), made.ask("/state", fresh=1)
        event.listen(worker.store.engine.sync_engine, "before_cursor_execute", _counting(sent))
        began, cpu, database = time.perf_counter(), time.process_time(), made.spent()["postgres"]
        for _ in range(ROUNDS):
            await _round(worker, names, "fast")
        turns = ROUNDS * len(names)
        asked = made.ask("/state")
        print(f"worker     {(time.process_time() - cpu) / turns * 1e3:6.1f} ms CPU a turn")
        print(f"PostgreSQL {(made.spent()['postgres'] - database) / turns * 1e3:6.1f} ms CPU a turn")
        print(f"farm       {asked['cpu'] / turns * 1e3:6.1f} ms CPU a turn")
        print(f"           {(time.perf_counter() - began) / turns * 1e3:6.1f} ms a turn, one after the other")
        print(f"statements {sum(sent.values()) / turns:6.1f} a turn")
        print(f"requests   {sum(asked['requests'].values()) / turns:6.1f} a turn")
        for text, number in sent.most_common(60):
            print(f"  {number / turns:5.2f} {text[:150]}")
        await worker.presence.leave()


def _counting(sent: Counter[str]) -> Any:
    def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent[" ".join(statement.split())] += 1

    return count


async def _round(worker: Worker, names: list[str], lane: str) -> None:
    async with worker.store.begin() as tx:
        await connections.hurry(tx, names, utcnow(), held=True)
    for name in names:
        await worker.turner.turn(name, lane)
