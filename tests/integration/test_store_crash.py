"""kill -9 at any moment: the database opens again, holds whole transactions and all that was confirmed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from connector.store import cursors, events, inbox, tickets
from connector.store.store import Store

KILLS = 20
SIZE = 20

_WRITER = f"""
import asyncio, os, sys
from datetime import datetime, UTC
from connector.model import Message, Ticket
from connector.psa.port import Hint
from connector.store import cursors, events, inbox, tickets
from connector.store.store import Store
from connector.store.tickets import StoredTicket

T0 = datetime(2026, 1, 5, tzinfo=UTC)

async def write_for_ever(url):
    store = await Store.open(url)
    async with store.read() as tx:
        n = (await cursors.get(tx, "main", "n") or {{"n": 0}})["n"]
    while True:
        n += 1
        ids = [f"{{n}}-{{i}}" for i in range({SIZE})]
        rows = [StoredTicket(ticket=Ticket(id=id, opened_at=T0), version="") for id in ids]
        facts = [(id, Message(at=T0, key=f"note:{{k}}", text="x" * 300)) for id in ids for k in range(3)]
        async with store.begin() as tx:
            await tickets.put(tx, "main", rows)
            await events.merge(tx, "main", facts)
            await inbox.put(tx, "main", [Hint(ticket_id=str(n), deliver_id=str(n))], T0)
            await cursors.put(tx, "main", "n", {{"n": n}}, T0)
        os.write(1, b"%d\\n" % n)

for _ in sys.stdin:  # a child for every line: forked, so that importing is paid once
    child = os.fork()
    if child == 0:
        os.write(1, b"pid %d\\n" % os.getpid())
        asyncio.run(write_for_ever(sys.argv[1]))
    os.waitpid(child, 0)
    os.write(1, b"dead\\n")
"""


async def test_killed_at_random(tmp_path: Path) -> None:
    file, dice, confirmed = tmp_path / "px.db", random.Random(20261121), 0
    nursery = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WRITER, f"sqlite:///{file}", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        for _ in range(KILLS):
            confirmed = max(confirmed, await _write_and_die(nursery, dice))
            confirmed = await _check(file, confirmed)
    finally:
        nursery.kill()
        await nursery.communicate()
    assert confirmed >= KILLS


async def _write_and_die(nursery: asyncio.subprocess.Process, dice: random.Random) -> int:
    """One writer, killed at a random moment; returns the last transaction it had confirmed."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(b"\n")
    _, pid = (await nursery.stdout.readline()).split()
    confirmed = 0
    for _ in range(dice.randrange(1, 6)):
        confirmed = int(await nursery.stdout.readline())
    await asyncio.sleep(dice.random() * 0.02)
    os.kill(int(pid), signal.SIGKILL)
    while (line := await nursery.stdout.readline()) != b"dead\n":
        confirmed = int(line)
    return confirmed


async def _check(file: Path, confirmed: int) -> int:
    """Every transaction is there whole, in all its tables, and none that was confirmed is missing."""
    with sqlite3.connect(file) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
    db.close()
    store = await Store.open(f"sqlite:///{file}")
    async with store.read() as tx:
        n = int((await cursors.get(tx, "main", "n") or {"n": 0})["n"])
        assert n >= confirmed
        assert (await tickets.counts(tx))["main"].tickets == n * SIZE
        waiting = await inbox.take(tx, "main", 10**6)
        assert [item.ticket_id for item in waiting] == [str(k) for k in range(1, n + 1)]
        last = [f"{n}-{i}" for i in range(SIZE)]
        assert {len(facts) for facts in (await events.timelines(tx, "main", last)).values()} == {3}
        assert (await events.timelines(tx, "main", [f"{n + 1}-0"]))[f"{n + 1}-0"] == ()
    await store.close()
    return n
