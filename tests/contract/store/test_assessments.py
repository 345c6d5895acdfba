from __future__ import annotations

from datetime import timedelta

from connector.assessmentlog import assessment_to_json
from connector.model import BucketClock, MessageVerdict
from connector.store import assessments, tickets
from connector.store.store import Store

from .makers import CONN, T0, assessed, at, note, stored


async def test_the_document_is_kept_whole(store: Store) -> None:
    full = assessed(
        "1",
        {
            "response": BucketClock(
                state="met", zone="yellow", target_min=60, elapsed_min=42.5, done_at=at(42.5)
            )
        },
        timeline=(note("note:1"),),
        messages=(MessageVerdict(event=0, cause="human", content="specific", counts=True),),
        flags={"zone": "yellow", "at_risk": "No"},
        findings=("customer answered while the clock was paused",),
        next_at=at(50),
    )
    async with store.begin() as tx:
        await assessments.save(tx, CONN, [full, assessed("2")])
        found = await assessments.load(tx, CONN, ["1", "3"])
    assert found == {"1": assessment_to_json(full)}


async def test_timers(store: Store) -> None:
    async with store.begin() as tx:
        assert await assessments.next_due(tx, CONN) is None
        await assessments.save(
            tx, CONN, [assessed("b", next_at=at(2)), assessed("a", next_at=at(1)), assessed("never")]
        )
        await assessments.save(tx, "other", [assessed("x", next_at=at(0))])
        assert await assessments.next_due(tx, CONN) == at(1)
        assert await assessments.due(tx, CONN, at(0.99), 10) == []
        assert await assessments.due(tx, CONN, at(1), 10) == ["a"]
        assert await assessments.due(tx, CONN, at(9), 10) == ["a", "b"]
        assert await assessments.due(tx, CONN, at(9), 1) == ["a"]

        await assessments.save(tx, CONN, [assessed("a", next_at=None)])
        assert await assessments.due(tx, CONN, at(9), 10) == ["b"]


async def test_a_timer_is_exact_to_the_microsecond(store: Store) -> None:
    moment = T0 + timedelta(microseconds=1)
    async with store.begin() as tx:
        await assessments.save(tx, CONN, [assessed("1", next_at=moment)])
        assert await assessments.next_due(tx, CONN) == moment
        assert await assessments.due(tx, CONN, T0, 1) == []


async def test_who_was_assessed_under_other_rules(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("1"), stored("2"), stored("3", closed=True), stored("4")])
        await assessments.save(
            tx,
            CONN,
            [
                assessed("1", policy="old"),
                assessed("2", policy="new"),
                assessed("3", policy="old"),
                assessed("4", policy="old", client="Other"),
            ],
        )
        assert await assessments.other_policy(tx, CONN, "Acme", "new", 10) == ["1"]
        assert await assessments.other_policy(tx, CONN, "Acme", "third", 1) in (["1"], ["2"])
        assert await assessments.clients(tx, CONN) == {"Acme", "Other"}


async def test_unassessed_ones_are_paged_by_id(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(
            tx,
            CONN,
            [stored("1"), stored("2", closed=True), stored("3", gone=True), stored("4"), stored("5")],
        )
        await assessments.save(tx, CONN, [assessed("1")])
        assert await assessments.unassessed(tx, CONN, 2) == ["2", "4"]
        assert await assessments.unassessed(tx, CONN, 2, after="4") == ["5"]
        await assessments.drop(tx, CONN, ["1"])
        assert await assessments.unassessed(tx, CONN, 2) == ["1", "2"]
        assert await assessments.load(tx, CONN, ["1"]) == {}


async def test_open_tickets_of_a_client_can_be_made_due(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("1"), stored("2", closed=True), stored("3")])
        await assessments.save(tx, CONN, [assessed("1"), assessed("2"), assessed("3", client="Other")])
        await assessments.make_due(tx, CONN, "Acme", at(1))
        assert await assessments.due(tx, CONN, at(1), 10) == ["1"]
