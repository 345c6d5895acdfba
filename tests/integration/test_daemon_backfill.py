"""The first reading, the readings after it, and starting again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from connector.store import tickets as stored
from connector.store.board import board
from tests.kit import FOREIGN, Tap, client_file, office, write_client

PATCH = ("PATCH", "/service/tickets/{id}")
NOTES = ("GET", "/service/tickets/{id}/notes")


async def test_flags_arrive_on_open_tickets_and_history_is_left_alone(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap, tickets=120) as o:
        still_open = set(o.open_tickets())
        closed = set(o.world.tickets.by_id) - still_open
        assert len(still_open) > 3
        assert closed
        await o.start()
        await o.assert_right(*still_open)
        assert {ticket for ticket, _, _ in o.written()} == still_open
        assert all(o.flags(ticket) == {} for ticket in closed)
        async with o.connector.store.read() as tx:
            totals = (await stored.counts(tx))["main"]
        assert (totals.tickets, totals.open) == (120, len(still_open))


async def test_the_flags_say_what_is_so(tmp_path: Path, openapi_tap: Tap) -> None:
    """In plain values, so that this does not lean on the code it tests."""
    async with office(tmp_path, tap=openapi_tap) as o:
        waiting = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        o.world.advance(timedelta(minutes=50))
        called = o.world.open_ticket("Globex", "VPN drops", text="The VPN drops every five minutes.")
        o.world.advance(timedelta(minutes=12))
        o.world.log_time(
            called, "tnovak", 2, "Called: the firewall drops the line, changed the MTU.", "Phone Call"
        )
        await o.start()
        late, answered = o.flags(waiting), o.flags(called)
        assert late["at_risk"] is True
        assert (late["zone"], late["due"]) == ("red", "2026-11-20T10:00:00Z")
        assert late["why"].startswith("response overdue since")
        assert "felt_response" not in late
        assert "at_risk" not in answered
        assert answered["zone"] == "green"
        assert 10 <= answered["felt_response"] <= 12
        assert answered["why"].startswith("answered in 1")


async def test_each_field_is_written_once_by_us_and_nobody_elses_is(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, tickets=120) as o:
        foreign = {ticket: o.world.field(ticket, FOREIGN) for ticket in o.world.tickets.by_id}
        assert any(foreign[ticket] for ticket in o.open_tickets())
        await o.start()
        keys = [(w.ticket, w.field) for w in o.world.writes]
        assert len(keys) == len(set(keys))
        assert {w.member for w in o.world.writes} == {"PxConnector"}
        assert {ticket: o.world.field(ticket, FOREIGN) for ticket in foreign} == foreign


async def test_a_psa_that_forgets_fields_left_out_keeps_the_foreign_one(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap, tickets=120) as o:
        o.sim.faults.whole_array_customfields = True
        foreign = {ticket: o.world.field(ticket, FOREIGN) for ticket in o.world.tickets.by_id}
        assert any(foreign[ticket] for ticket in o.open_tickets())
        await o.start()
        await o.later(minutes=180)  # zones move on, so tickets are written a second time
        await o.assert_right(*o.open_tickets())
        assert {ticket: o.world.field(ticket, FOREIGN) for ticket in foreign} == foreign
        assert FOREIGN not in {w.field for w in o.world.writes}


async def test_a_second_start_writes_nothing_and_reads_no_notes(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, tickets=60) as o:
        await o.start()
        await o.poll()
        before = list(o.world.writes)
        assert before
        o.world.requests.clear()
        await o.restart()
        await o.poll()
        assert o.world.writes == before
        assert o.world.requests[PATCH] == 0
        assert o.world.requests[NOTES] == 0


async def test_a_lost_store_costs_a_reading_and_no_write(tmp_path: Path, openapi_tap: Tap) -> None:
    """What the PSA shows already is not written again."""
    async with office(tmp_path, tap=openapi_tap, tickets=60) as o:
        await o.start()
        before = list(o.world.writes)
        await o.stop()
        o.lose_store()
        await o.start()
        assert o.world.writes == before
        await o.assert_right(*o.open_tickets())


async def test_what_happened_while_we_were_down_is_read_afterwards(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, tickets=30) as o:
        await o.start()
        old = o.open_tickets()[0]
        await o.stop()
        new = o.world.open_ticket("Globex", "VPN drops", text="The VPN drops every five minutes.")
        o.world.advance(timedelta(minutes=20))
        o.world.set_status(old, "Waiting Customer", "jreed")
        answer = "Your VPN profile had an old certificate, I have pushed a new one. Please reconnect."
        o.world.post(new, "jreed", answer)
        await o.start()
        assert o.flags(new)["felt_response"] == 20
        await o.assert_right(*o.open_tickets())


async def test_a_ticket_closed_before_the_first_run_stays_untouched_by_a_late_note(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap, tickets=60) as o:
        closed = sorted(set(o.world.tickets.by_id) - set(o.open_tickets()))[-1]
        await o.start()
        o.world.post(closed, "contact", "Thanks a lot!")
        await o.settle()
        await o.poll()
        assert o.flags(closed) == {}


async def test_a_ticket_closed_under_our_eyes_keeps_its_last_word(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        await o.later(minutes=10)
        o.world.post(ticket, "jreed", "The toner was empty; I have replaced it and printed a test page.")
        o.world.set_status(ticket, "Resolved", "jreed")
        await o.settle()
        await o.later(minutes=10)
        o.world.set_status(ticket, ">Closed", "workflow")
        await o.settle()
        shown = o.flags(ticket)
        assert shown["felt_response"] == 10
        assert shown["zone"] == "green"
        assert shown["why"] == "resolved in 10 min, every promise kept"
        assert "due" not in shown
        writes = len(o.world.writes)
        await o.later(minutes=24 * 60)
        assert len(o.world.writes) == writes


async def test_without_write_back_nothing_is_written(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, tickets=40, write_back=False) as o:
        await o.start()
        o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        await o.later(minutes=90)
        assert o.world.requests[PATCH] == 0
        async with o.connector.store.read() as tx:
            rows = await board(tx, limit=100)
        assert rows, "the board shows them all the same"


async def test_every_client_is_judged_by_its_own_calendar(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        asleep = {"timezone": "America/Los_Angeles", "week": {"mon-fri": ["08:00-18:00"]}}
        write_client(o.folder, client_file("Globex", calendar=asleep))
        await o.start()
        here = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        there = o.world.open_ticket("Globex", "Printer down", text="It prints nothing at all.")
        await o.settle()
        assert o.flags(here)["due"] == "2026-11-20T10:00:00Z"
        assert o.flags(there)["due"] == "2026-11-20T17:00:00Z"
        await o.later(minutes=61)
        assert (o.flags(here)["zone"], o.flags(there)["zone"]) == ("red", "green")
