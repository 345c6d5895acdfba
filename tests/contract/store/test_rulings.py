"""What people have ruled: kept for good, in force until withdrawn, and the tickets concerned made due."""

from __future__ import annotations

from typing import Any

from connector.model import Actor, BucketClock, Evidence, MessageVerdict, Zone
from connector.rules.authorship.rulings import Ruling
from connector.store import assessments, events, reasons, rulings, tickets
from connector.store.store import Store
from tests.contract.store.makers import CONN, T0, assessed, at, note, stored

SAID = Evidence("actor.staff", "text", '"cause":"unknown"')


def ruling(**fields: Any) -> Ruling:
    return Ruling(**{"author": "a1", "cause": "automated", "by": "Dana", "at": T0} | fields)


async def test_a_ruling_comes_back_as_it_was_made(store: Store) -> None:
    some = [
        ruling(why="the RMM"),
        ruling(author="ü\ud800", lines=frozenset({"b", "a"}), cause=None, content="specific"),
    ]
    async with store.begin() as tx:
        numbers = [await rulings.add(tx, CONN, one, "x" * 900) for one in some]
    async with store.read() as tx:
        found = await rulings.in_force(tx, CONN)
        assert found == [some[0], ruling(**{**_fields(some[1]), "author": "ü\ufffd"})]
        assert await rulings.in_force(tx, "other") == []
        kept = await rulings.every(tx)
    assert [one.id for one in kept] == numbers
    assert {len(one.sample) for one in kept} == {rulings.SAMPLE}
    assert {(one.conn, one.withdrawn_by, one.withdrawn_at) for one in kept} == {(CONN, "", None)}


def _fields(one: Ruling) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


async def test_one_withdrawn_is_not_in_force_but_remembered(store: Store) -> None:
    async with store.begin() as tx:
        assert not (await reasons.find(tx, CONN)).ruled
        number = await rulings.add(tx, CONN, ruling())
        assert [(await reasons.find(tx, name)).ruled for name in (CONN, "other")] == [True, False]
        gone = await rulings.withdraw(tx, number, by="Sam", at=at(5))
        assert gone is not None
        assert gone.ruling == ruling()
        assert await rulings.withdraw(tx, number, by="Sam", at=at(6)) is None
        assert await rulings.withdraw(tx, 999, by="Sam", at=at(6)) is None
        assert await rulings.in_force(tx, CONN) == []
        assert not (await reasons.find(tx, CONN)).ruled
        (kept,) = await rulings.every(tx)
    assert (kept.withdrawn_by, kept.withdrawn_at) == ("Sam", at(5))


async def test_the_open_tickets_an_author_has_a_part_in_are_due(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("1"), stored("2"), stored("3", closed=True)])
        await assessments.save(tx, CONN, [assessed(id) for id in "123"])
        by = Actor(kind="staff", id='a_1"%')
        await events.merge(tx, CONN, [("1", note("n1", actor=by)), ("3", note("n3", actor=by))])
        await events.merge(tx, CONN, [("2", note("n2", actor=Actor(id="ab1")))])
        assert await rulings.make_due(tx, CONN, 'a_1"%', at(1)) == 1
        assert await assessments.due(tx, CONN, at(1), 9) == ["1"]


async def test_of_an_author_the_facts_do_not_name_by_id_every_open_ticket_is(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("1"), stored("2", closed=True)])
        await assessments.save(tx, CONN, [assessed(id) for id in "12"])
        await events.merge(tx, CONN, [("1", note("n1", actor=Actor(name="Dana")))])
        assert await rulings.make_due(tx, CONN, "dana", at(1)) == 1
        assert await rulings.make_due(tx, CONN, "", at(1)) == 1


async def test_open_tickets_with_a_message_of_unknown_cause_are_found_the_worst_first(store: Store) -> None:
    unknown = MessageVerdict(event=0, cause="unknown", content="specific", counts=False)
    known = MessageVerdict(event=0, cause="human", content="specific", counts=True, evidence=(SAID,))
    zones: dict[str, Zone] = {"1": "green", "2": "red", "3": "red", "4": "red", "5": "yellow"}
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored(id, closed=id == "3") for id in zones])
        for id, zone in zones.items():
            clock = BucketClock(state="running", zone=zone, due_at=at(5))
            verdict = known if id == "4" else unknown
            one = assessed(id, {"response": clock}, messages=(verdict,), timeline=(note("n1"),))
            await assessments.save(tx, CONN, [one])
        found = await rulings.undecided(tx, 9)
        assert found == [(CONN, "2"), (CONN, "5"), (CONN, "1")], "not the closed one, nor what somebody wrote"
        assert await rulings.undecided(tx, 2) == found[:2]
