"""The page of notices: what was told and what not, and every word of a stranger as text."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from connector.store import notices
from connector.store.notices import Notice, Sending
from tests.integration.web_kit import NOW, Kit, kit

XSS = "<script>alert(1)</script>"


def notice(id: str, **more: object) -> Notice:
    said = {"line": XSS, "summary": XSS, "url": "javascript:alert(1)", "bucket": XSS}
    fields = {"id": id, "conn": XSS, "client": XSS, "subject": XSS, "ticket_id": XSS, "event": "missed"}
    rest = {"channel": XSS, "at": NOW, "state": "put", "sending": "s1", "why": XSS, "said": said}
    return Notice(**(fields | rest | more))  # type: ignore[arg-type]


async def filled(web: Kit) -> None:
    dead = Sending(id="s1", channel=XSS, kind="notice", since=NOW, not_before=NOW, state="dead", error=XSS)
    quiet = notice("n2", state="suppressed", sending="", why="over before it was told")
    held = notice("n3", state="held", sending="", due_at=NOW + timedelta(hours=1))
    async with web.store.begin() as tx:
        await notices.decide(tx, [notice("n1"), quiet, held], [dead])


async def test_hostile_text_is_text(tmp_path: Path) -> None:
    async with kit(tmp_path) as web:
        await filled(web)
        text = (await web.client.get("/notices")).text
        assert XSS not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "javascript:" not in text


async def test_it_lists_by_state_with_the_reason(tmp_path: Path) -> None:
    async with kit(tmp_path) as web:
        assert "Nobody was told of anything" in (await web.client.get("/notices")).text
        await filled(web)
        for state, said in (
            ("suppressed", "over before it was told"),
            ("held", "held until"),
            ("dead", '<a href="outbox">dead</a>'),
        ):
            text = (await web.client.get(f"/notices?state={state}")).text
            assert said in text
            assert text.count('<th scope="row">') == 1
        assert "None is sent." in (await web.client.get("/notices?state=sent")).text
        assert (await web.client.get("/notices?state=nonsense")).status_code == 200


async def test_a_scraper_sees_what_became_of_them(tmp_path: Path) -> None:
    async with kit(tmp_path) as web:
        async with web.store.begin() as tx:
            sent = Sending(id="s1", channel="ops", kind="digest", since=NOW, not_before=NOW, state="sent")
            made = [notice("n1", channel="ops"), notice("n2", channel="ops")]
            await notices.decide(tx, [*made, notice("n3", channel="ops", state="held", sending="")], [sent])
        lines = (await web.client.get("/metrics")).text.splitlines()
        assert 'px_notices{channel="ops",state="sent"} 2.0' in lines
        assert 'px_notices{channel="ops",state="held"} 1.0' in lines
