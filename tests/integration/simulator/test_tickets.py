"""Tickets, notes and time, and PATCH with its traps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from connector.simulator import Simulator, World
from tests.integration.simulator.kit import field, ids, patch


async def test_a_status_change_alone_makes_the_psa_say_responded(
    api: httpx.AsyncClient, world: World
) -> None:
    ticket = world.open_ticket("Globex", "No dial tone", text="Help", priority="P2 High")
    before = (await api.get(f"/service/tickets/{ticket}")).json()
    world.advance(timedelta(minutes=4))
    await api.patch(
        f"/service/tickets/{ticket}",
        json=[{"op": "replace", "path": "status", "value": {"name": "Assigned"}}],
    )
    world.advance(timedelta(minutes=100))
    after = (await api.get(f"/service/tickets/{ticket}")).json()
    assert "dateResponded" not in before
    assert before["slaStatus"] == "Respond by Fri 11/20 8:30 AM UTC+00"
    assert before["respondByGoalUTC"] == "2026-11-20T08:30:00Z"
    assert (after["dateResponded"], after["respondedBy"]) == ("2026-11-20T08:04:00Z", "PxConnector")
    assert (after["respondMinutes"], after["isInSla"]) == (4, True)


async def test_notes_leave_out_time_entries_and_all_notes_do_not(
    sim: Simulator, api: httpx.AsyncClient, world: World
) -> None:
    ticket = world.open_ticket("Globex", "No dial tone", text="Help")
    world.post(ticket, "jreed", "internal thought", visible=False)
    world.log_time(ticket, "mbauer", 6, "Called the customer.", "Phone Call", internal="secret")
    notes = (await api.get(f"/service/tickets/{ticket}/notes")).json()
    everything = (await api.get(f"/service/tickets/{ticket}/allNotes")).json()
    entries = (await api.get("/time/entries", params={"conditions": f"chargeToId={ticket}"})).json()
    assert [(n["createdBy"], n["internalAnalysisFlag"], "contact" in n, "member" in n) for n in notes] == [
        ("zAdmin", False, True, False),
        ("jreed", True, False, True),
    ]
    kinds = {note["noteType"] for note in everything}
    assert kinds == {"TicketNote", "TimeEntryNote"}
    assert not any("dateCreated" in note or "createdBy" in note for note in everything)
    assert [(e["workType"]["name"], e["actualHours"], e["notes"]) for e in entries] == [
        ("Phone Call", 0.1, "Called the customer.")
    ]
    refused = await api.get(
        f"/service/tickets/{ticket}/notes", params={"conditions": 'noteType="TicketNote"'}
    )
    assert refused.json()["code"] == "ApiFindCondition"
    sim.faults.no_allnotes = True
    assert (await api.get(f"/service/tickets/{ticket}/allNotes")).status_code == 404


async def test_notes_touch_the_ticket_or_not(sim: Simulator, api: httpx.AsyncClient, world: World) -> None:
    for touches, when in ((True, "2026-11-20T08:01:00Z"), (False, "2026-11-20T08:01:00Z")):
        sim.faults.notes_dont_touch = not touches
        world.advance(timedelta(minutes=1))
        posted = await api.post(
            "/service/tickets/1001/notes", json={"text": "x", "internalAnalysisFlag": True}
        )
        assert posted.status_code == 201
        assert (await api.get("/service/tickets/1001")).json()["_info"]["lastUpdated"] == when


async def test_a_note_needs_a_place_and_a_text(api: httpx.AsyncClient) -> None:
    for body in ({"text": "x"}, {"detailDescriptionFlag": True}, {"text": " ", "resolutionFlag": True}):
        answer = await api.post("/service/tickets/1001/notes", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "InvalidObject")


async def test_tickets_time_and_ratings_can_be_made(api: httpx.AsyncClient, world: World) -> None:
    made = await api.post(
        "/service/tickets",
        json={
            "summary": "Review",
            "company": {"identifier": "Globex"},
            "board": {"id": 1},
            "priority": {"id": 2},
            "initialDescription": "Service review",
        },
    )
    ticket = made.json()["id"]
    entry = {
        "chargeToId": ticket,
        "chargeToType": "ServiceTicket",
        "timeStart": "2026-11-20T07:00:00Z",
        "timeEnd": "2026-11-20T07:30:00Z",
        "notes": "done",
        "addToDetailDescriptionFlag": True,
    }
    logged = await api.post("/time/entries", json=entry)
    rated = await api.post(
        "/service/surveys/1/results", json={"ticketId": ticket, "results": [{"questionId": 1, "answer": 4}]}
    )
    assert made.status_code == logged.status_code == rated.status_code == 201
    assert (made.json()["priority"]["name"], made.json()["_info"]["enteredBy"]) == ("P2 High", "PxConnector")
    assert (logged.json()["actualHours"], logged.json()["timeStart"]) == (0.5, "2026-11-20T07:00:00Z")
    assert rated.json()["totalPoints"] == 5
    for path, body in (
        ("/service/tickets", {"company": {"id": 250}}),
        ("/service/tickets", {"summary": "x", "company": {"id": 9}}),
        ("/time/entries", {"chargeToId": ticket}),
        ("/time/entries", {"chargeToId": 9, "timeStart": "2026-11-20T07:00:00Z"}),
        ("/service/surveys/1/results", {"ticketId": ticket, "results": []}),
    ):
        assert (await api.post(path, json=body)).status_code == 400


async def test_a_deleted_ticket_is_gone_everywhere(api: httpx.AsyncClient) -> None:
    assert (await api.delete("/service/tickets/1001")).status_code == 204
    assert (await api.get("/service/tickets/1001")).status_code == 404
    assert 1001 not in await ids(api, "id in (1001,1002)")


async def test_custom_fields_in_part_keep_the_rest_or_clear_it(
    sim: Simulator, api: httpx.AsyncClient, world: World
) -> None:
    world.set_field(1001, "Change Approval", "CAB-17", "sclarke")
    ours = {
        "op": "replace",
        "path": "customFields",
        "value": [{"id": 11, "value": True}, {"id": 14, "value": 42}],
    }
    kept = (await patch(api, ours)).json()
    assert (field(kept, "PX At Risk"), field(kept, "Felt Response (min)")) == (True, 42)
    assert field(kept, "Change Approval") == "CAB-17"
    nothing = (await patch(api, {"op": "replace", "path": "/customFields", "value": []})).json()
    assert field(nothing, "PX At Risk") is True
    sim.faults.whole_array_customfields = True
    cleared = (await patch(api, ours)).json()
    assert field(cleared, "Change Approval") is None
    assert [(w.field, w.old, w.new, w.member) for w in world.writes] == [
        ("PX At Risk", None, True, "PxConnector"),
        ("Felt Response (min)", None, 42, "PxConnector"),
        ("Change Approval", "CAB-17", None, "PxConnector"),
    ]


async def test_every_patch_stamps_the_ticket_even_if_nothing_changes(
    api: httpx.AsyncClient, world: World
) -> None:
    world.advance(timedelta(minutes=3))
    info = (await patch(api)).json()["_info"]
    assert (info["lastUpdated"], info["updatedBy"]) == ("2026-11-20T08:03:00Z", "PxConnector")


async def test_a_path_into_a_reference_is_answered_200_and_changes_nothing(api: httpx.AsyncClient) -> None:
    before = (await api.get("/service/tickets/1001")).json()
    false_200 = await patch(api, {"op": "replace", "path": "company/identifier", "value": "Globex"})
    assert false_200.status_code == 200
    assert false_200.json()["company"] == before["company"]
    whole = await patch(api, {"op": "replace", "path": "company", "value": {"identifier": "Initech"}})
    assert whole.json()["company"]["name"] == "Initech"


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "summary", "value": "x"},
        {"op": "replace", "path": "colour", "value": "x"},
        {"op": "replace", "path": "", "value": "x"},
        {"op": "replace", "path": "closedFlag", "value": True},
        {"op": "replace", "path": "summary", "value": "x" * 101},
        {"op": "replace", "path": "status", "value": {"name": "Done"}},
        {"op": "replace", "path": "status", "value": 22},
        {"op": "replace", "path": "customFields", "value": [{"id": 999, "value": "x"}]},
        {"op": "replace", "path": "customFields", "value": [{"caption": "SLA Zone", "value": "red"}]},
        {"op": "replace", "path": "customFields", "value": [{"id": 11, "value": "Yes"}]},
        {"op": "replace", "path": "customFields", "value": [{"id": 14, "value": "42"}]},
        {"op": "replace", "path": "customFields", "value": {"id": 11, "value": True}},
        {"op": "remove", "path": "customFields"},
        "nonsense",
    ],
)
async def test_a_patch_that_cannot_be_is_refused_whole(
    api: httpx.AsyncClient, world: World, operation: Any
) -> None:
    before = (await api.get("/service/tickets/1001")).json()
    answer = await patch(api, {"op": "replace", "path": "summary", "value": "changed"}, operation)
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidObject")
    assert (await api.get("/service/tickets/1001")).json() == before
    assert world.writes == []


async def test_a_body_that_is_no_json_or_no_array_is_refused(api: httpx.AsyncClient) -> None:
    broken = await api.patch("/service/tickets/1001", content=b"[{")
    single = await api.patch("/service/tickets/1001", json={"op": "replace"})
    assert broken.status_code == single.status_code == 400
