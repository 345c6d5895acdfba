"""Halo's lists: pages it cuts, repeats and moves, rows that are deleted, answers that are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connector.model import Message
from connector.simulator import make_world
from tests.integration.halo.kit import (
    START,
    asked,
    connected,
    drain,
    shown,
)


async def test_more_tickets_than_a_page_holds_are_all_read_whatever_size_the_server_gives():
    world = make_world(seed=3, tickets=230, start=START)
    for cap in (100, 40):
        async with connected(world, page_cap=cap, change={"backfill_days": 3650}) as (psa, _):
            batches, _ = await drain(psa, "tickets", None, world.now())
            assert set(shown(batches)) == set(map(str, world.tickets.by_id))


async def test_a_poll_with_little_to_read_looks_for_open_and_closed_ones_at_once(world):
    async with connected(world) as (psa, _):
        _, cursor = await drain(psa, "tickets", None, world.now())
        world.advance(timedelta(hours=1))
        stays, closes = sorted(t.id for t in world.tickets.by_id.values() if not t.closed_at)[:2]
        world.post(stays, "jreed", "I look into it.")
        world.set_status(closes, ">Closed", by="jreed")
        batch = await psa.poll("tickets", cursor, now=world.now(), limit=200)
        assert batch.done
        assert {s.ticket.id: s.ticket.closed for s in batch.snapshots} == {
            str(stays): False,
            str(closes): True,
        }
        again, _ = await drain(psa, "tickets", cursor, world.now(), limit=1)
        assert not again[0].done
        assert set(shown(again)) == {str(stays), str(closes)}


async def test_a_list_that_sends_its_first_page_for_ever_is_left(world):
    async with connected(world, ignores_paging="/tickets") as (psa, _):
        batches, _ = await drain(psa, "tickets", None, world.now(), limit=5)
        assert len(batches) <= 4
        assert len(shown(batches)) == len(set(shown(batches)))


async def test_a_ticket_closed_between_pages_hides_no_other_one(world):
    async with connected(world) as (psa, _):
        open_ones = sorted(t.id for t in world.tickets.by_id.values() if not t.closed_at)
        first = await psa.poll("tickets", None, now=world.now(), limit=5)
        for ticket in open_ones[:3]:
            world.set_status(ticket, ">Closed", by="jreed")
        rest, _ = await drain(psa, "tickets", first.cursor, world.now(), limit=5)
        assert set(map(str, open_ones)) <= set(shown([first, *rest]))


async def test_each_changed_ticket_costs_one_request_and_a_little_for_the_list(halo_tap):
    world = make_world(seed=5, tickets=300, start=START)
    async with connected(world, tap=halo_tap) as (psa, _):
        first, cursor = await drain(psa, "tickets", None, world.now())
        await psa.complete([s for batch in first for s in batch.snapshots])
        world.advance(timedelta(hours=1))
        for ticket in list(world.tickets.by_id)[:200]:
            for words in ("one", "two", "three"):
                world.post(ticket, "jreed", words)
        world.requests.clear()
        batches, _ = await drain(psa, "tickets", cursor, world.now())
        tickets = [s for batch in batches for s in batch.snapshots]
        found = await psa.complete(tickets)
        assert len(tickets) == len(found.complete) == 200
        assert (
            sum(e.text in ("one", "two", "three") for _, e in found.events if isinstance(e, Message)) == 600
        )
        assert world.requests.total() / len(tickets) <= 1.1


async def test_deleted_tickets_are_found_by_polling_and_each_is_looked_at(world, halo_tap):
    async with connected(world, tap=halo_tap) as (psa, _):
        before, *lost, kept = (world.open_ticket("Acme Dental", "Printer", text="Help") for _ in range(7))
        world.delete_ticket(before, by="jreed")
        world.advance(timedelta(hours=1))
        first = await psa.poll("deletions", None, now=world.now(), limit=100)
        for ticket in lost:
            world.delete_ticket(ticket, by="jreed")
        world.advance(timedelta(minutes=1))
        again = await psa.poll("deletions", first.cursor, now=world.now(), limit=100)
        assert (again.gone, again.cursor) == (frozenset(), first.cursor), "it is asked every five minutes"
        world.advance(timedelta(minutes=5))
        world.post(kept, "jreed", "Please unplug it")
        batch = await psa.poll("deletions", again.cursor, now=world.now(), limit=100)
        assert first.gone == frozenset()
        assert batch.gone == {str(ticket) for ticket in lost}
        last = await psa.poll("deletions", batch.cursor, now=world.now() + timedelta(minutes=30), limit=100)
        assert last.gone == frozenset()


async def test_a_list_of_deleted_tickets_that_are_there_is_not_believed(world):
    async with connected(world) as (psa, sim):
        first = await psa.poll("deletions", None, now=world.now(), limit=100)
        world.advance(timedelta(minutes=6))
        for _ in range(9):
            world.open_ticket("Acme Dental", "Printer", text="Help")
        real = sim.dialect.answer

        def deaf(ask):
            ask.query.pop("deleted", None)
            return real(ask)

        sim.dialect.answer = deaf
        world.requests.clear()
        batch = await psa.poll("deletions", first.cursor, now=world.now(), limit=100)
        assert batch.gone == frozenset()
        assert asked(world, "GET", "/Tickets/{id}") == 3
        assert "which is there" in psa._session.off["deletions"]


async def test_a_list_that_was_cut_short_is_asked_for_again(world):
    async with connected(world, start=False) as (psa, _):
        ann = next(iter(world.contacts.values()))
        world.contacts.update({n: replace(ann, id=n) for n in range(9000, 9080)})
        assert len(world.contacts) > 80
        assert len(await psa._session.api.whole("Users")) == len(world.contacts)
        assert asked(world, "GET", "/Users") == 2


async def test_an_answer_that_is_no_ticket_is_set_aside_and_nothing_is_gone(world):
    async with connected(world) as (psa, sim):
        odd, good = (world.open_ticket("Acme Dental", "Printer", text="Help") for _ in range(2))
        sim.faults.malformed = {odd: "not-an-object"}
        batch = await psa.observe([str(odd), str(good), "9999999999"])
        assert batch.gone == {"9999999999"}
        assert [m.ticket_id for m in batch.malformed] == [str(odd)]
        assert [s.ticket.id for s in batch.snapshots] == [str(good)]


async def test_an_hour_of_short_tokens_and_cut_pages_loses_no_change(world):
    async with connected(world, token_lifetime=120, page_cap=7) as (psa, sim):
        cursor, seen = None, set()
        for minute in range(60):
            world.advance(timedelta(minutes=1))
            ticket = sorted(world.tickets.by_id)[minute % 20]
            world.post(ticket, "jreed", f"minute {minute}")
            if minute % 7 == 3:
                sim.dialect.access.invalidate()
            batches, cursor = await drain(psa, "tickets", cursor, world.now())
            seen |= {(s.ticket.id, s.version) for batch in batches for s in batch.snapshots}
        last = {str(t): t for t in sorted(world.tickets.by_id)[:20]}
        for ticket_id, number in last.items():
            stamped = world.ticket(number).updated_at.isoformat(timespec="milliseconds")
            assert (ticket_id, stamped) in seen
