"""A promise in words, through the whole daemon: in shadow it is only shown, on it puts a ticket at risk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connector.store import assessments
from tests.kit import CLIENTS, Office, Tap, client_file, office, write_client

SAID = "The toner of that printer has to come from the store room. I'll call you by 11 am."


async def kept(o: Office, ticket: int) -> list[dict[str, Any]]:
    async with o.connector.store.read() as tx:
        found: list[dict[str, Any]] = (await assessments.load(tx, "main", [str(ticket)]))[str(ticket)][
            "commitments"
        ]
    return found


async def test_a_promise_is_followed_without_a_further_word_from_the_psa(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    """Said at 09:10; nothing happens on the tickets, and a quarter of an hour before eleven it is time."""
    shadow, on = names = CLIENTS[:2]
    async with office(tmp_path, tap=openapi_tap, clients=()) as o:
        write_client(tmp_path, client_file(shadow))
        write_client(tmp_path, client_file(on, commitments={"mode": "on"}))
        await o.start()
        tickets = [o.world.open_ticket(name, "Printer down", text="It prints nothing.") for name in names]
        await o.later(minutes=10)
        for ticket in tickets:
            o.world.post(ticket, "jreed", SAID)
        await o.settle()
        assert not any(o.flags(ticket).get("at_risk") for ticket in tickets)
        await o.later(minutes=96)
        quiet, told = map(o.flags, tickets)
        assert "at_risk" not in quiet
        assert (told["at_risk"], told["zone"]) == (True, "green")
        assert told["why"] == "promised for 20 Nov 11:00: “I'll call you by 11 am”"
        o.world.post(tickets[1], "jreed", "As discussed on the phone, it is printing again.")
        await o.settle()
        assert "at_risk" not in o.flags(tickets[1])
        assert [[(one["quote"], one["state"]) for one in await kept(o, ticket)] for ticket in tickets] == [
            [("I'll call you by 11 am", "open")],
            [("I'll call you by 11 am", "kept")],
        ]
        await o.assert_right(*tickets)
