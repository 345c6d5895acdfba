"""Writes to Halo: an array in, what it does not know ignored, a ticket more where the id is missing."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from connector.simulator import Simulator, World
from tests.integration.simulator.halokit import (
    AT_RISK,
    FELT,
    ZONE,
    actions_of,
    detail,
    dialect,
    halo_client,
    value,
)

QUIET = {"dont_do_rules": True, "_dont_fire_automations": True}


def fields(*pairs: tuple[int, Any]) -> dict[str, Any]:
    return {"customfields": [{"id": number, "value": given} for number, given in pairs]}


async def test_fields_are_stored_and_the_rest_is_left_alone(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    world.set_field(1001, "SLA Zone", "red", "jreed")
    before = world.ticket(1001).values or {}
    body = [{"id": 1001, **QUIET, **fields((AT_RISK, True), (FELT, "42"))}]
    answer = await hapi.post("/Tickets", json=body)
    said, record = answer.json(), await detail(hapi, 1001, nocache=True)
    assert (answer.status_code, said["id"]) == (201, 1001)
    assert [value(record, number) for number in (AT_RISK, ZONE, FELT)] == [True, "red", "42"]
    assert world.field(1001, "Felt Response (min)") == 42
    assert [(w.field, w.old, w.new, w.member) for w in world.writes] == [
        ("PX At Risk", None, True, "PxConnector"),
        ("Felt Response (min)", None, 42, "PxConnector"),
    ]
    assert "lastupdate" in said
    assert "last_update" not in said
    await hapi.post("/Tickets", json=[{"id": 1001, **fields((AT_RISK, None), (FELT, ""), (ZONE, "green"))}])
    approval = {key: kept for key, kept in before.items() if key == 5}
    assert world.ticket(1001).values == {**approval, 12: "green"}


async def test_a_server_may_clear_the_fields_that_were_not_sent(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    world.set_field(1001, "SLA Zone", "red", "jreed")
    halo.faults.whole_array_customfields = True
    await hapi.post("/Tickets", json=[{"id": 1001, **fields((AT_RISK, True))}])
    assert world.ticket(1001).values == {11: True}


@pytest.mark.parametrize(
    "given",
    [
        {"ticket_id": 1001},
        {"Id": 1001},
        {"id": 0},
        {"id": None},
        {"id": -1001},
        {"id": "first"},
        {"id": True},
        {},
    ],
    ids=str,
)
async def test_without_a_good_id_every_write_opens_a_ticket(world: World, given: dict[str, Any]) -> None:
    before = len(world.tickets)
    async with Simulator(world, "halo") as sim, halo_client(sim) as api:
        answer = await api.post("/Tickets", json=[{**given, **fields((AT_RISK, True))}])
        [posted] = dialect(sim).posted
    made = answer.json()["id"]
    assert (answer.status_code, len(world.tickets), made) == (201, before + 1, max(world.tickets.by_id))
    assert (posted.ticket, posted.created, posted.member) == (made, True, "PxConnector")
    assert world.field(1001, "PX At Risk") is None
    assert world.field(made, "PX At Risk") is True


async def test_a_ticket_is_opened_on_purpose(hapi: httpx.AsyncClient, world: World) -> None:
    body = {
        "summary": "Service review: Globex",
        "details": "PX is below target.",
        "client_id": 251,
        "tickettype_id": 22,
        "priority_id": 2,
        "status_id": 2,
        "agent_id": 131,
    }
    made = (await hapi.post("/Tickets", json=[body])).json()["id"]
    record = await detail(hapi, made)
    assert {name: record[name] for name in body} == body
    assert record["source"] == 0, "logged by hand, as Halo sees it"
    assert (await actions_of(hapi, made))[0]["note"] == "PX is below target."
    alert = {"team": "Alerts", "priority_id": 4, "summary": "x"}
    number = (await hapi.post("/Tickets", json=[alert])).json()["id"]
    assert world.priorities[world.ticket(number).priority].name == "P1 Critical"


async def test_status_priority_and_agent_are_changed(hapi: httpx.AsyncClient, world: World) -> None:
    change = {"id": 1005, "status_id": 4, "priority_id": 1, "agent_id": 121, "summary": "new"}
    await hapi.post("/Tickets", json=[change])
    record = await detail(hapi, 1005)
    assert {name: record[name] for name in change} == change
    same = len(world.trail)
    await hapi.post("/Tickets", json=[change])
    assert len(world.trail) == same


async def test_what_halo_does_not_know_is_ignored_and_fields_in_a_wrong_shape_are_only_said_back(
    hapi: httpx.AsyncClient, world: World
) -> None:
    kind, old = world.ticket(1005).type, world.ticket(1005).values
    unknown = {"id": 9999, "value": "x"}
    by_name = {"name": "CFSLAZone", "value": "red"}
    body = {"id": 1005, "tickettype_id": 23, "customfields": [unknown, by_name]}
    said = (await hapi.post("/Tickets", json=[body])).json()["customfields"]
    assert unknown in said
    assert by_name in said
    assert world.ticket(1005).type == kind
    assert world.ticket(1005).values == old
    assert world.writes == []
    assert "x" not in str((await detail(hapi, 1005))["customfields"])


async def test_a_missing_field_is_nowhere(halo: Simulator, hapi: httpx.AsyncClient, world: World) -> None:
    halo.faults.missing_field = "SLA Zone"
    names = [row["label"] for row in (await hapi.get("/FieldInfo")).json()]
    assert "PX At Risk" in names
    assert "SLA Zone" not in names
    assert ZONE not in [item["id"] for item in (await detail(hapi, 1001))["customfields"]]
    await hapi.post("/Tickets", json=[{"id": 1001, **fields((ZONE, "red"))}])
    assert world.field(1001, "SLA Zone") is None


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"id": 1001}, 400, "requires a JSON array"),
        ([], 400, "requires a JSON array"),
        ([1001], 400, "requires a JSON array"),
        ([{"id": 999_999}], 404, "Ticket 999999 not found"),
        ([{"id": 1001, **fields((FELT, "soon"))}], 400, "must be a number"),
        ([{"id": 1001, **fields((AT_RISK, "maybe"))}], 400, "must be true or false"),
    ],
)
async def test_refusals_come_in_several_shapes(
    hapi: httpx.AsyncClient, world: World, body: Any, status: int, says: str
) -> None:
    answer = await hapi.post("/Tickets", json=body)
    assert answer.status_code == status
    assert says in answer.text
    assert world.writes == []


async def test_a_body_that_is_no_json(hapi: httpx.AsyncClient) -> None:
    answer = await hapi.post("/Tickets", content=b"[{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["ClassName"]) == (400, "JsonReaderException")


async def test_the_answer_is_now_and_then_in_a_list(hapi: httpx.AsyncClient) -> None:
    kinds = [(await hapi.post("/Tickets", json=[{"id": 1001}])).json() for _ in range(4)]
    assert [isinstance(kind, list) for kind in kinds] == [False, False, False, True]
    two = (await hapi.post("/Tickets", json=[{"id": 1001}, {"id": 1002}])).json()
    assert [row["id"] for row in two] == [1001, 1002]


async def test_how_quietly_a_write_was_made_is_remembered_and_a_rule_answers_the_loud_ones(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    halo.faults.rules = True
    before = len(world.posts(1001))
    await hapi.post("/Tickets", json=[{"id": 1001, **QUIET}])
    assert len(world.posts(1001)) == before
    await hapi.post("/Tickets", json=[{"id": 1001, "_dont_fire_automations": True}])
    assert world.posts(1001)[-1].text == "A rule matched this ticket."
    posted = dialect(halo).posted
    assert [(p.rules_off, p.automations_off) for p in posted] == [(True, True), (False, True)]
    last = (await actions_of(hapi, 1001))[-1]
    assert (last["outcome"], last["who_agentid"], last["hiddenfromuser"]) == ("Rule Applied", 0, True)


async def test_writes_at_the_same_time_are_noticed(halo: Simulator, hapi: httpx.AsyncClient) -> None:
    halo.faults.latency = 30
    for _ in range(2):
        await hapi.post("/Tickets", json=[{"id": 1001}])
    assert dialect(halo).limits.writes_at_once == 1
    await asyncio.gather(*(hapi.post("/Tickets", json=[{"id": n}]) for n in (1001, 1002, 1003)))
    assert dialect(halo).limits.writes_at_once == 3


# ── actions ───────────────────────────────────────────────────────────────────────────────────


async def test_a_private_note_is_written_as_our_application(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    note = {"ticket_id": 1005, "outcome_id": 7, "note_html": "<p>px &amp; sla</p>", "hiddenfromuser": True}
    answer = await hapi.post("/Actions", json=[{**note, **QUIET}])
    made = answer.json()
    assert (answer.status_code, made["note"], made["hiddenfromuser"]) == (201, "px & sla", True)
    assert made["actionby_application_id"] == halo.credentials.client_id
    assert made["who_agentid"] == 150
    assert world.posts(1005)[-1].visible is False
    assert made in await actions_of(hapi, 1005)


async def test_only_the_last_action_is_said_back_unless_all_are_asked_for(hapi: httpx.AsyncClient) -> None:
    notes = [{"ticket_id": 1005, "outcome_id": 7, "note": text} for text in ("one", "two")]
    last = (await hapi.post("/Actions", json=notes)).json()
    both = (await hapi.post("/Actions", params={"returnall": True}, json=notes)).json()
    assert last["note"] == "two"
    assert [row["note"] for row in both] == ["one", "two"]


async def test_an_action_may_be_time_a_mail_a_status_and_a_response(
    hapi: httpx.AsyncClient, world: World
) -> None:
    ticket = world.open_ticket("Acme Dental", "x")
    call = {"ticket_id": ticket, "outcome": "Phone Call", "note": "Called", "timetaken": 0.25}
    mail = {"ticket_id": ticket, "outcome_id": 1, "note": "Done", "action_isresponse": True, "new_status": 8}
    assert (await hapi.post("/Actions", json=[call])).json()["timetaken"] == 0.25
    assert (await detail(hapi, ticket))["slaresponsestate"] == ""
    said = (await hapi.post("/Actions", json=[mail])).json()
    record = await detail(hapi, ticket)
    assert (said["emaildirection"], said["hiddenfromuser"]) == ("O", False)
    assert (record["status_id"], record["slaresponsestate"]) == (8, "I")
    [log] = world.logs(ticket)
    assert (log.work_type, log.visible, (log.end - log.start).total_seconds()) == ("Phone Call", True, 900)


async def test_an_outcome_it_does_not_have_is_taken_for_a_private_note(hapi: httpx.AsyncClient) -> None:
    odd = {"ticket_id": 1005, "outcome_id": 4711, "note": "x"}
    made = (await hapi.post("/Actions", json=[odd])).json()
    assert (made["outcome"], made["hiddenfromuser"]) == ("Private Note", True)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"ticket_id": 1005, "note": "x"}, 400, "An Outcome must be entered for this Action"),
        ({"ticket_id": 999_999, "outcome_id": 7}, 404, "Ticket 999999 not found"),
        ({"ticket_id": 1001, "outcome_id": 7}, 400, "You do not have access to this Action at the moment"),
    ],
    ids=["no outcome", "no ticket", "a closed ticket"],
)
async def test_an_action_is_refused(
    hapi: httpx.AsyncClient, world: World, body: dict[str, Any], status: int, says: str
) -> None:
    answer = await hapi.post("/Actions", json=[body])
    assert answer.status_code == status
    assert says in answer.text
    assert (await hapi.post("/Actions", json=body)).status_code == 400
