"""The door for ratings: only what is signed comes in, bad input is answered politely and hurts nothing."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.store import inbox, ratings
from connector.web.deps import WebDeps
from tests.integration.web_kit import NOW, Kit, kit

SECRET = b"a long and random secret"
GOOD = {"id": "r1", "ticket": "42", "score": 4, "comment": "Quick", "source": "SmileBack"}


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit(tmp_path, token="board") as made:
        made.rating_secrets["main"] = SECRET
        yield made


def signed(raw: bytes, secret: bytes = SECRET) -> str:
    return hmac.new(secret, raw, sha256).hexdigest()


async def post(web: Kit, body: Any, signature: str | None = None, name: str = "main") -> httpx.Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    offered = signed(raw) if signature is None else signature
    return await web.client.post(f"/ratings/{name}", content=raw, headers={"x-px-signature": offered})


async def kept(web: Kit) -> list[tuple[str, str, str]]:
    async with web.store.read() as tx:
        return [(row.ticket_id, row.key, row.verdict) for row in await ratings.listed(tx)]


@pytest.mark.parametrize("form", ["hex", "HEX", "prefixed", "base64"])
async def test_a_signature_may_be_hex_or_base64(web: Kit, form: str) -> None:
    raw = json.dumps(GOOD).encode()
    digest = hmac.new(SECRET, raw, sha256)
    offered = {
        "hex": digest.hexdigest(),
        "HEX": digest.hexdigest().upper(),
        "prefixed": f"sha256={digest.hexdigest()}",
        "base64": base64.b64encode(digest.digest()).decode(),
    }[form]
    answer = await post(web, raw, offered)
    assert (answer.status_code, answer.json()) == (200, {"kept": 1, "known": 0, "refused": []})
    assert await kept(web) == [("42", "rating:SmileBack:r1", "waiting")]
    assert web.woken == ["main"]


@pytest.mark.parametrize("offered", ["", "sha256=", "0" * 64, "nonsense", "é", "=" * 500, signed(b"other")])
async def test_what_is_not_signed_is_refused_and_not_kept(web: Kit, offered: str) -> None:
    raw = json.dumps(GOOD).encode()
    headers = {"x-px-signature": offered.encode("latin-1")}
    answer = await web.client.post("/ratings/main", content=raw, headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"error": "The signature in X-PX-Signature is not the body's."}
    assert await kept(web) == []
    assert web.woken == []


async def test_a_body_changed_on_the_way_is_refused(web: Kit) -> None:
    raw = json.dumps(GOOD).encode()
    answer = await post(web, raw.replace(b'"score": 4', b'"score": 1'), signed(raw))
    assert answer.status_code == 401


async def test_a_connection_that_is_not_there_or_takes_none_says_so(web: Kit) -> None:
    answer = await post(web, GOOD, name="other")
    assert (answer.status_code, answer.json()) == (404, {"error": "No connection has this name."})
    web.rating_secrets.clear()
    answer = await post(web, GOOD)
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("No secret for ratings is set for this connection")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The body is not JSON."),
        (b"\xff\xfe", "The body is not JSON."),
        (b"[" * 200_000, "The body is not JSON."),
        ([], "Expected one rating, or a list of 1 to 500."),
        ([GOOD] * 501, "Expected one rating, or a list of 1 to 500."),
    ],
)
async def test_what_is_no_list_of_ratings_says_so(web: Kit, body: Any, said: str) -> None:
    answer = await post(web, body)
    assert (answer.status_code, answer.json()) == (400, {"error": said})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"score": None}, "score: expected a number on the scale"),
        ({"score": 9}, "score: 9 is not on the scale of 0 to 5"),
        ({"score": "great"}, "score: expected a score of 5, got 'great'"),
        ({"score": True}, "score: expected a score of 5, got 'True'"),
        ({"score": [4]}, "score: expected text, got [4]"),
        ({"scale": 0}, "scale: expected the points of the scale, 1 to 100"),
        ({"best": "left"}, "best: expected one of high, low, got 'left'"),
        ({"id": ""}, "id: expected the source's own id of this rating, so that sending it again is known"),
        ({"ticket": ""}, "ticket: expected the PSA's ticket id, or `client` for a rating about no ticket"),
        ({"ticket": "4\n2"}, "ticket: expected printable text of at most 128 characters"),
        ({"ticket": "9" * 200}, "ticket: expected printable text of at most 128 characters"),
        ({"kind": "annual"}, "kind: the yearly questionnaire is about no ticket"),
        ({"kind": "weekly"}, "kind: expected one of annual, ticket, got 'weekly'"),
        ({"at": "yesterday"}, "at: expected ISO 8601 text with an offset, got 'yesterday'"),
        ({"at": "2026-11-21T10:00:00"}, "at: '2026-11-21T10:00:00' has no offset; write 'Z' for UTC"),
        ({"at": "2026-12-24T10:00:00Z"}, "at: 2026-12-24T10:00:00+00:00 is still to come"),
        ({"lost_minutes": -1}, "lost_minutes: expected working minutes, 0 to 60000"),
        ({"factors": "speed"}, "factors: expected a list of at most 20 texts"),
        ({"rating": 4}, "rating: unknown key; known here: id, ticket"),
    ],
)
async def test_a_rating_that_cannot_be_used_says_why_and_the_others_go_on(
    web: Kit, change: dict[str, Any], said: str
) -> None:
    answer = await post(web, [{**GOOD, **change}, {**GOOD, "id": "r2"}])
    assert answer.status_code == 200
    (refused,) = answer.json()["refused"]
    assert refused["rating"] == 0
    assert refused["error"].startswith(said)
    assert await kept(web) == [("42", "rating:SmileBack:r2", "waiting")]
    alone = await post(web, {**GOOD, **change})
    assert alone.status_code == 400


async def test_what_is_no_object_is_refused(web: Kit) -> None:
    answer = await post(web, [GOOD, 5, None, "x", [GOOD]])
    assert [one["rating"] for one in answer.json()["refused"]] == [1, 2, 3, 4]


async def test_the_other_way_round_and_words_of_the_sender(web: Kit) -> None:
    body = {**GOOD, "score": "1", "best": "low", "scale": 4, "factors": [" speed ", ""], "lost_minutes": 5}
    await post(web, body)
    async with web.store.read() as tx:
        (row,) = await ratings.listed(tx)
    assert (row.rating.score, row.rating.scale, row.rating.factors) == (4, 4, ("speed",))
    assert row.rating.at == NOW


async def test_a_thousand_ratings_twice_over_are_a_thousand(web: Kit) -> None:
    bodies = [{**GOOD, "id": f"r{n}", "ticket": str(n)} for n in range(1000)]
    for _ in range(2):
        for start in range(0, 1000, 250):
            answer = await post(web, bodies[start : start + 250])
            assert answer.status_code == 200
    assert len(await kept(web)) == 1000
    assert answer.json() == {"kept": 0, "known": 250, "refused": []}


async def test_many_at_once_are_all_kept(web: Kit) -> None:
    bodies = [{**GOOD, "id": f"r{n}"} for n in range(30)]
    answers = await asyncio.gather(*(post(web, body) for body in bodies * 2))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["kept"] for answer in answers) == len(await kept(web)) == 30


async def test_too_much_is_refused(web: Kit) -> None:
    raw = b"[" + b" " * 300_000 + b"]"
    assert (await post(web, raw)).status_code == 413

    async def pieces() -> AsyncIterator[bytes]:
        yield raw

    headers = {"x-px-signature": signed(raw)}
    streamed = await web.client.post("/ratings/main", content=pieces(), headers=headers)
    assert (streamed.status_code, streamed.json()) == (413, {"error": "The body is larger than 256 KiB."})


async def test_only_post_and_no_token_needed(web: Kit) -> None:
    for method in ("GET", "HEAD", "PUT"):
        assert (await web.client.request(method, "/ratings/main")).status_code == 405
    assert (await post(web, GOOD)).status_code == 200


async def test_a_store_that_fails_asks_to_send_again(web: Kit) -> None:
    async with web.store.begin() as tx:
        await tx.exec_driver_sql("DROP TABLE ratings")
    answer = await post(web, GOOD)
    assert (answer.status_code, answer.json()) == (503, {"error": "Not kept. Send it again later."})


async def test_the_metrics_count_the_ledger(web: Kit) -> None:
    await post(web, [GOOD, {**GOOD, "id": "r2"}])
    page = await web.client.get("/metrics", headers={"authorization": "Bearer board"})
    assert 'px_ratings{connection="main",verdict="waiting"} 2.0' in page.text
    assert 'px_ratings{connection="main",verdict="counted"} 0.0' in page.text


async def test_an_unknown_ticket_is_asked_for_once(web: Kit) -> None:
    await post(web, [GOOD, {**GOOD, "id": "r2"}])
    await post(web, {**GOOD, "id": "r3"})
    async with web.store.read() as tx:
        assert [item.ticket_id for item in await inbox.take(tx, "main", 9)] == ["42"]


async def test_secrets_are_in_no_answer_and_no_repr(web: Kit) -> None:
    answer = await post(web, GOOD, "wrong")
    assert SECRET.decode() not in answer.text
    deps = WebDeps(
        store=web.store,
        connections={},
        health=web.health,
        clients=lambda: web.book,
        wake=print,
        now=lambda: NOW,
        token=None,
        rating_secrets={"main": SECRET},
    )
    assert SECRET.decode() not in repr(deps)
