"""What `explain` tells is what the daemon decided: the same store, the same arguments, the same answer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.assessmentlog import assessment_to_json
from connector.cli import app
from connector.clients import load_clients
from connector.errors import NotFound
from connector.history.lookup import Found, account, look_up
from connector.settings import load_settings
from connector.simulator.connectwise.shapes import Shapes
from connector.store import assessments
from connector.ticketlog import instant
from tests.kit import Office, Tap, client_file, office, write_client

CHASER = (
    "Please tell us whether this still happens with the new driver, "
    "otherwise we take it that your printer works as you want it to."
)


async def explained(o: Office, ticket: str, document: dict[str, Any]) -> Found:
    """The ticket as explained at the instant of the daemon's own assessment."""
    at = instant(document["at"])
    return await account(o.connector.store, o.connector.rules.book, "main", ticket, at)


async def assert_the_same(o: Office) -> dict[str, dict[str, Any]]:
    """Every document the daemon keeps is what explain says as of its instant; returns them."""
    ids = [str(ticket) for ticket in o.world.tickets.by_id]
    async with o.connector.store.read() as tx:
        kept = await assessments.load(tx, "main", ids)
    assert kept
    for ticket, document in kept.items():
        found = await explained(o, ticket, document)
        assert assessment_to_json(found.assessment) == document, ticket
    return kept


async def test_every_ticket_of_a_busy_desk_is_explained_as_it_was_decided(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap, tickets=20) as o:
        for number in range(5):
            ticket = o.world.open_ticket("Acme Dental", f"Printer {number}", text="It prints nothing.")
            o.world.advance(timedelta(minutes=7))
            o.world.post(ticket, "jreed", CHASER)
        await o.start()
        moved = o.world.open_ticket("Acme Dental", "Phone is dead", text="No tone.")
        await o.settle()
        o.world.post(moved, "jreed", CHASER)
        o.world.set_status(moved, "Assigned", "jreed")
        await o.settle()
        await o.later(minutes=50)
        kept = await assert_the_same(o)
        learnt = [e for m in kept[str(moved)]["messages"] for e in m["evidence"] if "learnt" in e["rule"]]
        assert learnt  # so that the comparison means something


async def test_a_ticket_the_psa_never_judged_is_told_the_same(
    tmp_path: Path, openapi_tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an agreement the PSA says nothing of its SLA; what its statuses say is worked out."""
    monkeypatch.setattr(Shapes, "_sla", lambda self, ticket, live: {})
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        await o.later(minutes=4)
        o.world.set_status(ticket, "Assigned", "jreed")
        await o.settle()
        kept = (await assert_the_same(o))[str(ticket)]
        assert kept["psa"]["text"] == "worked out from statuses"
        assert kept["psa"]["response_at"] is not None
        found = await explained(o, str(ticket), kept)
        assert found.as_json()["psa_says"] == "responded after 4 min"


async def test_a_ticket_that_cannot_be_told_says_why(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, clients=("Acme Dental",)) as o:
        gone, strange = (o.world.open_ticket(name, "Help") for name in ("Acme Dental", "Globex"))
        await o.start()
        o.world.delete_ticket(gone, "jreed")
        await o.poll()
        store, book = o.connector.store, o.connector.rules.book
        with pytest.raises(NotFound, match="is no longer in the PSA"):
            await account(store, book, "main", str(gone), o.world.now())
        with pytest.raises(NotFound, match=f"matches the company 'Globex' of ticket {strange}$"):
            await account(store, book, "main", str(strange), o.world.now())
        write_client(tmp_path, client_file("Globex", tragets={}))
        with pytest.raises(NotFound, match="some cannot be used: see `px-connector check`"):
            await account(store, load_clients(tmp_path), "main", str(strange), o.world.now())


async def test_the_connection_named_must_have_the_ticket(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = o.world.open_ticket(
            "Acme Dental", "\x1b[31mRed \x9b[bold]text[/bold]", text="\x1b]0;title\x07 Help."
        )
        await o.settle()
        await o.stop()
        store = load_settings(tmp_path).store
        assert (await look_up(store, tmp_path, str(ticket), "main")).connection == "main"
        with pytest.raises(NotFound, match="is not on 'north' but on main"):
            await look_up(store, tmp_path, str(ticket), "north")
        told = await asyncio.to_thread(
            CliRunner().invoke, app, ["explain", str(ticket), "--config", str(tmp_path)]
        )
        assert told.exit_code == 0
        assert "[bold]text[/bold]" in told.stdout
        assert not {"\x1b", "\x07", "\x9b"} & set(told.stdout)
