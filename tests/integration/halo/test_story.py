"""A ticket's story out of Halo: actions, the audit where they are silent, and what customers say of it."""

from __future__ import annotations

from datetime import timedelta

from connector.model import Rating, StatusChange
from connector.psa.halo.adapter import Halo
from tests.integration.halo.kit import (
    CAPTIONS,
    asked,
    connected,
    drain,
    priorities,
)


async def test_ids_of_actions_repeat_from_ticket_to_ticket_and_their_keys_do_not(world):
    async with connected(world) as (psa, _):
        one, other = (world.open_ticket("Acme Dental", "Printer", text="Help") for _ in range(2))
        batch = await psa.observe([str(one), str(other)])
        keys = [e.key for _, e in batch.events]
        assert keys == [f"action:{one}:1", f"action:{other}:1"]


async def test_a_change_of_status_names_both_and_who_made_it(world, halo_tap):
    async with connected(world, tap=halo_tap) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help")
        world.advance(timedelta(minutes=3))
        world.set_status(ticket, "Waiting Customer", by="jreed")
        world.set_status(ticket, "In Progress")
        batch = await psa.observe([str(ticket)])
        told = [(e.from_, e.to, e.actor.kind) for _, e in batch.events if isinstance(e, StatusChange)]
        assert told == [
            ("New", "Waiting Customer", "staff"),
            ("Waiting Customer", "In Progress", "automation"),
        ]


async def test_changes_of_priority_are_told_by_whom_and_when_wherever_the_ticket_is_read(world, halo_tap):
    async with connected(world, tap=halo_tap) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help", priority="P3 Medium")
        world.advance(timedelta(minutes=3))
        world.set_priority(ticket, "P1 Critical", by="jreed")
        up = world.now()
        world.advance(timedelta(minutes=3))
        world.set_priority(ticket, "P2 High", by="Rewst")
        world.advance(timedelta(minutes=1))
        world.post(ticket, "jreed", "Please unplug it")
        wanted = [
            (up, "P3 Medium", "P1 Critical", "staff"),
            (up + timedelta(minutes=3), "P1 Critical", "P2 High", "automation"),
        ]
        observed = await psa.observe([str(ticket)])
        assert priorities(observed) == wanted
        assert "audit:" in observed.replaces
        other = Halo("main", psa._session.config)
        await other.start(CAPTIONS)
        batches, _ = await drain(other, "tickets", None, world.now())
        (shown_now,) = [s for batch in batches for s in batch.snapshots if s.ticket.id == str(ticket)]
        polled = await other.complete([shown_now])
        assert priorities(polled) == wanted
        assert {e.key for _, e in polled.events} == {e.key for _, e in observed.events}
        await other.close()


async def test_the_audit_is_asked_for_only_where_something_happened_that_no_action_tells(world):
    async with connected(world) as (psa, _):
        ids = [world.open_ticket("Acme Dental", "Printer", text="Help") for _ in range(4)]
        cursor = None

        async def read():
            nonlocal cursor
            world.advance(timedelta(minutes=6))
            batches, cursor = await drain(psa, "tickets", cursor, world.now())
            found = [s for b in batches for s in b.snapshots if int(s.ticket.id) in ids]
            world.requests.clear()
            batch = await psa.complete(found)
            return batch, asked(world, "GET", "/Tickets/{id}")

        assert (await read())[1] == 0, "nothing can have happened to a ticket just opened"
        for ticket in ids:
            world.post(ticket, "jreed", "Please unplug it")
            world.set_status(ticket, "In Progress", by="jreed")
        assert (await read())[1] == 0, "actions tell all that"
        world.set_priority(ids[1], "P1 Critical", by="dmoore")
        batch, requests = await read()
        assert requests == 1
        assert [to for _, _, to, _ in priorities(batch)] == ["P1 Critical"]
        assert (await read())[1] == 0
        world.advance(timedelta(hours=3))
        late = world.open_ticket("Acme Dental", "Mouse", text="Help")
        ids.append(late)
        world.advance(timedelta(minutes=5))
        world.set_priority(late, "P1 Critical", by="dmoore")
        assert (await read())[1] == 1, "nobody has looked for hours: what is new may have a past"


async def test_where_actions_may_not_be_read_the_audit_tells_what_it_can(world):
    async with connected(world, start=False, forbidden="/actions") as (psa, _):
        await psa.start(CAPTIONS)
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help", priority="P3 Medium")
        _, cursor = await drain(psa, "tickets", None, world.now())
        world.advance(timedelta(minutes=6))
        world.set_status(ticket, "Waiting Customer", by="jreed")
        world.set_priority(ticket, "P1 Critical", by="dmoore")
        batches, _ = await drain(psa, "tickets", cursor, world.now())
        found = await psa.complete([s for b in batches for s in b.snapshots if s.ticket.id == str(ticket)])
        assert [to for _, _, to, _ in priorities(found)] == ["P1 Critical"]
        told = [(e.from_, e.to, e.actor.kind) for _, e in found.events if isinstance(e, StatusChange)]
        assert told == [("New", "Waiting Customer", "staff")]
        assert not found.complete


async def test_where_halo_shows_no_audit_it_is_soon_asked_for_no_more(world):
    async with connected(world) as (psa, sim):
        real = sim.dialect._shapes.audit
        sim.dialect._shapes.audit = lambda _ticket: None
        ids = [world.open_ticket("Acme Dental", "Printer", text="Help") for _ in range(5)]
        world.advance(timedelta(minutes=5))
        for ticket in ids:
            world.set_priority(ticket, "P1 Critical", by="dmoore")
        batches, _ = await drain(psa, "tickets", None, world.now())
        found = [s for b in batches for s in b.snapshots if int(s.ticket.id) in ids]
        for one in found:
            await psa.complete([one])
        assert asked(world, "GET", "/Tickets/{id}") == 3
        assert "the audit of tickets" in psa._session.off
        sim.dialect._shapes.audit = real
        assert priorities(await psa.observe([str(ids[0])])), "it costs nothing there"


async def test_the_best_face_is_the_best_score_and_other_scales_can_be_set(world):
    happy, angry = sorted(world.tickets.by_id)[:2]
    world.rate(happy, 5, "great")
    world.rate(angry, 1)
    for faults, change in (({}, {}), ({"feedback_high": True}, {"best_score": 5, "worst_score": 1})):
        async with connected(world, change=change, **faults) as (psa, _):
            batch = await psa.poll("feedback", None, now=world.now(), limit=100)
            told = {i: e for i, e in batch.events if isinstance(e, Rating)}
            assert (told[str(happy)].score, told[str(angry)].score) == (5, 1)
            assert told[str(happy)].scale == 5


async def test_a_comment_that_comes_later_is_read_under_the_same_key(world, halo_tap):
    ticket = sorted(world.tickets.by_id)[0]
    answer = world.rate(ticket, 2)
    async with connected(world, tap=halo_tap) as (psa, _):
        first = await psa.poll("feedback", None, now=world.now(), limit=100)
        again = await psa.poll("feedback", first.cursor, now=world.now(), limit=100)
        assert not again.events, "a quarter of an hour is not over"
        world.answers.by_id[answer].comment = "too slow"
        world.advance(timedelta(minutes=20))
        late = await psa.poll("feedback", again.cursor, now=world.now(), limit=100)
        key = f"feedback:{answer}"
        assert [e.comment for _, e in first.events if e.key == key] == [""]
        assert [e.comment for _, e in late.events if e.key == key] == ["too slow"]


async def test_a_clock_that_was_ahead_does_not_put_reading_off(world):
    """Answers would be heard of when the wrong time has come, a day later."""
    async with connected(world) as (psa, _):
        ahead = world.now() + timedelta(days=1)
        planned = {
            stream: (await psa.poll(stream, None, now=ahead, limit=100)).cursor
            for stream in ("feedback", "deletions")
        }
        answer = world.rate(sorted(world.tickets.by_id)[0], 2)
        found = {
            stream: await psa.poll(stream, cursor, now=world.now(), limit=100)
            for stream, cursor in planned.items()
        }
        assert f"feedback:{answer}" in {event.key for _, event in found["feedback"].events}
        assert [stream for stream, batch in found.items() if batch.cursor == planned[stream]] == []


async def test_a_status_that_is_made_later_is_learnt_and_not_asked_for_again_and_again(world, monkeypatch):
    async with connected(world) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help")
        world.set_status(ticket, "Waiting Customer", by="jreed")
        psa._session.lookups.statuses.clear()
        monkeypatch.setattr("connector.psa.halo.session.AGENTS_AGAIN_S", 0.0)
        world.requests.clear()
        (found,) = (await psa.observe([str(ticket)])).snapshots
        assert found.ticket.status == "Waiting Customer"
        assert asked(world, "GET", "/Status") == 1
        monkeypatch.setattr("connector.psa.halo.session.AGENTS_AGAIN_S", 600.0)
        psa._session.lookups.statuses.clear()
        await psa.observe([str(ticket)])
        assert asked(world, "GET", "/Status") == 1


async def test_workdays_are_read_with_their_holidays(world, halo_tap):
    async with connected(world, tap=halo_tap, start=False) as (psa, _):
        found = await psa.calendars()
        assert found
        assert all(one.hours or one.problem for one in found)
        london = await psa.calendars("Europe/London")
        assert {one.hours.timezone for one in london if one.hours} == {"Europe/London"}
