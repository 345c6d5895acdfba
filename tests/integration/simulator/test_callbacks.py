"""Callbacks are really sent, really signed, and fail as the vendor's do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connector.simulator import Simulator, World
from tests.integration.simulator.kit import Receiver, patch, register


async def test_a_callback_is_signed_over_its_raw_bytes_and_pastes_record_and_action_on_the_url(
    sim: Simulator, api: httpx.AsyncClient, world: World
) -> None:
    async with Receiver() as receiver:
        made = (await register(api, receiver.url)).json()
        world.post(1005, "contact", "Any news? – “urgent”")
        await sim.drain()
    assert (made["objectId"], made["memberId"], made["inactiveFlag"]) == (1, 150, False)
    [(target, headers, body)] = receiver.got
    sent = json.loads(body)
    assert target == "/hook?t=1&recordId=1005&action=updated"
    assert (sent["ID"], sent["Action"], sent["Type"], sent["MemberId"]) == (
        1005,
        "updated",
        "ticket",
        "zAdmin",
    )
    assert "customFields" not in json.loads(sent["Entity"])
    async with httpx.AsyncClient() as anybody:
        key_url = sent["Metadata"]["key_url"]
        key = (await anybody.get(key_url)).json()["signing_key"]
        assert (await anybody.get(key_url + "0")).status_code == 404
    assert "//system/callbackkey/" in key_url
    digest = hmac.new(hashlib.sha256(key.encode()).digest(), body, hashlib.sha256).digest()
    assert headers["x-content-signature"] == base64.b64encode(digest).decode()


async def test_our_own_edits_are_suppressed_and_a_deletion_has_no_entity(
    sim: Simulator, api: httpx.AsyncClient, world: World
) -> None:
    async with Receiver() as receiver:
        await register(api, receiver.url)
        await patch(api, {"op": "replace", "path": "summary", "value": "ours"})
        world.set_status(1001, "Assigned", "Rewst")
        world.delete_ticket(1002, "jreed")
        await sim.drain()
    bodies = sorted((json.loads(body) for _, _, body in receiver.got), key=lambda body: str(body["Action"]))
    assert [(b["Action"], b["MemberId"], b["Entity"] is None) for b in bodies] == [
        ("deleted", "jreed", True),
        ("updated", "Rewst", False),
    ]


async def test_levels_choose_what_is_sent(sim: Simulator, api: httpx.AsyncClient, world: World) -> None:
    async with Receiver() as receiver:
        for level, number in (("board", 2), ("ticket", 1003), ("status", 24)):
            await register(api, receiver.url + f"&level={level}&id=", level=level, objectId=number)
        await register(api, receiver.url + "&level=time&id=", type="time")
        world.open_ticket("Globex", "disk full", board="Alerts")
        world.set_status(1003, "Waiting Customer", "jreed")
        world.log_time(1004, "jreed", 5, "x")
        await sim.drain()
    levels = sorted(target.rpartition("level=")[2].partition("&")[0] for target, _, _ in receiver.got)
    assert levels == ["board", "status", "ticket", "time"]


async def test_refused_callbacks_are_repeated_twice_and_failures_of_three_days_switch_them_off(
    sim: Simulator, api: httpx.AsyncClient, world: World
) -> None:
    sim.postman.pauses = (0.001, 0.001)
    async with Receiver(429, 404, 200, 500, 500) as receiver:
        hook = (await register(api, receiver.url)).json()["id"]
        world.post(1001, "jreed", "one")
        await sim.drain()
        assert (len(receiver.got), world.deliveries["sent"]) == (3, 1)
        world.post(1001, "jreed", "two")
        await sim.drain()
        assert (len(receiver.got), world.deliveries["failed"]) == (4, 1)
        world.advance(timedelta(days=3))
        world.post(1001, "jreed", "three")
        await sim.drain()
        assert (await api.get(f"/system/callbacks/{hook}")).json()["inactiveFlag"] is True
        world.post(1001, "jreed", "four")
        await sim.drain()
        assert len(receiver.got) == 5
        on = [{"op": "replace", "path": "inactiveFlag", "value": False}]
        assert (await api.patch(f"/system/callbacks/{hook}", json=on)).json()["inactiveFlag"] is False
        world.post(1001, "jreed", "five")
        await sim.drain()
        assert len(receiver.got) == 6


async def test_callbacks_can_be_dropped_doubled_late_and_forged(
    sim: Simulator, api: httpx.AsyncClient, world: World
) -> None:
    async with Receiver() as receiver:
        await register(api, receiver.url)
        sim.faults.update({"drop_callbacks": 1})
        world.post(1001, "jreed", "dropped")
        sim.faults.update({"drop_callbacks": 0, "duplicate_callbacks": 1, "bad_signatures": 1})
        world.post(1001, "jreed", "twice")
        sim.faults.update({"duplicate_callbacks": 0, "bad_signatures": 0, "reorder_callbacks": 1})
        world.post(1001, "jreed", "late")
        await sim.drain()
    bodies = [json.loads(body)["MessageId"] for _, _, body in receiver.got]
    assert (len(bodies), len(set(bodies))) == (3, 2)
    assert (world.deliveries["dropped"], world.deliveries["duplicated"]) == (1, 1)


async def test_a_receiver_that_is_not_there_costs_the_psa_nothing(
    sim: Simulator, api: httpx.AsyncClient, world: World
) -> None:
    assert (await register(api, "http://127.0.0.1:1/?recordId=")).status_code == 201
    world.post(1001, "jreed", "x")
    await sim.drain()
    assert world.deliveries["failed"] == 1


@pytest.mark.parametrize(
    ("body", "code", "at"),
    [
        ({"url": "ftp://x/"}, "InvalidField", "url"),
        ({"url": "http://[bad/"}, "InvalidField", "url"),
        ({"level": "galaxy"}, "InvalidObject", "level"),
        ({"url": None}, "MissingRequiredField", "url"),
        ({"objectId": "one"}, "InvalidField", "objectId"),
    ],
)
async def test_a_wrong_callback_is_refused_in_the_vendors_shape(
    api: httpx.AsyncClient, body: dict[str, Any], code: str, at: str
) -> None:
    answer = await register(api, **{"url": "http://127.0.0.1:1/?recordId=", **body})
    assert answer.status_code == 400
    assert [(e["code"], e["field"]) for e in answer.json()["errors"]] == [(code, at)]
    assert answer.json()["message"] == "callbackEntry object is invalid"


async def test_the_same_callback_twice_is_refused_and_a_removed_one_is_gone(api: httpx.AsyncClient) -> None:
    first = (await register(api, "http://127.0.0.1:1/?recordId=")).json()["id"]
    again = await register(api, "http://127.0.0.1:1/?recordId=")
    assert again.json()["errors"][0]["code"] == "ObjectExists"
    assert (await api.delete(f"/system/callbacks/{first}")).status_code == 204
    assert (await api.get("/system/callbacks")).json() == []
    assert (await api.get(f"/system/callbacks/{first}")).status_code == 404
