from __future__ import annotations

from connector.model import PsaVerdict
from connector.store import assessments, board, events, outbox, tickets
from connector.store.store import Store

from .makers import CONN, T0, assessed, at, note, stored


async def test_what_is_put_is_loaded_whole(store: Store) -> None:
    rich = stored(
        "1",
        client="Acme",
        client_id="42",
        summary="Drucker geht nicht – schon wieder 🖨",
        priority="P1",
        status="New",
        group="Service desk",
        owner="anna",
        contact="u17",
        url="https://psa.example/1",
        closed=True,
        closed_at=at(5),
        psa=PsaVerdict(response_at=at(1), sla_met=True, text="Respond by Mon"),
        version="2026-01-05T09:00:00.123456Z",
        updated_by="a4",
        flags={"zone": "red", "why": ""},
        observed_at=at(1.5),
        own_version="v0",
    )
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [rich, stored("2")])
    async with store.read() as tx:
        assert await tickets.load(tx, CONN, ["1", "2", "3"]) == {"1": rich, "2": stored("2")}
        assert await tickets.load(tx, "other", ["1"]) == {}


async def test_put_replaces(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("1", status="New", observed_at=T0)])
        await tickets.put(tx, CONN, [stored("1", status="Done", version="v2")])
        assert await tickets.load(tx, CONN, ["1"]) == {"1": stored("1", status="Done", version="v2")}


async def test_known_of_many_ids(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored(str(n)) for n in range(1200)])
        found = await tickets.known(tx, CONN, (str(n) for n in range(600, 1800)))
    assert found == {str(n) for n in range(600, 1200)}


async def test_stale_ones_come_longest_unseen_first(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(
            tx,
            CONN,
            [
                stored("late", observed_at=at(20)),
                stored("early", observed_at=at(10)),
                stored("never"),
                stored("fresh", observed_at=at(30)),
                stored("closed", observed_at=at(1), closed=True),
                stored("gone", observed_at=at(1), gone=True),
            ],
        )
        await tickets.put(tx, "other", [stored("elsewhere")])
        assert await tickets.stale(tx, CONN, at(30), 10) == ["never", "early", "late"]
        assert await tickets.stale(tx, CONN, at(30), 2) == ["never", "early"]


async def test_a_gone_ticket_vanishes_from_every_list_but_its_facts_stay(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("1"), stored("2")])
        await events.merge(tx, CONN, [("1", note("note:1"))])
        await assessments.save(tx, CONN, [assessed("1", next_at=at(1)), assessed("2", next_at=at(2))])
        await outbox.owe(tx, CONN, "1", {"zone": "red"}, "late", T0)
        await tickets.mark_gone(tx, CONN, ["1", "unknown"], at(3))

        assert await assessments.due(tx, CONN, at(9), 10) == ["2"]
        assert await tickets.stale(tx, CONN, at(9), 10) == ["2"]
        assert await tickets.open_ids(tx, CONN, "Acme") == ["2"]
        assert [row.ticket_id for row in await board.board(tx, limit=10)] == ["2"]
        assert await outbox.owed(tx, CONN, at(9), 10) == []
        assert await assessments.unassessed(tx, CONN, 10) == []

        assert await tickets.known(tx, CONN, ["1"]) == {"1"}
        assert (await tickets.load(tx, CONN, ["1"]))["1"].gone
        assert (await events.timelines(tx, CONN, ["1"]))["1"] == (note("note:1"),)

        await tickets.put(tx, CONN, [stored("1")])
        assert await tickets.open_ids(tx, CONN, "Acme") == ["1", "2"]


async def test_open_tickets_of_a_policy_client(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("1"), stored("2", closed=True), stored("3"), stored("4")])
        await assessments.save(
            tx, CONN, [assessed("1"), assessed("2"), assessed("3", client="Other"), assessed("4")]
        )
        assert await tickets.open_ids(tx, CONN, "Acme") == ["1", "4"]
        assert await tickets.open_ids(tx, CONN, "Nobody") == []


async def test_what_a_write_left_is_kept_beside_the_ticket(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("1", status="New", flags={"zone": "green"})])
        await tickets.put_written(tx, CONN, "1", flags={"zone": "red"}, own_version="v2")
        assert await tickets.load(tx, CONN, ["1"]) == {
            "1": stored("1", status="New", flags={"zone": "red"}, own_version="v2")
        }


async def test_counts_and_connections(store: Store) -> None:
    async with store.begin() as tx:
        assert await tickets.counts(tx) == {}
        await tickets.put(tx, CONN, [stored("1"), stored("2", closed=True), stored("3", gone=True)])
        await tickets.put(tx, "b", [stored("1", closed=True)])
        assert await tickets.counts(tx) == {CONN: tickets.Totals(3, 1), "b": tickets.Totals(1, 0)}
        assert await tickets.connections_of(tx, "1") == ["b", CONN]
        assert await tickets.connections_of(tx, "9") == []


async def test_a_ticket_with_an_impossible_date_does_not_hide_the_others(store: Store) -> None:
    broken = stored("1")
    object.__setattr__(broken.ticket, "opened_at", T0.replace(year=1))
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [broken, stored("2")])
        assert await tickets.load(tx, CONN, ["1", "2"]) == {"2": stored("2")}
        assert len(await board.board(tx, limit=10)) == 2
