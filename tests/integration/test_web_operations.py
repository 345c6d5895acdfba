"""The operations pages: all that is stuck is on them, hostile text stays text, and only operators can act."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.clients import load_clients
from connector.model import Actor, Message
from connector.psa.port import Malformed
from connector.rules.assess import assess
from connector.rules.authorship.rulings import Ruling
from connector.store import (
    assessments,
    audit,
    breaches,
    errands,
    events,
    notices,
    outbox,
    quarantine,
    refusals,
    rulings,
    surveys,
)
from connector.store.audit import Deed, Doer
from connector.store.breaches import Breach
from connector.store.errands import Errand
from connector.store.notices import Notice, Sending
from connector.store.refusals import Refused
from connector.store.surveys import Survey
from tests.integration.test_web_board import NASTY, Page
from tests.integration.web_kit import NOW, Kit, act, csrf_of, kit, ticket
from tests.kit import client_file, write_client

PAGES = ("/operations", "/rulings", "/outbox", "/quarantine")
DANA = Doer(name="dana", role="operate", why="why not")


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Kit]:
    async with house(tmp_path) as made:
        yield made


@asynccontextmanager
async def house(folder: Path, **door: str) -> AsyncIterator[Kit]:
    """With one client's rules, which do not count what nobody is known to have written."""
    write_client(folder, client_file("Acme"))
    async with kit(folder, **door) as made:
        made.book = load_clients(folder)
        yield made


async def see(web: Kit, path: str) -> Page:
    answer = await web.client.get(path)
    assert answer.status_code == 200, path
    return Page.of(answer.text)


async def unknown_author(web: Kit, text: str, **of_ticket: Any) -> None:
    """An open ticket with one answer by nobody known, judged by a client's rules."""
    policy = web.book.policies[0]
    one = ticket("7", **of_ticket)
    said = Message(
        at=NOW - timedelta(hours=1),
        key="note:1",
        direction="out",
        channel="email",
        subject=text,
        text=text,
        actor=Actor("unknown", id="x9", name=text),
    )
    asked = replace(said, at=one.opened_at, key="note:0", direction="in", actor=Actor("contact", id="u1"))
    await web.put((one, None))
    async with web.store.begin() as tx:
        await events.merge(tx, "main", [("7", asked), ("7", said)])
        await assessments.save(tx, "main", [assess(one, (asked, said), policy, NOW)])


async def untold(tx: AsyncConnection, text: str) -> None:
    """One dead notice that tells of two episodes."""
    sending = Sending(id="s1", channel=text, kind="notice", since=NOW, not_before=NOW)
    two = [
        Notice(
            id=number,
            conn="main",
            client=text,
            subject=text,
            event="dead_letter",
            channel=text,
            at=NOW,
            state="put",
            sending="s1",
        )
        for number in ("n1", "n2")
    ]
    await notices.decide(tx, two, [sending])
    await notices.bury(tx, "s1", error=text)


async def fill(web: Kit, text: str) -> None:
    """One of everything that can be stuck, with `text` in every field it has."""
    await unknown_author(web, text, summary=text, url=text)
    async with web.store.begin() as tx:
        for number in ("1", "2"):
            await outbox.owe(tx, "main", number, {"why": text}, text, NOW)
            await outbox.bury(tx, "main", number, error=text)
            made = Errand(conn="main", mark=f"px-{number}", kind="ticket", client=text, text=text, since=NOW)
            await errands.owe(tx, [made])
            await errands.bury(tx, "main", f"px-{number}", error=text)
        await outbox.drop(tx, "main", "2")
        await errands.drop(tx, "main", "px-2")
        await quarantine.put(tx, "main", [Malformed(ticket_id="9", reason=text, body=text)], NOW)
        await quarantine.put(tx, "main", [Malformed(ticket_id="", reason=text, body=text)], NOW)
        await rulings.add(tx, "main", Ruling(author=text, cause="human", by=text, at=NOW, why=text), text)
        await audit.add(
            tx, Deed(at=NOW, by=Doer(name=text, role=text, why=text), what=text, conn=text, subject=text)
        )
        await refusals.put(tx, "main", Refused("f", 2, NOW, text))
        await untold(tx, text)
        found = {"conn": "main", "ticket_id": "7", "detail": text, "first_at": NOW, "last_at": NOW}
        await breaches.put(tx, [Breach(invariant="flags", **found), Breach(invariant=text, **found)])
        await breaches.close(tx, "main", (text, "7"), NOW)
        letter = {
            "about": "a",
            "client": text,
            "contact": text,
            "at": NOW,
            "state": "asked",
            "kind": "annual",
        }
        await surveys.put(tx, [Survey(conn="main", **letter)])  # type: ignore[arg-type]
    main = web.health.connections["main"]
    main.detail = main.webhook = main.held = main.waived = text
    main.notes = (text,)
    web.health.config_errors = (text,)


# ── what is shown ─────────────────────────────────────────────────────────────────────────────


async def test_a_quiet_connection_says_so(web: Kit) -> None:
    page = (await see(web, "/operations")).text()
    for said in (
        "main fake",
        "● ok",
        "last turn 12 s ago",
        "timers on time",
        "3 in the last minute, 17 in all, slowed down 2 times",
        "4100 left of 4500 an hour",
        "webhook none",
        "deliveries none yet",
        "Nobody has done anything yet.",
        "Nothing was audited yet.",
        "local",
    ):
        assert said in page


async def test_everything_that_is_stuck_is_on_it(web: Kit) -> None:
    await fill(web, "see here")
    await web.deliver(("7", "d1"))
    await web.deliver(("7", "d2"), signature="bad")
    page = (await see(web, "/operations")).text()
    for said in (
        "Configuration: see here",
        "1 open ticket has a message nobody knows the cause of",
        "Login refused 2 times: see here With the same credentials it is not tried before 15:00 .",
        "Nothing is written: see here",
        "last now · 1 waiting · 1 rejected",
        "flags 0 owed · ■ 1 dead",
        "tickets and notes of ours 0 owed · ■ 1 dead",
        "mails 1 owed",
        "see here 0 0 0 0 ■ 2",
        "quarantine ■ 2",
        "■ the PSA shows what it should main 7 see here",
        "No longer so; all times UTC",
        "The auditor found 1 thing not as it must be: audit",
    ):
        assert said in page


async def test_a_late_timer_is_told(web: Kit) -> None:
    await unknown_author(web, "hello")
    web.now = NOW + timedelta(days=30)
    assert re.search(r"timers \d+ d over", (await see(web, "/operations")).text())


async def test_a_stopped_connection_is_shown_beside_the_others(web: Kit) -> None:
    main = web.health.connections["main"]
    main.state, main.detail, main.last_turn, main.last_poll = "stopped", "wrong key", None, None
    answer = await web.client.get("/operations")
    assert answer.status_code == 200
    for said in ("stopped", "wrong key", "none yet", "not yet"):
        assert said in answer.text


async def test_without_a_store_the_connections_are_still_there(web: Kit) -> None:
    await web.break_store()
    answer = await web.client.get("/operations")
    assert answer.status_code == 503
    assert "The store does not answer" in answer.text
    assert "last turn" in answer.text


async def test_alike_messages_wait_once(web: Kit) -> None:
    await unknown_author(web, "The fuser of your printer is broken. I fit part 4711 tomorrow at 11:30.")
    async with web.store.begin() as tx:
        again = Message(
            at=NOW - timedelta(minutes=30),
            key="note:2",
            direction="out",
            channel="email",
            text="The fuser of your printer is broken. I fit part 4711 tomorrow at 11:30.",
            actor=Actor("unknown", id="x9"),
        )
        await events.merge(tx, "main", [("7", again)])
    page = await see(web, "/rulings")
    assert [name for name, _ in page.tags].count("article") == 1
    assert "1 more like it" in page.text()


# ── hostile text, and the content policy ──────────────────────────────────────────────────────


@pytest.mark.parametrize("path", PAGES)
async def test_whatever_anybody_wrote_stays_text(web: Kit, path: str) -> None:
    before = await see(web, path)
    await fill(web, NASTY)
    answer = await web.client.get(path)
    page = Page.of(answer.text)
    for tag in ("script", "img", "style"):
        assert [name for name, _ in page.tags].count(tag) == [name for name, _ in before.tags].count(tag) == 0
    assert "alert(1)" in page.text()
    assert not [a for _, a in page.tags if any(name == "style" or name.startswith("on") for name in a)]
    assert not [link for link in page.links() if "alert" in link]
    assert "default-src 'self'" in answer.headers["content-security-policy"]


async def test_what_an_act_says_cannot_be_put_in_its_mouth(web: Kit) -> None:
    for path in ("/outbox", "/quarantine", "/rulings"):
        assert "alert(1)" not in (await web.client.get(f"{path}?done={NASTY}")).text


# ── who may ───────────────────────────────────────────────────────────────────────────────────


def basic(token: str, name: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{token}".encode()).decode()}


FORMS = [
    ("/outbox", {"kind": "letter", "subject": "1", "do": "retry"}),
    ("/outbox", {"kind": "letter", "subject": "1", "do": "drop", "reason": "no"}),
    ("/outbox", {"kind": "errand", "subject": "px-1", "do": "retry"}),
    ("/outbox", {"kind": "errand", "subject": "px-1", "do": "drop", "reason": "no"}),
    ("/outbox", {"kind": "notice", "subject": "s1", "do": "retry"}),
    ("/quarantine", {"subject": "9"}),
    ("/rulings", {"ticket": "7", "key": "note:1", "say": "human"}),
    ("/rulings", {"ticket": "7", "key": "note:1", "say": "machine"}),
    ("/rulings", {"ticket": "7", "key": "note:1", "say": "template"}),
    ("/rulings", {"ticket": "7", "key": "note:1", "say": "machine", "all": "1"}),
    ("/undo", {"number": "1"}),
]


@pytest.mark.parametrize(("path", "form"), FORMS)
async def test_an_act_is_for_operators_and_told_once(tmp_path: Path, path: str, form: dict[str, str]) -> None:
    async with house(tmp_path, token="act-7f", view_token="look-3a") as web:
        await fill(web, "text")
        form = {"connection": "main", **form}
        web.client.headers.update(basic("look-3a", "tom"))
        assert (await act(web.client, path, **form)).status_code == 403
        for page in PAGES:
            assert "<form" not in (await web.client.get(page)).text
        assert len(await deeds(web)) == 1
        assert web.woken == []
        web.client.headers.update(basic("act-7f", "dana"))
        form["csrf"] = await csrf_of(web.client, "/rulings")
        assert (await act(web.client, path, **form)).status_code == 303
        again = await act(web.client, path, **form)
        assert again.status_code == 303
        if path != "/rulings":  # where a second word is a second ruling
            assert again.headers["location"].endswith("late")
        told = [deed for deed in await deeds(web) if deed.by.name == "dana (by token)"]
        assert len(told) == (2 if path == "/rulings" else 1)
        assert "main" in web.woken or form["kind"] == "notice"


async def deeds(web: Kit) -> list[Deed]:
    async with web.store.read() as tx:
        return list(await audit.latest(tx))


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/outbox", {"kind": "letter", "do": "burn", "subject": "1"}),
        ("/outbox", {"kind": "tickets", "do": "retry", "subject": "1"}),
        ("/outbox", {"kind": "notice", "do": "drop", "subject": "s1", "reason": "no"}),
        ("/outbox", {}),
        ("/rulings", {"say": "unknown"}),
        ("/undo", {"number": "one"}),
        ("/undo", {"number": "9" * 40}),
        ("/undo", {"number": "²"}),
    ],
)
async def test_a_form_nobody_made_does_nothing(web: Kit, path: str, form: dict[str, str]) -> None:
    await fill(web, "text")
    csrf = await csrf_of(web.client, "/outbox")
    assert (await act(web.client, path, csrf, **form)).status_code == 400
    assert len(await deeds(web)) == 1


async def test_what_is_gone_is_said_to_be_gone(web: Kit) -> None:
    await fill(web, "text")
    csrf = await csrf_of(web.client, "/outbox")
    for path, form in FORMS:
        given = {**form, "connection": "elsewhere", "number": "77", "csrf": csrf}
        if form.get("kind") == "notice":
            given["subject"] = "s2"
        answer = await act(web.client, path, **given)
        assert answer.headers["location"].endswith("late"), (path, form)
        told: httpx.Response = await web.client.get("/" + answer.headers["location"])
        assert "Nothing was left to do" in told.text
    assert len(await deeds(web)) == 1


async def test_of_many_clicks_at_once_one_acts(web: Kit) -> None:
    await fill(web, "text")
    csrf = await csrf_of(web.client, "/outbox")
    form = {"kind": "letter", "connection": "main", "subject": "1"}
    drop = {**form, "do": "drop", "reason": "x" * 900}
    clicks = [
        act(web.client, "/outbox", csrf, **(drop if n % 2 else {**form, "do": "retry"})) for n in range(6)
    ]
    answers = await asyncio.gather(*clicks)
    done = [deed.what for deed in reversed(await deeds(web))][1:]
    assert len([one for one in answers if not one.headers["location"].endswith("late")]) == len(done)
    assert done in (["letter tried again"], ["letter dropped", "letter tried again"])
    async with web.store.read() as tx:
        assert (await outbox.counts(tx))["main"][0] == 1
