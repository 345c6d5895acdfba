"""One ticket in Halo's words: its dates, its SLA, who did what to it, its audit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from connector.simulator import Faults, Simulator, World
from connector.simulator.halo.values import instant
from tests.integration.simulator.halokit import actions_of, detail, halo_client, listed

NEVER = {"1899-12-30T00:00:00", "1900-01-01T00:00:00"}
CLOSED = 9


@pytest.fixture
def ticket(world: World) -> int:
    return world.open_ticket("Acme Dental", "Mail is down", text="Nothing arrives.", priority="P2 High")


async def test_instants_are_utc_without_a_zone_and_with_any_number_of_digits(
    hapi: httpx.AsyncClient, world: World
) -> None:
    rows = (await hapi.get("/Tickets", params={"pageinate": True, "page_size": 100})).json()["tickets"]
    said = [row["dateoccurred"] for row in rows]
    assert {len(text.partition(".")[2]) for text in said} == set(range(8))
    assert not any(text.endswith("Z") or "+" in text for text in said)
    assert [instant(row["last_update"]) for row in rows] == [
        world.ticket(row["id"]).updated_at for row in rows
    ]


async def test_no_date_is_a_date_of_long_ago(hapi: httpx.AsyncClient, world: World, ticket: int) -> None:
    record = await detail(hapi, ticket)
    names = ("responsedate", "first_responsedate", "dateclosed", "date_fully_closed", "targetdate")
    assert {record[name] for name in names} <= NEVER
    assert (record["hasbeenclosed"], record["slaresponsestate"], record["agent_id"]) == (False, "", 1)
    neighbours = [await detail(hapi, number) for number in (1005, ticket)]
    assert {row["targetdate"] for row in neighbours} <= NEVER


async def test_the_sla_believes_the_status_and_counts_in_decimal_hours(
    hapi: httpx.AsyncClient, world: World, ticket: int
) -> None:
    world.advance(timedelta(minutes=45))
    world.set_status(ticket, "Assigned", "dmoore")
    world.set_status(ticket, "Waiting Customer", "jreed")
    world.advance(timedelta(minutes=90))
    waiting = await detail(hapi, ticket)
    world.set_status(ticket, "In Progress", "jreed")
    record = await detail(hapi, ticket)
    assert instant(record["responsedate"]) == world.start + timedelta(minutes=45)
    assert instant(record["respondbydate"]) == world.start + timedelta(minutes=30)
    assert instant(record["fixbydate"]) == world.start + timedelta(hours=9, minutes=30)
    assert (record["slaresponsestate"], record["slastate"]) == ("O", "")
    assert (waiting["onhold"], record["onhold"], record["slaholdtime"]) == (True, False, 1.5)
    assert (record["slatimeelapsed"], record["slatimeleft"]) == (0.75, 7.25)
    world.advance(timedelta(hours=10))
    assert (await detail(hapi, ticket))["slatimeleft"] < 0


async def test_solved_and_closed_for_good_are_two_dates(
    hapi: httpx.AsyncClient, world: World, ticket: int
) -> None:
    world.advance(timedelta(minutes=10))
    world.set_status(ticket, "Resolved", "jreed")
    solved = await detail(hapi, ticket)
    world.advance(timedelta(hours=2))
    world.set_status(ticket, ">Closed", "jreed")
    closed = await detail(hapi, ticket)
    assert instant(solved["dateclosed"]) == world.start + timedelta(minutes=10)
    assert solved["date_fully_closed"] in NEVER
    assert instant(closed["date_fully_closed"]) == world.now()
    assert [(r["status_id"], r["hasbeenclosed"]) for r in (solved, closed)] == [(8, False), (CLOSED, True)]
    assert (closed["slastate"], closed["closure_agent_id"], closed["status_name"]) == ("I", 111, "Closed")


async def test_a_priority_means_something_only_within_its_sla(hapi: httpx.AsyncClient, world: World) -> None:
    alert = world.open_ticket("Globex", "disk full", board="Alerts", priority="P1 Critical", by="Rewst")
    table = {(row["slaid"], row["priorityid"]): row["name"] for row in (await hapi.get("/Priority")).json()}
    record = await detail(hapi, alert)
    assert (record["sla_id"], record["priority_id"]) == (2, 4)
    assert table[(2, 4)] == "P1 Critical"
    assert table[(1, 4)] == "P4 Low"


async def test_actions_are_numbered_within_their_ticket_and_keep_their_numbers(
    hapi: httpx.AsyncClient, world: World, ticket: int
) -> None:
    world.set_status(ticket, "In Progress", "jreed")
    before = await actions_of(hapi, ticket)
    world.post(ticket, "jreed", "The server is back, please try again.")
    world.log_time(ticket, "jreed", 15, "Called Ann", "Phone Call", end=world.now() - timedelta(hours=1))
    after = await actions_of(hapi, ticket)
    other = await actions_of(hapi, 1001)
    assert [row["id"] for row in after] == [1, 2, 3, 4]
    assert after[:2] == before
    assert other[0]["id"] == 1
    assert len({row["guid"] for row in [*after, *other]}) == len(after) + len(other)
    one = await hapi.get("/Actions/3", params={"ticket_id": ticket})
    assert one.json()["note"] == "The server is back, please try again."
    assert (await hapi.get("/Actions/3")).status_code == 400
    assert (await hapi.get("/Actions/99", params={"ticket_id": ticket})).status_code == 404
    assert (await hapi.get("/Actions", params={"ticket_id": 999_999})).status_code == 404


async def test_who_did_it_is_in_the_ids(hapi: httpx.AsyncClient, world: World, ticket: int) -> None:
    world.post(ticket, "workflow", "We have received your request.")
    world.post(ticket, "Rewst", "Enriched by Rewst", visible=False)
    world.post(ticket, "mbauer", "I look at the mail flow now.")
    rows = await actions_of(hapi, ticket)
    applications = [row.get("actionby_application_id") is not None for row in rows]
    assert [(row["who_agentid"], row["actionby_user_id"] > 0) for row in rows] == [
        (0, True),
        (0, False),
        (151, False),
        (121, False),
    ]
    assert applications == [False, False, True, False]
    assert [row.get("emaildirection") for row in rows] == ["I", "O", None, "O"]
    assert [row["hiddenfromuser"] for row in rows] == [False, False, True, False]
    assert [row["action_systemid"] > 0 for row in rows] == [False, True, False, False]
    assert [row["who_type"] for row in rows] == [0, 0, 1, 1], "0 is a customer and the system alike"


async def test_a_customers_mail_is_hidden_from_users(
    hapi: httpx.AsyncClient, world: World, ticket: int
) -> None:
    world.post(ticket, "contact", "Still nothing.")
    reply = (await actions_of(hapi, ticket))[-1]
    assert (reply["hiddenfromuser"], reply["emaildirection"], reply["who_agentid"]) == (True, "I", 0)
    assert "Still nothing." not in [
        row["note"] for row in await actions_of(hapi, ticket, excludeprivate=True)
    ]


async def test_time_is_an_action_in_decimal_hours(hapi: httpx.AsyncClient, world: World, ticket: int) -> None:
    world.log_time(ticket, "tnovak", 15, "Called, agreed on 14:00", "Phone Call", internal="Ann is upset")
    row = (await actions_of(hapi, ticket))[-1]
    assert (row["outcome"], row["timetaken"], row["who_agentid"]) == ("Phone Call", 0.25, 122)
    assert instant(row["actionarrivaldate"]) == world.now() - timedelta(minutes=15)
    assert (row["note"], row["private_note"]) == ("Called, agreed on 14:00", "Ann is upset")


async def test_changes_of_status_and_agent_are_actions_and_all_are_in_the_audit(
    hapi: httpx.AsyncClient, world: World, ticket: int
) -> None:
    world.set_status(ticket, "In Progress", "jreed")
    world.assign(ticket, "jreed", "dmoore")
    world.set_priority(ticket, "P1 Critical", "dmoore")
    world.set_status(ticket, ">Closed", "workflow")
    rows = (await actions_of(hapi, ticket))[1:]
    assert [(r["outcome"], r["who_agentid"], r["new_status"]) for r in rows] == [
        ("Change Status", 111, 2),
        ("Re-Assign", 101, 0),
        ("Status Changed by Rule", 0, CLOSED),
    ]
    assert (rows[0]["old_status"], rows[0]["new_status_name"]) == (1, "In Progress")
    quiet = await actions_of(hapi, ticket, excludesys=True)
    assert [r["outcome"] for r in quiet] == ["First User Email", "Change Status", "Re-Assign"]
    audit = (await detail(hapi, ticket, include_auditing=True))["audit_log"]
    assert [(a["value"], a["from"], a["to"], a["agent_id"]) for a in audit] == [
        ("Status", "New", "In Progress", 111),
        ("Agent", "Unassigned", "Jonas Reed", 101),
        ("Priority", "P2 High", "P1 Critical", 101),
        ("Status", "In Progress", "Closed", 0),
    ]
    assert "audit_log" not in await detail(hapi, ticket)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({"agentonly": True}, ["Email User", "Change Status", "Phone Call", "Change Status"]),
        ({"conversationonly": True}, ["First User Email", "Email User"]),
        ({"timeentriesonly": True}, ["Phone Call"]),
        ({"slaonly": True}, ["Change Status"]),
        ({"count": 2}, ["First User Email", "Email User"]),
        ({"no_such_filter": True, "count": 1}, ["First User Email"]),
    ],
)
async def test_filters_of_actions(world: World, ticket: int, query: dict[str, Any], left: list[str]) -> None:
    world.post(ticket, "jreed", "I look at it.")
    world.set_status(ticket, "In Progress", "jreed")
    world.log_time(ticket, "jreed", 5, "Called", "Phone Call")
    world.set_status(ticket, "Waiting Customer", "jreed")
    async with Simulator(world, "halo") as sim, halo_client(sim) as api:
        rows = await actions_of(api, ticket, **query)
    order = [row["outcome"] for row in rows]
    assert sorted(order) == sorted(left)


async def test_html_comes_on_request(hapi: httpx.AsyncClient, world: World, ticket: int) -> None:
    world.post(ticket, "jreed", "a < b & c")
    plain = (await actions_of(hapi, ticket))[-1]
    rich = (await actions_of(hapi, ticket, includehtmlnote=True, includehtmlemail=True))[-1]
    assert {"note_html", "emailbody_html"} == rich.keys() - plain.keys()
    assert rich["note_html"] == "<p>a &lt; b &amp; c</p>"
    assert (await detail(hapi, ticket, includedetails=True))["details_html"] == "<p>Nothing arrives.</p>"


async def test_actions_of_all_tickets_where_the_server_can(
    halo: Simulator, hapi: httpx.AsyncClient, world: World, ticket: int
) -> None:
    world.advance(timedelta(minutes=10))
    world.post(ticket, "jreed", "one")
    world.post(1003, "contact", "two")
    since: dict[str, Any] = {"startdate": "2026-11-20T08:10:00", "count": 1000}
    found = (await hapi.get("/Actions", params=since)).json()
    assert {(row["ticket_id"], row["note"]) for row in found["actions"]} == {(ticket, "one"), (1003, "two")}
    early = {**since, "enddate": "2026-11-20T08:09:59Z"}
    assert (await hapi.get("/Actions", params=early)).json()["actions"] == []
    halo.faults.no_global_actions = True
    assert (await hapi.get("/Actions", params=since)).status_code == 400


async def test_merged_deleted_and_unknown_tickets(hapi: httpx.AsyncClient, world: World, ticket: int) -> None:
    twin = world.open_ticket("Acme Dental", "Mail is down, too")
    world.merge(twin, ticket, "dmoore")
    merged = await detail(hapi, twin)
    world.delete_ticket(ticket, "dmoore")
    gone = await hapi.get(f"/Tickets/{ticket}")
    assert (merged["merged_into_id"], merged["status_id"]) == (ticket, CLOSED)
    assert (gone.status_code, gone.json().get("id"), gone.json()["deleted"]) == (200, None, True)
    assert await listed(hapi, deleted=True) == [ticket]
    assert ticket not in await listed(hapi, open_only=True)
    assert (await hapi.get("/Tickets/999999")).status_code == 404
    assert (await hapi.get("/Tickets/abc")).status_code == 400
    assert (await hapi.get("/Wishes")).status_code == 404
    assert (await hapi.request("PATCH", f"/Tickets/{ticket}", json={})).status_code == 405


async def test_ratings_stand_on_the_ticket_and_in_a_list_without_pages(
    halo: Simulator, hapi: httpx.AsyncClient, world: World, ticket: int
) -> None:
    answer = world.rate(ticket, 5)
    bad = world.rate(1001, 1, "Nobody called.")
    rows = {row["id"]: row for row in (await hapi.get("/Feedback")).json()}
    assert len(rows) == len(world.answers)
    assert [(rows[n]["score"], rows[n]["score_band"]) for n in (answer, bad)] == [(1, 1), (4, 4)]
    assert {rows[n]["feedback_faultid"] for n in (answer, bad)} == {ticket, 1001}
    assert {"ticket_id" in row for row in rows.values()} == {True, False}
    record = await detail(hapi, 1001)
    assert (record["satisfactionlevel"], record["satisfactioncomment"]) == (4, "Nobody called.")
    touched = world.ticket(ticket).updated_at
    world.advance(timedelta(minutes=2))
    world.comment(answer, "Thanks!")
    later = (await hapi.get(f"/Feedback/{answer}")).json()
    assert (later["id"], later["comment"], instant(later["date"])) == (answer, "Thanks!", world.now())
    assert world.ticket(ticket).updated_at == touched
    halo.faults.feedback_high = True
    scores = {row["id"]: row["score"] for row in (await hapi.get("/Feedback")).json()}
    assert (scores[answer], scores[bad]) == (5, 1)
    assert (await hapi.get("/Feedback/999999")).status_code == 404


async def test_appointments_are_a_bare_list(hapi: httpx.AsyncClient, world: World, ticket: int) -> None:
    start = world.now() + timedelta(hours=2)
    booked = [world.book(ticket, "tnovak", start, 60, by) for by in ("dmoore", "workflow")]
    [row, _] = (await hapi.get("/Appointment", params={"ticket_id": ticket})).json()
    assert (row["agent_id"], instant(row["start_date"])) == (122, start)
    made = [a for a in await actions_of(hapi, ticket) if a["outcome"] == "Appointment Booked"]
    assert [(a["action_appointment_id"], a["who_agentid"]) for a in made] == list(
        zip(booked, (101, 0), strict=True)
    )
    for query in ({"ticket_id": 1001}, {"end_date": "2026-11-20T09:00:00"}, {"start_date": "2026-11-21"}):
        assert (await hapi.get("/Appointment", params=query)).json() == []


async def test_a_record_can_be_broken(world: World) -> None:
    faults = Faults.parse(["malformed=1001:dates,1002:no-id,1003:no-status,1004:not-an-object"])
    async with Simulator(world, "halo", faults=faults) as sim, halo_client(sim) as api:
        rows = [(await api.get(f"/Tickets/{number}")).json() for number in (1001, 1002, 1003, 1004)]
    assert rows[0]["dateoccurred"] == "2026-02-31T25:61:00"
    assert "id" not in rows[1]
    assert "status_id" not in rows[2]
    assert isinstance(rows[3], str)
