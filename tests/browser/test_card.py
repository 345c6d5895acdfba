"""The ticket card and the page of a client, as whoever looks at them meets them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import delete, select

from connector.model import Rating
from connector.store import ratings
from connector.store.ratings import Entry
from connector.store.schema import ratings as ledger
from connector.store.schema import tickets
from connector.web.words import card
from tests.browser.kit import LOOKS, House, assert_accessible, picture

CLIENT = "Acme Dental"
WEEKS = 60


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def felt(house: House) -> AsyncIterator[str]:
    """The address of a ticket that the PSA flatters, and a year of ratings of its client: a dip in spring."""
    said = [
        Rating(at=house.now() - timedelta(days=7 * week + answer, hours=5), score=score, source="SmileBack")
        for week in range(1, WEEKS)
        for answer, score in enumerate([5, 5, 1 if 24 < week < 36 else 5, 1 if week % 11 == 0 else 5])
    ]
    entries = [
        Entry(conn="london", key=f"browser:{number}", rating=one, client=CLIENT, verdict="counted")
        for number, one in enumerate(said)
    ]
    outlook = select(tickets.c.id).where(tickets.c.summary.contains("Outlook"), tickets.c.client == CLIENT)
    async with house.connector.store.begin() as tx:
        await ratings.keep(tx, entries)
        newest = (await tx.scalars(outlook.order_by(tickets.c.opened_at.desc()))).first()
    assert newest is not None
    yield card("london", newest)
    async with house.connector.store.begin() as tx:
        await tx.execute(delete(ledger).where(ledger.c.key.like("browser:%")))


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
async def test_the_card_at_every_size(look, felt, size, scheme) -> None:
    async with look(size, scheme) as window:
        page = await window.go(felt)
        await assert_accessible(page)
        await expect(page.get_by_role("group", name="Time line")).to_be_visible()
        await picture(page, f"card-{size}-{scheme}")


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
async def test_the_page_of_a_client_at_every_size(look, felt, size, scheme) -> None:
    async with look(size, scheme) as window:
        page = await window.go("clients")
        await page.get_by_role("link", name=CLIENT, exact=True).click()
        await expect(page.get_by_role("img", name="PX over time")).to_be_visible()
        await assert_accessible(page)
        await picture(page, f"client-{size}-{scheme}", whole=size == "desktop")


async def test_a_mark_leads_to_its_line_by_mouse_and_by_keyboard(look, felt) -> None:
    async with look() as window:
        page = await window.go(felt)
        marks = page.locator(".timeline a.mark")
        for press in ("mouse", "keyboard"):
            mark = marks.nth(1 if press == "mouse" else 2)
            told = await mark.get_attribute("aria-label")
            if press == "mouse":
                await mark.click()
            else:
                await mark.focus()
                await page.keyboard.press("Enter")
            line = page.locator("tr:target")
            await expect(line).to_be_in_viewport()
            what = await line.locator("th").inner_text()
            assert told is not None
            assert what[:40] in told
