from __future__ import annotations

from connector.psa.port import Hint
from connector.store import inbox
from connector.store.store import Store

from .makers import CONN, at


async def test_a_repeated_delivery_is_kept_once(store: Store) -> None:
    async with store.begin() as tx:
        twice = [Hint(ticket_id="1", deliver_id="d1"), Hint(ticket_id="1", deliver_id="d1")]
        assert await inbox.put(tx, CONN, twice, at(0)) == 1
        assert await inbox.put(tx, CONN, [*twice, Hint(ticket_id="2", deliver_id="d2")], at(1)) == 1
        assert await inbox.put(tx, "other", twice, at(1)) == 1
        assert await inbox.put(tx, CONN, [], at(1)) == 0
        assert await inbox.waiting(tx) == {CONN: 2, "other": 1}


async def test_deliveries_without_an_id_are_all_kept(store: Store) -> None:
    async with store.begin() as tx:
        assert await inbox.put(tx, CONN, [Hint(ticket_id="1"), Hint(ticket_id="1")], at(0)) == 2


async def test_taken_oldest_first_until_done(store: Store) -> None:
    async with store.begin() as tx:
        await inbox.put(tx, CONN, [Hint(ticket_id=str(n), action="deleted") for n in range(3)], at(0))
        first = await inbox.take(tx, CONN, 2)
        assert [(item.ticket_id, item.action, item.received_at) for item in first] == [
            ("0", "deleted", at(0)),
            ("1", "deleted", at(0)),
        ]
        assert await inbox.take(tx, CONN, 2) == first
        await inbox.done(tx, [item.id for item in first])
        assert [item.ticket_id for item in await inbox.take(tx, CONN, 2)] == ["2"]
        assert await inbox.take(tx, "other", 2) == []
        await inbox.done(tx, [])


async def test_a_handled_delivery_is_still_recognised_until_pruned(store: Store) -> None:
    async with store.begin() as tx:
        hints = [Hint(ticket_id="1", deliver_id="d1"), Hint(ticket_id="2", deliver_id="d2")]
        await inbox.put(tx, CONN, hints, at(0))
        handled, waiting = await inbox.take(tx, CONN, 2)
        await inbox.done(tx, [handled.id])
        assert await inbox.put(tx, CONN, hints, at(1)) == 0

        assert await inbox.prune(tx, CONN, at(0)) == 0
        assert await inbox.prune(tx, CONN, at(1)) == 1
        assert await inbox.take(tx, CONN, 5) == [waiting]
        assert await inbox.put(tx, CONN, hints, at(2)) == 1


async def test_a_number_is_never_given_twice(store: Store) -> None:
    async with store.begin() as tx:
        await inbox.put(tx, CONN, [Hint(ticket_id="1")], at(0))
        first = (await inbox.take(tx, CONN, 1))[0]
        await inbox.done(tx, [first.id])
        await inbox.prune(tx, CONN, at(1))
        await inbox.put(tx, CONN, [Hint(ticket_id="2")], at(2))
        await inbox.done(tx, [first.id])
        assert [item.ticket_id for item in await inbox.take(tx, CONN, 5)] == ["2"]


async def test_who_is_waited_for_and_when_somebody_last_called(store: Store) -> None:
    async with store.begin() as tx:
        assert await inbox.last_heard(tx) == {}
        await inbox.put(tx, CONN, [Hint(ticket_id="1"), Hint(ticket_id="2")], at(0))
        await inbox.put(tx, "other", [Hint(ticket_id="3")], at(7))
        assert await inbox.last_heard(tx) == {CONN: at(0), "other": at(7)}
        assert await inbox.waits_for(tx, CONN, "2")
        assert not await inbox.waits_for(tx, CONN, "3")
        await inbox.done(tx, [item.id for item in await inbox.take(tx, CONN, 9)])
        assert not await inbox.waits_for(tx, CONN, "2")
        assert (await inbox.last_heard(tx))[CONN] == at(0)
