"""The board and the wallboard as a dispatcher meets them, in a house of their own: here things happen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.kit import LOOKS, House, assert_accessible, house_open, picture, until_so, window

MORNING = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>"
MORE = {
    "09:05 london P3": "Second screen stays dark",
    "09:40 berlin P2": "Mail to suppliers bounces",
    "10:20 leeds P3": "Time clock shows the wrong hour",
    "10:50 london P2": "Label printer jams on every page",
    "11:05 berlin P4": "New mouse for reception, please",
    "11:30 leeds P2": "Payroll export stops half way",
    "11:50 berlin P3": "Headset crackles in calls",
    "12:10 london P4": "Rename a shared calendar",
    "12:20 leeds P1": "Nobody can log in since noon",
}
ANSWERED = {
    "Second screen stays dark": "akaya",
    "Time clock shows the wrong hour": "jreed",
    "Label printer jams on every page": "tnovak",
    "New mouse for reception, please": "mbauer",
}
PRIORITIES = {"P1": "P1 Critical", "P2": "P2 High", "P3": "P3 Medium", "P4": "P4 Low"}


async def fill(house: House) -> None:
    """The scripted day until half past twelve, and some more tickets of each desk's first client."""
    for when, summary in MORE.items():
        clock, desk, priority = when.split()
        hour, minute = map(int, clock.split(":"))
        await house.play(MORNING.replace(hour=hour, minute=minute))
        site = house.site(desk)
        ticket = site.world.open_ticket(
            site.desk.clients[0], summary, text=summary, priority=PRIORITIES[priority]
        )
        if summary in ANSWERED:
            site.world.assign(ticket, ANSWERED[summary], "dmoore")
            site.world.post(ticket, ANSWERED[summary], f"{summary}: I will look at it in an hour.")
    await house.play(MORNING.replace(hour=12))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desks(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house_open(tmp_path_factory.mktemp("desks"), tickets=4, until=MORNING) as opened:
        await fill(opened)
        yield opened


@pytest.fixture
def look(browser, desks) -> Callable:
    return partial(window, browser, desks.url)


SHOWN = {
    ("desktop", "light"): "board",
    ("desktop", "dark"): "board-dark",
    ("phone", "light"): "board-phone",
}
"""The board's pictures of docs/img."""


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
async def test_the_board_at_every_size(look, size, scheme) -> None:
    async with look(size, scheme) as opened:
        page = await opened.go()
        if (size, scheme) in SHOWN:
            await picture(page, SHOWN[size, scheme])
        await assert_accessible(page)
        await expect(page.get_by_role("row").filter(has_text="Nobody can log in")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
async def test_the_wallboard_at_every_size(look, size, scheme) -> None:
    async with look(size, scheme) as opened:
        page = await opened.go("wallboard")
        if (size, scheme) == ("television", "dark"):
            await picture(page, "wallboard")
        await assert_accessible(page)
        dark = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert dark == "rgb(11, 15, 20)", "a wallboard is dark whatever the system says"


async def test_what_happens_in_a_psa_is_on_the_open_boards_at_once_and_marked(look, desks) -> None:
    berlin = desks.site("berlin")
    async with look() as board, look("television") as wall:
        page, other = await board.go(), await wall.go("wallboard")
        ticket = berlin.world.open_ticket("Globex", f"Cable {NASTY}", text="Help", priority="P4 Low")
        row = page.get_by_role("row").filter(has_text=f"{ticket} Cable <script>alert(1)</script><img")
        await expect(row).to_have_attribute("data-zone", "green", timeout=5000)
        await expect(other.get_by_role("row").filter(has_text="Cable <script>")).to_be_attached()
        await row.get_by_role("link", name="nobody").focus()
        berlin.world.set_priority(ticket, "P1 Critical", "jreed")
        desks.set_clocks(desks.now() + timedelta(minutes=75))
        berlin.world.post(ticket, "jreed", "I look at it with a colleague.", visible=False)
        await expect(row).to_have_attribute("data-zone", "red", timeout=5000)
        await expect(row).to_have_class("moved")
        await expect(row.get_by_role("link", name="nobody")).to_be_focused()
        assert "red" in await page.locator("#said").inner_text()
        berlin.world.delete_ticket(ticket, "jreed")
        await expect(row).to_have_count(0)


async def test_a_quiet_desk_makes_no_board_fetch_anything(look, desks) -> None:
    async with look() as opened:
        asked: list[str] = []
        page = await opened.go()
        await until_so(page, "stream.readyState === EventSource.OPEN")
        page.on("request", lambda request: asked.append(request.url))
        fetched = []  # by each look; what the tests before have set going (a model learnt) may still come
        while fetched[-3:] != [0, 0, 0]:
            assert len(fetched) < 20, f"the desks are never quiet: {fetched}"
            asked.clear()
            await desks.look()
            await asyncio.sleep(0.5)
            fetched.append(len(asked))


async def test_a_board_that_hears_nothing_says_that_it_is_old_and_comes_back_by_itself(look) -> None:
    async with look("television") as opened:
        page = opened.page
        await page.clock.install()
        await page.route(
            "**/events*", lambda route: route.fulfill(status=502, body="no server behind the proxy")
        )
        await opened.go("wallboard")
        lost = page.locator("#lost")
        await expect(lost).to_be_hidden()
        await page.clock.run_for(31_000)
        await expect(lost).to_contain_text("This is old: px-connector has said nothing for 3")
        await expect(lost).to_contain_text("What you see is from 1")
        assert {fault.partition(" the server responded")[0] for fault in opened.faults} == {
            "console: Failed to load resource:"
        }
        opened.faults.clear()
        await page.unroute("**/events*")
        await page.clock.run_for(11_000)
        await expect(lost).to_be_hidden()


async def test_filters_and_order_are_chosen_without_a_script_and_stay_in_the_address(look) -> None:
    async with look(java_script_enabled=False) as opened:
        page = await opened.go()
        await page.get_by_role("combobox", name="Board").select_option("Service Desk")
        await page.get_by_role("combobox", name="Owner").select_option("nobody")
        await page.get_by_role("button", name="Filter").click()
        await page.get_by_role("link", name="min left").click()
        assert page.url.endswith("/?group=Service+Desk&owner=-&sort=left")
        heading = page.get_by_role("columnheader", name="min left")
        await expect(heading).to_have_attribute("aria-sort", "ascending")
        rows = page.locator("[data-key]")
        assert await rows.count() > 3
        assert set(await rows.locator(".who > a").all_inner_texts()) == {"nobody"}
        left = [
            float(text.replace("−", "-").replace("\u202f", ""))
            for text in await rows.locator(".minutes").all_inner_texts()
        ]
        assert left == sorted(left)
        await page.get_by_role("link", name="Wallboard of this view").click()
        assert page.url.endswith("/wallboard?group=Service+Desk&owner=-")
        assert await page.locator("[data-key]").count() == await rows.count()


async def test_the_wallboard_scrolls_by_itself_unless_less_motion_is_asked_for(look) -> None:
    small = {"viewport": {"width": 1280, "height": 400}}
    async with look(**small) as moving, look(**small, reduced_motion="reduce") as calm:
        pages = [await moving.go("wallboard"), await calm.go("wallboard")]
        await pages[0].evaluate("resting = 0")
        await pages[1].evaluate("resting = 0")
        await until_so(pages[0], "document.getElementById('wall-list').scrollTop > 20")
        assert await pages[1].evaluate("document.getElementById('wall-list').scrollTop") == 0
        await pages[0].get_by_role("button", name="Stop scrolling").click()
        await expect(pages[0].get_by_role("button", name="Go on scrolling")).to_be_focused()
        await expect(pages[1].get_by_role("button")).to_be_hidden()


async def test_the_keyboard_reaches_the_tickets_at_once(look) -> None:
    async with look() as opened:
        page = await opened.go()
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_be_focused()
