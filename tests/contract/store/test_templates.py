"""Sentences a desk has used: remembered once however often they are read, and forgotten in the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from connector.rules.authorship.templates import KEPT, Sighting, seconds
from connector.store import templates
from connector.store.schema import template_lines
from connector.store.store import Store
from tests.contract.store.makers import CONN, T0, at


def use(line: str, ticket: str, minutes: float = 0, author: str = "a1") -> Sighting:
    return Sighting(line, author, (seconds(at(minutes)), ticket))


async def test_what_is_learnt_is_known(store: Store) -> None:
    async with store.begin() as tx:
        learnt = await templates.learn(tx, CONN, [use("x", "t1"), use("x", "t2", 5), use("y", "t1")])
    async with store.read() as tx:
        assert await templates.known(tx, CONN, ["x", "y", "z"]) == learnt
        assert await templates.known(tx, "other", ["x"]) == {}
    assert learnt == {
        "x": {"a1": ((seconds(T0), "t1"), (seconds(at(5)), "t2"))},
        "y": {"a1": ((seconds(T0), "t1"),)},
    }


async def test_reading_it_again_in_any_order_changes_nothing(store: Store) -> None:
    seen = [use("x", f"t{number}", number, f"a{number % 2}") for number in range(9)]
    async with store.begin() as tx:
        once = await templates.learn(tx, CONN, seen)
        again = await templates.learn(tx, CONN, [*seen[::-1], *seen])
        assert again == once == await templates.known(tx, CONN, ["x"])


async def test_the_earliest_use_on_a_ticket_stands(store: Store) -> None:
    async with store.begin() as tx:
        await templates.learn(tx, CONN, [use("x", "t1", 9)])
        assert (await templates.learn(tx, CONN, [use("x", "t1", 3)]))["x"]["a1"] == ((seconds(at(3)), "t1"),)


async def test_of_a_sentence_used_everywhere_only_so_much_is_kept(store: Store) -> None:
    async with store.begin() as tx:
        for number in range(KEPT + 40):
            await templates.learn(tx, CONN, [use("x", f"t{number}", number)])
        (kept,) = (await templates.known(tx, CONN, ["x"]))["x"].values()
    assert [ticket for _, ticket in kept] == [f"t{number}" for number in range(KEPT)]


async def test_more_lines_than_one_statement_takes(store: Store) -> None:
    seen = [use(f"line {number}", "t1") for number in range(1300)]
    async with store.begin() as tx:
        assert len(await templates.learn(tx, CONN, seen)) == 1300
        assert await templates.forget(tx, CONN, T0, 1000) == 0
        assert await templates.forget(tx, CONN, at(1), 1000) == 1000
        assert await templates.forget(tx, CONN, at(1), 1000) == 300
        assert await tx.scalar(select(func.count()).select_from(template_lines)) == 0


async def test_what_is_still_in_use_is_not_forgotten(store: Store) -> None:
    day = timedelta(days=1)
    async with store.begin() as tx:
        full = [use("x", f"t{number}", number) for number in range(KEPT)]
        await templates.learn(tx, CONN, [*full, use("y", "t1")])
        late = Sighting("x", "a1", (seconds(T0 + 200 * day), "late"))
        await templates.learn(tx, CONN, [late])
        assert await templates.forget(tx, CONN, T0 + 200 * day - templates.REMEMBERED, 10) == 1
        known = await templates.known(tx, CONN, ["x", "y"])
    assert len(known["x"]["a1"]) == KEPT
    assert "y" not in known


async def test_any_instant_and_any_author(store: Store) -> None:
    ancient = Sighting("x", "\ud800\0", (seconds(datetime(1, 1, 2, tzinfo=UTC)), "t1"))
    async with store.begin() as tx:
        await templates.learn(tx, CONN, [ancient])
        (author, uses), *_ = (await templates.known(tx, CONN, ["x"]))["x"].items()
    assert (author, uses[0]) == ("\ufffd\ufffd", ancient.use)
