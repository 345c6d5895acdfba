"""The survey's page: scanners click on everything and record nothing; a person's button records once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.clients import ClientBook, load_clients
from connector.rules.surveylinks import Links, token
from connector.store import ratings, surveys
from connector.store.surveys import Survey
from tests.integration.web_kit import NOW, Kit, kit, ticket
from tests.kit import client_file, write_client

LINKS = Links(base="http://px.test", key=b"a long and random key")
ID = "0123456789abcdef01234567"
EXPIRES = NOW + timedelta(days=14)


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit(tmp_path, token="board", survey=LINKS) as made:
        made.book = book(tmp_path)
        await made.put((ticket("42"), None))
        await ask(made)
        yield made


def book(folder: Path, **survey: Any) -> ClientBook:
    questions = {"questions": {"factors": ["Speed", "Friendliness"]}}
    write_client(folder, client_file("Acme", survey={"ask": True, **questions, **survey}))
    return load_clients(folder)


async def ask(web: Kit, id: str = ID, about: str = "ticket:42:0", **more: Any) -> str:
    row = {"ticket_id": "42", "client": "Acme", "contact": "u17", "expires_at": EXPIRES, **more}
    async with web.store.begin() as tx:
        await surveys.put(tx, [Survey(conn="main", about=about, at=NOW, state="asked", link=id, **row)])
    return path(id, row["expires_at"])


def path(id: str = ID, expires: datetime = EXPIRES, key: bytes = LINKS.key) -> str:
    return f"/s/{token(id, expires, key)}"


async def confirm(web: Kit, score: object = 4, to: str = "") -> httpx.Response:
    return await web.client.post(to or path(), data={"score": str(score)})


async def more(web: Kit, to: str = "", **said: Any) -> httpx.Response:
    return await web.client.post(to or path(), data={"step": "more", **said})


async def ledger(web: Kit) -> list[tuple[str, float, str, str]]:
    async with web.store.read() as tx:
        rows = await ratings.listed(tx)
    return [(row.ticket_id, row.rating.score, row.contact, row.verdict) for row in rows]


async def state(web: Kit, id: str = ID) -> Survey:
    async with web.store.read() as tx:
        found = await surveys.by_link(tx, id)
    assert found is not None
    return found


async def test_a_scanner_that_follows_every_link_records_nothing(web: Kit) -> None:
    before = await state(web)
    links = [path(), *(f"{path()}?score={n}" for n in range(12)), f"{path()}?score=4&step=more&comment=Bad"]
    knocks = [web.client.request(verb, link) for verb in ("GET", "HEAD") for link in links for _ in range(2)]
    answers = await asyncio.gather(*knocks)
    pages = {answer.request.method: answer for answer in answers}
    followed = re.findall(r'(?:href|action|src)="([^"]*)"', pages["GET"].text)
    assert followed
    answers += [await web.client.get(f"/s/{target}") for target in followed]
    assert {answer.status_code for answer in answers} == {200}
    assert await ledger(web) == []
    assert await state(web) == before
    assert web.woken == []


@pytest.mark.parametrize("verb", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_no_other_method_does_anything(web: Kit, verb: str) -> None:
    assert (await web.client.request(verb, f"{path()}?score=5")).status_code == 405
    assert await ledger(web) == []


async def test_the_score_of_the_link_is_marked_and_only_the_button_records_it(web: Kit) -> None:
    shown = await web.client.get(f"{path()}?score=4")
    assert re.findall(r'value="(\d)" required( checked)?', shown.text) == [
        *(("1", ""), ("2", ""), ("3", "")),
        *(("4", " checked"), ("5", "")),
    ]
    assert f'action="{path().removeprefix("/s/")}"' in shown.text
    assert "<script" not in shown.text
    answer = await confirm(web, 4)
    assert (answer.status_code, answer.headers["location"]) == (303, path().removeprefix("/s/"))
    assert await ledger(web) == [("42", 4.0, "u17", "waiting")]
    assert web.woken == ["main"]
    assert "4 of 5" in (await web.client.get(path())).text


@pytest.mark.parametrize("score", ["", "0", "6", "-1", "4.5", "four", "٤", "4" * 500, "1\x00"])
async def test_a_score_that_is_none_is_asked_for_again(web: Kit, score: str) -> None:
    assert " checked" not in (await web.client.get(path(), params={"score": score})).text
    answer = await confirm(web, score)
    assert answer.status_code == 400
    assert "Please choose one of the answers." in answer.text
    assert await ledger(web) == []


async def test_a_replayed_answer_is_told_so_and_changes_nothing(web: Kit) -> None:
    first = await asyncio.gather(*(confirm(web, score) for score in (5, 1, 2, 5, 3, 4)))
    assert sorted(answer.status_code for answer in first) == [303, *[409] * 5]
    (kept,) = await ledger(web)
    for score in (1, 5):
        again = await confirm(web, score)
        assert again.status_code == 409
        assert "We have your answer" in again.text
    assert await ledger(web) == [kept]


async def test_more_can_be_said_once_also_later(web: Kit) -> None:
    assert (await more(web, comment="Too early")).status_code == 400
    await confirm(web, 2)
    assert "What should we know?" in (await web.client.get(path())).text
    web.now += timedelta(days=3)
    said = {"comment": "Slow\r\nbut kind", "lost": "90", "factor": ["Speed", "Invented", "Speed"]}
    assert (await more(web, **said)).status_code == 303
    async with web.store.read() as tx:
        (row,) = await ratings.listed(tx)
    assert (row.rating.score, row.rating.at) == (2.0, NOW)
    assert (row.rating.comment, row.rating.lost_minutes, row.rating.factors) == (
        "Slow\nbut kind",
        90,
        ("Speed",),
    )
    assert (await more(web, comment="Quite another thing")).status_code == 409
    async with web.store.read() as tx:
        assert await ratings.listed(tx) == [row]
    assert "What should we know?" not in (await web.client.get(path())).text


async def test_an_empty_form_leaves_it_open_and_a_wrong_one_keeps_what_was_typed(web: Kit) -> None:
    await confirm(web)
    assert (await more(web, comment=" ", lost="")).status_code == 303
    answer = await more(web, comment="A <b>long</b> story", lost="an hour", factor="Speed")
    assert answer.status_code == 400
    assert "Please write the lost time in whole minutes" in answer.text
    assert "A &lt;b&gt;long&lt;/b&gt; story" in answer.text
    assert 'value="Speed" checked' in answer.text
    assert (await more(web, comment="A long story", lost="60")).status_code == 303


@pytest.mark.parametrize("lost", ["-5", "1e3", "60001", "9" * 4000, "٣"])
async def test_lost_time_that_no_ticket_costs_is_asked_for_again(web: Kit, lost: str) -> None:
    await confirm(web)
    assert (await more(web, lost=lost)).status_code == 400
    async with web.store.read() as tx:
        (row,) = await ratings.listed(tx)
    assert row.rating.lost_minutes is None


async def test_what_is_not_asked_is_not_taken(tmp_path: Path) -> None:
    async with kit(tmp_path, survey=LINKS) as web:
        web.book = book(tmp_path, questions={"comment": False, "lost_time": False})
        await ask(web)
        await confirm(web)
        assert (await web.client.get(path())).text.count("<form") == 0
        assert (await more(web, comment="Hello", lost="5")).status_code == 303
        assert (await state(web)).completed_at is None


@pytest.mark.parametrize("verb", ["GET", "POST"])
async def test_a_link_that_has_run_out_says_so(web: Kit, verb: str) -> None:
    web.now = EXPIRES
    answer = await web.client.request(verb, path(), data={"score": "5"} if verb == "POST" else None)
    assert (answer.status_code, "This link has run out." in answer.text) == (410, True)
    assert await ledger(web) == []
    web.now -= timedelta(seconds=1)
    assert (await confirm(web)).status_code == 303
    web.now = EXPIRES + timedelta(days=1)
    assert (await more(web, comment="Late")).status_code == 200
    assert (await state(web)).completed_at is None


FORGED = {
    "another key": path(key=b"another long and random key"),
    "a later expiry": path(expires=EXPIRES + timedelta(days=1))[:-22] + path()[-22:],
    "another id": path("f" * 24)[:20] + path()[20:],
    "cut": path()[:-1],
    "longer": path() + "A",
    "nothing": "/s/x",
    "odd": "/s/%00%ff%F0%9F%92%A9",
    "the other alphabet": "/s/" + "+" * 44,
    "signed, but of nobody": path("f" * 24),
}


@pytest.mark.parametrize("link", FORGED.values(), ids=FORGED)
async def test_a_forged_link_gets_a_polite_page_and_no_record(web: Kit, link: str) -> None:
    for answer in (await web.client.get(link), await web.client.head(link), await confirm(web, 5, link)):
        assert answer.status_code == 404
    assert "We do not know this link." in (await web.client.get(link)).text
    assert await ledger(web) == []
    assert web.woken == []


async def test_every_page_keeps_to_itself(web: Kit) -> None:
    pages = [await web.client.get(at) for at in (path(), "/s/forged")]
    pages += [await confirm(web), await web.client.get(path())]
    for answer in pages:
        headers = answer.headers
        assert headers["referrer-policy"] == "no-referrer"
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        if answer.status_code != 303:
            assert headers["x-robots-tag"] == "noindex, nofollow"
            assert headers["cache-control"] == "no-store"
            assert 'name="viewport"' in answer.text
            assert "u17" not in answer.text
            assert not re.search(r"style=|<style|onclick|<script", answer.text)
    assert (await web.client.get("/s/survey.css")).headers["content-type"].startswith("text/css")
    assert (await web.client.get("/static/survey.css")).status_code == 401, "the board's files stay guarded"


async def test_a_body_that_is_no_form_hurts_nothing(web: Kit) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    for raw in (b"", b"\xff" * 999, b"&" * 999, b"a=1&" * 5000, b"score=4&" * 60, b"%zz=%"):
        assert (await web.client.post(path(), content=raw, headers=form)).status_code == 400
    assert (
        await web.client.post(path(), content=b"score=4" + b"x" * 70_000, headers=form)
    ).status_code == 413
    assert (await web.client.post(path(), json={"score": 4})).status_code == 400
    assert await ledger(web) == []


async def test_strangers_are_slowed_down_and_customers_are_not(web: Kit) -> None:
    answers = [(await web.client.get(f"/s/{n}")).status_code for n in range(40)]
    assert answers == [404] * 30 + [429] * 10
    assert (await web.client.get(path())).status_code == 200
    web.now += timedelta(minutes=1)
    assert (await web.client.get("/s/x")).status_code == 404


async def test_one_link_is_not_clicked_for_ever(web: Kit) -> None:
    other = await ask(web, "f" * 24, "ticket:43:0", ticket_id="43")
    answers = [(await web.client.get(path())).status_code for _ in range(125)]
    assert answers == [200] * 120 + [429] * 5
    assert (await web.client.get(other)).status_code == 200


async def test_a_store_that_does_not_answer_is_told_politely_and_the_link_stays_good(web: Kit) -> None:
    async with web.store.begin() as tx:
        await tx.exec_driver_sql("ALTER TABLE ratings RENAME TO away")
    assert (await confirm(web)).status_code == 503
    async with web.store.begin() as tx:
        await tx.exec_driver_sql("ALTER TABLE away RENAME TO ratings")
    assert (await state(web)).state == "asked"
    assert (await confirm(web)).status_code == 303
    async with web.store.begin() as tx:
        await tx.exec_driver_sql("DROP TABLE surveys")
    answer = await web.client.get(path())
    assert (answer.status_code, "Just a moment, please." in answer.text) == (503, True)


async def test_the_yearly_questionnaire_counts_at_once(web: Kit) -> None:
    about = {"about": "annual:2026:ann@acme.example", "ticket_id": "", "contact": "ann@acme.example"}
    to = await ask(web, "f" * 24, kind="annual", **about)
    assert "How happy are you with your IT support?" in (await web.client.get(to)).text
    assert (await confirm(web, 5, to)).status_code == 303
    assert await ledger(web) == [("", 5.0, "ann@acme.example", "counted")]
    await more(web, to, comment="All is well")
    async with web.store.read() as tx:
        (row,) = await ratings.listed(tx)
    assert (row.rating.kind, row.rating.comment, row.rating.score) == ("annual", "All is well", 5.0)


async def test_an_answer_for_a_client_who_has_left_is_not_taken(web: Kit) -> None:
    about = {"about": "annual:2026:x", "ticket_id": "", "contact": "x@y.example", "client": "Gone"}
    to = await ask(web, "f" * 24, kind="annual", **about)
    assert (await confirm(web, 5, to)).status_code == 410
    assert await ledger(web) == []
    assert (await state(web, "f" * 24)).state == "asked"


async def test_without_a_key_there_is_no_page(tmp_path: Path) -> None:
    async with kit(tmp_path, token="board") as web:
        for at in (path(), "/s/survey.css"):
            assert (await web.client.get(at)).status_code == 401
        assert (await confirm(web)).status_code == 401
