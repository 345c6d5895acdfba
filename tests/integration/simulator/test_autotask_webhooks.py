"""Webhooks in their four steps: what fires them, how they are signed, and what becomes of lost ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.simulator.autotask.callouts import dotnet_json, signature
from tests.integration.simulator.autotask_kit import SECRET, Talk, errors, register, where
from tests.integration.simulator.kit import Receiver
from tests.shared import shared

KNOWN = shared("payloads", "autotask/webhook_signature_kat.json")


def told(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(body) for _, _, body in receiver.got]


async def test_a_change_of_a_subscribed_field_is_told_and_signed_over_the_raw_bytes(at: Talk) -> None:
    async with Receiver() as receiver:
        _, guid = await register(at, receiver, "status", "title")
        at.world.set_status(1001, "In Progress", "jreed")
        at.world.open_ticket("Globex", "Größe <falsch> & 'so' \"fort\"")
        at.world.delete_ticket(1002, "jreed")
        await at.sim.drain()
    changed, made, gone = told(receiver)
    [jreed] = await at.ids("Resources", where("eq", "userName", "jreed"))
    assert changed == {
        "Action": "Update",
        "Guid": guid,
        "EntityType": "Ticket",
        "Id": 1001,
        "Fields": {"Status": "8"},
        "EventTime": "2026-11-20T08:00:00Z",
        "SequenceNumber": 1,
        "PersonID": jreed,
    }
    assert (made["Action"], made["SequenceNumber"], made["Fields"]["Status"]) == ("Create", 2, "1")
    assert (gone["Action"], gone["Id"], gone["Fields"]) == ("Delete", 1002, {})
    for _, headers, body in receiver.got:
        digest = hmac.new(SECRET.encode(), body, hashlib.sha1).digest()
        assert headers["x-hook-signature"] == "sha1=" + base64.b64encode(digest).decode()
    raw = receiver.got[1][2]
    assert b"Gr\\u00F6\\u00DFe \\u003Cfalsch\\u003E \\u0026 \\u0027so\\u0027 \\u0022fort\\u0022" in raw


async def test_nothing_is_told_of_other_fields_time_entries_our_own_edits_or_before_it_is_ready(
    at: Talk,
) -> None:
    async with Receiver() as receiver:
        hook, _ = await register(at, receiver)
        at.world.set_status(1001, "In Progress", "jreed")
        status = (await at.labels("TicketWebhookFields", "fieldID"))["status"]
        field = {"webhookID": hook, "fieldID": status, "isSubscribedField": True}
        await at.send("POST", f"TicketWebhooks/{hook}/Fields", field)
        at.world.log_time(1001, "jreed", 5, "x")
        at.world.post(1001, "jreed", "x")
        at.world.set_priority(1001, "P1 Critical", "jreed")
        await at.send("PATCH", "Tickets", {"id": 1001, "status": 7})
        await at.flag(1001, "SLA Zone", "red")
        await at.sim.drain()
        assert receiver.got == []
        at.world.set_status(1001, "Resolved", "Rewst")
        await at.sim.drain()
    assert [body["Fields"] for body in told(receiver)] == [{"Status": "20"}]


async def test_notes_have_webhooks_of_their_own_and_udf_fields_are_by_number(at: Talk) -> None:
    async with Receiver() as notes, Receiver() as tickets:
        await register(at, notes, "publish", entity="TicketNote")
        hook, _ = await register(at, tickets)
        known = await at.labels("TicketWebhookUdfFields", "udfFieldID")
        body = {"webhookID": hook, "udfFieldID": known["SLA Zone"], "isSubscribedField": True}
        assert (await at.send("POST", f"TicketWebhooks/{hook}/UdfFields", body)).status_code == 200
        number = at.world.post(1001, "contact", "Any news?")
        at.world.set_field(1001, "SLA Zone", "red", "jreed")
        await at.sim.drain()
    [note] = told(notes)
    assert (note["EntityType"], note["Id"], note["Fields"]) == ("TicketNote", number, {"Publish": "1"})
    assert [body["Fields"] for body in told(tickets)] == [{"SLA Zone": "red"}]


async def test_a_second_webhook_of_the_same_address_is_a_duplicate_that_never_fires(at: Talk) -> None:
    async with Receiver() as receiver:
        first, guid = await register(at, receiver, "status")
        await register(at, receiver, "status")
        at.world.set_status(1001, "In Progress", "jreed")
        await at.send("PATCH", "TicketWebhooks", {"id": first, "isActive": False})
        at.world.set_status(1001, "Assigned", "jreed")
        await at.sim.drain()
    assert [body["Guid"] for body in told(receiver)] == [guid], "the inactive one is in the way, too"


async def test_what_is_not_answered_is_repeated_in_order_and_then_logged(at: Talk) -> None:
    at.sim.postman.pauses = (0.001,) * 4
    async with Receiver(503, 200, 500, 500, 500, 500, 500) as receiver:
        await register(at, receiver, "status")
        for status in ("In Progress", "Assigned", "Scheduled"):
            at.world.set_status(1001, status, "jreed")
        await at.sim.drain()
    assert [body["SequenceNumber"] for body in told(receiver)] == [1, 1, 2, 2, 2, 2, 2, 3]
    [lost] = await at.rows("WebhookEventErrorLogs", where("gt", "id", 0))
    assert json.loads(lost["payload"])["SequenceNumber"] == 2


async def test_after_25_lost_in_a_row_it_is_switched_off_and_the_other_address_is_told(at: Talk) -> None:
    at.sim.postman.pauses = (0.001,) * 4
    async with Receiver(*[500] * 125) as receiver:
        hook, guid = await register(at, receiver, "priority")
        for turn in range(26):
            at.world.set_priority(1001, ("P1 Critical", "P2 High")[turn % 2], "jreed")
            at.world.advance(timedelta(minutes=3))
            await at.sim.drain()
        assert (await at.get(f"TicketWebhooks/{hook}")).json()["item"]["isActive"] is False
        target, headers, body = receiver.got[-1]
        assert len(receiver.got) == 126
        assert ("off=1" in target, "x-hook-signature" in headers) == (True, False)
        assert (json.loads(body)["Action"], json.loads(body)["Guid"]) == ("Deactivated", guid)
        await at.send("PATCH", "TicketWebhooks", {"id": hook, "isActive": True})
        at.world.set_priority(1001, "P4 Low", "jreed")
        await at.sim.drain()
    assert told(receiver)[-1]["Fields"] == {"Priority": "3"}


async def test_deliveries_can_be_forged_lost_and_doubled(at: Talk) -> None:
    async with Receiver() as receiver:
        await register(at, receiver, "status")
        at.sim.faults.update({"drop_callbacks": 1})
        at.world.set_status(1001, "In Progress", "jreed")
        at.sim.faults.update({"drop_callbacks": 0, "duplicate_callbacks": 1, "bad_signatures": 1})
        at.world.set_status(1001, "Assigned", "jreed")
        await at.sim.drain()
    (_, headers, body), (_, _, again) = receiver.got
    assert body == again
    assert headers["x-hook-signature"] != signature(SECRET, body)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "x" * 51}, "String value exceeds maximum length (field:name)"),
        ({"secretKey": "x" * 65}, "(field:secretKey)"),
        ({"deactivationUrl": ""}, "Missing Required Field: deactivationUrl"),
        ({"secretKey": None}, "Missing Required Field: secretKey"),
        ({"webhookUrl": "ftp://x/"}, "webhookUrl is not a valid URL"),
    ],
)
async def test_a_wrong_webhook_is_refused(at: Talk, change: dict[str, Any], said: str) -> None:
    url = "http://127.0.0.1:1/"
    body = {"name": "px", "webhookUrl": url, "deactivationUrl": url, "secretKey": SECRET, **change}
    assert said in errors(await at.send("POST", "TicketWebhooks", body))
    assert await at.ids("TicketWebhooks", where("gt", "id", 0)) == []


async def test_webhooks_and_their_parts_are_found_by_name_removed_and_gone(at: Talk) -> None:
    async with Receiver() as receiver:
        hook, _ = await register(at, receiver, "status")
    [found] = await at.rows("TicketWebhooks", where("eq", "name", "px-connector"))
    assert (found["id"], found["webhookUrl"], found["secretKey"]) == (hook, receiver.url, None)
    parts = (await at.get(f"TicketWebhooks/{hook}/Fields")).json()["items"]
    assert parts == await at.rows("TicketWebhookFields", where("eq", "webhookID", hook))
    errors(await at.send("POST", f"TicketWebhooks/{hook}/Fields", {"webhookID": hook, "fieldID": 7}))
    assert (await at.send("DELETE", f"TicketWebhooks/{hook}/Fields/{parts[0]['id']}")).status_code == 200
    assert (await at.get(f"TicketWebhooks/{hook}")).json()["item"]["isReady"] is False
    assert (await at.send("DELETE", f"TicketWebhooks/{hook}")).status_code == 200
    assert (await at.get(f"TicketWebhooks/{hook}")).json() == {"item": None}
    assert at.world.hooks == {}
    note_hooks = await at.fields("TicketNoteWebhookFields")
    assert "fieldID" in note_hooks
    assert (await at.get("TicketNoteWebhookUdfFields/entityInformation/fields")).status_code == 404


def test_json_is_escaped_as_dotnet_does_it() -> None:
    value = {"a": "q\" <&>'+` \\ é \n 🖨"}
    raw = dotnet_json(value)
    assert raw == rb'{"a":"q\u0022 \u003C\u0026\u003E\u0027\u002B\u0060 \\ \u00E9 \n \uD83D\uDDA8"}'
    assert json.loads(raw) == value


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_escaping_keeps_the_value_and_leaves_plain_ascii(value: dict[str, Any]) -> None:
    raw = dotnet_json(value)
    assert json.loads(raw) == value
    assert raw.isascii()
    assert not set(raw) & set(b"&<>'+`")


if KNOWN:

    def test_the_signature_is_the_vendors() -> None:
        for case in json.loads(KNOWN[0].read_text("utf-8")):
            assert signature(case["secret"], case["body"].encode()) == case["header"]
