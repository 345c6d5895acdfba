"""What connector.yaml's `retention` lets go leaves the store by itself, a little with each turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.store import tickets
from connector.store.store import Store
from connector.store.whole.prune import BITE
from tests.contract.store.makers import stored
from tests.kit import office


async def test_the_daemon_lets_go_once_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PX_RETENTION__TICKETS_DAYS", "400")
    async with office(tmp_path) as o:
        await o.start()
        over = o.world.now() - timedelta(days=401)
        old = [stored(f"old{n}", closed=True, closed_at=over) for n in range(BITE + 1)]
        rows = [replace(one, ticket=replace(one.ticket, opened_at=over)) for one in old]
        async with o.connector.store.begin() as tx:
            await tickets.put(tx, "main", rows)
        await o.later(minutes=60)
        assert await left(o.connector.store) == BITE + 1, "it was done at the start, for today"
        await o.later(days=1)
        assert await left(o.connector.store) == 1
        await o.later(minutes=1)
        assert await left(o.connector.store) == 0


async def left(store: Store) -> int:
    async with store.read() as tx:
        return len(await tickets.known(tx, "main", [f"old{n}" for n in range(BITE + 1)]))
