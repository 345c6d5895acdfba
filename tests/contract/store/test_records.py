from __future__ import annotations

from connector.psa.port import Malformed
from connector.store import cursors, history, quarantine
from connector.store.history import Change
from connector.store.quarantine import REASON_LIMIT, Quarantined
from connector.store.store import Store

from .makers import CONN, at


async def test_history_is_kept_in_order(store: Store) -> None:
    changes = [Change("zone", "", "yellow", "half used", at(1)), Change("why", "", "31 of 60 min", "", at(1))]
    later = [Change("zone", "yellow", "red", "over", at(0))]
    async with store.begin() as tx:
        await history.record(tx, CONN, "1", changes)
        await history.record(tx, CONN, "1", [])
        await history.record(tx, CONN, "2", changes)
        await history.record(tx, CONN, "1", later)
        assert await history.of(tx, CONN, "1") == changes + later
        assert await history.of(tx, CONN, "1", limit=2) == [changes[1], later[0]]
        assert await history.of(tx, "other", "1") == []


async def test_cursors(store: Store) -> None:
    async with store.begin() as tx:
        assert await cursors.get(tx, CONN, "tickets") is None
        await cursors.put(tx, CONN, "tickets", {"since": "2026-01-05T09:00:00Z", "page": 3}, at(0))
        await cursors.put(tx, CONN, "time", {"id": 7}, at(0))
        await cursors.put(tx, CONN, "tickets", {"since": "2026-01-06T09:00:00Z"}, at(1))
        assert await cursors.get(tx, CONN, "tickets") == {"since": "2026-01-06T09:00:00Z"}
        assert await cursors.get(tx, CONN, "time") == {"id": 7}
        assert await cursors.get(tx, "other", "time") is None


async def test_the_same_complaint_is_counted(store: Store) -> None:
    bad = Malformed(ticket_id="1", reason="no id", body="{}")
    async with store.begin() as tx:
        await quarantine.put(tx, CONN, [bad, Malformed(ticket_id="", reason="no id", body="<html>")], at(0))
        await quarantine.put(tx, CONN, [Malformed(ticket_id="1", reason="no id", body="{ }")], at(5))
        await quarantine.put(tx, "b", [bad, bad], at(1))
        await quarantine.put(tx, "b", [], at(1))
        again, doubled, nameless = await quarantine.listed(tx)
        assert again == Quarantined(
            connection=CONN, ticket_id="1", reason="no id", body="{ }", first_at=at(0), last_at=at(5), times=2
        )
        assert (doubled.connection, doubled.times) == ("b", 2)
        assert nameless.ticket_id == ""
        assert await quarantine.counts(tx) == {CONN: 2, "b": 1}
        assert len(await quarantine.listed(tx, limit=1)) == 1

        await quarantine.clear(tx, CONN, ["1"])
        assert await quarantine.listed(tx) == [doubled, nameless]


async def test_a_long_reason_is_cut(store: Store) -> None:
    async with store.begin() as tx:
        await quarantine.put(tx, CONN, [Malformed(ticket_id="1", reason="x" * 9999, body="")], at(0))
        assert (await quarantine.listed(tx))[0].reason == "x" * REASON_LIMIT


async def test_whether_a_ticket_is_held_is_told_by_its_connection(store: Store) -> None:
    async with store.begin() as tx:
        for ticket in ("1", ""):
            await quarantine.put(tx, CONN, [Malformed(ticket_id=ticket, reason="r", body="{}")], at(0))
        assert await quarantine.holds(tx, CONN, "1")
        assert not await quarantine.holds(tx, CONN, "2")
        assert not await quarantine.holds(tx, "other", "1")
        assert not await quarantine.holds(tx, CONN, ""), "no ticket to look at again"
