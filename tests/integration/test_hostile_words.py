"""Hostile words in every field that a PSA has, through the whole connector: on every page they are text.

And what holds of every page and every act, found in the app's own list of routes: a new page that nobody
covers here fails, and so does a new act that a viewer could do.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from sqlalchemy import select
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from connector.cli.demo.desks import DESKS, Site
from connector.rules.surveylinks import Links
from connector.store.schema import metadata
from tests.integration.hostile_kit import (
    ALL,
    KEY,
    KINDS,
    MARK,
    House,
    Reader,
    client_of,
    hostile_desks,
    hostile_house,
    judge,
)
from tests.integration.test_web_operations import FORMS, basic, fill, house
from tests.integration.web_kit import Kit


@pytest.fixture
def hostile() -> Iterator[None]:
    with hostile_desks():
        yield


# ── every page ────────────────────────────────────────────────────────────────────────────────


def paths(routes: Sequence[BaseRoute], method: str, below: str = "") -> set[str]:
    """The app's addresses that take this method, whatever they are mounted under."""
    found: set[str] = set()
    for route in routes:
        if isinstance(route, Mount):
            at = below + route.path
            inner = paths(route.routes, method, at)
            files = isinstance(route.app, StaticFiles)
            found |= {f"{at}/"} if files and method == "GET" else inner
        elif isinstance(route, Route) and method in (route.methods or ()):
            found.add(below + route.path)
    return found


CLIENTS = {
    "/client?" + urlencode({"name": name}): [name]
    for name in (
        client_of(desk.name, kind) for desk, kind in zip(itertools.cycle(DESKS), KINDS, strict=False)
    )
}


def asked_of(tokens: Sequence[str]) -> dict[str, list[str]]:
    """By route, the addresses looked at: as the pages link them, and with hostile words asked for."""
    asked = urlencode(
        dict.fromkeys(("connection", "client", "group", "owner", "bucket", "zone", "sort", "page"), ALL)
    )
    nobody = urlencode(dict.fromkeys(("id", "connection", "name", "state", "done", "score"), ALL))
    return {
        "/": ["/", f"/?{asked}"],
        "/board/fragment": ["/board/fragment", f"/board/fragment?{asked}"],
        "/wallboard": ["/wallboard", f"/wallboard?{asked}"],
        "/wallboard/fragment": ["/wallboard/fragment", f"/wallboard/fragment?{asked}"],
        "/ticket": [f"/ticket?{nobody}"],  # and each ticket's, where its PSA's page is looked at
        "/clients": ["/clients"],
        "/client": [*CLIENTS, f"/client?{nobody}"],
        "/operations": ["/operations"],
        "/rulings": ["/rulings", f"/rulings?{nobody}"],
        "/outbox": ["/outbox", f"/outbox?{nobody}"],
        "/quarantine": ["/quarantine", f"/quarantine?{nobody}"],
        "/notices": ["/notices", f"/notices?{nobody}"],
        "/metrics": ["/metrics"],
        "/static/": ["/static/board.js", "/static/board.css", "/static/nothing"],
        "/healthz": ["/healthz"],
        "/readyz": ["/readyz"],
        "/events": [],  # never ends; the test reads its beginning
        "/psa/card.css": ["/psa/card.css"],
        "/psa/card.js": ["/psa/card.js"],
        "/psa/{connection}/card": [f"/psa/london/card?{nobody}"],  # and as the PSA's own pages frame it
        "/s/survey.css": ["/s/survey.css"],
        "/s/{token}": [*(f"/s/{token}" for token in tokens), "/s/nobody"],
    }


SHOWS = {
    "/": [ALL, *KINDS.values()],
    "/wallboard": [ALL, *KINDS.values()],
    "/clients": list(KINDS.values()),
    "/operations": [ALL],
    "/outbox": [ALL],
    "/quarantine": [ALL],
    "/notices": [ALL],
    "/rulings": [KINDS["tag"]],
    **CLIENTS,
}
"""What a page has to show, so that being text is not being left out."""


async def test_every_page_shows_hostile_words_as_text(tmp_path: Path, hostile: None) -> None:
    async with hostile_house(tmp_path) as house:
        for at in itertools.chain.from_iterable(asked_of(house.tokens).values()):
            answer = await house.http.get(at)
            assert answer.status_code < 500, (at, answer.text)
            shown = judge(at, answer).text()
            assert [one for one in SHOWS.get(at, ()) if one not in shown] == [], at
        for site in house.sites:
            for kind, number in house.tickets[site.desk.name].items():
                await look_at_card(house, site, number, KINDS[kind])
        async with house.http.stream("GET", "/events") as stream:
            judge("/events", stream)
            assert "event: pulse" in await anext(stream.aiter_text())


async def look_at_card(house: House, site: Site, number: int, word: str) -> None:
    """The ticket's card, and the PSA's own page with what it frames."""
    whole = judge(
        f"{site.desk.name} {number}",
        await house.http.get("/ticket", params={"connection": site.desk.name, "id": str(number)}),
    )
    assert word in whole.text()
    assert f"{word} {site.desk.name}" in whole.text()
    at = urljoin(site.sim.url, site.sim.pages.address(number))
    desk = Reader.of((await house.http.get(at)).text.partition("</style>")[2])
    assert desk.faults == []
    assert word in desk.text()
    assert len(desk.frames) == (site.desk.vendor != "autotask")
    for frame in desk.frames:
        card = judge(frame, await house.http.get(frame))
        assert "Promises" in card.text()
        assert MARK in card.text()


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Kit]:
    """Everything that can be acted on is there, behind a door with two tokens."""
    survey = Links(base="http://127.0.0.1", key=KEY.encode())
    door: dict[str, Any] = {"token": "act-7f", "view_token": "look-3a", "survey": survey}
    async with house(tmp_path, **door) as made:
        await fill(made, "text")
        made.rating_secrets["main"] = b"a secret of ratings"
        yield made


async def test_every_page_of_the_app_is_looked_at_here(web: Kit) -> None:
    assert paths(web.app.routes, "GET") == set(asked_of(()))


# ── every act ─────────────────────────────────────────────────────────────────────────────────

OWN_PROOF = {"/hooks/{connection}": 401, "/ratings/{connection}": 401, "/s/{token}": 404}
"""What machines and customers send: outside of the door, and refused so when it proves nothing."""


async def kept(web: Kit) -> dict[str, list[Any]]:
    """All that is in the store."""
    async with web.store.read() as tx:
        return {
            one.name: sorted(map(repr, await tx.execute(select(one)))) for one in metadata.tables.values()
        }


async def test_no_act_is_done_for_a_viewer_or_without_the_pages_secret(web: Kit) -> None:
    acts = paths(web.app.routes, "POST")
    assert acts - set(OWN_PROOF) == {path for path, _ in FORMS}, "an act that is not tried here"
    assert set(OWN_PROOF) <= acts
    before = await kept(web)
    tries = [
        *((path, {"connection": "main", **form}) for path, form in FORMS),
        *((path.format(connection="main", token="nobody"), {"score": "5"}) for path in OWN_PROOF),
    ]
    wanted = dict(zip((path for path, _ in tries[len(FORMS) :]), OWN_PROOF.values(), strict=True))
    viewer, operator = basic("look-3a", "tom"), basic("act-7f", "dana")
    for path, form in tries:
        for who, more in (
            (viewer, {}),
            (viewer, {"csrf": ""}),
            (operator, {}),
            (operator, {"csrf": "0" * 64}),
        ):
            answer = await web.client.post(path, data={**form, **more}, headers=who)
            assert answer.status_code == wanted.get(path, 403), (path, form, more)
    assert await kept(web) == before
    assert web.woken == []
