"""Zone, login and queries, asked as an Autotask client asks; each trap of the vendor is one test."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.integration.simulator.autotask_kit import Talk, errors, headers_of, udf, where

ALL = where("gt", "id", 0)


async def test_the_zone_needs_no_login_and_says_where_the_database_lives(at: Talk) -> None:
    user = at.sim.credentials.user_name
    async with httpx.AsyncClient(base_url=at.sim.url) as anybody:
        found = await anybody.get("/atservicesrest/v1.0/zoneInformation", params={"user": user})
        nobody = await anybody.get("/ATServicesRest/V1.0/ZoneInformation", params={"user": "x@y.example"})
        versions = await anybody.get("/atservicesrest/versioninformation")
    assert found.json() == {
        "zoneName": "America East",
        "url": f"{at.sim.url}/ATServicesRest/",
        "webUrl": f"{at.sim.url}/",
        "ci": 30595,
    }
    assert errors(nobody) == "Zone information could not be determined"
    assert versions.json() == {"apiVersions": ["1.0"]}


async def test_after_a_move_the_old_address_answers_401_and_the_zone_tells_the_new_one(at: Talk) -> None:
    at.sim.faults.codebase = "zone2/"
    assert (await at.get("Tickets/1001")).status_code == 401
    user = at.sim.credentials.user_name
    zone = await at.client.get(f"{at.sim.url}/atservicesrest/v1.0/zoneInformation?user={user}")
    moved = await at.client.get(f"{zone.json()['url']}V1.0/Tickets/1001")
    assert (zone.json()["url"], moved.status_code) == (f"{at.sim.url}/zone2/ATServicesRest/", 200)
    assert at.sim.dialect.locks.wrong.total() == 0, "nobody knows us in the old zone, so nobody locks us"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Secret": "guess"}, 401),
        ({"Secret": ""}, 401),
        ({"ApiIntegrationCode": ""}, 401),
        ({"UserName": "nobody@brightdesk.example"}, 500),
        ({"ApiIntegrationCode": "ANOTHER"}, 500),
    ],
)
async def test_who_may_not_in_gets_a_401_or_a_500(at: Talk, change: dict[str, str], status: int) -> None:
    answer = await at.get("Tickets/1001", headers={**headers_of(at.sim), **change})
    assert (answer.status_code, bool(answer.content)) == (status, status == 500)
    assert at.sim.credentials.secret not in repr(at.sim.credentials)


async def test_wrong_secrets_in_a_row_lock_the_user_for_the_right_one_too(at: Talk) -> None:
    wrong = {**headers_of(at.sim), "Secret": "guess"}
    for _ in range(4):
        await at.get("Tickets/1001", headers=wrong)
    assert (await at.get("Tickets/1001")).status_code == 200, "the right one starts the count again"
    for _ in range(5):
        await at.get("Tickets/1001", headers=wrong)
    assert (await at.get("Tickets/1001")).status_code == 401
    other = await at.get("Tickets/1001", headers=headers_of(at.sim, "Rewst"))
    assert other.status_code == 200, "another user is not locked"


async def test_pages_are_in_the_order_of_id_and_a_posts_link_must_be_posted(at: Talk) -> None:
    body = {"filter": [ALL], "maxRecords": 50}
    first = (await at.send("POST", "Tickets/query", body)).json()
    assert first["pageDetails"]["count"] == first["pageDetails"]["requestCount"] == 50
    seen, link = [row["id"] for row in first["items"]], first["pageDetails"]["nextPageUrl"]
    refused = await at.client.get(link)
    assert (refused.status_code, refused.json()) == (
        405,
        {"Message": "The requested resource does not support http method 'GET'."},
    )
    while link:
        page = (await at.client.post(link, json=body)).json()
        seen += [row["id"] for row in page["items"]]
        link = page["pageDetails"]["nextPageUrl"]
    assert seen == list(range(1001, 1121))
    assert await at.ids("Tickets", where("gt", "id", 1118)) == [1119, 1120]


async def test_a_get_query_pages_by_get_until_the_url_is_too_long(at: Talk) -> None:
    search = '{"maxRecords":100,"filter":[{"op":"gte","field":"id","value":1001}]}'
    first = await at.get("Tickets/query", params={"search": search})
    second = await at.client.get(first.json()["pageDetails"]["nextPageUrl"])
    assert [len(page.json()["items"]) for page in (first, second)] == [100, 20]
    numbers = ",".join(map(str, range(1001, 1501)))
    long = f'{{"filter":[{{"op":"in","field":"id","value":[{numbers}]}}]}}'
    assert (await at.get("Tickets/query", params={"search": long})).status_code == 404


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([where("eq", "id", 1003)], [1003]),
        ([where("in", "id", [1003, 1005, 9])], [1003, 1005]),
        ([where("gt", "id", 1003), where("lte", "id", 1005)], [1004, 1005]),
        ([{"op": "or", "items": [where("eq", "id", 1002), where("eq", "id", 1001)]}], [1001, 1002]),
        ([{"op": "and", "items": [where("gte", "id", 1119), where("noteq", "id", 1119)]}], [1120]),
        ([where("beginsWith", "title", "urgent: "), where("lt", "id", 1003)], [1002]),
        ([where("contains", "title", "GENT"), where("lt", "id", 1003)], [1002]),
        ([where("endsWith", "title", "Disk"), where("notIn", "id", [7])], [1002]),
        ([where("exist", "resolvedDateTime"), where("eq", "id", 1001)], [1001]),
        ([where("notExist", "resolvedDateTime"), where("eq", "id", 1001)], []),
        ([where("eq", "SLA Zone", "RED", udf=True)], [1004]),
        ([where("notExist", "SLA Zone", udf=True), where("in", "id", [1003, 1004])], [1003]),
    ],
)
async def test_filters_find_what_they_say(at: Talk, filters: list[Any], found: list[int]) -> None:
    at.world.touch(at.world.ticket(1002), "jreed", lambda ticket: setattr(ticket, "summary", "Urgent: disk"))
    at.world.set_field(1004, "SLA Zone", "red", "jreed")
    assert await at.ids("Tickets", *filters) == found
    count = await at.send("POST", "Tickets/query/count", {"filter": filters})
    assert count.json() == {"queryCount": len(found)}


async def test_an_operator_that_does_not_exist_lets_everything_through(at: Talk) -> None:
    assert len(await at.ids("Tickets", where("noteExist", "completedDate"))) == 120
    assert len(await at.ids("Tickets", where("=", "id", 1001))) == 120


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"filter": [where("eq", "limit", 1)]}, "Unable to find limit in the Ticket Entity."),
        ({"filter": [where("eq", "creatorType", 1)]}, "Unable to find creatorType in the Ticket Entity."),
        ({"filter": [where("eq", "SLA Zone", "red")]}, "Unable to find SLA Zone in the Ticket Entity."),
        ({"filter": [ALL], "includeFields": ["id", "nope"]}, "Unable to find nope in the Ticket Entity."),
        ({"filter": [ALL], "maxRecords": 501}, "maxCountOfRecordsToReturn must be between 1 and 500"),
        ({"filter": [ALL], "maxRecords": 0}, "maxCountOfRecordsToReturn must be between 1 and 500"),
        ({"filter": [where("in", "id", list(range(501)))]}, "limited to 500 or fewer 'OR' conditions"),
        ({"filter": [{"op": "or", "items": [ALL] * 501}]}, "limited to 500 or fewer 'OR' conditions"),
        (
            {"filter": [where("eq", "SLA Zone", "x", udf=True), where("eq", "PX Why", "x", udf=True)]},
            "only query by one user-defined field",
        ),
        ({"filter": [where("eq", "isAssignedToComanaged", "true")]}, "Unable to convert [true] to boolean"),
        ({"filter": [where("gte", "createDate", "yesterday")]}, "Unable to convert [yesterday] to datetime"),
        ({"filter": []}, "A filter is required"),
        ({}, "A filter is required"),
        ({"filter": ["id"]}, "A filter must be an object"),
        ([], "The query must be an object"),
    ],
)
async def test_a_wrong_query_is_a_500_that_says_why(at: Talk, body: Any, said: str) -> None:
    assert said in errors(await at.send("POST", "Tickets/query", body))


async def test_in_takes_five_hundred_and_include_fields_leaves_the_others_out(at: Talk) -> None:
    rows = await at.rows(
        "TicketNotes", where("in", "ticketID", list(range(1001, 1501))), includeFields=["id", "publish"]
    )
    assert len(rows) > 300
    assert {frozenset(row) for row in rows} == {frozenset({"id", "publish"})}


async def test_is_active_is_a_number_for_contacts_and_a_truth_for_the_others(at: Talk) -> None:
    [contact] = await at.rows("Contacts", where("eq", "id", 5001), where("eq", "isActive", 1))
    assert (contact["isActive"], contact["emailAddress"]) == (1, at.world.contacts[5001].email)
    assert "Unable to convert" in errors(await at.ask("Contacts", where("eq", "isActive", True)))
    assert len(await at.ids("Resources", where("eq", "isActive", True))) == 10


async def test_both_dates_are_needed_to_find_what_changed(at: Talk) -> None:
    """`lastTrackedModificationDateTime` stands still when somebody only writes."""
    at.world.advance(timedelta(hours=1))
    since = f"{at.world.now():%Y-%m-%dT%H:%M:%SZ}"
    at.world.post(1001, "jreed", "Hello")
    at.world.set_status(1002, "In Progress", "jreed")
    tracked = where("gte", "lastTrackedModificationDateTime", since)
    active = where("gte", "lastActivityDate", since)
    assert await at.ids("Tickets", tracked) == [1002]
    assert await at.ids("Tickets", active) == [1001, 1002]
    assert await at.ids("Tickets", {"op": "or", "items": [tracked, active]}) == [1001, 1002]
    assert await at.ids("Tickets", where("gt", "id", 1001), active) == [1002]
    naive = where("gte", "lastActivityDate", since.removesuffix("Z"))
    assert await at.ids("Tickets", naive) == [1001, 1002], "a time without a zone is UTC"


async def test_lists_can_lag_behind_a_single_record(at: Talk) -> None:
    at.world.advance(timedelta(minutes=1))
    at.sim.faults.stale_lists = 30
    made = at.world.open_ticket("Globex", "Brand-new")
    assert await at.ids("Tickets", where("eq", "id", made)) == []
    assert (await at.ticket(made))["title"] == "Brand-new"
    at.world.advance(timedelta(minutes=1))
    [before] = await at.rows("Tickets", where("eq", "id", made))
    at.world.set_status(made, "In Progress", "jreed")
    assert await at.rows("Tickets", where("eq", "id", made)) == [before], "with the marks it had"
    mark = "lastTrackedModificationDateTime"
    assert (await at.ticket(made))[mark] > before[mark]


async def test_picklists_have_texts_for_values_and_their_own_order(at: Talk) -> None:
    fields = await at.fields("Tickets")
    picks = [(pick["value"], pick["label"]) for pick in fields["priority"]["picklistValues"]]
    assert picks == [("4", "P1 Critical"), ("1", "P2 High"), ("2", "P3 Medium"), ("3", "P4 Low")]
    statuses = await at.labels("Tickets", "status")
    assert (statuses["New"], statuses["Complete"], statuses["Waiting Customer"]) == (1, 5, 7)
    assert fields["creatorType"]["isQueryable"] is False
    udfs = await at.fields("Tickets", "userDefinedFields")
    assert [pick["value"] for pick in udfs["PX At Risk"]["picklistValues"]] == ["Yes", "No"]
    assert (udfs["Felt Response (min)"]["type"], udfs["SLA Zone"]["isPickList"]) == ("double", False)
    info = (await at.get("Tickets/entityInformation")).json()["info"]
    assert (info["canUpdate"], info["hasUserDefinedFields"]) == (True, True)
    assert (await at.get("TicketNotes/entityInformation/userDefinedFields")).status_code == 404


async def test_user_defined_fields_are_absent_where_nobody_has_a_value(at: Talk) -> None:
    await at.flag(1002, "SLA Zone", "red")
    [empty] = await at.rows("Tickets", where("eq", "id", 1003))
    both = await at.rows("Tickets", where("in", "id", [1002, 1003]))
    assert "userDefinedFields" not in empty or udf(empty, "Change Approval")
    assert [udf(row, "SLA Zone") for row in both] == ["red", None]


async def test_a_record_that_is_not_there_is_null_and_a_path_that_is_not_is_404(at: Talk) -> None:
    assert (await at.get("Tickets/999999")).json() == {"item": None}
    assert (await at.get("Wishes/query")).status_code == 404
    assert (await at.client.get(f"{at.sim.url}/V1.0/Tickets/1001")).status_code == 404
