"""The clients' page and the mark on the board: who is unhappy behind kept promises, and what follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.clients import ClientBook
from connector.model import BucketClock, Rating
from connector.rules.contract import Contract, Plan, Review, Terms
from connector.rules.experience import px
from connector.rules.policy import PlanRule, PxRule
from connector.store import contracts, ratings
from connector.store.ratings import Entry
from tests.integration.web_kit import NOW, Kit, judged, kit, ticket
from tests.unit.desk import policy

LATE = BucketClock(state="missed", zone="red", target_min=240, due_at=NOW, missed_at=NOW)


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit(tmp_path) as made:
        made.book = ClientBook(
            policies=(replace(policy(), client="Globex"), replace(policy(), client="Acme", reward=98.0))
        )
        yield made


async def rate(web: Kit, *scores: float) -> None:
    entries = [
        Entry(
            conn="main",
            key=f"k{number}",
            rating=Rating(at=NOW - timedelta(days=number), score=score, source="SmileBack"),
            client="Acme",
            ticket_id=str(number),
        )
        for number, score in enumerate(scores)
    ]
    async with web.store.begin() as tx:
        await ratings.keep(tx, entries)


async def test_every_client_with_its_figure_contract_and_tickets(web: Kit) -> None:
    await rate(web, *[5] * 8, 1, 1)
    figure = px([Rating(at=NOW, score=5)] * 8 + [Rating(at=NOW, score=1)] * 2, PxRule())
    terms = Terms(px=PxRule(), plan=PlanRule())
    since = NOW - timedelta(days=40)
    plan = Plan(number=2, opened_at=since, figure=figure, terms=terms, checked=1)
    review = Review(number=1, opened_at=since, figure=figure)
    async with web.store.begin() as tx:
        await contracts.save(tx, "", "Acme", Contract(looked_at=NOW, plan=plan, review=review))
    melon, waiting, fine = ticket("7"), ticket("8", closed=True), ticket("9")
    await web.put(
        (melon, judged(melon, {"watermelon": "rated 1 of 5; reopened once"})),
        (
            waiting,
            judged(waiting, {"watermelon": "", "loop": "Dana: late since 21 Nov 14:00"}, followup=LATE),
        ),
        (fine, judged(fine, {"watermelon": ""})),
    )
    text = (await web.client.get("/clients")).text
    assert "PX is 80 % (n 10): 8 happy, 0 neutral, 2 unhappy answers" in text
    assert "Chance alone could still explain it (p = 0.086); about 10 more answers would decide." in text
    assert "aimed at 98 %" in text
    assert "improvement plan, day 40 of 90" in text
    assert "checkpoints passed: 30, ahead: 60, 90" in text
    assert "service review open since" in text
    assert "rated 1 of 5; reopened once" in text
    assert "Dana: late since 21 Nov 14:00" in text
    assert "Printer 9" not in text
    assert "Nobody has rated yet" in text.split("Globex")[-1]
    assert "<script" not in text
    assert text.index("Acme") < text.index("Globex")


@pytest.mark.parametrize(
    ("happy", "said"),
    [(20, "Chance leaves open whether it truly is there."), (80, "Chance cannot explain it.")],
)
async def test_a_figure_at_its_target_says_what_chance_leaves_of_it(web: Kit, happy: int, said: str) -> None:
    await rate(web, *[5] * happy)
    assert said in (await web.client.get("/clients")).text


async def test_long_lists_are_cut_and_the_rest_counted(web: Kit) -> None:
    pairs = [ticket(str(n), opened_at=NOW - timedelta(hours=n)) for n in range(13)]
    await web.put(*((one, judged(one, {"watermelon": "reopened twice"})) for one in pairs))
    text = (await web.client.get("/clients")).text
    assert text.count("reopened twice") == 10
    assert "3 more" in text


async def test_no_client_is_said(web: Kit) -> None:
    web.book = ClientBook()
    assert "No client&#39;s file can be used." in (await web.client.get("/clients")).text.replace(
        "'", "&#39;"
    )


async def test_the_board_marks_a_watermelon_with_its_reasons(web: Kit) -> None:
    melon, fine = ticket("7"), ticket("9")
    await web.put(
        (melon, judged(melon, {"watermelon": "rated 1 of 5 <b>"})), (fine, judged(fine, {"watermelon": ""}))
    )
    text = (await web.client.get("/board/fragment")).text
    assert text.count("watermelon</a>") == 1
    assert 'title="rated 1 of 5 &lt;b&gt;"' in text


async def test_a_failing_store_is_said(web: Kit) -> None:
    await web.break_store()
    assert (await web.client.get("/clients")).status_code == 503


async def test_an_address_of_nothing_leads_back_to_the_board(web: Kit) -> None:
    for address, up in (("/boarrd", ""), ("/clients/acme", "../"), ("/static/no.css", "../")):
        answer = await web.client.get(address)
        assert answer.status_code == 404
        assert f'<a href="{up}.">To the board</a>' in answer.text
        assert f'href="{up}static/board.css"' in answer.text
        assert "default-src 'self'" in answer.headers["content-security-policy"]
