from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import DBAPIError

from connector.store import cursors, tickets
from connector.store.store import Store

from .makers import CONN, at, stored


async def _count(store: Store) -> int:
    async with store.read() as tx:
        return sum(totals.tickets for totals in (await tickets.counts(tx)).values())


async def test_an_error_rolls_everything_back(store: Store) -> None:
    async def fail() -> None:
        async with store.begin() as tx:
            await tickets.put(tx, CONN, [stored("1")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await _count(store) == 0


async def test_a_cancelled_writer_leaves_nothing_and_no_lock(store: Store) -> None:
    for turns in range(0, 60, 3):
        await _write_until_cancelled(store, turns)
        assert await _count(store) == 0
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("1")])
    assert await _count(store) == 1


async def test_a_writer_cancelled_while_its_driver_enters_a_pipeline_spoils_no_connection(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psycopg yields there after it was busy for long; cancelled then, it leaves the pipeline open."""
    store = await Store.open(postgres_url)
    try:
        async with store.begin() as tx:
            await tickets.put(tx, CONN, [stored("1")])
        monkeypatch.setattr("psycopg.waiting.MAX_BUSY_TIME", -1.0)
        for turns in range(40):
            await _write_until_cancelled(store, turns)
            assert await _count(store) == 1
    finally:
        await store.close()


async def _write_until_cancelled(store: Store, turns: int) -> None:
    task = asyncio.create_task(_write_for_ever(store))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def _write_for_ever(store: Store) -> None:
    async with store.begin() as tx:
        while True:
            await tickets.put(tx, CONN, [stored(str(n)) for n in range(50)])


async def test_a_reader_sees_the_last_commit_while_a_writer_writes(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("1")])
        assert await _count(store) == 0
    assert await _count(store) == 1


async def test_a_snapshot_does_not_move(store: Store) -> None:
    async with store.read() as snapshot:
        assert await cursors.get(snapshot, CONN, "a") is None
        async with store.begin() as tx:
            await cursors.put(tx, CONN, "a", {}, at(0))
        assert await cursors.get(snapshot, CONN, "a") is None
    async with store.read() as snapshot:
        assert await cursors.get(snapshot, CONN, "a") == {}


async def test_writers_of_a_connection_take_turns(store: Store) -> None:
    async def add_one() -> None:
        async with store.begin(of=CONN) as tx:
            was = await cursors.get(tx, CONN, "n") or {"n": 0}
            await asyncio.sleep(0)
            await cursors.put(tx, CONN, "n", {"n": was["n"] + 1}, at(0))

    await asyncio.gather(*(add_one() for _ in range(25)))
    async with store.read() as tx:
        assert await cursors.get(tx, CONN, "n") == {"n": 25}


@pytest.mark.parametrize("name", ["it's", "a\\b", "50%", "%s", "'; DROP TABLE tickets; --", "\\'", "ä ☂"])
async def test_a_writer_may_ask_for_a_name_of_any_sort(store: Store, name: str) -> None:
    order = list[int]()

    async def write(number: int) -> None:
        async with store.begin(of=name) as tx:
            order.append(number)
            await cursors.put(tx, CONN, "n", {"n": number}, at(0))
            order.append(number)

    await asyncio.gather(write(1), write(2))
    assert order in ([1, 1, 2, 2], [2, 2, 1, 1])
    async with store.glance() as tx:
        assert await cursors.get(tx, CONN, "n") == {"n": order[-1]}


async def test_one_statement_is_a_transaction_by_itself_and_a_glance_sees_the_last_commit(
    store: Store,
) -> None:
    async with store.single() as tx:
        await cursors.put(tx, CONN, "a", {"n": 1}, at(0))
    async with store.begin(of=CONN) as tx:
        await cursors.put(tx, CONN, "a", {"n": 2}, at(0))
        async with store.glance() as reader:
            assert await cursors.get(reader, CONN, "a") == {"n": 1}
    async with store.glance() as reader:
        assert await cursors.get(reader, CONN, "a") == {"n": 2}


async def test_a_statement_that_fails_by_itself_leaves_nothing(store: Store) -> None:
    with pytest.raises(DBAPIError):
        async with store.single() as tx:
            await tx.exec_driver_sql("INSERT INTO cursors (conn) VALUES ('half a row')")
    async with store.single() as tx:
        await cursors.put(tx, CONN, "a", {}, at(0))
    async with store.glance() as reader:
        assert await cursors.get(reader, CONN, "a") == {}


async def test_writing_while_reading_is_refused(store: Store) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"):
        async with store.read() as tx:
            await cursors.put(tx, CONN, "a", {}, at(0))


async def test_errors_do_not_tell_what_customers_wrote(store: Store) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with store.read() as tx:
            await tickets.put(tx, CONN, [stored("1", summary="my password is hunter2")])
    assert "hunter2" not in str(caught.value)
