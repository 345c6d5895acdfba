"""The page of notices in a browser: every state in words, on a phone at night and by day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import delete

from connector.store import notices
from connector.store.notices import Notice, Sending
from connector.store.schema import notices as table
from connector.store.schema import sendings
from tests.browser.kit import House, assert_accessible, picture

NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)> <!here>"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def telling(house: House) -> AsyncIterator[House]:
    """One of each state, decided over the last hours."""
    now = house.now()
    at = {"since": now, "not_before": now, "channel": "dispatch"}
    made = [
        Sending(id="s1", kind="notice", state="sent", sent_at=now - timedelta(minutes=41), **at),
        Sending(id="s2", kind="digest", state="dead", attempts=9, error="hooks.example: 404", **at),
    ]
    late = "no answer counted yet; was due 22 Nov 10:40"
    rows = [
        (
            "n1",
            "missed",
            "Printer on the second floor prints nothing",
            late,
            {"state": "put", "sending": "s1"},
        ),
        ("n2", "at_risk", NASTY, "not resolved yet; due 22 Nov 15:30", {"state": "put", "sending": "s2"}),
        ("n3", "red", "Mail is slow", late, {"state": "held", "why": "quiet hours"}),
        ("n4", "at_risk", "Cannot log in", late, {"state": "suppressed", "why": "over before it was told"}),
    ]
    decided = [
        Notice(
            id=id,
            conn="london",
            client="Hartley & Sons",
            subject=id,
            ticket_id=f"10042{number}",
            event=event,  # type: ignore[arg-type]
            channel="dispatch",
            at=now - timedelta(minutes=50 - number),
            due_at=now + timedelta(hours=14),
            said={"line": line, "summary": summary, "bucket": "response", "url": "https://psa.example/t"},
            **where,  # type: ignore[arg-type]
        )
        for number, (id, event, summary, line, where) in enumerate(rows)
    ]
    async with house.connector.store.begin() as tx:
        await notices.decide(tx, decided, made)
    yield house
    async with house.connector.store.begin() as tx:
        await tx.execute(delete(table).where(table.c.id.in_([one.id for one in decided])))
        await tx.execute(delete(sendings).where(sendings.c.id.in_([one.id for one in made])))


async def test_what_was_told_and_what_not_at_night_and_by_day(telling, look) -> None:
    for size, scheme in (("phone", "dark"), ("desktop", "light")):
        async with look(size, scheme) as opened:
            page = await opened.go("notices")
            await picture(page, f"notices-{size}-{scheme}")
            await assert_accessible(page)
            await expect(page.get_by_role("row").filter(has_text="quiet hours")).to_contain_text("held until")
            assert await page.evaluate("document.querySelectorAll('script, main img').length") == 0
            await page.get_by_role("link", name="suppressed 1").click()
            await expect(page.locator("tbody tr")).to_have_count(1)
