"""What waits longest, and how much room there is."""

from __future__ import annotations

from datetime import timedelta

from connector.psa.port import Hint
from connector.store import assessments, inbox, vitals
from connector.store.store import Store

from .makers import CONN, T0, assessed, at


async def test_the_next_timer_of_each_is_what_each_is_told_alone(store: Store) -> None:
    async with store.begin() as tx:
        timers = [assessed("1", next_at=at(9)), assessed("2", next_at=at(5)), assessed("3", next_at=None)]
        await assessments.save(tx, CONN, timers)
        await assessments.save(tx, "b", [assessed("1", next_at=at(7))])
        await assessments.save(tx, "done", [assessed("1", next_at=None)])
    async with store.read() as tx:
        names = [CONN, "b", "done", "unheard of"]
        each = {name: await assessments.next_due(tx, name) for name in names}
        assert each == {CONN: at(5), "b": at(7), "done": None, "unheard of": None}
        assert await vitals.next_due(tx, names) == {CONN: at(5), "b": at(7)}
        assert await vitals.next_due(tx, ["b"]) == {"b": at(7)}
        assert await vitals.next_due(tx, []) == {}


async def test_the_oldest_webhook_that_waits(store: Store) -> None:
    async with store.begin() as tx:
        for conn, ticket, minutes in ((CONN, "1", 1), (CONN, "2", 2), (CONN, "3", 3), ("b", "1", 4)):
            await inbox.put(tx, conn, [Hint(ticket_id=ticket, deliver_id=ticket)], at(minutes))
        first = (await inbox.take(tx, CONN, 1))[0]
        await inbox.done(tx, [first.id, *(item.id for item in await inbox.take(tx, "b", 9))])
    async with store.read() as tx:
        assert await vitals.oldest_waiting(tx) == {CONN: at(2)}


async def test_the_room_it_takes_grows(store: Store) -> None:
    async with store.read() as tx:
        before = await vitals.room(tx)
    async with store.begin() as tx:
        hints = [Hint(ticket_id=f"{n:0128}", deliver_id=f"{n:0128}") for n in range(3000)]
        await inbox.put(tx, CONN, hints, T0 + timedelta(days=1))
    async with store.read() as tx:
        after = await vitals.room(tx)
    assert after.taken >= before.taken + 300_000
    assert (after.free is None) == store.shared
