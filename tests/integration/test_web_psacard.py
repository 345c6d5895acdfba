"""The card inside the PSA: shown to the PSA's own pages for one ticket, and to nobody else at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from structlog.testing import capture_logs

from connector.clients import load_clients
from connector.model import Actor, Event, Message, Rating
from connector.psa.connectwise.embed import asked
from connector.psa.embed import Frame
from connector.psa.halo.embed import signature, signed
from connector.store import events, ratings, tickets
from connector.store.ratings import Entry
from connector.store.tickets import StoredTicket
from connector.web.app import create_app
from connector.web.deps import WebDeps
from connector.web.passes import LIFE, Passes
from connector.web.psacard import STRANGERS, VIEWS
from tests.integration.test_web_board import NASTY, Page
from tests.integration.web_kit import NOW, FakePsa, Kit, kit, ticket
from tests.kit import client_file, write_client

ORIGIN = "https://na.myconnectwise.net"
KEY = "a-secret-of-24-characters"
OWN = {"ticket": "1", "screen": "ticket", "key": KEY}
OPENED = NOW - timedelta(days=1, hours=3)  # a Friday, 11:00
SEALED = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors "
)
DANA = Actor("staff", "a4", "Dana")


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit(tmp_path, token="the-boards-own-token") as made:
        write_client(tmp_path, client_file("Acme"))
        made.book = load_clients(tmp_path)
        made.psa.frame = Frame(origins=(ORIGIN,), secret=KEY.encode(), read=asked)  # type: ignore[attr-defined]
        yield made


async def put(web: Kit, *facts: Event, id: str = "1", **fields: Any) -> None:
    one = ticket(id, **{"opened_at": OPENED, "priority": "P2", **fields})
    async with web.store.begin() as tx:
        await tickets.put(tx, "main", [StoredTicket(ticket=one, version="1")])
        await events.merge(tx, "main", [(id, fact) for fact in facts])


async def ask(web: Kit, query: dict[str, str] | str, connection: str = "main") -> httpx.Response:
    words = query if isinstance(query, str) else urlencode(query)
    return await web.client.get(f"/psa/{connection}/card?{words}")


async def see(web: Kit, status: int = 200, **own: str) -> Page:
    """As a frame of the PSA does: called by the PSA's address, then by the pass."""
    door = await ask(web, {**OWN, **own})
    assert (door.status_code, door.text) == (303, "")
    answer = await ask(web, urlsplit(door.headers["location"]).query)
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == SEALED + ORIGIN
    return Page.of(answer.text)


def answered(minutes: float, text: str, **more: Any) -> Message:
    given = {"actor": DANA, "direction": "out", "channel": "email", "key": f"note:{minutes}", **more}
    return Message(at=OPENED + timedelta(minutes=minutes), text=text, **given)


async def rate(web: Kit, score: float, comment: str, days: float = 1, **more: Any) -> None:
    at = NOW - timedelta(days=days)
    entry = Entry(
        conn="main",
        key=f"rating:{days}",
        rating=Rating(at=at, key=f"rating:{days}", score=score, comment=comment, source="survey"),
        client="Acme",
        **more,
    )
    async with web.store.begin() as tx:
        await ratings.keep(tx, [entry])


async def test_it_tells_both_clocks_what_is_left_and_what_the_client_says(web: Kit) -> None:
    await put(web, answered(192, "The cable was loose, I have put in a new one."))
    for day in range(13):
        await rate(web, 5, "fine", days=2 + day)
    await rate(web, 1, "Nobody called me back.\nThe second time!", ticket_id="1")
    text = (page := await see(web)).text()
    assert "customer felt first human answer after 3 h 12 min" in text
    assert "PSA says no response yet" in text
    (row,) = [row for row in page.rows if "resolution" in row]
    assert row == "● resolution green 9 h left Mon 23 Nov 17:00"
    assert "92 % (n 14)" in text
    assert "likely" in text
    assert "target 95 %" in text
    assert "“Nobody called me back. The second time!” 1 of 5, Fri 20 Nov 14:00, on this ticket" in text
    assert page.links() == ["../../ticket?connection=main&id=1"]
    assert "Europe/London time" in text


async def test_the_worst_promise_stands_first_and_the_zone_is_never_a_colour_alone(web: Kit) -> None:
    await put(web)
    page = await see(web)
    assert "■ red at risk" in page.text()
    first, *_ = page.rows[1:]
    assert first.startswith("■ response missed")
    assert "over" in first


async def test_a_ticket_on_which_nothing_is_due_says_so(web: Kit) -> None:
    await put(web, closed=True, resolved_at=OPENED, closed_at=OPENED)
    assert "nothing due" in (await see(web)).text()


async def test_every_header_is_as_it_must_be(web: Kit) -> None:
    await put(web)
    door = await ask(web, OWN)
    answer = await ask(web, urlsplit(door.headers["location"]).query)
    refused = await ask(web, {"ticket": "1"})
    for one, ancestors in ((door, ORIGIN), (answer, ORIGIN), (refused, "'none'")):
        assert one.headers["content-security-policy"] == SEALED + ancestors
        assert one.headers["referrer-policy"] == "no-referrer"
        assert one.headers["cache-control"] == "no-store"
        assert one.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in one.headers
        assert KEY not in one.text + str(one.headers)
        assert "the-boards-own-token" not in one.text + str(one.headers)


async def test_all_other_pages_may_be_framed_by_nobody(web: Kit) -> None:
    bearer = {"Authorization": "Bearer the-boards-own-token"}
    for path in (
        "/",
        "/clients",
        "/ticket?connection=main&id=1",
        "/static/board.css",
        "/psa/card.css",
        "/nope",
    ):
        answer = await web.client.get(path, headers=bearer)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path


async def test_style_and_script_need_no_sign_in(web: Kit) -> None:
    for name, kind in (("card.css", "text/css"), ("card.js", "text/javascript")):
        answer = await web.client.get(f"/psa/{name}")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"ticket": "1"},
        {**OWN, "key": "a-secret-of-24-characterS"},
        {**OWN, "key": ""},
        {"ticket": "1", "until": "9999999999", "pass": "0" * 64},
        {"ticket": "1", "pass": ""},
    ],
)
async def test_who_proves_nothing_learns_nothing(web: Kit, query: dict[str, str]) -> None:
    await put(web)
    there = await ask(web, query)
    gone = await ask(web, {**query, "ticket": "2"})
    assert there.status_code == gone.status_code == 403
    assert there.content == gone.content
    assert there.headers == gone.headers
    assert "Acme" not in there.text


@pytest.mark.parametrize("connection", ["other", "main2", "MAIN", "%2e%2e", "x" * 500])
async def test_a_connection_without_a_card_looks_the_same_as_one_that_is_not_there(
    web: Kit, connection: str
) -> None:
    answer, wrong = await ask(web, OWN, connection), await ask(web, {})
    assert answer.status_code == wrong.status_code == 403
    assert answer.text == wrong.text
    assert answer.headers == wrong.headers


async def test_it_is_off_unless_configured(web: Kit) -> None:
    await put(web)
    web.psa.frame = None  # type: ignore[attr-defined]
    assert (await ask(web, OWN)).status_code == 403
    del web.psa.frame  # type: ignore[attr-defined]
    assert (await ask(web, OWN)).status_code == 403


def passed(ticket: str = "1", connection: str = "main", key: str = KEY) -> dict[str, str]:
    return dict(parse_qsl(Passes(connection=connection, key=key.encode()).query(ticket, NOW)))


async def test_a_pass_is_for_one_ticket_of_one_connection_under_one_secret(web: Kit) -> None:
    await put(web)
    await put(web, id="2")
    assert (await ask(web, passed())).status_code == 200
    for other in (
        {**passed(), "ticket": "2"},  # replayed on another ticket
        passed(connection="other"),
        passed(key="another-secret-of-the-msp"),
        {**passed(), "until": str(int(passed()["until"]) + 1)},
    ):
        assert (await ask(web, other)).status_code == 403


async def test_a_pass_runs_out_and_says_what_to_do(web: Kit) -> None:
    await put(web)
    mine = passed()
    web.now = NOW + LIFE - timedelta(seconds=1)
    assert (await ask(web, mine)).status_code == 200
    web.now = NOW + LIFE
    late = await ask(web, mine)
    assert late.status_code == 403
    assert "Load the ticket again" in Page.of(late.text).text()
    assert "Acme" not in late.text


async def test_a_secret_opens_the_tickets_of_its_own_connection_alone(web: Kit) -> None:
    await put(web)
    other = FakePsa()
    other.frame = Frame(origins=("https://b.example",), secret=b"b" * 24, read=asked)  # type: ignore[attr-defined]
    both = {"main": web.psa, "other": other}
    deps = WebDeps(
        store=web.store,
        connections=both,  # type: ignore[arg-type]
        health=web.health,
        clients=lambda: web.book,
        wake=lambda _name: None,
        now=lambda: NOW,
        token=None,
    )
    transport = httpx.ASGITransport(app=create_app(deps))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://px.test", follow_redirects=True
    ) as psa:
        mine = await psa.get("/psa/main/card", params=OWN)
        assert (mine.status_code, "Promises" in mine.text) == (200, True)
        assert (await psa.get("/psa/other/card", params=OWN)).status_code == 403
        theirs = await psa.get("/psa/other/card", params={**OWN, "key": "b" * 24})
        assert theirs.status_code == 404
        assert theirs.headers["content-security-policy"] == SEALED + "https://b.example"
        assert "the store has no ticket 1 of other" in theirs.text
        assert "Promises" not in theirs.text


async def test_halo_proves_itself_by_its_own_signature(web: Kit) -> None:
    await put(web)
    web.psa.frame = Frame(origins=(ORIGIN,), secret=KEY.encode(), read=signed)  # type: ignore[attr-defined]
    halo = {"ticket": "1", "agent": "42", "hmac": signature("42", KEY.encode())}
    door = await ask(web, halo)
    assert door.status_code == 303
    assert "hmac" not in door.headers["location"]
    assert (await ask(web, {**halo, "agent": "43"})).status_code == 403
    assert (await ask(web, OWN)).status_code == 403  # the secret itself is no signature


async def test_a_variable_that_was_not_replaced_is_told_only_to_who_proved_himself(web: Kit) -> None:
    answer = await ask(web, {**OWN, "ticket": "[cw_id]"})
    assert answer.status_code == 400
    assert "it came as '[cw_id]'" in Page.of(answer.text).text()
    assert (await ask(web, {"ticket": "[cw_id]", "screen": "ticket", "key": "x"})).status_code == 403


async def test_a_ticket_that_is_gone_or_nobodys_says_so(web: Kit) -> None:
    assert "the store has no ticket 1 of main" in (await see(web, status=404)).text()
    await put(web, client="Globex")
    assert "no client file matches the company 'Globex'" in (await see(web, status=404)).text()
    async with web.store.begin() as tx:
        await tickets.mark_gone(tx, "main", ["1"], NOW)
    assert "no longer in the PSA" in (await see(web, status=404)).text()


async def test_without_a_store_it_says_so_and_nothing_else(web: Kit) -> None:
    await put(web)
    async with web.store.begin() as tx:
        await tx.exec_driver_sql("DROP TABLE tickets")
    with capture_logs() as logs:
        page = await see(web, status=503)
        await see(web, status=503)
    assert "cannot be shown right now" in page.text()
    assert len([line for line in logs if line["event"] == "card not shown"]) == 1
    assert KEY not in str(logs)


async def test_whatever_anybody_wrote_stays_text(web: Kit, tmp_path: Path) -> None:
    write_client(tmp_path, client_file("Acme", flags={"why": "PX Why"}), name="acme")
    web.book = load_clients(tmp_path)
    evil = Actor("contact", NASTY, NASTY)
    fields = dict.fromkeys(("summary", "status", "owner", "priority", "type", "group", "contact"), NASTY)
    await put(web, answered(1, NASTY, actor=evil, direction="in"), url="javascript:alert(1)", **fields)
    await rate(web, 1, NASTY, contact=NASTY)
    page = await see(web)
    names = [name for name, _ in page.tags]
    assert names.count("script") == 1  # ours, from our own address
    assert not {"img", "style", "svg", "iframe"} & set(names)
    for name, attrs in page.tags:
        assert not [one for one in attrs if one == "style" or one.startswith("on")], name
    assert not [link for link in page.links() if link.startswith("javascript")]
    assert "alert(1)" in page.text()


async def test_a_thousand_wrong_tries_are_throttled_and_the_psa_is_still_served(web: Kit) -> None:
    await put(web)
    with capture_logs() as logs:
        seen = [(await ask(web, {**OWN, "key": f"guess {number}"})).status_code for number in range(1000)]
    assert seen == [403] * STRANGERS + [429] * (1000 - STRANGERS)
    assert len(logs) == 1
    assert "guess" not in str(logs)
    assert "Promises" in (await see(web)).text()
    web.now = NOW + timedelta(minutes=1)
    assert (await ask(web, {**OWN, "key": "guess"})).status_code == 403


async def test_so_many_cards_a_minute_and_no_more(web: Kit) -> None:
    mine = passed("404")
    answers = [(await ask(web, mine)).status_code for _ in range(VIEWS + 1)]
    assert answers == [404] * VIEWS + [429]


async def test_nothing_can_be_posted(web: Kit) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (await web.client.request(method, "/psa/main/card", params=OWN)).status_code == 405
