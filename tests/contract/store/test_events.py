from __future__ import annotations

from connector.model import (
    Actor,
    Appointment,
    Assignment,
    ClientChange,
    Close,
    Event,
    Message,
    PriorityChange,
    Rating,
    Reopen,
    StatusChange,
)
from connector.store import events
from connector.store.store import Store

from .makers import CONN, T0, at, note


async def test_every_kind_of_fact_comes_back_as_it_was(store: Store) -> None:
    anna = Actor("staff", "a4", "Anna", "Service desk", ("api",))
    facts: tuple[Event, ...] = (
        Message(
            at=at(1),
            key="note:1",
            actor=anna,
            direction="out",
            channel="email",
            subject="Re: Drucker",
            text="",
            minutes=6.5,
            headers={"auto-submitted": "no"},
            record="time_entry",
        ),
        StatusChange(at=at(2), key="seen:2", actor=anna, from_="New", to="In Progress"),
        PriorityChange(at=at(3), key="seen:3", from_="P3", to="P1"),
        ClientChange(at=at(4), key="seen:4", from_="A", to="B"),
        Assignment(at=at(5), key="seen:5", what="group", from_="", to="Field"),
        Appointment(at=at(6), key="date:6", starts_at=at(60), ends_at=at(90), who="anna"),
        Close(at=at(7), key="seen:7", from_="Resolved", to="Closed"),
        Reopen(at=at(8), key="seen:8", from_="Closed", to="New"),
        Rating(at=at(9), key="survey:9", score=4, scale=5, comment="ok", lost_minutes=0.0, source="survey"),
        Message(at=at(10), key="note:9", text=None, chars=1200),
    )
    async with store.begin() as tx:
        assert await events.merge(tx, CONN, [("1", fact) for fact in reversed(facts)]) == {"1"}
    async with store.read() as tx:
        assert await events.timelines(tx, CONN, ["1", "2"]) == {"1": facts, "2": ()}


async def test_only_a_real_change_is_reported(store: Store) -> None:
    async with store.begin() as tx:
        first = [("1", note("note:1", text="a")), ("2", note("note:2", text="b"))]
        assert await events.merge(tx, CONN, first) == {"1", "2"}
        assert await events.merge(tx, CONN, first) == set()
        edited = [("1", note("note:1", text="a!")), ("2", note("note:2", text="b"))]
        assert await events.merge(tx, CONN, edited) == {"1"}
        assert (await events.timelines(tx, CONN, ["1"]))["1"] == (note("note:1", text="a!"),)
        assert await events.merge(tx, "other", first) == {"1", "2"}


async def test_order_is_by_time_then_key(store: Store) -> None:
    facts = [note("note:b", 1), note("note:a", 1), note("note:c", 0)]
    async with store.begin() as tx:
        await events.merge(tx, CONN, [("1", fact) for fact in facts])
        assert [e.key for e in (await events.timelines(tx, CONN, ["1"]))["1"]] == [
            "note:c",
            "note:a",
            "note:b",
        ]


async def test_facts_the_psa_no_longer_has_are_deleted_ours_stay(store: Store) -> None:
    seen = StatusChange(at=at(3), key="seen:1", from_="New", to="Done")
    async with store.begin() as tx:
        before = [note("note:1"), note("note:2", 1), note("time:1", 2), seen]
        await events.merge(tx, CONN, [(id, fact) for id in ("1", "2", "3") for fact in before])

        batch = [("1", note("note:1")), ("2", note("note:1"))]
        changed = await events.merge(tx, CONN, batch, complete=["1", "3"], replaceable_prefixes=["note:"])

        left = await events.timelines(tx, CONN, ["1", "2", "3"])
        assert changed == {"1", "3"}
        assert left["1"] == (note("note:1"), note("time:1", 2), seen)
        assert left["2"] == tuple(before)
        assert left["3"] == (note("time:1", 2), seen)
        again = await events.merge(tx, CONN, batch, complete=["1", "3"], replaceable_prefixes=["note:"])
        assert again == set()


async def test_nothing_is_deleted_without_prefixes(store: Store) -> None:
    async with store.begin() as tx:
        await events.merge(tx, CONN, [("1", note("note:1"))])
        assert await events.merge(tx, CONN, [], complete=["1"]) == set()
        assert (await events.timelines(tx, CONN, ["1"]))["1"] == (note("note:1"),)


async def test_the_last_of_two_versions_in_one_batch_wins(store: Store) -> None:
    async with store.begin() as tx:
        await events.merge(tx, CONN, [("1", note("note:1", text="old")), ("1", note("note:1", text="new"))])
        assert (await events.timelines(tx, CONN, ["1"]))["1"] == (note("note:1", text="new"),)


async def test_facts_without_a_key_are_known_by_their_content(store: Store) -> None:
    async with store.begin() as tx:
        two = [("1", note("", text="a")), ("1", note("", text="b"))]
        assert await events.merge(tx, CONN, two) == {"1"}
        assert await events.merge(tx, CONN, two) == set()
        assert len((await events.timelines(tx, CONN, ["1"]))["1"]) == 2


async def test_an_impossible_fact_is_left_out_of_its_timeline_only(store: Store) -> None:
    ancient = note("note:1", text="?")
    object.__setattr__(ancient, "at", T0.replace(year=1))
    endless = Rating(at=T0, key="survey:1", score=float("inf"))
    async with store.begin() as tx:
        await events.merge(
            tx, CONN, [("1", ancient), ("1", endless), ("1", note("note:2")), ("2", note("n"))]
        )
        assert await events.timelines(tx, CONN, ["1", "2"]) == {"1": (note("note:2"),), "2": (note("n"),)}
