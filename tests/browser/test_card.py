"""The ticket card as whoever looks at it meets it."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import select

from connector.store.schema import tickets
from connector.web.words import card
from tests.browser.kit import LOOKS, House, assert_accessible, picture


@pytest_asyncio.fixture(loop_scope="session")
async def flattered(house: House) -> str:
    """The address of a ticket that the PSA calls answered at once."""
    outlook = select(tickets.c.id).where(tickets.c.summary.contains("Outlook"), tickets.c.conn == "london")
    async with house.connector.store.read() as tx:
        newest = (await tx.scalars(outlook.order_by(tickets.c.opened_at.desc()))).first()
    assert newest is not None
    return card("london", newest)


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
async def test_the_card_at_every_size(look, flattered, size, scheme) -> None:
    async with look(size, scheme) as window:
        page = await window.go(flattered)
        await assert_accessible(page)
        await expect(page.get_by_role("group", name="Time line")).to_be_visible()
        await picture(page, f"card-{size}-{scheme}")


async def test_a_mark_leads_to_its_line_by_mouse_and_by_keyboard(look, flattered) -> None:
    async with look() as window:
        page = await window.go(flattered)
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
