"""What an operator does on the pages reaches the PSA and the clocks: on a whole daemon, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.store import audit, errands
from connector.store.audit import Deed
from tests.integration.web_kit import act, csrf_of
from tests.kit import CAPTIONS, Office, Tap, office

PATCH = ("PATCH", "/service/tickets/{id}")
WHY = CAPTIONS["why"]
ANSWER = "The fuser of your printer is broken. I have ordered part 4711 and fit it tomorrow at 11:30."


@asynccontextmanager
async def browser(o: Office) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{o.port}") as client:
        yield client


async def deeds(o: Office) -> list[Deed]:
    async with o.connector.store.read() as tx:
        return [deed for deed in await audit.latest(tx) if deed.by.role != "settings"]  # the kit's waiver


def opened(o: Office, client: str = "Acme Dental") -> int:
    return o.world.open_ticket(client, "Printer down", text="It prints nothing at all.")


async def refused(o: Office, ticket: int) -> Any:
    """The field as it was: now it takes only what we never write, so the ticket's letter is dead."""
    field = o.world.field_by_caption(WHY)
    o.world.fields[field.id] = replace(field, options=("nothing else",))
    o.world.post(ticket, "contact", "Hello, is anybody there? It still prints nothing.")
    await o.settle()
    assert [letter.ticket_id for letter in await o.letters()] == [str(ticket)]
    return field


# ── letters ───────────────────────────────────────────────────────────────────────────────────


async def test_a_retried_letter_reaches_the_psa_and_a_second_click_does_nothing(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o, browser(o) as client:
        await o.start()
        ticket = opened(o)
        field = await refused(o, ticket)
        assert "zone" not in o.flags(ticket)
        o.world.fields[field.id] = field  # somebody has mended it
        form = {"kind": "letter", "connection": "main", "subject": str(ticket), "do": "retry"}
        page = await client.get("/outbox")
        assert str(ticket) in page.text
        first = await act(client, "/outbox", **form, reason="options put back")
        await o.settle()
        assert await o.letters() == []
        await o.assert_right(ticket)
        assert o.flags(ticket)["zone"] == "green"
        requests = o.world.requests[PATCH]
        second = await client.get(first.headers["location"])
        assert "It is tried again now." in second.text
        assert o.world.requests[PATCH] == requests
        [deed] = await deeds(o)
        assert (deed.what, deed.conn, deed.subject) == ("letter tried again", "main", str(ticket))
        assert (deed.by.name, deed.by.role, deed.by.why) == ("local", "operate", "options put back")


async def test_a_dropped_letter_never_reaches_the_psa(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o, browser(o) as client:
        await o.start()
        ticket = opened(o)
        field = await refused(o, ticket)
        form = {"kind": "letter", "connection": "main", "subject": str(ticket), "do": "drop"}
        form["csrf"] = await csrf_of(client, "/outbox")
        unsaid = await act(client, "/outbox", **form)
        assert (unsaid.status_code, len(await o.letters())) == (400, 1), "a reason is asked for"
        assert (await act(client, "/outbox", **form, reason="not ours")).status_code == 303
        assert (await act(client, "/outbox", **form, reason="not ours")).headers["location"].endswith("late")
        o.world.fields[field.id] = field
        requests = o.world.requests[PATCH]
        await o.poll()
        await o.poll()
        assert await o.letters() == []
        assert o.world.requests[PATCH] == requests
        assert "zone" not in o.flags(ticket)
        assert [deed.what for deed in await deeds(o)] == ["letter dropped"]
        await o.restart()
        assert (o.world.requests[PATCH], o.flags(ticket)) == (requests, {})
        await o.later(minutes=31)  # other flags are another letter
        assert o.flags(ticket)["zone"] == "yellow"


async def test_an_errand_is_tried_again_or_given_up_by_its_mark(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o, browser(o) as client:
        await o.start()
        async with o.connector.store.begin() as tx:
            for mark in ("px-1", "px-2"):
                made = {"conn": "main", "kind": "ticket", "client": "Acme Dental", "text": "Because."}
                await errands.owe(tx, [errands.Errand(mark=mark, since=o.world.now(), **made)])
                await errands.bury(tx, "main", mark, error="no such board")
        form = {"kind": "errand", "connection": "main", "csrf": await csrf_of(client, "/outbox")}
        await act(client, "/outbox", **form, subject="px-1", do="retry")
        await act(client, "/outbox", **form, subject="px-2", do="drop", reason="done by hand")
        async with o.connector.store.read() as tx:
            states = {one.mark: one.state for one in await errands.listed(tx)}
        assert states == {"px-1": "owed", "px-2": "dropped"}
        assert [(deed.what, deed.subject) for deed in await deeds(o)] == [
            ("errand dropped", "px-2"),
            ("errand tried again", "px-1"),
        ]


async def test_beside_a_stopped_connection_the_other_is_looked_after(tmp_path: Path) -> None:
    async with office(tmp_path, names=("main", "south")) as o, browser(o) as client:
        o.sites["south"].sim.faults.auth = "401"
        await o.start()
        ticket = opened(o)
        field = await refused(o, ticket)
        page = (await client.get("/operations")).text
        south = page.partition('class="conn stopped"')[2]
        assert "south" in south
        assert "Login refused 1 time: " in south
        o.world.fields[field.id] = field
        await act(client, "/outbox", kind="letter", connection="main", subject=str(ticket), do="retry")
        await o.settle()
        assert o.flags(ticket)["zone"] == "green"


# ── quarantine ────────────────────────────────────────────────────────────────────────────────


async def test_a_quarantined_ticket_is_read_again_when_asked(tmp_path: Path) -> None:
    async with office(tmp_path) as o, browser(o) as client:
        bad = opened(o)
        o.sim.faults.malformed = {bad: "dates"}
        await o.start()
        assert o.flags(bad) == {}
        o.sim.faults.malformed = {}
        form = {"connection": "main", "subject": str(bad), "csrf": await csrf_of(client, "/quarantine")}
        assert (await act(client, "/quarantine", **form)).headers["location"].endswith("again")
        await o.settle()
        assert o.flags(bad)["zone"] == "green", "long before the sweep"
        assert "Nothing is in quarantine." in (await client.get("/quarantine")).text
        assert (await act(client, "/quarantine", **form)).headers.get(
            "location", ""
        ) != "quarantine?done=again"
        assert [(deed.what, deed.subject) for deed in await deeds(o)] == [("read again", str(bad))]


# ── rulings ───────────────────────────────────────────────────────────────────────────────────


def sync(o: Office, ticket: int, text: str) -> None:
    """A note by a login that no list of the PSA names, as integrations leave them."""
    o.world.post(ticket, "jreed", text)
    post = o.world.posts(ticket)[-1]
    post.created_by, post.member = "mailsync", None


@pytest.fixture
async def asked(tmp_path: Path, openapi_tap: Tap) -> AsyncIterator[tuple[Office, httpx.AsyncClient, int]]:
    """A ticket whose only answer is by an account nobody knows."""
    async with office(tmp_path, tap=openapi_tap) as o, browser(o) as client:
        await o.start()
        ticket = opened(o)
        await o.settle()
        await o.later(minutes=10)
        sync(o, ticket, ANSWER)
        await o.settle()
        await o.later(minutes=25)
        assert o.flags(ticket)["zone"] == "yellow"
        assert "felt_response" not in o.flags(ticket)
        yield o, client, ticket


async def key_of(client: httpx.AsyncClient) -> str:
    page = (await client.get("/rulings")).text
    assert ANSWER in page
    assert "written by a person it would count for response" in page
    return page.partition('name="key" value="')[2].partition('"')[0]


async def test_a_click_ends_the_clock_and_taking_it_back_starts_it_again(
    asked: tuple[Office, httpx.AsyncClient, int],
) -> None:
    o, client, ticket = asked
    form = {"connection": "main", "ticket": str(ticket), "key": await key_of(client), "say": "human"}
    answer = await act(client, "/rulings", **form, reason="this is Ana's login")
    assert answer.status_code == 303
    await o.settle()
    assert o.flags(ticket)["felt_response"] == 10
    assert o.flags(ticket)["zone"] == "green"
    await o.assert_right(ticket)
    page = (await client.get("/rulings")).text
    assert "Nothing waits for your word." in page
    assert "this is Ana&#39;s login" in page
    number = page.partition('name="number" value="')[2].partition('"')[0]
    csrf = await csrf_of(client, "/rulings")
    await act(client, "/undo", csrf, number=number)
    await o.settle()
    assert "felt_response" not in o.flags(ticket)
    assert o.flags(ticket)["zone"] == "yellow"
    assert (await act(client, "/undo", csrf, number=number)).headers["location"].endswith("late")
    assert [(deed.what, deed.subject) for deed in await deeds(o)] == [
        ("ruling withdrawn", number),
        ("ruled human", number),
    ]


async def test_a_machine_and_a_template_wait_no_longer_and_answer_nothing(
    asked: tuple[Office, httpx.AsyncClient, int],
) -> None:
    o, client, ticket = asked
    form = {"connection": "main", "ticket": str(ticket), "key": await key_of(client)}
    assert (await act(client, "/rulings", **form, say="perhaps")).status_code == 400
    await act(client, "/rulings", **form, say="template")
    await o.settle()
    assert "Nothing waits for your word." in (await client.get("/rulings")).text
    sync(o, ticket, "Part 4711 has come; Ana walks over to the second floor at 11:30 today.")
    await o.settle()
    page = (await client.get("/rulings")).text
    form["key"] = page.partition('name="key" value="')[2].partition('"')[0]
    await act(client, "/rulings", **form, say="machine", all="1")
    sync(o, ticket, "Something else that this machine has never said to anybody before.")
    await o.settle()
    assert "Nothing waits for your word." in (await client.get("/rulings")).text
    assert "felt_response" not in o.flags(ticket)
    assert [deed.what for deed in await deeds(o)] == ["ruled automated", "ruled boilerplate"]
