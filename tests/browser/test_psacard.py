"""The ticket card as an engineer meets it inside the PSA, and as nobody else may frame it."""

from __future__ import annotations

import pytest
from playwright.async_api import Frame, Page

from tests.browser.kit import assert_accessible, picture, window

STEPS = {"london": 4, "leeds": 0, "berlin": 5}
"""Whose ticket is looked at: each is in danger that afternoon."""


def address(site) -> str:
    return site.sim.pages.address(int(site.steps[STEPS[site.desk.name]].ticket)).lstrip("/")


def inner(page: Page) -> Frame:
    (frame,) = [one for one in page.frames if one is not page.main_frame]
    return frame


@pytest.mark.parametrize(("desk", "name"), [("london", "connectwise"), ("leeds", "halo")])
async def test_the_psas_own_ticket_page_shows_it(browser, house, desk, name) -> None:
    site = house.site(desk)
    async with window(browser, f"{site.sim.url}/") as psa:
        page = await psa.go(address(site))
        card = inner(page)
        await card.wait_for_selector("caption:has-text('Promises')")
        assert "pass=" in card.url
        assert "key=" not in card.url + (await card.content())
        assert "hmac" not in card.url
        assert await page.context.cookies() == []
        wide = await card.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        await picture(page, f"psa-{name}")


@pytest.mark.parametrize(("width", "scheme"), [(300, "light"), (500, "dark")])
async def test_it_reads_well_at_the_widths_of_a_pod(browser, house, width, scheme) -> None:
    site = house.site("leeds")
    async with window(browser, f"{site.sim.url}/") as psa:
        card = inner(await psa.go(address(site)))
        await card.wait_for_selector("caption")
        alone = card.url
    size = {"width": width, "height": 700}
    async with window(browser, house.url, scheme=scheme, viewport=size) as pod:
        page = await pod.go(alone.removeprefix(house.url))
        await assert_accessible(page)


async def test_it_is_renewed_where_it_stands_and_leads_to_the_whole_card(browser, house) -> None:
    site = house.site("london")
    async with window(browser, f"{site.sim.url}/") as psa:
        page = await psa.go(address(site))
        card = inner(page)
        await card.evaluate("document.querySelector('main').dataset.old = '1'")
        await card.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await card.wait_for_selector("main:not([data-old])")
        async with page.context.expect_page() as opened:
            await card.click("text=The whole card")
        whole = await opened.value
        await whole.wait_for_selector("h2")
        assert whole.url.startswith(house.url + "ticket?connection=london")


async def test_no_other_page_may_frame_it(browser, house) -> None:
    london, berlin = house.site("london"), house.site("berlin")
    inside = berlin.sim.pages.inside
    inside.address = london.sim.pages.inside.address
    try:
        async with window(browser, f"{berlin.sim.url}/") as psa:
            page = await psa.go(address(berlin))
            await page.wait_for_function("frames.length === 1")
            await page.wait_for_timeout(200)
            assert inner(page).url.startswith("chrome-error:")
            assert [fault for fault in psa.faults if "frame-ancestors" in fault]
            psa.faults.clear()
    finally:
        inside.address = ""


async def test_autotask_has_fields_and_a_link_to_the_whole_card(browser, house) -> None:
    site = house.site("berlin")
    async with window(browser, f"{site.sim.url}/") as psa:
        page = await psa.go(address(site))
        await picture(page, "psa-autotask")
        async with page.context.expect_page() as opened:
            await page.click("text=LiveLink")
        whole = await opened.value
        await whole.wait_for_selector("h2")
        assert whole.url.startswith(house.url + "ticket?connection=berlin")


async def test_a_list_of_the_psa_is_sorted_by_what_is_due_first(browser, house) -> None:
    site = house.site("london")
    async with window(browser, f"{site.sim.url}/") as psa:
        page = await psa.go("desk?sort=SLA+Due")
        due = await page.locator("tbody td:nth-child(6)").all_inner_texts()
        told = [one for one in due if one]
        assert told
        assert told == sorted(told)
        await picture(page, "psa-list")
