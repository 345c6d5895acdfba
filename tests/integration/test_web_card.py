"""The ticket card: the lines of `explain`, safe whatever a customer wrote, bounded however long the story."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from connector.clients import load_clients
from connector.history.lookup import account
from connector.model import Actor, Event, Message, Rating, StatusChange
from connector.store import events, history, ratings, tickets
from connector.store.history import Change
from connector.store.ratings import Entry
from connector.store.tickets import StoredTicket
from connector.web.card import FIRST, LAST
from connector.web.words import CHARS
from tests.integration.test_web_board import NASTY, Page
from tests.integration.web_kit import NOW, Kit, judged, kit, running, ticket
from tests.kit import Tap, client_file, office, write_client

DANA = Actor("staff", "a4", "Dana")
OPENED = NOW - timedelta(days=1, hours=3)  # a Friday, 11:00
TOKEN = "a-long-random-token"


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit(tmp_path) as made:
        write_client(tmp_path, client_file("Acme"))
        made.book = load_clients(tmp_path)
        yield made


def said(minutes: float, text: str, key: str, **more: Any) -> Message:
    given = {"actor": DANA, "direction": "out", "channel": "email", **more}
    return Message(at=OPENED + timedelta(minutes=minutes), text=text, key=key, **given)


async def put(web: Kit, *facts: Event, id: str = "1", **fields: Any) -> None:
    one = ticket(id, **{"opened_at": OPENED, "priority": "P2", **fields})
    async with web.store.begin() as tx:
        await tickets.put(tx, "main", [StoredTicket(ticket=one, version="1", flags={"zone": "red"})])
        await events.merge(tx, "main", [(id, fact) for fact in facts])


async def see(web: Kit, id: str = "1", status: int = 200) -> Page:
    answer = await web.client.get("/ticket", params={"connection": "main", "id": id})
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    return Page.of(answer.text)


async def test_the_card_tells_what_explain_tells_line_by_line(web: Kit) -> None:
    robot = Actor("automation", "bot", "Workflow")
    await put(
        web,
        said(1, "We have received your request.", "note:1", actor=robot),
        said(42, "The cable was loose.", "note:2"),
        StatusChange(at=OPENED + timedelta(hours=1), key="s:1", actor=DANA, from_="New", to="Resolved"),
    )
    page = await see(web)
    found = await account(web.store, web.book, "main", "1", NOW)
    told = found.as_json()["story"]
    assert len(told) == 4
    for line in told:
        (row,) = [row for row in page.rows if " ".join(line["what"].split()) in row]
        assert " ".join(f"{line['verdict']} {line['key']}".split()) in row
    (row,) = [row for row in page.rows if "received your request" in row]
    assert row.startswith("Fri 20 Nov 11:01 email to the customer by Workflow (automation)")
    assert "not counted (automated, boilerplate): written by a machine's account" in row
    (row,) = [row for row in page.rows if "The cable was loose" in row]
    assert "written by a member of the desk — ends response after 42 min" in row
    assert row.endswith("note:2")
    text = page.text()
    assert f"customer felt {found.as_json()['customer_felt']}" in text
    assert "all times Europe/London" in text
    assert any(row.startswith("zone SLA Zone green red") for row in page.rows)
    assert "https://psa.example/ticket/1" in page.links()


async def test_every_mark_of_the_time_line_leads_to_its_line(web: Kit) -> None:
    await put(
        web,
        said(0, "The printer is on fire.", "note:1", direction="in", actor=Actor("contact", "u", "Carol")),
        said(42, "The cable was loose.", "note:2"),
        StatusChange(at=OPENED + timedelta(hours=1), key="s:1", actor=DANA, from_="New", to="Resolved"),
    )
    page = await see(web)
    rows = {attrs["id"] for name, attrs in page.tags if name == "tr" and "id" in attrs}
    marks = [attrs for name, attrs in page.tags if name == "a" and "mark" in (attrs.get("class") or "")]
    assert [mark["href"] for mark in marks] == ["#f-0", "#f-1", "#f-2", "#f-3"]
    assert {str(mark["href"])[1:] for mark in marks} == rows
    assert "ends response after 42 min" in str(marks[2]["aria-label"])
    assert "PSA says: not responded yet" in page.text()
    assert "customer felt: after 42 min" in page.text()


async def test_the_card_says_what_the_client_feels_and_what_is_likely(web: Kit) -> None:
    await put(web, said(5, "The cable was loose.", "note:1"))
    answers = [
        Rating(at=NOW - timedelta(days=day), score=5 if day else 1, comment="So slow.") for day in (0, 1)
    ]
    entries = [
        Entry(conn="main", key=f"k{place}", rating=one, client="Acme", ticket_id="77", verdict="counted")
        for place, one in enumerate(answers)
    ]
    async with web.store.begin() as tx:
        await ratings.keep(tx, entries)
    page = await see(web)
    text = page.text()
    assert "client’s PX 50 % (n 2)" in text
    assert "last unhappy word of this client “So slow.” 1 of 5, Sat 21 Nov 14:00, ticket 77" in text
    assert "ticket?connection=main&id=77" in page.links()
    assert "client?name=Acme" in page.links()
    assert "update: 86 % used; nothing is learnt of this promise yet" in text


async def test_what_was_written_is_told_with_its_reason(web: Kit) -> None:
    await put(web)
    change = Change(at=NOW, flag="zone", old="", new="red", reason="response overdue")
    async with web.store.begin() as tx:
        await history.record(tx, "main", "1", [change])
    page = await see(web)
    assert page.rows[-1].startswith("Sat 21 Nov 14:00 zone (empty) red response overdue")


async def test_the_board_leads_to_the_card(web: Kit) -> None:
    strange = "7&id=<8>"
    one = ticket(strange)
    await web.put((one, judged(one, {"why": "no human answer"}, response=running("red", -3))))
    board = Page.of((await web.client.get("/")).text)
    (link,) = [link for link in board.links() if link.startswith("ticket?")]
    answer = await web.client.get("/" + link)
    assert answer.status_code == 200
    assert strange in Page.of(answer.text).text()


async def test_whatever_a_customer_wrote_stays_text(web: Kit) -> None:
    evil = Actor("contact", NASTY, NASTY)
    await put(
        web,
        said(1, NASTY, f"note:{NASTY}", actor=evil, direction="in", subject=NASTY),
        StatusChange(at=OPENED + timedelta(minutes=2), key="s", actor=evil, from_=NASTY, to=NASTY),
        summary=NASTY,
        status=NASTY,
        owner=NASTY,
        priority=NASTY,
        url="javascript:alert(1)",
    )
    page = await see(web)
    tags = [name for name, _ in page.tags]
    assert not {"script", "img", "style"} & set(tags)
    assert not [
        attrs for _, attrs in page.tags if any(name == "style" or name.startswith("on") for name in attrs)
    ]
    assert not [link for link in page.links() if link.startswith("javascript")]
    assert "alert(1)" in page.text()


async def test_a_long_story_and_long_words_are_cut_and_said_to_be(web: Kit) -> None:
    wordy = Actor("staff", "a4", "D" * 100_000)
    facts = [said(minute, f"Step {minute} is done.", f"note:{minute}", actor=wordy) for minute in range(1000)]
    await put(web, *facts, summary="S" * 100_000)
    answer = await web.client.get("/ticket", params={"connection": "main", "id": "1"})
    page = Page.of(answer.text)
    assert f"{1001 - FIRST - LAST} facts between are left out" in page.text()
    rows = {f"#{attrs['id']}" for name, attrs in page.tags if name == "tr" and "id" in attrs}
    marks = {
        attrs["href"] for name, attrs in page.tags if name == "a" and "mark" in (attrs.get("class") or "")
    }
    assert marks <= rows
    assert "#left-out" in marks
    assert len([row for row in page.rows if re.search(r" note:\d+\b", row)]) == FIRST - 1 + LAST
    assert len(answer.content) < 4 * CHARS * (FIRST + LAST)


@pytest.mark.parametrize(
    "query", ["", "?id=1", "?connection=main", "?connection=main&id=", "?connection=x&id=1"]
)
async def test_a_ticket_nobody_knows_is_404_with_a_reason(web: Kit, query: str) -> None:
    await put(web)
    answer = await web.client.get("/ticket" + query)
    assert answer.status_code == 404
    assert "the store has no ticket" in Page.of(answer.text).text()


async def test_whatever_stands_in_the_address_stays_text(web: Kit) -> None:
    answer = await web.client.get("/ticket", params={"connection": NASTY, "id": NASTY * 100})
    assert answer.status_code == 404
    assert "<script" not in answer.text
    assert len(answer.content) < 5000


async def test_a_ticket_without_rules_says_whose_it_is(web: Kit) -> None:
    await put(web, client="Globex")
    assert "no client file matches the company 'Globex'" in (await see(web, status=404)).text()


async def test_a_ticket_that_cannot_be_judged_says_so(web: Kit) -> None:
    await put(web, opened_at=NOW.replace(year=2100, month=12, day=31))
    web.now = NOW.replace(year=9999, month=12, day=31)
    assert "Ticket 1 cannot be judged: " in (await see(web)).text()


async def test_the_card_asks_for_the_token(tmp_path: Path) -> None:
    async with kit(tmp_path, token=TOKEN) as made:
        address = "/ticket?connection=main&id=1"
        assert (await made.client.get(address)).status_code == 401
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert (await made.client.get(address, headers=headers)).status_code == 404
        assert (await made.client.post(address, headers=headers)).status_code == 405


async def test_without_a_store_it_is_503(web: Kit) -> None:
    await put(web)
    await web.break_store()
    with capture_logs():
        answer = await web.client.get("/ticket?connection=main&id=1")
    assert (answer.status_code, answer.text) == (503, "The store does not answer. The log says why.\n")


async def test_on_the_whole_connector_the_card_says_what_explain_says(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        number = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        await o.later(minutes=10)
        o.world.post(number, "jreed", "I have put new toner into it, please try again.")
        await o.poll()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{o.port}") as client:
            board = Page.of((await client.get("/")).text)
            (link,) = {link for link in board.links() if link.endswith(f"id={number}")}
            page = Page.of((await client.get("/" + link)).text)
        found = await account(o.connector.store, o.connector.rules.book, "main", str(number), o.world.now())
        for line in found.as_json()["story"]:
            assert [row for row in page.rows if " ".join(line["what"].split()) in row], line
        assert "first human answer after 10 min" in page.text()
