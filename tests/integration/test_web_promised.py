"""The card shows what people promised in words and where clocks stopped, safe whatever was written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from connector.cli.telling import show
from connector.clients import load_clients
from connector.history.lookup import account
from connector.model import Actor, Event, Message, StatusChange
from connector.store import events, tickets
from connector.store.tickets import StoredTicket
from tests.integration.test_web_board import Page
from tests.integration.web_kit import NOW, Kit, kit, ticket
from tests.kit import client_file, write_client

DANA = Actor("staff", "a4", "Dana")
CAROL = Actor("contact", "u17", "Carol")
OPENED = NOW - timedelta(days=1, hours=3)  # a Friday, 11:00
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit(tmp_path) as made:
        write_client(tmp_path, client_file("Acme"))
        made.book = load_clients(tmp_path)
        yield made


def said(minutes: float, text: str, key: str, **more: Any) -> Message:
    given = {"actor": DANA, "direction": "out", "channel": "email", **more}
    return Message(at=OPENED + timedelta(minutes=minutes), text=text, key=key, **given)


def wait(minutes: float, actor: Actor = DANA) -> StatusChange:
    at = OPENED + timedelta(minutes=minutes)
    return StatusChange(at=at, key=f"s{minutes}", actor=actor, from_="New", to="Waiting Customer")


async def put(web: Kit, *facts: Event) -> None:
    async with web.store.begin() as tx:
        one = ticket("1", opened_at=OPENED, priority="P2", status="Waiting Customer")
        await tickets.put(tx, "main", [StoredTicket(ticket=one, version="1", flags={})])
        await events.merge(tx, "main", [("1", fact) for fact in facts])


async def see(web: Kit) -> Page:
    answer = await web.client.get("/ticket", params={"connection": "main", "id": "1"})
    assert answer.status_code == 200
    return Page.of(answer.text)


async def test_the_words_come_with_their_time_and_what_became_of_them(web: Kit) -> None:
    await put(
        web,
        said(5, "The disk is broken. I'll call you within the hour.", "n1"),
        said(20, "Told her that the disk is ordered.", "n2", channel="phone"),
        said(30, "We'll have it fixed by 4 pm.", "n3"),
        said(60, "It is still slow, please help me.", "n4", actor=CAROL, direction="in"),
        wait(90),
    )
    page = await see(web)
    rows = " | ".join(page.rows)
    assert "“I'll call you within the hour” a call Dana, Fri 20 Nov 11:05 Fri 20 Nov 12:05 kept Dana" in rows
    assert "“We'll have it fixed by 4 pm” that it works Dana, for the desk" in rows
    assert "status Waiting Customer while the customer's message of 20 Nov 12:00 was unanswered" in rows
    assert "the clock stood while the customer waited for us" in rows
    assert "no flag depends on it" in page.text()
    found = await account(web.store, web.book, "main", "1", NOW)
    written = StringIO()
    show(found, Console(width=400, file=written))
    told = written.getvalue()
    assert "“I'll call you within the hour”" in told
    assert "promised in words (shadow)" in told
    assert "status Waiting Customer while the customer's message" in told


async def test_a_ticket_without_promises_has_no_such_table(web: Kit) -> None:
    await put(web, said(5, "The disk is broken.", "n1"))
    assert "promised in words" not in (await see(web)).text()


async def test_what_is_quoted_stays_text(web: Kit) -> None:
    evil = Actor("staff", "a5", SCRIPT)
    await put(
        web,
        said(1, "It is slow, please help me.", "n0", actor=CAROL, direction="in"),
        said(5, f"I'll call you by 4 pm {SCRIPT}", "n1", actor=evil),
        said(8, "It is slow, please help me.", "n2", actor=CAROL, direction="in"),
        wait(30, evil),
    )
    page = await see(web)
    assert "“I'll call you by 4 pm <script>alert(1)</script>" in page.text()
    assert not {"script", "img"} & {name for name, _ in page.tags}
