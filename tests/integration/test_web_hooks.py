"""Webhooks: what is answered 2xx is on disk, whatever is in doubt is refused, and strangers learn nothing."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.errors import AuthFailed, Rejected, Throttled, Unavailable
from connector.store import inbox
from tests.integration.web_kit import Kit, kit


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit(tmp_path) as made:
        yield made


def on_disk(web: Kit) -> list[tuple[str, str]]:
    """(connection, ticket) of the inbox as another process sees it."""
    other = sqlite3.connect(web.store.name)
    try:
        return other.execute("SELECT conn, ticket_id FROM inbox ORDER BY id").fetchall()
    finally:
        other.close()


async def metric(web: Kit, result: str, connection: str = "main") -> float:
    wanted = f'px_hooks_total{{connection="{connection}",result="{result}"}} '
    text = (await web.client.get("/metrics")).text
    return sum(float(line.removeprefix(wanted)) for line in text.splitlines() if line.startswith(wanted))


async def test_a_genuine_delivery_is_on_disk_before_anyone_is_woken(web: Kit) -> None:
    seen: list[list[tuple[str, str]]] = []
    web.on_wake = lambda: seen.append(on_disk(web))
    await web.deliver(("7", "d1"))
    assert seen == [[("main", "7")]]


async def test_a_genuine_delivery_is_kept_woken_for_and_answered(web: Kit) -> None:
    answer = await web.deliver(("7", "d1"), ("8", "d2"))
    assert (answer.status_code, answer.content) == (204, b"")
    assert on_disk(web) == [("main", "7"), ("main", "8")]
    assert web.woken == ["main"]
    assert await metric(web, "accepted") == 1


async def test_a_replayed_delivery_is_thanked_for_and_forgotten(web: Kit) -> None:
    await web.deliver(("7", "d1"))
    web.woken.clear()
    assert (await web.deliver(("7", "d1"))).status_code == 204
    assert on_disk(web) == [("main", "7")]
    assert web.woken == []
    assert await metric(web, "repeated") == 1


async def test_a_handled_delivery_that_comes_again_stays_handled(web: Kit) -> None:
    await web.deliver(("7", "d1"))
    async with web.store.begin() as tx:
        await inbox.done(tx, [item.id for item in await inbox.take(tx, "main", 10)])
    await web.deliver(("7", "d1"))
    async with web.store.read() as tx:
        assert await inbox.take(tx, "main", 10) == []


async def test_a_delivery_about_nothing_we_watch_is_accepted_and_wakes_nobody(web: Kit) -> None:
    assert (await web.deliver()).status_code == 204
    assert web.woken == []
    assert await metric(web, "ignored") == 1


async def test_a_forged_delivery_learns_nothing_and_leaves_nothing(web: Kit) -> None:
    answer = await web.deliver(("7", "d1"), signature="bad")
    assert answer.status_code == 401
    assert answer.text == "The delivery is not genuine.\n"
    assert on_disk(web) == []
    assert web.woken == []
    assert await metric(web, "rejected") == 1


async def test_the_same_refusal_is_logged_once_a_minute(web: Kit) -> None:
    with capture_logs() as logs:
        for _ in range(5):
            await web.deliver(("7", "d1"), signature="bad")
        web.now += timedelta(seconds=61)
        await web.deliver(("7", "d1"), signature="bad")
    assert [entry["event"] for entry in logs] == ["webhook rejected"] * 2
    assert await metric(web, "rejected") == 6


async def test_a_stranger_who_varies_the_words_cannot_fill_the_log(web: Kit) -> None:
    with capture_logs() as logs:
        for number in range(300):
            await web.deliver((str(number), ""), signature="bad")
    assert len(logs) <= 100


async def test_an_unknown_connection_is_404_and_makes_no_label(web: Kit) -> None:
    assert (await web.client.post("/hooks/elsewhere", content=b"[]")).status_code == 404
    assert "elsewhere" not in (await web.client.get("/metrics")).text
    assert await metric(web, "unknown", connection="") == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_post_delivers(web: Kit, method: str) -> None:
    answer = await web.client.request(method, "/hooks/main")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("known_length", [True, False])
async def test_a_body_over_one_mebibyte_is_refused_while_it_arrives(web: Kit, known_length: bool) -> None:
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 64 * 1024
            yield b" " * 64 * 1024

    body: Any = b" " * (1024 * 1024 + 1) if known_length else pieces()
    answer = await web.client.post("/hooks/main", content=body, headers={"X-Signature": "good"})
    assert answer.status_code == 413
    assert sent <= 1024 * 1024 + 64 * 1024
    assert await metric(web, "too_large") == 1


async def test_a_body_of_exactly_one_mebibyte_is_read(web: Kit) -> None:
    body = json.dumps([["7", "d1"]]).encode().ljust(1024 * 1024)
    answer = await web.client.post("/hooks/main", content=body, headers={"X-Signature": "good"})
    assert answer.status_code == 204


async def call(web: Kit, receive: Any) -> int:
    """POST /hooks/main with a body that arrives as `receive` says; the status of the answer."""
    statuses: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/hooks/main",
        "raw_path": b"/hooks/main",
        "query_string": b"",
        "headers": [],
        "client": ("10.0.0.1", 5),
        "server": ("px.test", 80),
        "scheme": "http",
    }
    await web.app(scope, receive, send)
    return statuses[0]


async def test_a_body_that_never_ends_is_given_up(web: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.web.hooks.READ_SECONDS", 0.01)
    assert await call(web, asyncio.Event().wait) == 408
    assert await metric(web, "too_slow") == 1


async def test_a_sender_that_hangs_up_leaves_nothing(web: Kit) -> None:
    async def hang_up() -> dict[str, str]:
        return {"type": "http.disconnect"}

    assert await call(web, hang_up) == 400
    assert on_disk(web) == []


@pytest.mark.parametrize("trouble", [Unavailable("key server"), Throttled("slow"), AuthFailed("no")])
async def test_what_cannot_be_verified_now_may_come_again(web: Kit, trouble: Any) -> None:
    web.psa.trouble = trouble
    answer = await web.deliver(("7", "d1"))
    assert answer.status_code == 503
    assert on_disk(web) == []
    web.psa.trouble = None
    assert (await web.deliver(("7", "d1"))).status_code == 204


async def test_a_store_that_fails_is_never_answered_2xx(web: Kit) -> None:
    await web.break_store()
    with capture_logs() as logs:
        answer = await web.deliver(("7", "d1"))
    assert answer.status_code == 503
    assert web.woken == []
    assert [entry["event"] for entry in logs] == ["webhooks not stored"]
    assert await metric(web, "unavailable") == 1


@pytest.mark.parametrize("id", ["", "7" * 129, "7\n8", "7\0"])
async def test_an_id_no_psa_would_give_is_refused(web: Kit, id: str) -> None:
    assert (await web.deliver((id, "d1"))).status_code == 401
    assert on_disk(web) == []


async def test_the_adapter_sees_the_query_and_lower_case_headers(web: Kit) -> None:
    answer = await web.client.post(
        "/hooks/main?recordId=7&action=updated", content=b"[]", headers={"X-SIGNATURE": "good"}
    )
    assert answer.status_code == 204
    assert web.psa.queries == [{"recordId": "7", "action": "updated"}]


async def test_many_at_once_are_each_kept_once_and_repeats_are_told_apart(web: Kit) -> None:
    answers = await asyncio.gather(*(web.deliver((str(n % 50), f"d{n % 50}")) for n in range(100)))
    assert {answer.status_code for answer in answers} == {204}
    assert sorted(on_disk(web)) == sorted(("main", str(n)) for n in range(50))
    assert await metric(web, "accepted") == 50
    assert await metric(web, "repeated") == 50


async def test_many_at_once_share_commits(web: Kit) -> None:
    """While one commit holds the store the others gather, and go in together."""
    async with web.store.begin():
        waiting = [asyncio.create_task(web.deliver((str(n), f"d{n}"))) for n in range(20)]
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in waiting)
    begun = 0
    begin = web.store.begin

    def counted() -> Any:
        nonlocal begun
        begun += 1
        return begin()

    web.store.begin = counted  # type: ignore[method-assign]
    answers = await asyncio.gather(*waiting)
    assert {answer.status_code for answer in answers} == {204}
    assert len(on_disk(web)) == 20
    assert begun == 1


async def test_a_cancelled_commit_is_not_mistaken_for_a_kept_one(web: Kit) -> None:
    async with web.store.begin():
        first = asyncio.create_task(web.deliver(("1", "d1")))
        second = asyncio.create_task(web.deliver(("2", "d2")))
        await asyncio.sleep(0.05)
        first.cancel()
        await asyncio.wait([first])
    status = (await second).status_code
    assert (status == 204) == (("main", "2") in on_disk(web))


async def test_a_reason_of_the_adapter_is_cut_in_the_log(web: Kit) -> None:
    web.psa.trouble = Rejected("x" * 10_000)
    with capture_logs() as logs:
        await web.deliver(("7", "d1"))
    assert len(logs[0]["reason"]) == 256
