"""Our own survey on every PSA there is an adapter for, over real HTTP: what scanners do, what a person."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from connector.rules.surveylinks import token
from connector.store import ratings, surveys
from tests.contract.psa.tongues import TONGUES
from tests.integration.test_daemon_vendors import desk
from tests.kit import Office, client_file, write_client

KEY = "a long and random key of the survey"
OUTSIDE = "https://px.example.com"
ASKED = client_file(
    "Acme Dental", survey={"ask": True, "valid_days": 2}, flags={"survey": "PX Why", "why": None}
)
"""The link goes into a field that these desks have: another caption is fine."""


def here(o: Office, link: str) -> str:
    """The link as the reverse proxy would pass it on."""
    assert link.startswith(f"{OUTSIDE}/s/")
    return link.replace(OUTSIDE, f"http://127.0.0.1:{o.port}")


async def recorded(o: Office) -> list[tuple[str, float, str]]:
    async with o.connector.store.read() as tx:
        return [(one.ticket_id, one.rating.score, one.verdict) for one in await ratings.listed(tx)]


async def resolved(o: Office) -> tuple[int, str]:
    """A ticket that is about to be closed, and the link in its field."""
    ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
    o.world.post(ticket, "jreed", "Unplug it, wait a minute, and plug it in again, please.")
    await o.later(seconds=60)
    assert (await o.shown(ticket)).get("survey", "") == ""
    o.world.set_status(ticket, "Resolved", "jreed")
    await o.later(seconds=60)
    return ticket, here(o, (await o.shown(ticket))["survey"])


async def scan(link: str) -> set[int]:
    """Follow every link of a mail, and every link of what comes back, with GET and HEAD, twice, at once."""
    async with httpx.AsyncClient(follow_redirects=True) as http:
        mail = [link, *(f"{link}?score={n}" for n in range(1, 6))]
        asked = [http.request(verb, at) for verb in ("GET", "HEAD") for at in mail for _ in range(2)]
        pages = await asyncio.gather(*asked)
        targets = {str(page.url.join(at)) for page in pages for at in re.findall(r'="([^"<>]+)"', page.text)}
        further = [at for at in targets if at.startswith("http://127.0.0.1")]
        assert any("/s/" in at for at in further)
        pages += await asyncio.gather(*(http.request(v, at) for v in ("GET", "HEAD") for at in further))
    return {page.status_code for page in pages}


@pytest.fixture(autouse=True)
def _page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_KEY", KEY)
    monkeypatch.setenv("PX_SURVEY__KEY__ENV", "SURVEY_KEY")
    monkeypatch.setenv("PX_SURVEY__URL", OUTSIDE)


@pytest.mark.parametrize("vendor", TONGUES)
async def test_a_scanner_records_nothing_and_a_person_once(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_client(tmp_path, ASKED)
    async with desk(tmp_path, vendor, monkeypatch, "Globex") as o:
        before = await recorded(o)
        ticket, link = await resolved(o)
        assert 200 in await scan(link)
        await o.later(seconds=60)
        assert await recorded(o) == before
        assert here(o, (await o.shown(ticket))["survey"]) == link
        async with httpx.AsyncClient(follow_redirects=True) as http:
            answers = await asyncio.gather(*(http.post(link, data={"score": "2"}) for _ in range(4)))
            assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
            await o.later(seconds=60)
            new = [row for row in await recorded(o) if row not in before]
            assert new == [(str(ticket), 2.0, "counted")]
            shown = await o.shown(ticket)
            assert shown.get("survey", "") == ""
            assert re.fullmatch(r"\d+ % \(n \d+\)", shown["px"])
            assert (await http.post(link, data={"score": "5"})).status_code == 409
        assert [row for row in await recorded(o) if row not in before] == new


async def test_what_is_forged_or_late_gets_a_polite_page_and_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_client(tmp_path, ASKED)
    async with desk(tmp_path, "connectwise", monkeypatch, "Globex") as o:
        before = await recorded(o)
        _, link = await resolved(o)
        page, _, mine = link.rpartition("/")
        async with o.connector.store.read() as tx:
            (row,) = await surveys.listed(tx)
        assert row.expires_at is not None
        forged = [
            mine[:-1] + ("A" if mine[-1] != "A" else "B"),
            token(row.link, row.expires_at, b"a key that somebody guessed"),
            token("f" * 24, row.expires_at, KEY.encode()),
            mine[::-1],
            "x",
        ]
        async with httpx.AsyncClient() as http:
            for one in forged:
                for answer in (
                    await http.get(f"{page}/{one}"),
                    await http.post(f"{page}/{one}", data={"score": "5"}),
                ):
                    assert (answer.status_code, "We do not know this link." in answer.text) == (404, True)
            o.world.advance(row.expires_at - o.world.now())
            for answer in (await http.get(link), await http.post(link, data={"score": "5"})):
                assert (answer.status_code, "This link has run out." in answer.text) == (410, True)
        await o.later(seconds=60)
        assert await recorded(o) == before
