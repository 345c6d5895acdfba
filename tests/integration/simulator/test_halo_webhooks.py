"""Halo's webhooks: registered in two steps, proved in three ways, sent once, switched off when they fail."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from connector.simulator import Simulator, World
from connector.simulator.halo.webhooks import CLOSED, DELETED, NEW, STATUS, UPDATED, signature
from tests.integration.simulator.halokit import halo_client
from tests.integration.simulator.kit import Receiver
from tests.shared import shared

SECRET = "s3cret"


async def register(api: httpx.AsyncClient, url: str, *events: int, **more: Any) -> str:
    body = {"name": "px", "url": url, "type": 0, "method": 0, "active": True, "basic_password": SECRET}
    made = await api.post("/Webhook", json=[{**body, **more}])
    assert made.status_code == 201, made.text
    guid: str = made.json()["id"]
    for event in events:
        note = {"webhook_id": guid, "type": -2, "delivery_method": 6, "eventno": event, "conditions": []}
        assert (await api.post("/Notification", json=[note])).status_code == 201
    return guid


async def test_a_webhook_is_told_only_of_the_events_it_is_for(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    async with Receiver() as receiver:
        guid = await register(hapi, receiver.url, NEW, DELETED)
        made = world.open_ticket("Globex", "disk full")
        world.post(made, "contact", "Hello?")
        world.delete_ticket(made, "jreed")
        await halo.drain()
        shown = (await hapi.get(f"/Webhook/{guid}")).json()
    bodies = sorted((json.loads(body) for _, _, body in receiver.got), key=lambda b: "deleted" in b["ticket"])
    assert [(b["ticket"]["id"], b["ticket"].get("deleted")) for b in bodies] == [(made, None), (made, True)]
    assert all("customfields" not in body["ticket"] for body in bodies)
    assert [event["eventno"] for event in shown["events"]] == [NEW, DELETED]
    assert (shown["last_status"], shown["active"]) == (200, True)


async def test_changes_of_status_closing_and_replies_are_events_of_their_own(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    async with Receiver() as receiver:
        for event in (UPDATED, STATUS, CLOSED, 19):
            await register(hapi, f"{receiver.url}{event}", event)
        world.post(1005, "contact", "Any news?")
        await halo.drain()
        replied = sorted(int(target.rpartition("=")[2]) for target, _, _ in receiver.got)
        receiver.got.clear()
        world.set_status(1005, "Waiting Customer", "jreed")
        world.set_status(1005, ">Closed", "jreed")
        await halo.drain()
    changed = sorted(int(target.rpartition("=")[2]) for target, _, _ in receiver.got)
    assert replied == [19, UPDATED]
    assert changed == [CLOSED, UPDATED, UPDATED, STATUS, STATUS]


async def test_a_signature_is_an_hmac_over_the_raw_bytes_in_a_header_of_ones_choice(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    async with Receiver() as receiver:
        await register(hapi, receiver.url, UPDATED, authentication_type=3, authentication_header="X-Px")
        world.post(1005, "contact", "Any news? – “urgent”")
        await halo.drain()
        halo.faults.bad_signatures = 1
        world.post(1005, "contact", "and now?")
        await halo.drain()
    (_, headers, body), (_, forged, other) = receiver.got
    assert headers["x-px"] == signature(SECRET, body)
    assert forged["x-px"] != signature(SECRET, other)
    assert json.loads(body)["action"]["note"] == "Any news? – “urgent”"


@pytest.mark.parametrize(
    ("settings", "header", "holds"),
    [
        (
            {"authentication_type": 1, "basic_username": "px"},
            "authorization",
            "Basic " + base64.b64encode(f"px:{SECRET}".encode()).decode(),
        ),
        ({"authentication_type": 2, "authentication_header": "X-Secret"}, "x-secret", SECRET),
        ({"authentication_type": "2"}, "authorization", f"Bearer {SECRET}"),
        ({"authentication_type": 0}, "authorization", None),
    ],
    ids=["basic", "header", "bearer", "nothing"],
)
async def test_the_other_ways_to_prove_it(
    world: World, settings: dict[str, Any], header: str, holds: str | None
) -> None:
    async with Simulator(world, "halo") as sim, halo_client(sim) as api, Receiver() as receiver:
        await register(api, receiver.url, UPDATED, **settings)
        world.post(1005, "jreed", "x")
        await sim.drain()
    [(_, headers, _)] = receiver.got
    assert headers.get(header) == holds


async def test_one_delivery_and_no_more_and_five_failures_switch_it_off(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    async with Receiver(*[500] * 5) as receiver:
        guid = await register(hapi, receiver.url, UPDATED)
        for _ in range(5):
            world.post(1005, "jreed", "x")
            await halo.drain()
        assert len(receiver.got) == 5
        off = (await hapi.get(f"/Webhook/{guid}")).json()
        world.post(1005, "jreed", "lost for good")
        await halo.drain()
        assert len(receiver.got) == 5
        on = (await hapi.post("/Webhook", json=[{"id": guid, "active": True}])).json()
        world.post(1005, "jreed", "heard")
        await halo.drain()
    assert (off["active"], off["disabled"], off["last_status"]) == (False, True, 500)
    assert (on["id"], on["active"]) == (guid, True)
    assert len(receiver.got) == 6
    assert (world.deliveries["failed"], world.deliveries["disabled"]) == (5, 1)


async def test_a_batch_is_an_array(halo: Simulator, hapi: httpx.AsyncClient, world: World) -> None:
    halo.faults.batched_callbacks = True
    async with Receiver() as receiver:
        await register(hapi, receiver.url, UPDATED)
        world.post(1005, "jreed", "x")
        await halo.drain()
    [(_, _, body)] = receiver.got
    assert [item["ticket"]["id"] for item in json.loads(body)] == [1005]


async def test_webhooks_are_listed_changed_and_removed_without_ever_showing_a_secret(
    hapi: httpx.AsyncClient, world: World
) -> None:
    first = await register(hapi, "http://127.0.0.1:1/a", UPDATED, NEW)
    second = await register(hapi, "http://127.0.0.1:1/b", UPDATED)
    await hapi.post("/Webhook", json=[{"id": first, "url": "http://127.0.0.1:1/c"}])
    rows = (await hapi.get("/Webhook")).json()
    notes = (await hapi.get("/Notification", params={"webhook_id": first})).json()
    assert [(row["id"], row["url"][-1]) for row in rows] == [(first, "c"), (second, "b")]
    assert SECRET not in json.dumps(rows) + (await hapi.get(f"/Webhook/{first}")).text
    assert [note["eventno"] for note in notes] == [UPDATED, NEW]
    assert (await hapi.delete(f"/Notification/{notes[0]['id']}")).status_code == 200
    assert (await hapi.delete(f"/Notification/{notes[0]['id']}")).status_code == 404
    assert (await hapi.delete(f"/Webhook/{second}")).status_code == 200
    assert (await hapi.get(f"/Webhook/{second}")).status_code == 404
    left = (await hapi.get("/Notification")).json()
    assert [(note["webhook_id"], note["eventno"]) for note in left] == [(first, NEW)]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/Webhook", {"name": "x"}, 400),
        ("/Webhook", {"url": "ftp://x/"}, 400),
        ("/Webhook", {"id": "00000000-0000-0000-0000-000000000000", "active": True}, 404),
        ("/Notification", {"webhook_id": "00000000-0000-0000-0000-000000000000", "eventno": 61}, 404),
    ],
)
async def test_a_wrong_webhook_is_refused(
    hapi: httpx.AsyncClient, path: str, body: dict[str, Any], status: int
) -> None:
    assert (await hapi.post(path, json=[body])).status_code == status
    assert (await hapi.get("/Webhook")).json() == []


async def test_a_notification_needs_an_event(hapi: httpx.AsyncClient) -> None:
    guid = await register(hapi, "http://127.0.0.1:1/")
    assert (await hapi.post("/Notification", json=[{"webhook_id": guid}])).status_code == 400


VECTOR = shared("payloads", "halo", "webhook_hmac_vector.DERIVED.json")
if VECTOR:

    def test_the_signature_is_the_one_of_the_known_vector() -> None:
        vector = json.loads(VECTOR[0].read_text("utf-8"))
        assert signature(vector["secret"], vector["raw_body"].encode()) == vector["value_base64_sha256"]
