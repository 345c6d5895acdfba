"""What makes the daemon turn, and what it costs: webhook, poll, timer, sweep. And what must not: itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from connector.daemon.taking import next_reason
from connector.simulator import utcnow
from tests.kit import FRIDAY, Office, Tap, office

TICKETS = ("GET", "/service/tickets")
NOTES = ("GET", "/service/tickets/{id}/notes")
PATCH = ("PATCH", "/service/tickets/{id}")


def open_one(o: Office, client: str = "Acme Dental") -> int:
    return o.world.open_ticket(client, "Printer down", text="It prints nothing, not even a test page.")


# ── webhooks ──────────────────────────────────────────────────────────────────────────────────


async def test_a_webhook_costs_one_turn_and_no_poll(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, poll_every="24h") as o:
        await o.start()
        open_one(o)
        await o.settle()  # the first write also finds out how custom fields are written here
        o.world.requests.clear()
        observed, assessed = o.health.observed, o.health.assessed
        ticket = open_one(o)
        await o.settle()
        assert o.flags(ticket)["zone"] == "green"
        await o.assert_right(ticket)
        assert (o.health.observed - observed, o.health.assessed - assessed) == (1, 1)


async def test_the_requests_of_one_webhook(tmp_path: Path, openapi_tap: Tap) -> None:
    """Ticket, notes, time, appointments; then write, read back: six in all; the first is the look."""
    async with office(tmp_path, tap=openapi_tap, poll_every="24h") as o:
        await o.start()
        open_one(o)
        await o.settle()
        o.world.requests.clear()
        open_one(o)
        await o.settle()
        assert dict(o.world.requests) == {
            ("GET", "/service/tickets/{id}"): 2,
            NOTES: 1,
            ("GET", "/time/entries"): 1,
            ("GET", "/schedule/entries"): 1,
            PATCH: 1,
        }


async def test_a_dropped_webhook_costs_one_poll_interval(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, poll_every="60s") as o:
        await o.start()
        o.sim.faults.drop_callbacks = 1.0
        ticket = open_one(o)
        await o.settle()
        assert o.flags(ticket) == {}
        async with o.connection.store.read() as tx:
            seconds = (await next_reason(tx, o.connection) - o.connection.now()).total_seconds()
        assert seconds <= 60
        await o.later(seconds=seconds)
        await o.assert_right(ticket)
        assert o.flags(ticket)["zone"] == "green"
        assert o.world.deliveries["sent"] == 0


async def test_callbacks_twice_and_out_of_order_change_nothing(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path / "plain", tap=openapi_tap) as plain:
        await plain.start()
        await _busy_hour(plain)
        expected = [plain.flags(ticket) for ticket in sorted(plain.open_tickets())]
    async with office(tmp_path / "mixed", tap=openapi_tap) as mixed:
        await mixed.start()
        mixed.sim.faults.duplicate_callbacks = mixed.sim.faults.reorder_callbacks = 1.0
        await _busy_hour(mixed)
        assert mixed.world.deliveries["duplicated"] > 10
        await mixed.assert_right(*mixed.open_tickets())
        assert [mixed.flags(ticket) for ticket in sorted(mixed.open_tickets())] == expected


async def _busy_hour(o: Office) -> None:
    """Four tickets and what happens to them; several things in one instant, so that callbacks overtake."""
    tickets = [open_one(o, client) for client in ("Acme Dental", "Globex", "Initech", "Globex")]
    await o.settle()
    for minute, ticket in enumerate(tickets, 1):
        o.world.advance(timedelta(minutes=minute))
        o.world.post(ticket, "workflow", "Thank you for contacting us. This is an automated message.")
        o.world.set_status(ticket, "Assigned", "dmoore")
        o.world.assign(ticket, "jreed", "dmoore")
        o.world.post(ticket, "jreed", "I replaced the toner and cleared the queue, please print again.")
        await o.settle()


# ── our own edits ─────────────────────────────────────────────────────────────────────────────


async def test_our_own_edit_is_not_news_at_the_next_poll(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = open_one(o)
        await o.settle()
        await o.poll()
        o.world.requests.clear()
        for _ in range(4):  # within the overlap, so the poll brings the ticket every time
            await o.poll()
        assert o.world.requests[TICKETS] == 4
        assert o.world.requests[NOTES] == 0
        assert o.world.requests[PATCH] == 0
        await o.assert_right(ticket)


async def test_a_psa_that_tells_us_of_our_own_edits_starts_no_loop(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, poll_every="24h") as o:
        await o.start()
        open_one(o)
        await o.settle()
        for hook in o.world.hooks.values():
            hook.self_suppressed = False
        o.world.requests.clear()
        sent = o.world.deliveries["sent"]
        ticket = open_one(o)
        for _ in range(5):
            await o.settle()
        assert o.world.deliveries["sent"] - sent == 2, "the opening and our own edit"
        assert o.world.requests[PATCH] == 1
        assert o.world.requests[NOTES] == 2
        await o.assert_right(ticket)


async def test_a_note_in_the_second_of_our_own_edit_is_not_taken_for_it(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = open_one(o)
        await o.settle()
        o.sim.faults.drop_callbacks = 1.0
        o.world.post(ticket, "jreed", "I replaced the toner and cleared the queue, please print again.")
        await o.poll()
        assert "answered in 0 min" in o.flags(ticket)["why"]
        await o.assert_right(ticket)


# ── timers ────────────────────────────────────────────────────────────────────────────────────


async def test_a_zone_changes_at_its_instant_without_any_event(tmp_path: Path, openapi_tap: Tap) -> None:
    """One hour to answer: yellow at 50 %, orange at 75 %, red at the end; nobody does anything."""
    async with office(tmp_path, tap=openapi_tap, poll_every="24h", sweep_every="24h") as o:
        await o.start()
        ticket = open_one(o)
        await o.settle()
        o.world.requests.clear()
        seen = []
        for minutes in (29, 1, 14, 1, 14, 1):
            await o.later(minutes=minutes)
            seen.append(o.flags(ticket)["zone"])
        assert seen == ["green", "yellow", "yellow", "orange", "orange", "red"]
        assert o.flags(ticket)["at_risk"] is True
        await o.assert_right(ticket)
        assert o.world.requests[NOTES] == 1, "once, because it was written in the second in which it was read"
        assert [value for _, field, value in o.written() if field == "SLA Zone"] == [
            "green",
            "yellow",
            "orange",
            "red",
        ]


async def test_the_daemon_wakes_by_itself_when_a_zone_changes(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, poll_every="24h", sweep_every="24h") as o:
        await o.start()
        ticket = open_one(o)
        await o.settle()
        almost, began = FRIDAY + timedelta(minutes=29, seconds=59), utcnow()
        o.world.clock = lambda: almost + (utcnow() - began)
        await o.later()  # no time: it only looks at the clock again
        assert o.flags(ticket)["zone"] == "green"
        await o.until(lambda: o.flags(ticket)["zone"] == "yellow")
        assert utcnow() - began < timedelta(seconds=5)


async def test_timers_are_found_again_after_a_restart(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = open_one(o)
        await o.settle()
        await o.stop()
        o.world.advance(timedelta(minutes=61))
        await o.start()
        assert o.flags(ticket)["zone"] == "red"
        assert [v for _, field, v in o.written() if field == "SLA Zone"] == ["green", "red"]


# ── the sweep ─────────────────────────────────────────────────────────────────────────────────


async def test_a_note_the_psa_tells_nobody_about_is_found_by_the_sweep(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap, sweep_every="30m") as o:
        await o.start()
        ticket = open_one(o)
        await o.settle()
        await o.poll()
        o.sim.faults.notes_dont_touch = True
        o.world.notes_touch_ticket = False
        o.world.post(ticket, "jreed", "I replaced the toner and cleared the queue, please print again.")
        await o.poll()
        assert "not answered" in o.flags(ticket)["why"]
        await o.later(minutes=31)
        assert "answered in" in o.flags(ticket)["why"]
        await o.assert_right(ticket)


async def test_time_logged_is_found_by_the_poll_even_if_the_ticket_is_not_touched(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = open_one(o)
        await o.settle()
        o.sim.faults.notes_dont_touch = True
        o.world.notes_touch_ticket = False
        o.world.advance(timedelta(minutes=9))
        o.world.log_time(ticket, "tnovak", 9, "Called: the cable was loose, it prints again.", "Phone Call")
        await o.poll()
        assert o.flags(ticket)["felt_response"] in (0, 9, 10)
        await o.assert_right(ticket)
