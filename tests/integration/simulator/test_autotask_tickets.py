"""What happened to a ticket, as Autotask tells it, and what a client may write."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connector.simulator import working_day
from tests.integration.simulator.autotask_kit import Talk, errors, udf, where

HOUR = timedelta(hours=1)


async def of(at: Talk, entity: str, ticket: int) -> list[dict[str, Any]]:
    return await at.rows(entity, where("eq", "ticketID", ticket))


async def test_the_first_text_is_the_description_and_notes_tell_people_from_machines(at: Talk) -> None:
    world = at.world
    ticket = world.open_ticket("Globex", "Printer", text="It smokes.")
    world.advance(timedelta(minutes=1))
    for author, visible in (("workflow", True), ("workflow", True), ("template247", True), ("jreed", False)):
        world.post(ticket, author, "x", visible=visible)
    world.post(ticket, "contact", "still smoking")
    shown = await at.ticket(ticket)
    assert (shown["description"], shown["createdByContactID"], shown["creatorType"]) == (
        "It smokes.",
        shown["contactID"],
        2,
    )
    notes = await of(at, "TicketNotes", ticket)
    [jreed] = await at.ids("Resources", where("eq", "userName", "jreed"))
    facts = [(n["publish"], n["creatorResourceID"], n["createdByContactID"] is None) for n in notes]
    assert facts == [(1, 4, True), (1, 4, True), (1, 4, True), (2, jreed, True), (1, None, False)]
    assert {notes[0]["noteType"], notes[1]["noteType"]} == {1, 13}, "a rule's note may look like a person's"
    assert (notes[2]["noteType"], notes[2]["title"]) == (2, "Service Desk Notification")
    below = (await at.get(f"Tickets/{ticket}/Notes")).json()["items"]
    assert below == notes
    one = await at.get(f"Tickets/{ticket}/Notes/{notes[0]['id']}")
    assert one.json()["item"] == (await at.get(f"TicketNotes/{notes[0]['id']}")).json()["item"] == notes[0]


async def test_the_source_says_how_a_ticket_came(at: Talk) -> None:
    sources = await at.labels("Tickets", "source")
    for by, name in (
        ("contact", "Email"),
        ("jreed", "Phone"),
        ("Rewst", "Monitoring Alert"),
        ("workflow", "Monitoring Alert"),
    ):
        shown = await at.ticket(at.world.open_ticket("Globex", "Disk full", text="91 %", by=by))
        assert (shown["source"], shown["createdByContactID"] is None) == (sources[name], by != "contact")


async def test_all_notes_of_all_tickets_are_a_walk_by_id(at: Talk) -> None:
    at.world.delete_ticket(1003, "jreed")
    late = at.world.post(1001, "jreed", "late")
    walked, last = [], 0
    while page := await at.rows("TicketNotes", where("gt", "id", last), maxRecords=100):
        walked += page
        last = page[-1]["id"]
    tickets = [n for n in range(1001, 1121) if n != 1003]
    asked = await at.rows("TicketNotes", where("in", "ticketID", tickets))
    assert sorted(n["id"] for n in walked) == [n["id"] for n in walked]
    assert [n["id"] for n in walked if n["id"] <= asked[-1]["id"]] == [n["id"] for n in asked]
    assert walked[-1]["id"] == late


async def test_time_entries_say_who_worked_and_keep_the_rest_to_themselves(at: Talk) -> None:
    world = at.world
    world.log_time(1001, "jreed", 12, "Called Ann, fixed.", "Phone Call", internal="she was angry")
    world.log_time(1001, "jreed", 30, "looked around", visible=False)
    told, hidden = (await of(at, "TimeEntries", 1001))[-2:]
    [work_type] = await at.rows("BillingCodes", where("eq", "id", told["billingCodeID"]))
    assert work_type["name"] == "Phone Call"
    assert (told["hoursWorked"], told["summaryNotes"], told["internalNotes"]) == (
        0.2,
        "Called Ann, fixed.",
        "she was angry",
    )
    assert (hidden["summaryNotes"], hidden["internalNotes"]) == ("", "looked around")
    since = where("gte", "lastModifiedDateTime", told["lastModifiedDateTime"])
    assert await at.ids("TimeEntries", since) == [told["id"], hidden["id"]]


async def test_history_is_sentences_with_noise_for_one_ticket_at_a_time(at: Talk) -> None:
    world = at.world
    ticket = world.open_ticket("Globex", "Printer")
    world.set_status(ticket, "In Progress", "jreed")
    world.set_priority(ticket, "P1 Critical", "dmoore")
    world.assign(ticket, "mbauer", "dmoore")
    world.set_status(ticket, ">Closed", "jreed")
    rows = await of(at, "TicketHistory", ticket)
    said = [row["detail"] for row in rows if row["action"] != "Last Activity Date Changed"]
    assert said == [
        f"Ticket {ticket} has been created.",
        "Status changed from New to In Progress",
        "Priority changed from P3 Medium to P1 Critical",
        "Primary Resource changed from [none] to Mara Bauer",
        "Status changed from In Progress to Complete",
    ]
    assert len(rows) == 2 * len(said)
    for wrong in (
        [where("in", "ticketID", [ticket])],
        [where("eq", "id", 1)],
        [where("eq", "ticketID", ticket), where("gt", "id", 0)],
        [{"op": "and", "items": [where("eq", "ticketID", ticket)]}],
    ):
        assert "TicketHistory can only be queried" in errors(await at.ask("TicketHistory", *wrong))


async def test_the_psas_own_sla_believes_the_status_alone(at: Talk) -> None:
    world = at.world
    ticket = world.open_ticket("Globex", "Printer", priority="P2 High")
    world.advance(timedelta(minutes=4))
    world.set_status(ticket, "Assigned", "dmoore")
    shown = await at.ticket(ticket)
    assert shown["firstResponseDateTime"] == f"{world.now():%Y-%m-%dT%H:%M:%SZ}"
    assert shown["resolvedDateTime"] is None
    world.set_status(ticket, "Waiting Customer", "jreed")
    due = shown["resolvedDueDateTime"]
    world.advance(HOUR)
    waiting = await at.ticket(ticket)
    assert (waiting["resolvedDueDateTime"], waiting["serviceLevelAgreementPausedNextEventHours"]) == (
        due,
        pytest.approx((120 - 4) / 60, abs=0.01),
    ), "dates stand still while it waits"
    world.set_status(ticket, "Resolved", "jreed")
    solved = await at.ticket(ticket)
    assert (solved["serviceLevelAgreementHasBeenMet"], solved["completedDate"]) == (None, None)
    assert solved["resolvedDueDateTime"] > due, "and move when it is over"
    [result] = await of(at, "ServiceLevelAgreementResults", ticket)
    assert (result["isFirstResponseMet"], result["firstResponseElapsedHours"]) == (True, 0.0667)
    assert (result["isResolutionPlanMet"], result["isResolutionMet"]) == (True, True)
    world.set_status(ticket, ">Closed", "workflow")
    assert (await at.ticket(ticket))["completedByResourceID"] == 4


async def test_a_visit_is_a_service_call_a_ticket_on_it_and_somebody_who_goes(at: Talk) -> None:
    start = at.world.now() + HOUR
    at.world.book(1005, "mbauer", start, 45)
    [link] = await of(at, "ServiceCallTickets", 1005)
    [call] = await at.rows("ServiceCalls", where("eq", "id", link["serviceCallID"]))
    [who] = await at.rows("ServiceCallTicketResources", where("eq", "serviceCallTicketID", link["id"]))
    [mbauer] = await at.ids("Resources", where("eq", "userName", "mbauer"))
    assert call["startDateTime"] == f"{start:%Y-%m-%dT%H:%M:%SZ}"
    assert (who["resourceID"], call["isComplete"]) == (mbauer, 0)


async def test_deleted_and_merged_tickets_are_told_by_a_log_and_by_notes(at: Talk) -> None:
    world = at.world
    title = (await at.ticket(1002))["title"]
    world.delete_ticket(1002, "jreed")
    world.merge(1003, 1004, "dmoore")
    [gone] = await at.rows("DeletedTicketLogs", where("gte", "deletedDateTime", "2026-11-01T00:00:00Z"))
    assert (gone["ticketID"], gone["ticketTitle"]) == (1002, title)
    assert (await at.get("Tickets/1002")).json() == {"item": None}
    assert await of(at, "TicketNotes", 1002) == []
    merged = (await of(at, "TicketNotes", 1003))[-1]
    absorbed = (await of(at, "TicketNotes", 1004))[-1]
    assert (merged["noteType"], absorbed["noteType"]) == (93, 94)
    assert (await at.ticket(1004))["ticketNumber"] in merged["description"]
    assert (await at.ticket(1003))["status"] == 5


async def test_answers_are_numbers_and_the_thermometer_is_on_the_ticket(at: Talk) -> None:
    world = at.world
    before = await at.ids("SurveyResults", where("gt", "id", 0))
    world.rate(1001, 2, "took ages")
    for score in (5, 3, 1):
        world.rate(1001, score, "why?" if score == 1 else "", thermometer=True)
    [answer] = [r for r in await of(at, "SurveyResults", 1001) if r["id"] not in before]
    assert (answer["surveyRating"], "comment" in answer) == (2.0, False)
    shown = await at.ticket(1001)
    note = (await of(at, "TicketNotes", 1001))[-1]
    assert (note["description"], note["publish"], note["createdByContactID"]) == ("why?", 2, None)
    labels = await at.labels("Tickets", "currentServiceThermometerRating")
    names = [
        "currentServiceThermometerRating",
        "previousServiceThermometerRating",
        "serviceThermometerTemperature",
    ]
    assert [shown[name] for name in names] == [labels["Bad"], labels["OK"], 0]
    assert (await at.ticket(1002))["serviceThermometerTemperature"] is None


# ── writing ───────────────────────────────────────────────────────────────────────────────────────


async def test_user_defined_fields_are_written_by_name_as_texts_and_read_back(at: Talk) -> None:
    fields = [
        {"name": "PX At Risk", "value": "Yes"},
        {"name": "SLA Zone", "value": "orange"},
        {"name": "Felt Response (min)", "value": "42"},
    ]
    at.world.set_field(1001, "PX Why", "stays", "jreed")
    answer = await at.send("PATCH", "Tickets", {"id": 1001, "userDefinedFields": fields})
    assert (answer.status_code, answer.json()) == (200, {"itemId": 1001})
    shown = await at.ticket(1001)
    names = ("PX At Risk", "SLA Zone", "Felt Response (min)", "PX Why")
    assert [udf(shown, name) for name in names] == ["Yes", "orange", "42", "stays"]
    assert at.world.field(1001, "PX At Risk") is True
    assert [write.field for write in at.world.writes] == ["PX At Risk", "SLA Zone", "Felt Response (min)"]
    [me] = await at.ids("Resources", where("eq", "userName", at.sim.credentials.user_name))
    assert (shown["lastActivityResourceID"], shown["lastTrackedModificationDateTime"] < "2026-11-20") == (
        me,
        True,
    )
    for value in ("", None):
        await at.flag(1001, "SLA Zone", value)
        assert at.world.field(1001, "SLA Zone") is None
        await at.flag(1001, "SLA Zone", "red")


async def test_whoever_touched_a_ticket_last_is_a_contact_only_until_somebody_else_does(at: Talk) -> None:
    at.world.post(1001, "contact", "Any news?")
    assert (await at.ticket(1001))["lastActivityPersonType"] == 2
    await at.flag(1001, "SLA Zone", "red")
    assert (await at.ticket(1001))["lastActivityPersonType"] == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("No Such Field", "x", "Unable to find No Such Field in the Ticket Entity."),
        ("PX At Risk", "Maybe", "Picklist value [Maybe] does not exist for PX At Risk."),
        ("Felt Response (min)", "soon", "Unable to convert [soon] to double"),
        ("PX Why", "x" * 8001, "String value exceeds maximum length (field:PX Why)."),
    ],
)
async def test_a_value_that_does_not_fit_changes_nothing(at: Talk, name: str, value: str, said: str) -> None:
    body = {
        "id": 1001,
        "userDefinedFields": [{"name": "SLA Zone", "value": "red"}, {"name": name, "value": value}],
    }
    assert said in errors(await at.send("PATCH", "Tickets", body))
    assert at.world.writes == []
    assert at.world.field(1001, "SLA Zone") is None


async def test_a_field_that_the_tenant_does_not_have_cannot_be_written(at: Talk) -> None:
    at.sim.faults.missing_field = "SLA Zone"
    assert "SLA Zone" not in await at.fields("Tickets", "userDefinedFields")
    assert "Unable to find SLA Zone" in errors(await at.flag(1001, "SLA Zone", "red"))


async def test_a_ticket_is_changed_by_a_sparse_patch_with_its_id_in_the_body(at: Talk) -> None:
    statuses = await at.labels("Tickets", "status")
    body = {"id": 1001, "status": statuses["In Progress"], "priority": 4, "title": "Other"}
    assert (await at.send("PATCH", "Tickets", body)).status_code == 200
    shown = await at.ticket(1001)
    assert (shown["status"], shown["priority"], shown["title"]) == (8, 4, "Other")
    by_path = await at.send("PATCH", "Tickets/1001", {"priority": 4})
    assert (by_path.status_code, "Message" in by_path.json()) == (405, True)
    assert "Picklist value [99] does not exist for priority" in errors(
        await at.send("PATCH", "Tickets", {"id": 1001, "priority": 99})
    )
    alone = {"id": 1001, "assignedResourceID": 29682911}
    assert "you must assign both" in errors(await at.send("PATCH", "Tickets", alone))
    both = {**alone, "assignedResourceRoleID": 29683357}
    assert (await at.send("PATCH", "Tickets", both)).status_code == 200
    assert (await at.ticket(1001))["assignedResourceID"] == 29682911
    for wrong in ({}, {"id": 1}, {"id": "1001"}):
        errors(await at.send("PATCH", "Tickets", wrong))


async def test_a_new_ticket_and_a_note_below_it(at: Talk) -> None:
    body = {"companyID": 251, "title": "Service review", "status": 1, "priority": 2, "description": "PX fell"}
    made = (await at.send("POST", "Tickets", body)).json()["itemId"]
    shown = await at.ticket(made)
    assert (shown["companyID"], shown["description"], shown["createdByContactID"]) == (251, "PX fell", None)
    assert "Missing Required Field: title" in errors(await at.send("POST", "Tickets", {"companyID": 251}))
    note = {"title": "Why", "description": "– because –", "noteType": 1, "publish": 2}
    number = (await at.send("POST", f"Tickets/{made}/Notes", note)).json()["itemId"]
    [written] = await of(at, "TicketNotes", made)
    assert (written["id"], written["description"], written["publish"]) == (number, "– because –", 2)
    assert (await at.send("POST", "TicketNotes", {**note, "ticketID": made})).status_code == 404
    assert (await at.send("DELETE", f"Tickets/{made}/Notes/{number}")).status_code == 405
    assert "Missing Required Field: publish" in errors(
        await at.send("POST", f"Tickets/{made}/Notes", {"description": "x", "noteType": 1})
    )


async def test_a_company_has_user_defined_fields_of_its_own(at: Talk) -> None:
    body = {"id": 250, "userDefinedFields": [{"name": "PX Target", "value": "95"}]}
    assert (await at.send("PATCH", "Companies", body)).json() == {"itemId": 250}
    shown = (await at.get("Companies/250")).json()["item"]
    assert udf(shown, "PX Target") == "95"


async def test_impersonation_is_refused_for_reading_and_writing(at: Talk) -> None:
    headers = {"ImpersonationResourceId": "29682911"}
    said = "does not have the adequate permissions to"
    assert f"{said} query" in errors(await at.get("Tickets/1001", headers=headers))
    assert f"{said} update" in errors(await at.send("PATCH", "Tickets", {"id": 1001}, headers=headers))


async def test_the_whole_day_can_be_read_at_its_end(at: Talk) -> None:
    steps = working_day(at.world)
    for step in steps:
        step.apply()
    tickets = sorted({step.ticket for step in steps})
    rows = await at.rows("Tickets", where("in", "id", tickets))
    assert [row["id"] for row in rows] == tickets
    notes = await at.rows("TicketNotes", where("in", "ticketID", tickets))
    assert {note["ticketID"] for note in notes} <= set(tickets)
    for ticket in tickets:
        assert await of(at, "TicketHistory", ticket) != []


async def test_records_that_are_broken_come_as_they_are(bad: Talk) -> None:
    bad.sim.faults.update({"malformed": "1001:no-id,1002:not-an-object,1003:dates,1004:no-status"})
    rows = await bad.rows("Tickets", where("in", "id", [1001, 1002, 1003, 1004]))
    assert "id" not in rows[0]
    assert isinstance(rows[1], str)
    assert rows[2]["createDate"].startswith("2026-02-31")
    assert "status" not in rows[3]
