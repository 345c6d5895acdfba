from __future__ import annotations

from dataclasses import replace

from connector.store import outbox, reasons
from connector.store.outbox import Owed
from connector.store.store import Store

from .makers import CONN, at

RED = Owed(
    connection=CONN,
    ticket_id="1",
    flags={"zone": "red", "why": "late"},
    reason="response missed",
    since=at(0),
    attempts=0,
    not_before=at(0),
    state="owed",
    error="",
)


async def test_owed_until_settled(store: Store) -> None:
    async with store.begin() as tx:
        assert (await reasons.find(tx, CONN)).write is None
        await outbox.owe(tx, CONN, "1", RED.flags, RED.reason, at(0))
        assert await outbox.owed(tx, CONN, at(0), 10) == [RED]
        assert await outbox.owed(tx, "other", at(0), 10) == []
        assert (await reasons.find(tx, CONN)).write == at(0)
        await outbox.settle(tx, CONN, "1")
        await outbox.settle(tx, CONN, "1")
        assert await outbox.owed(tx, CONN, at(9), 10) == []
        assert await outbox.counts(tx) == {}


async def test_new_values_replace_what_was_owed_but_not_its_age(store: Store) -> None:
    async with store.begin() as tx:
        await outbox.owe(tx, CONN, "1", RED.flags, RED.reason, at(0))
        await outbox.postpone(tx, CONN, "1", error="503", not_before=at(5))
        await outbox.owe(tx, CONN, "1", {"zone": "green"}, "answered", at(1))
        assert await outbox.owed(tx, CONN, at(4.9), 10) == []
        assert await outbox.owed(tx, CONN, at(5), 10) == [
            replace(
                RED, flags={"zone": "green"}, reason="answered", attempts=1, not_before=at(5), error="503"
            )
        ]
        assert (await reasons.find(tx, CONN)).write == at(5)


async def test_the_longest_waiting_is_tried_first(store: Store) -> None:
    async with store.begin() as tx:
        for minute, ticket in enumerate(("c", "a", "b")):
            await outbox.owe(tx, CONN, ticket, {"zone": "red"}, "", at(minute))
        assert [row.ticket_id for row in await outbox.owed(tx, CONN, at(9), 2)] == ["c", "a"]


async def test_a_dead_letter_waits_for_a_person_or_for_new_values(store: Store) -> None:
    async with store.begin() as tx:
        await outbox.owe(tx, CONN, "1", RED.flags, RED.reason, at(0))
        await outbox.bury(tx, CONN, "1", error="field is read-only")
        buried = replace(RED, state="dead", attempts=1, error="field is read-only")
        assert await outbox.dead(tx) == [buried]
        assert await outbox.owed(tx, CONN, at(9), 10) == []
        assert (await reasons.find(tx, CONN)).write is None
        assert await outbox.counts(tx) == {CONN: (0, 1)}

        await outbox.owe(tx, CONN, "1", dict(reversed(RED.flags.items())), RED.reason, at(1))
        assert await outbox.dead(tx) == [buried]

        await outbox.owe(tx, CONN, "1", {"zone": "green"}, "answered", at(2))
        assert await outbox.dead(tx) == []
        assert await outbox.owed(tx, CONN, at(2), 10) == [
            replace(RED, flags={"zone": "green"}, reason="answered", since=at(2), not_before=at(2))
        ]


async def test_a_person_can_have_a_dead_letter_tried_again(store: Store) -> None:
    async with store.begin() as tx:
        await outbox.owe(tx, CONN, "1", RED.flags, RED.reason, at(0))
        await outbox.bury(tx, CONN, "1", error="refused")
        await outbox.retry(tx, CONN, "1")
        assert await outbox.owed(tx, CONN, at(1), 10) == [replace(RED, error="refused")]


async def test_many_at_once_and_counts(store: Store) -> None:
    async with store.begin() as tx:
        await outbox.owe_all(tx, CONN, [(str(n), {"zone": "red"}, "late") for n in range(5)], at(0))
        await outbox.owe_all(tx, CONN, [], at(0))
        await outbox.bury(tx, CONN, "3", error="refused")
        await outbox.owe(tx, "b", "3", {"zone": "red"}, "late", at(0))
        assert await outbox.counts(tx) == {CONN: (4, 1), "b": (1, 0)}


async def test_a_person_has_it_tried_again_or_gives_it_up_once(store: Store) -> None:
    async with store.begin() as tx:
        await outbox.owe(tx, CONN, "1", RED.flags, RED.reason, at(0))
        assert not await outbox.retry(tx, CONN, "1"), "it is owed already"
        assert not await outbox.drop(tx, CONN, "1"), "it may be under way"
        await outbox.bury(tx, CONN, "1", error="refused")
        assert not await outbox.drop(tx, "other", "1")
        assert await outbox.drop(tx, CONN, "1")
        assert not await outbox.drop(tx, CONN, "1")
        assert await outbox.dead(tx) == await outbox.owed(tx, CONN, at(9), 10) == []
        assert [one.ticket_id for one in await outbox.dead(tx, state="dropped")] == ["1"]
        assert (await outbox.counts(tx), (await reasons.find(tx, CONN)).write) == ({}, None)
        assert await outbox.retry(tx, CONN, "1"), "minds may be changed"
        assert not await outbox.retry(tx, CONN, "1")
        assert await outbox.owed(tx, CONN, at(0), 10) == [replace(RED, error="refused")]


async def test_what_was_given_up_stays_so_until_something_else_is_wanted(store: Store) -> None:
    async with store.begin() as tx:
        await outbox.owe(tx, CONN, "1", RED.flags, RED.reason, at(0))
        await outbox.bury(tx, CONN, "1", error="refused")
        await outbox.drop(tx, CONN, "1")
        await outbox.owe(tx, CONN, "1", RED.flags, RED.reason, at(1))
        assert await outbox.owed(tx, CONN, at(9), 10) == []
        await outbox.owe(tx, CONN, "1", {"zone": "green"}, "answered", at(2))
        assert [one.flags for one in await outbox.owed(tx, CONN, at(2), 10)] == [{"zone": "green"}]
