"""Probes, metrics and the door: what an operator, a scraper and a stranger get."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from connector.clients import ClientBook
from connector.daemon.auditor.state import State
from connector.errors import ConfigError
from connector.psa.port import Malformed
from connector.store import audited, breaches, cursors, outbox, quarantine
from connector.store.breaches import Breach
from connector.web.app import create_app
from connector.web.deps import WebDeps
from tests.integration.web_kit import NOW, Kit, judged, kit, running, ticket

TOKEN = "pa:ss wörd-7f3a"
GUARDED = [
    "/",
    "/board/fragment",
    "/ticket",
    "/clients",
    "/outbox",
    "/quarantine",
    "/metrics",
    "/events",
    "/static/board.js",
    "/nothing",
]


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit(tmp_path) as made:
        yield made


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit(tmp_path, token=TOKEN) as made:
        yield made


def basic(password: str, user: str = "anyone") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(token: str) -> dict[bytes, bytes]:
    return {b"Authorization": b"Bearer " + token.encode()}


# ── probes ────────────────────────────────────────────────────────────────────────────────────


async def test_alive_whatever_else_is_wrong(web: Kit) -> None:
    await web.break_store()
    answer = await web.client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


async def test_ready_once_every_connection_has_turned(web: Kit) -> None:
    assert (await web.client.get("/readyz")).json() == {"ready": True, "missing": []}
    north = web.health.add("north", "fake", NOW)
    answer = await web.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "missing": ["connection north: no turn yet"]}
    north.state = "stopped"
    assert (await web.client.get("/readyz")).status_code == 200


async def test_not_ready_while_the_store_does_not_answer(web: Kit) -> None:
    await web.break_store()
    with capture_logs() as logs:
        answers = [await web.client.get("/readyz") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {503}
    assert answers[0].json()["missing"] == ["the store does not answer"]
    assert len(logs) == 1


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics", "/clients", "/outbox", "/events"])
async def test_head_is_fine(web: Kit, path: str) -> None:
    answer = await web.client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")


# ── metrics ───────────────────────────────────────────────────────────────────────────────────


async def scrape(web: Kit) -> dict[tuple[str, ...], float]:
    """Values by (name, label values in order of label name)."""
    answer = await web.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_metrics_say_what_is_true_now(web: Kit) -> None:
    late = ticket("1", client="Secret Client")
    await web.put((late, judged(late, response=running("red", -3), update=running("green"))))
    async with web.store.begin() as tx:
        await outbox.owe(tx, "main", "1", {"zone": "red"}, "late", NOW)
        await outbox.owe(tx, "main", "2", {"zone": "red"}, "late", NOW)
        await outbox.bury(tx, "main", "2", error="no")
        await quarantine.put(tx, "main", [Malformed(ticket_id="9", reason="r", body="b")], NOW)
    main = web.health.connections["main"]
    main.turns, main.observed, main.assessed, main.written = 5, 4, 3, 2
    await web.deliver(("1", "d1"))
    seen = await scrape(web)
    assert seen["px_store_up",] == 1
    assert seen["px_tickets", "response", "main", "red"] == 1
    assert seen["px_tickets", "update", "main", "green"] == 1
    assert seen["px_tickets", "update", "main", "red"] == 0
    assert seen["px_inbox_waiting", "main"] == 1
    assert seen["px_outbox_owed", "main"] == 1
    assert seen["px_outbox_dead", "main"] == 1
    assert seen["px_quarantined", "main"] == 1
    assert seen["px_connection_up", "main"] == 1
    assert seen["px_connection_last_turn_age_seconds", "main"] == 12
    assert seen["px_turns_total", "main"] == 5
    assert seen["px_observed_total", "main"] == 4
    assert seen["px_assessed_total", "main"] == 3
    assert seen["px_written_total", "main"] == 2
    assert seen["px_requests_total", "main"] == 17
    assert seen["px_throttled_total", "main"] == 2
    assert seen["px_hooks_total", "main", "accepted"] == 1
    assert "Secret" not in (await web.client.get("/metrics")).text


async def test_the_auditors_numbers_are_there_for_every_invariant(web: Kit) -> None:
    seen = await scrape(web)
    assert seen["px_audit_checks_total", "main", "flags"] == seen["px_audit_breaches", "main", "flags"] == 0
    found = {"conn": "main", "detail": "Secret Client", "first_at": NOW, "last_at": NOW}
    async with web.store.begin() as tx:
        state = State(first_at=NOW, checks={"flags": 5})
        await cursors.put(tx, "main", audited.STATE, state.to_json(), NOW)
        await breaches.put(tx, [Breach(invariant="flags", ticket_id=n, **found) for n in ("4711", "4712")])
        await breaches.put(tx, [Breach(invariant="timer", ticket_id="", over_at=NOW, **found)])
    seen = await scrape(web)
    assert seen["px_audit_checks_total", "main", "flags"] == 5
    assert seen["px_audit_breaches", "main", "flags"] == 2
    assert seen["px_audit_breaches", "main", "timer"] == 0
    text = (await web.client.get("/metrics")).text
    assert "Secret" not in text
    assert "4711" not in text


async def test_another_versions_notes_of_the_auditor_break_nothing(web: Kit) -> None:
    async with web.store.begin() as tx:
        await cursors.put(tx, "main", audited.STATE, {"checks": ["flags"], "later": 1}, NOW)
    assert (await scrape(web))["px_audit_checks_total", "main", "flags"] == 0
    assert (await web.client.get("/operations")).status_code == 200


async def test_a_connection_that_never_turned_has_no_age(web: Kit) -> None:
    web.health.add("north", "fake", NOW)
    seen = await scrape(web)
    assert seen["px_connection_up", "north"] == 0
    assert ("px_connection_last_turn_age_seconds", "north") not in seen


async def test_metrics_outlive_the_store(web: Kit) -> None:
    await web.break_store()
    with capture_logs() as logs:
        seen = await scrape(web)
        await scrape(web)
    assert seen["px_store_up",] == 0
    assert seen["px_connection_up", "main"] == 1
    assert not [key for key in seen if key[0] == "px_tickets"]
    assert len(logs) == 1


# ── the door ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", GUARDED)
async def test_without_the_token_nothing_is_shown(guarded: Kit, path: str) -> None:
    answers = [
        await guarded.client.get(path),
        await guarded.client.get(path, headers=basic("wrong")),
        await guarded.client.get(path, headers=bearer("")),
        await guarded.client.get(path, headers=bearer(TOKEN + "x")),
        await guarded.client.get(path, headers={"Authorization": "Basic !!!"}),
        await guarded.client.get(
            path, headers={"Authorization": f"Digest {base64.b64encode(b'x').decode()}"}
        ),
        await guarded.client.get(path, headers=basic("", user=TOKEN)),
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, "Sign in with the token.\n")}
    assert answers[0].headers.get_list("www-authenticate")[0].startswith("Basic realm=")


async def test_the_token_opens_as_bearer_and_as_password(guarded: Kit) -> None:
    assert (await guarded.client.get("/", headers=bearer(TOKEN))).status_code == 200
    assert (await guarded.client.get("/", headers=basic(TOKEN))).status_code == 200
    assert (await guarded.client.get("/", headers=basic(TOKEN, user=""))).status_code == 200
    assert (await guarded.client.get("/nothing", headers=basic(TOKEN))).status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_probes_need_no_token(guarded: Kit, path: str) -> None:
    assert (await guarded.client.get(path)).status_code == 200


async def test_webhooks_need_no_token_but_their_signature(guarded: Kit) -> None:
    assert (await guarded.deliver(("1", "d1"))).status_code == 204
    assert (await guarded.deliver(("1", "d2"), signature="bad")).status_code == 401


@pytest.mark.parametrize(
    "path", ["/hooks", "/hooks/", "/hooks/main/x", "/hooks/..%2Foutbox", "/hooks/%2e%2e/outbox"]
)
async def test_the_open_paths_lead_nowhere_else(guarded: Kit, path: str) -> None:
    assert (await guarded.client.get(path)).status_code in (401, 404, 405)


async def test_guessing_is_logged_once_a_minute_and_without_the_guess(guarded: Kit) -> None:
    with capture_logs() as logs:
        await guarded.client.get("/")
        for _ in range(10):
            await guarded.client.get("/", headers=basic("guess-123"))
        guarded.now += timedelta(seconds=61)
        await guarded.client.get("/", headers=basic("guess-123"))
    assert [entry["event"] for entry in logs] == ["wrong token"] * 2
    assert "guess-123" not in repr(logs)


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", "/hooks/main", "/static/board.css"])
async def test_every_answer_carries_the_safety_headers(guarded: Kit, path: str) -> None:
    headers = (await guarded.client.get(path)).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


async def test_the_token_is_in_no_repr_and_must_not_be_empty(web: Kit) -> None:
    deps = WebDeps(
        store=web.store,
        connections={},
        health=web.health,
        clients=ClientBook,
        wake=print,
        now=lambda: NOW,
        token="s3cret",
    )
    assert "s3cret" not in repr(deps)
    for empty in ("", "  "):
        with pytest.raises(ConfigError, match="token is empty"):
            create_app(replace(deps, token=empty))
