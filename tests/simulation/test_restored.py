"""A day is played through; on an empty machine its backup gives the same answers, on either kind of store."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path

from connector.daemon.connection import Connection
from connector.errors import NotFound
from connector.history.lookup import account
from connector.model import Assessment
from connector.simulator import make_world
from connector.store import tickets
from connector.store.store import Store
from connector.store.whole.backup import backup
from connector.store.whole.restore import restore
from tests.postgres import database
from tests.simulation.lives import the_day
from tests.simulation.watched import TUESDAY, watcher

LATER = (timedelta(), timedelta(days=20))

MACHINES: dict[str, Callable[[Path], AbstractContextManager[str]]] = {
    "sqlite": lambda folder: nullcontext(f"sqlite:///{folder}/new/px.db"),
    "postgresql": lambda folder: database(empty=True),
}


async def answers(c: Connection, store: Store) -> dict[tuple[str, timedelta], Assessment]:
    """Every ticket judged anew from what this store holds: now, and long after."""
    async with store.read() as tx:
        known = await tickets.newest(tx, c.name, 10_000)
    found = {}
    for ticket in known:
        for ahead in LATER:
            try:
                told = await account(store, c.clients(), c.name, ticket, c.now() + ahead)
            except NotFound:
                continue  # of nobody's, or gone
            found[ticket, ahead] = told.assessment
    return found


async def test_a_restored_store_gives_the_same_answers(tmp_path: Path) -> None:
    world = make_world(seed=7, tickets=4, start=TUESDAY)
    async with watcher("connectwise", tmp_path, world) as one:
        await one.look()
        seen = world.now()
        for slot in the_day(world):
            for deed in slot:
                deed()
            if world.now() - seen > timedelta(minutes=90):
                await one.look()
                seen = world.now()
        await one.look()
        c = one.connection
        await backup(f"sqlite:///{tmp_path}/connectwise.db", tmp_path / "px-backup.db")
        before = await answers(c, c.store)
        assert len(before) > 20
        for machine in MACHINES.values():
            with machine(tmp_path) as new:
                await restore(tmp_path / "px-backup.db", new)
                restored = await Store.open(new)
                try:
                    assert await answers(c, restored) == before
                finally:
                    await restored.close()
