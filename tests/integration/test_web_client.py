"""The page of one client over a real store: empty, with one rating, in trouble, and whatever people wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.clients import ClientBook
from connector.model import BucketClock, Event, PsaVerdict, Rating
from connector.rules.contract import Contract, Happening, Plan, Terms
from connector.rules.experience import px
from connector.rules.policy import LoopRule, PlanRule, PxRule
from connector.store import assessments, contracts, events, ratings, tickets
from connector.store.ratings import Entry
from connector.store.tickets import StoredTicket
from tests.integration.test_web_board import NASTY, Page
from tests.integration.web_kit import NOW, Kit, judged, kit, ticket
from tests.unit import desk

LATE = BucketClock(state="missed", zone="red", target_min=240, due_at=NOW, missed_at=NOW)


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit(tmp_path) as made:
        rules = desk.policy(reward=98.0, source="/etc/px/clients/acme.yaml")
        made.book = ClientBook(policies=(replace(rules, client="Globex"), rules))
        yield made


async def see(web: Kit, name: str = "Acme", status: int = 200) -> Page:
    answer = await web.client.get("/client", params={"name": name})
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    return Page.of(answer.text)


async def rate(web: Kit, *scores: float, comment: str = "", client: str = "Acme") -> None:
    said = [
        Rating(at=NOW - timedelta(days=number), score=score, comment=comment)
        for number, score in enumerate(scores)
    ]
    entries = [
        Entry(conn="main", key=f"{client}{number}", rating=one, client=client, ticket_id=f"t{number}")
        for number, one in enumerate(said)
    ]
    async with web.store.begin() as tx:
        await ratings.keep(tx, entries)


async def live(web: Kit, id: str, *facts: Event, **fields: Any) -> None:
    """A ticket as the daemon keeps it, judged by the client's rules, under the connection of its file."""
    one = ticket(id, **{"opened_at": NOW - timedelta(days=3), "priority": "P2", **fields})
    answer = desk.judged(*facts, now=NOW, of=one)
    async with web.store.begin() as tx:
        await tickets.put(tx, "", [StoredTicket(ticket=one, version="1")])
        await events.merge(tx, "", [(id, fact) for fact in facts])
        await assessments.save(tx, "", [answer])


async def test_a_client_of_whom_nothing_is_known_yet(web: Kit) -> None:
    page = await see(web)
    text = page.text()
    assert "Nobody has rated yet, so there is no PX." in text
    assert "No promise of the last 90 days has ended yet." in text
    assert "Nobody waits for a word." in text
    assert "Nothing is open." in text
    assert "No promise was missed in the window" in text
    assert "PX now no answers" in text
    assert any(row.startswith("all others 1 h 2 h 2 h 8 h") for row in page.rows)


async def test_promises_are_those_of_the_file_by_priority(web: Kit) -> None:
    globex, acme = web.book.policies
    always = desk.target(desk.ALWAYS, response=15, resolution=240)
    web.book = ClientBook(policies=(globex, replace(acme, targets={"p1 critical": always, **acme.targets})))
    rows = (await see(web)).rows
    assert "P1 critical, hours of its own 15 min – – 4 h" in rows
    assert "all others 1 h 2 h 2 h 8 h" in rows


async def test_a_client_with_one_rating_says_how_little_that_is(web: Kit) -> None:
    await rate(web, 1, comment="Nobody called.")
    await rate(web, 5, client="Globex")
    page = await see(web)
    assert "PX now 0 % (n 1), 0 to 79 %" in page.text()
    assert "“Nobody called.” ticket t0" in page.text()
    assert page.rows[0].split() == ["up", "to", "PX", "and", "interval", "happy", "neutral", "unhappy"]
    assert page.rows[1].endswith("0 % (n 1), 0 to 79 % 0 0 1")
    assert all("no answers 0 0 0" in row for row in page.rows[2:50])


async def test_both_clocks_misses_and_causes_of_its_tickets(web: Kit) -> None:
    said = PsaVerdict(response_at=NOW - timedelta(days=3) + timedelta(minutes=4))
    opened = NOW - timedelta(days=3)  # a Wednesday, 15:00 in Berlin
    asked = desk.reply(opened, key="n1")
    await live(web, "1", asked, desk.mail(opened + timedelta(minutes=30), key="n2"), psa=said, owner="Dana")
    await live(web, "2", asked, desk.mail(opened + timedelta(minutes=90), key="n2"), psa=said, owner="Dana")
    page = await see(web)
    assert "response PSA says 2 4 min 4 min 4 min" in page.rows
    assert "response customer felt 2 1 h 1 h 30 min 1 h 30 min" in page.rows
    (late,) = [row for row in page.rows if row.startswith("2 Printer 2") and " response " in row]
    assert late == "2 Printer 2 is on fire response Wed 18 Nov 16:00 it lay with its owner: Dana"
    assert any(row.startswith("it lay with its owner ") for row in page.rows)
    assert "ticket?connection=&id=2" in page.links()
    (kept,) = [row for row in page.rows if row.startswith("kept ")]
    assert kept.split()[1] == "1"


async def test_follow_ups_and_watermelons_by_whose_hands_and_when(web: Kit) -> None:
    globex, acme = web.book.policies
    web.book = ClientBook(policies=(globex, replace(acme, loop=LoopRule(owner="Mara"))))
    waiting = ticket("8", closed=True)
    await web.put((waiting, judged(waiting, followup=LATE)))
    opened = NOW - timedelta(days=3)
    unhappy = Rating(at=opened + timedelta(hours=1), key="r", actor=desk.CAROL, score=1)
    solved = desk.status(opened + timedelta(minutes=40), "New", "Resolved", key="s")
    await live(web, "7", desk.mail(opened + timedelta(minutes=30), key="n"), solved, unhappy)
    page = await see(web)
    assert any(row.startswith("8 Printer 8 is on fire why Mara Sat 21 Nov 15:00 ■ late") for row in page.rows)
    assert any(row.startswith("7 Printer 7 is on fire why rated 1 of 5") for row in page.rows)
    assert "watermelons 1" in page.text()


async def test_a_plan_with_its_checkpoints_and_its_verdict(web: Kit) -> None:
    figure = px([Rating(at=NOW, score=5)] * 8 + [Rating(at=NOW, score=1)] * 2, PxRule())
    opened = NOW - timedelta(days=40)
    plan = Plan(
        number=2, opened_at=opened, figure=figure, terms=Terms(px=PxRule(), plan=PlanRule()), checked=1
    )
    happened = [
        Happening(kind="plan_opened", at=opened, number=2, figure=figure),
        Happening(kind="checkpoint", at=opened + timedelta(days=30), number=2, figure=figure, day=30),
        Happening(kind="score_line", at=opened + timedelta(days=35), number=2, figure=figure, day=35),
    ]
    async with web.store.begin() as tx:
        await contracts.save(tx, "", "Acme", Contract(looked_at=NOW, plan=plan))
        for one in happened:
            await contracts.tell(tx, "", "Acme", one, NOW)
    text = (await see(web)).text()
    assert "improvement plan, day 40 of 90" in text
    assert "day 30 Wed 11 Nov 15:00 80 % (n 10), 49 to 94 %" in text
    assert "day 60 Fri 11 Dec 15:00 ahead" in text
    assert "Day 30, checkpoint: PX of the plan so far 80 % (n 10)." in text
    assert "Day 35" not in text
    assert "12 Oct 16:00: An improvement plan was opened." in text
    assert "11 Nov 15:00: Day 30" not in text
    failed = replace(plan, checked=3)
    verdict = Happening(kind="plan_failed", at=opened + timedelta(days=92), number=2, figure=figure, day=92)
    async with web.store.begin() as tx:
        await contracts.save(tx, "", "Acme", Contract(looked_at=NOW, release=failed, released_at=NOW))
        await contracts.tell(tx, "", "Acme", verdict, NOW)
    web.now = NOW + timedelta(days=60)
    text = (await see(web)).text()
    assert "day 92 Tue 12 Jan 15:00 80 % (n 10)" in text
    assert "Acme's right to leave is active from today." in text


async def test_whatever_people_wrote_stays_text(web: Kit) -> None:
    rules = desk.policy(client=NASTY, source=NASTY, loop=LoopRule(owner=NASTY))
    web.book = ClientBook(policies=(rules,))
    opened = NOW - timedelta(days=3)
    fields = {
        "client": NASTY,
        "summary": NASTY,
        "owner": NASTY,
        "priority": NASTY,
        "url": "javascript:alert(1)",
    }
    one = ticket(NASTY, opened_at=opened, **fields)
    unhappy = Rating(at=opened + timedelta(hours=1), key="r", actor=desk.CAROL, score=1, comment=NASTY)
    answer = desk.judged(desk.mail(opened + timedelta(hours=9), key="n"), unhappy, now=NOW, of=one, by=rules)
    async with web.store.begin() as tx:
        await tickets.put(tx, "", [StoredTicket(ticket=one, version="1")])
        await events.merge(tx, "", [(NASTY, unhappy)])
        await assessments.save(tx, "", [answer])
    await rate(web, 1, comment=NASTY, client=NASTY)
    page = await see(web, NASTY)
    assert not {"script", "img", "style"} & {name for name, _ in page.tags}
    assert not [a for _, attrs in page.tags for a in attrs if a == "style" or a.startswith("on")]
    assert not [link for link in page.links() if link.startswith("javascript")]
    assert page.text().count("alert(1)") > 4


@pytest.mark.parametrize("name", ["", "Nobody", NASTY])
async def test_a_client_nobody_knows_is_404_with_a_reason(web: Kit, name: str) -> None:
    page = await see(web, name, status=404)
    assert "no client's file is about" in page.text()
    assert "clients" in page.links()
    assert "script" not in {tag for tag, _ in page.tags}


async def test_the_list_of_clients_leads_to_each(web: Kit) -> None:
    globex, acme = web.book.policies
    web.book = ClientBook(policies=(globex, replace(acme, client="A & B/C?")))
    (link,) = [link for link in Page.of((await web.client.get("/clients")).text).links() if "%26" in link]
    answer = await web.client.get("/" + link)
    assert answer.status_code == 200
    assert "A & B/C?" in Page.of(answer.text).text()


async def test_without_a_store_it_is_503(web: Kit) -> None:
    await web.break_store()
    with capture_logs():
        assert (await web.client.get("/client?name=Acme")).status_code == 503
