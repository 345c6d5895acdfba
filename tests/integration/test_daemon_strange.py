"""A ticket the rules cannot answer for: set aside and shown, and everybody else is served."""

from __future__ import annotations

from pathlib import Path

from connector.store import quarantine
from tests.kit import Tap, client_file, office, write_client

CENTURY = "99999h"  # at half an hour a week, due beyond what any calendar knows


async def test_one_ticket_beyond_the_calendar_does_not_stop_the_others(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap, tickets=0) as o:
        targets = {
            "*": {"response": "1h", "resplan": "4h", "update": "8h", "resolution": "16h"},
            "P1 Critical": {"response": "1h", "resolution": CENTURY},
        }
        calendar = {"timezone": "Europe/London", "week": {"mon": ["09:00-09:30"]}}
        write_client(o.folder, client_file("Acme Dental", targets=targets, calendar=calendar))
        strange = o.world.open_ticket(
            "Acme Dental", "Server room", text="It is on fire.", priority="P1 Critical"
        )
        plain = o.world.open_ticket("Acme Dental", "Printer", text="It prints nothing at all.")
        await o.start()
        assert o.flags(plain)["zone"] == "green"
        assert o.flags(strange) == {}
        async with o.connector.store.read() as tx:
            listed = await quarantine.listed(tx)
        assert [item.ticket_id for item in listed] == [str(strange)]
        assert listed[0].reason.startswith("cannot be assessed: ")

        o.world.set_priority(strange, "P3 Medium", "dmoore")
        await o.settle()
        assert o.flags(strange)["zone"] == "green"
        async with o.connector.store.read() as tx:
            assert await quarantine.listed(tx) == []
