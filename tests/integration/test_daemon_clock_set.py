"""A machine whose clock was wrong: what was judged, put off or planned by the wrong time is mended."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from connector.store import assessments, outbox, tickets
from tests.kit import Office, office

DAY = timedelta(days=1)


async def _a_day_ahead(o: Office) -> int:
    """A ticket that was judged while the clock showed tomorrow; now it shows the true time again."""
    ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
    await o.start()
    assert o.flags(ticket)["zone"] == "green"
    true = o.world.now()
    o.world.set_time(true + DAY)
    await o.later()
    assert o.flags(ticket)["zone"] == "red"
    o.world.set_time(true + timedelta(minutes=1))
    return ticket


async def test_what_was_judged_as_of_tomorrow_is_judged_again_when_the_clock_is_set(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        ticket = await _a_day_ahead(o)
        await o.later()
        assert o.flags(ticket)["zone"] == "green"
        await o.assert_right(ticket)


async def test_polling_goes_on_when_the_clock_is_set_back(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await _a_day_ahead(o)
        o.sim.faults.set("drop_callbacks", 1.0)
        ticket = o.world.open_ticket("Globex", "Screen dark", text="The screen stays dark.")
        await o.later()
        await o.poll()
        assert o.flags(ticket)["zone"] == "green"


async def test_the_sweep_does_not_wait_for_the_wrong_time_to_come(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        ticket = str(await _a_day_ahead(o))
        for minutes, is_ahead in ((0, True), (5, False)):
            async with o.connector.store.read() as tx:
                read_at = (await tickets.load(tx, "main", [ticket]))[ticket].observed_at
            assert read_at is not None
            assert (read_at > o.world.now()) is is_ahead
            await o.later(minutes=minutes)
            await o.poll()


async def test_a_clock_set_while_nobody_ran_is_noticed_at_the_start(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        ticket = await _a_day_ahead(o)
        await o.restart()
        assert o.flags(ticket)["zone"] == "green"


async def test_a_timer_is_never_put_off_by_what_makes_all_tickets_due(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.start()
        async with o.connector.store.begin() as tx:
            await assessments.make_due(tx, "main", "Acme Dental", o.world.now() + DAY)
            assert await assessments.due(tx, "main", o.world.now() + timedelta(hours=4), 9) == ["1001"]


async def test_a_write_put_off_until_tomorrow_by_mistake_is_tried_now(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.start()
        now = o.world.now()
        async with o.connector.store.begin() as tx:
            await outbox.owe(tx, "main", "1001", {"zone": "red"}, "a test", now)
            await outbox.postpone(tx, "main", "1001", error="", not_before=now + DAY)
            await outbox.no_later(tx, "main", now + timedelta(minutes=15), now)
            assert [one.ticket_id for one in await outbox.owed(tx, "main", now, 9)] == ["1001"]
