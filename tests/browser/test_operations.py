"""The operations pages in a browser: at every size, by keyboard alone, with forms as a browser sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import expect

from connector.daemon.auditor.state import State
from connector.psa.port import Malformed
from connector.store import audited, breaches, cursors, outbox, quarantine
from connector.store.breaches import Breach
from tests.browser.kit import LOOKS, House, assert_accessible, picture

NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>"
ANSWER = "The fuser of your printer is broken. I have ordered part 4711 and fit it tomorrow at 11:30."
GONE = "990099"  # no PSA has this ticket: a write to it is settled at once


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stuck(house: House) -> AsyncIterator[House]:
    """An unreadable ticket, and an answer by a login that no list of the PSA names."""
    london, now = house.site("london").world, house.now()
    ticket = london.open_ticket(
        house.site("london").desk.clients[0], "Printer dark", text="It prints nothing."
    )
    await house.look()
    london.post(ticket, "jreed", ANSWER)
    post = london.posts(ticket)[-1]
    post.created_by, post.member = "mailsync", None
    await house.look()
    async with house.connector.store.begin() as tx:
        odd = Malformed(ticket_id="", reason=f"a date was expected {NASTY}", body='{"dateEntered": "soon"}')
        await quarantine.put(tx, "leeds", [odd], now)
        await breaches.put(tx, wrong(now))
        await cursors.put(tx, "bath", audited.STATE, State(first_at=now, at=now).to_json(), now)
    yield house
    async with house.connector.store.begin() as tx:
        await quarantine.clear(tx, "leeds", [""])
        await breaches.close(tx, "bath", ("flags", "990077"), now)
        await breaches.prune(tx, "bath", now + timedelta(days=1))


def wrong(now: datetime) -> list[Breach]:
    """What the auditor found on a connection nobody turns: one is so still, one is over."""
    found = (
        "the PSA shows other flags than it should, though nothing is owed: flag zone is 'green', not 'red'."
    )
    one = Breach(
        conn="bath",
        invariant="flags",
        ticket_id="990077",
        detail=f"{found} {NASTY}",
        first_at=now,
        last_at=now,
    )
    return [one, replace(one, invariant="timer", ticket_id="", over_at=now)]


@pytest_asyncio.fixture(loop_scope="session")
async def letter(stuck: House) -> AsyncIterator[House]:
    """A flag the PSA refused, dead at the beginning of each test."""
    flags = {"zone": "orange", "why": "no human answer for 46 min of 60"}
    async with stuck.connector.store.begin() as tx:
        await outbox.owe(tx, "london", GONE, flags, "response: no human answer", stuck.now())  # type: ignore[arg-type]
        await outbox.bury(tx, "london", GONE, error="'SLA Zone' has no option 'orange'")
    yield stuck
    async with stuck.connector.store.begin() as tx:
        await outbox.settle(tx, "london", GONE)


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
async def test_the_connections_at_every_size(letter, look, size, scheme) -> None:
    async with look(size, scheme) as opened:
        page = await opened.go("operations")
        await picture(page, f"operations-{size}-{scheme}")
        await assert_accessible(page)
        await expect(page.get_by_role("article", name="london")).to_contain_text("1 dead")
        broken = page.get_by_role("table", name="Broken now")
        await expect(broken).to_contain_text("the PSA shows what it should")


@pytest.mark.parametrize("path", ["rulings", "outbox", "quarantine"])
async def test_the_lists_on_a_phone_at_night_and_by_day(letter, look, path) -> None:
    for size, scheme in (("phone", "dark"), ("desktop", "light")):
        async with look(size, scheme) as opened:
            page = await opened.go(path)
            await picture(page, f"{path}-{size}-{scheme}")
            await assert_accessible(page)
            assert await page.evaluate("document.querySelectorAll('script, img').length") == 0


async def test_a_letter_is_tried_again_by_keyboard(letter, look) -> None:
    async with look() as opened:
        page = await opened.go("outbox")
        row = page.get_by_role("row").filter(has_text=GONE)
        await row.get_by_label("why").focus()
        await page.keyboard.type("the list was mended")
        await page.keyboard.press("Tab")
        await expect(row.get_by_role("button", name="Retry")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_have_text("It is tried again now.")
        await page.reload()
        await letter.look()
        page = await opened.go("operations")
        told = page.get_by_role("row").filter(has_text="the list was mended")
        await expect(told).to_have_count(1)
        await expect(told).to_contain_text("letter tried again")


async def test_one_click_rules_and_another_takes_it_back(stuck, look) -> None:
    async with look() as opened:
        page = await opened.go("rulings")
        one = page.get_by_role("article").filter(has_text="mailsync")
        await expect(one).to_contain_text("It prints nothing.")
        await one.get_by_role("button", name="human").click()
        await expect(page.get_by_role("status")).to_contain_text("judged again now")
        await stuck.look()
        page = await opened.go("rulings")
        await expect(page.get_by_role("article").filter(has_text="mailsync")).to_have_count(0)
        row = page.get_by_role("row").filter(has_text="fuser of your printer")
        await row.get_by_role("button", name="Take ruling").click()
        await expect(page.get_by_role("status")).to_contain_text("Taken back.")
        await stuck.look()
        page = await opened.go("rulings")
        await expect(page.get_by_role("article").filter(has_text="mailsync")).to_have_count(1)
