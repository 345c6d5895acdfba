"""The page of a client with all a client can have: a year of ratings, a plan, misses, unhappy people."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, expect

from connector.clients import ClientBook
from connector.model import Event, PsaVerdict, Rating, Ticket
from connector.rules.contract import Contract, Happening, Plan, Terms
from connector.rules.experience import px
from connector.rules.policy import Match, PlanRule, PxRule
from connector.store import assessments, contracts, events, ratings, tickets
from connector.store.ratings import Entry
from connector.store.tickets import StoredTicket
from tests.browser.kit import LOOKS, assert_accessible, picture, window
from tests.integration.web_kit import NOW, Kit, kit
from tests.unit import desk

CLIENT = "Acme Dental"
RULES = desk.policy(
    client=CLIENT, match=Match(connection="main", companies=frozenset()), reward=98.0, source="acme.yaml"
)
SUBJECTS = ("Printer prints blank pages", "Cannot log in to Outlook", "VPN drops", "Shared drive is full")


def story(number: int, dice: Random) -> tuple[Ticket, list[Event]]:
    """A machine answers at once, the PSA calls that responded, a person writes later; some stay unhappy."""
    opened = (NOW - timedelta(days=1 + number)).replace(hour=dice.randint(8, 12))
    answered = opened + timedelta(minutes=dice.expovariate(1 / 70))
    facts: list[Event] = [
        desk.reply(opened, key="in"),
        desk.mail(opened + timedelta(minutes=1), desk.ROBOT, "We have received your request.", key="ack"),
        desk.mail(answered, key="out"),
    ]
    if number % 3:
        facts.append(desk.status(answered + timedelta(minutes=9), "New", "Resolved", key="done"))
    if number % 15 == 1:
        rated_at = answered + timedelta(hours=1)
        facts.append(Rating(at=rated_at, key="r", actor=desk.CAROL, score=1, comment="Nobody called back."))
    one = Ticket(
        id=str(1100 - number),
        client=CLIENT,
        opened_at=opened,
        summary=dice.choice(SUBJECTS),
        owner=dice.choice(("Dana Moore", "Jonas Reed", "")),
        priority="P2",
        url=f"https://psa.example/{number}",
        psa=PsaVerdict(response_at=opened + timedelta(minutes=dice.expovariate(1 / 5))),
    )
    return one, facts


def a_year() -> list[Entry]:
    """Seven answers a fortnight, and a dip that ended with a plan."""
    scores = {
        (week, answer): 1 if (answer == 1 and 4 < week < 18) or (answer == 2 and week % 9 == 0) else 5
        for week in range(1, 64)
        for answer in range(4)
    }
    return [
        Entry(
            conn="main",
            key=f"{week}.{answer}",
            client=CLIENT,
            rating=Rating(at=NOW - timedelta(days=7 * week + answer), score=score, source="SmileBack"),
        )
        for (week, answer), score in scores.items()
    ]


async def fill(web: Kit) -> None:
    dice = Random(5)
    figure = px((one.rating for one in a_year()[16:68]), PxRule())
    opened = NOW - timedelta(days=66)
    terms = Terms(px=PxRule(), plan=PlanRule())
    plan = Plan(number=2, opened_at=opened, figure=figure, terms=terms, checked=2)
    happened = [
        Happening(kind="review_opened", at=opened - timedelta(days=12), number=1, figure=figure),
        Happening(kind="plan_opened", at=opened, number=2, figure=figure),
        *(
            Happening(kind="checkpoint", at=opened + timedelta(days=day), number=2, figure=figure, day=day)
            for day in (30, 60)
        ),
    ]
    async with web.store.begin() as tx:
        for one, facts in (story(number, dice) for number in range(80)):
            answer = desk.judged(*facts, now=NOW, by=RULES, of=one)
            await tickets.put(tx, "main", [StoredTicket(ticket=one, version="1")])
            await events.merge(tx, "main", [(one.id, fact) for fact in facts])
            await assessments.save(tx, "main", [answer])
        await ratings.keep(tx, a_year())
        await contracts.save(tx, "main", CLIENT, Contract(looked_at=NOW, plan=plan))
        for step in happened:
            await contracts.tell(tx, "main", CLIENT, step, NOW)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Of a board of its own, without a daemon: its store was filled by hand."""
    folder: Path = tmp_path_factory.mktemp("client")
    async with kit(folder) as web:
        web.book = ClientBook(policies=(RULES,))
        await fill(web)
        server = uvicorn.Server(uvicorn.Config(web.app, log_level="warning", lifespan="off", ws="none"))
        door = socket.create_server(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve(sockets=[door]))
        yield f"http://127.0.0.1:{door.getsockname()[1]}/"
        server.should_exit = True
        await serving


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
async def test_the_page_of_a_client_at_every_size(browser: Browser, address: str, size, scheme) -> None:
    async with window(browser, address, size, scheme) as opened:
        page = await opened.go("clients")
        await page.get_by_role("link", name=CLIENT, exact=True).click()
        await expect(page.get_by_role("img", name="PX over time")).to_be_visible()
        await expect(page.get_by_role("table", name="Open follow-ups")).to_be_attached()
        await expect(page.get_by_role("list", name="Checkpoints of the plan")).to_be_attached()
        await assert_accessible(page)
        await picture(page, f"client-{size}-{scheme}", whole=(size, scheme) == ("desktop", "light"))


async def test_the_list_of_clients_is_accessible(browser: Browser, address: str) -> None:
    async with window(browser, address, "phone", "dark") as opened:
        await assert_accessible(await opened.go("clients"))
