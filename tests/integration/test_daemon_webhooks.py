"""The door for callbacks, from the wire to the flag: genuine ones count once, the others change nothing."""

from __future__ import annotations

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.simulator.connectwise.callbacks import signature
from connector.simulator.records import Hook
from connector.store import inbox
from tests.kit import Office, Tap, office

NOTES = ("GET", "/service/tickets/{id}/notes")


def callback(o: Office, ticket: int, **over: Any) -> tuple[bytes, Hook]:
    """What ConnectWise would send about a ticket, and the hook it would send it for."""
    [hook] = o.world.hooks.values()
    key_url = f"{o.sim.url}/v2025_1//system/callbackkey/index.rails?companyName=brightdesk&id={hook.guid}"
    body = {
        "MessageId": str(uuid.uuid4()),
        "FromUrl": o.sim.url.partition("://")[2],
        "CompanyId": "brightdesk",
        "MemberId": "zAdmin",
        "Action": "updated",
        "Type": "ticket",
        "ID": ticket,
        "Entity": None,
        "Metadata": {"key_url": key_url},
        "CallbackObjectRecId": hook.id,
        **over,
    }
    return json.dumps(body).encode(), hook


async def send(o: Office, body: bytes, claimed: str | None, ticket: int = 0) -> int:
    headers = {"content-type": "application/json"}
    if claimed is not None:
        headers["x-content-signature"] = claimed
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{o.port}") as anybody:
        answer = await anybody.post(
            f"/hooks/main?recordId={ticket}&action=updated", content=body, headers=headers
        )
    return answer.status_code


async def quiet_ticket(o: Office) -> int:
    """A ticket whose opening nobody told us of."""
    o.sim.faults.drop_callbacks = 1.0
    ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
    o.world.requests.clear()
    return ticket


async def test_a_genuine_callback_is_taken_once_however_often_it_is_sent(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = await quiet_ticket(o)
        body, hook = callback(o, ticket)
        assert await send(o, body, signature(hook.signing_key, body)) == 204
        await o.settle()
        assert o.flags(ticket)["zone"] == "green"
        o.world.requests.clear()
        turns = o.health.turns
        for _ in range(3):
            assert await send(o, body, signature(hook.signing_key, body)) == 204
        await o.settle()
        assert (o.health.turns, o.world.requests.total()) == (turns, 0)


@pytest.mark.parametrize(
    ("claimed", "over"),
    [
        (None, {}),
        ("", {}),
        ("bm90IGEgc2lnbmF0dXJl", {}),
        ("right", {"CompanyId": "somebodyelse"}),
        ("right", {"FromUrl": "psa.example.com"}),
        ("right", {"Metadata": {"key_url": "http://127.0.0.1:9/key"}}),
        ("right", {"Metadata": {}}),
    ],
)
async def test_a_callback_that_is_not_genuine_is_refused_and_costs_nothing(
    tmp_path: Path, openapi_tap: Tap, claimed: str | None, over: dict[str, Any]
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = await quiet_ticket(o)
        body, hook = callback(o, ticket, **over)
        if claimed == "right":
            claimed = signature(hook.signing_key, body)
        assert await send(o, body, claimed, ticket) == 401
        await o.settle()
        assert o.world.requests.total() == 0
        assert o.flags(ticket) == {}
        async with o.connector.store.read() as tx:
            assert await inbox.waiting(tx) == {}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"' + b"x" * 5000, b"[" * 100_000])
async def test_what_is_no_callback_at_all_is_refused(tmp_path: Path, openapi_tap: Tap, body: bytes) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        assert await send(o, body, "bm90IGEgc2lnbmF0dXJl") == 401
        assert o.health.state == "ok"


async def test_a_changed_body_does_not_pass_with_the_signature_of_another(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = await quiet_ticket(o)
        body, hook = callback(o, 77)
        changed = body.replace(b'"ID": 77', f'"ID": {ticket}'.encode())
        assert changed != body
        assert await send(o, changed, signature(hook.signing_key, body)) == 401
        assert o.flags(ticket) == {}


async def test_callbacks_with_wrong_signatures_cost_one_poll_interval(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        o.sim.faults.bad_signatures = 1.0
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        assert o.flags(ticket) == {}
        assert o.world.deliveries["failed"] == 1
        await o.poll()
        await o.assert_right(ticket)


async def test_a_callback_for_a_ticket_that_never_was(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        body, hook = callback(o, 999_999)
        assert await send(o, body, signature(hook.signing_key, body)) == 204
        await o.settle()
        assert o.health.state == "ok"
        async with o.connector.store.read() as tx:
            assert await inbox.waiting(tx) == {}


async def test_a_storm_of_callbacks_about_one_ticket_is_a_few_observations(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        o.world.requests.clear()
        for number in range(100):
            o.world.post(ticket, "jreed", f"Internal remark {number}", visible=False)
        await o.settle()
        assert o.world.deliveries["sent"] >= 100
        assert o.world.requests[NOTES] < 50
        await o.assert_right(ticket)


async def test_a_hook_the_psa_switched_off_is_switched_on_within_a_day(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        [hook] = o.world.hooks.values()
        hook.inactive = True
        await o.later(minutes=24 * 60)
        assert [h.inactive for h in o.world.hooks.values()] == [False]
        assert o.health.webhook == "re-enabled"
        o.world.hooks.clear()
        await o.later(minutes=24 * 60)
        assert len(o.world.hooks) == 1
        assert o.health.webhook == "created"


async def test_callbacks_are_heard_while_the_back_fill_is_still_reading(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    """A webhook does not wait for hundreds of old tickets."""
    async with office(tmp_path, tap=openapi_tap, tickets=700) as o:
        await o.start(wait=False)
        await o.until(lambda: o.health.observed > 0)
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.sim.drain()
        await o.until(lambda: "zone" in o.flags(ticket))
        assert o.health.backfilling
        await o.until(lambda: not o.health.backfilling)
        await o.settle()
        await o.assert_right(ticket, *o.open_tickets()[:10])


async def test_the_doors_and_the_board_answer_while_the_psa_hangs(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = await quiet_ticket(o)
        first, hook = callback(o, ticket)
        assert await send(o, first, signature(hook.signing_key, first)) == 204  # fetches the key
        await o.settle()
        o.sim.faults.latency = 60_000
        body, hook = callback(o, ticket)
        async with asyncio.timeout(2):
            assert await send(o, body, signature(hook.signing_key, body)) == 204
        o.sim.faults.latency = 0
