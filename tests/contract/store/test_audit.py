"""What people did is kept in its order, with the deed or not at all."""

from __future__ import annotations

import pytest

from connector.store import audit, outbox
from connector.store.audit import WHY, Deed, Doer
from connector.store.store import Store

from .makers import CONN, at


def deed(minute: int, what: str = "letter dropped", why: str = "") -> Deed:
    by = Doer(name="dana", role="operate", why=why)
    return Deed(at=at(minute), by=by, what=what, conn=CONN, subject="48213")


async def test_the_newest_comes_first_whatever_its_clock_said(store: Store) -> None:
    async with store.begin() as tx:
        for one in (deed(5), deed(1, why="no such field"), deed(3, "ruled")):
            await audit.add(tx, one)
        assert await audit.latest(tx) == [deed(3, "ruled"), deed(1, why="no such field"), deed(5)]
        assert await audit.latest(tx, 1) == [deed(3, "ruled")]


async def test_a_reason_is_kept_to_a_length(store: Store) -> None:
    async with store.begin() as tx:
        await audit.add(tx, deed(0, why="x" * 2 * WHY))
        assert len((await audit.latest(tx))[0].by.why) == WHY


async def test_what_was_not_done_is_not_told(store: Store) -> None:
    async def broken_off() -> None:
        async with store.begin() as tx:
            await outbox.owe(tx, CONN, "1", {"zone": "red"}, "late", at(0))
            await audit.add(tx, deed(0))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await broken_off()
    async with store.read() as tx:
        assert await audit.latest(tx) == []
        assert await outbox.counts(tx) == {}
