"""Discovery, login and lists, asked as a ConnectWise client asks; each trap of the vendor is one test."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from connector.simulator import Simulator, World, make_world, working_day
from tests.integration.simulator.kit import client_of, ids, register


async def test_company_info_needs_no_login_and_says_where_the_api_is(sim: Simulator) -> None:
    async with httpx.AsyncClient(base_url=sim.url) as anybody:
        info = (await anybody.get("/login/companyinfo/BrightDesk")).json()
        unknown = await anybody.get("/login/companyinfo/nobody")
    assert info["Codebase"] == "v2025_1/"
    assert info["SiteUrl"] == sim.url.removeprefix("http://")
    assert (unknown.status_code, unknown.json()) == (200, None)


async def test_without_client_id_or_with_wrong_keys_nobody_gets_in(sim: Simulator) -> None:
    keys, url = sim.credentials, f"{sim.url}/v2025_1/apis/3.0/system/info"
    right = (f"{keys.company}+{keys.public_key}", keys.private_key)
    async with httpx.AsyncClient() as client:
        no_client_id = await client.get(url, auth=right)
        wrong = await client.get(url, auth=(right[0], "guess"), headers={"clientId": "x"})
        garbage = await client.get(url, headers={"clientId": "x", "Authorization": "Basic ???"})
        good = await client.get(url, auth=right, headers={"clientId": keys.client_id})
    assert [a.status_code for a in (no_client_id, wrong, garbage, good)] == [401, 401, 401, 200]
    assert wrong.json()["code"] == "Unauthorized"
    assert keys.private_key not in repr(keys)


async def test_refused_credentials_look_like_401_or_like_a_wrong_address(
    sim: Simulator, api: httpx.AsyncClient
) -> None:
    sim.faults.auth = "401"
    assert (await api.get("/system/info")).status_code == 401
    sim.faults.auth = "404"
    assert (await api.get("/system/info")).status_code == 404


async def test_after_an_upgrade_the_old_codebase_is_gone_and_discovery_knows_the_new_one(
    sim: Simulator, api: httpx.AsyncClient
) -> None:
    sim.faults.codebase = "v2026_1/"
    assert (await api.get("/system/info")).status_code == 404
    found = (await api.get(f"{sim.url}/login/companyinfo/brightdesk")).json()
    assert found["Codebase"] == "v2026_1/"
    for codebase in ("v2026_1", "v4_6_release"):
        async with client_of(sim, codebase=codebase) as again:
            assert (await again.get("/system/info")).status_code == 200


async def test_content_type_follows_the_version_asked_for(api: httpx.AsyncClient) -> None:
    vnd = "application/vnd.connectwise.com+json; version=2025.16"
    answer = await api.get("/system/info", headers={"Accept": vnd})
    assert answer.headers["content-type"].startswith(vnd)
    assert answer.headers["api-current-version"] == "2026.4"


async def test_forward_only_pages_by_id_and_ends_with_an_empty_link(api: httpx.AsyncClient) -> None:
    headers = {"pagination-type": "forward-only"}
    seen: list[int] = []
    url: Any = "/service/tickets?pageSize=50&conditions=closedFlag=True"
    links = []
    while url:
        answer = await api.get(url, headers=headers)
        seen += [row["id"] for row in answer.json()]
        links.append(answer.headers["link"])
        url = answer.links.get("next", {}).get("url")
    assert seen == sorted(set(seen)) == await ids(api, "closedFlag=True")
    assert links[-1] == ""
    assert all("conditions=closedFlag" in link for link in links[:-1])
    ordered = await api.get("/service/tickets?orderBy=id", headers=headers)
    assert ordered.status_code == 400


async def test_numbered_pages_have_links_and_an_empty_page_past_the_end(api: httpx.AsyncClient) -> None:
    first = await api.get("/service/tickets", params={"pageSize": 50})
    last = await api.get("/service/tickets", params={"pageSize": 50, "page": 3})
    past = await api.get("/service/tickets", params={"pageSize": 50, "page": 4})
    assert [len(a.json()) for a in (first, last, past)] == [50, 20, 0]
    assert set(first.links) == {"next", "last"}
    assert set(last.links) == {"first", "prev"}
    assert first.links["last"]["url"].endswith("page=3")


async def test_a_page_has_25_rows_by_default_and_1000_at_most(api: httpx.AsyncClient, world: World) -> None:
    assert len((await api.get("/service/tickets")).json()) == 25
    big = make_world(tickets=1100)
    async with Simulator(big) as sim, client_of(sim) as other:
        assert len((await other.get("/service/tickets", params={"pageSize": 5000})).json()) == 1000


async def test_conditions_orders_and_counts_agree(api: httpx.AsyncClient, world: World) -> None:
    where = 'closedFlag=False and (priority/name="P3 Medium" or status/id in (22,26))'
    wanted = sorted(
        t.id
        for t in world.tickets.by_id.values()
        if not world.statuses[t.status].closed and (t.priority == 3 or t.status in (22, 26))
    )
    assert wanted
    assert sorted(await ids(api, where, orderBy="priority/id desc,id")) == wanted
    count = await api.get("/service/tickets/count", params={"conditions": where})
    search = await api.post("/service/tickets/search?pageSize=1000", json={"conditions": where})
    assert count.json() == {"count": len(wanted)}
    assert [row["id"] for row in search.json()] == wanted
    stamps = [
        row["_info"]["lastUpdated"]
        for row in (await api.get("/service/tickets?orderBy=lastUpdated desc&pageSize=1000")).json()
    ]
    assert stamps == sorted(stamps, reverse=True)


@pytest.mark.parametrize(
    "where",
    [
        "colour=1",
        "board/colour=1",
        'summary = "open',
        "lastUpdated > [2026-11-20T08:00:00+01:00]",
        'lastUpdated > "2026-11-20"',
    ],
)
async def test_bad_conditions_are_a_400(api: httpx.AsyncClient, where: str) -> None:
    answer = await api.get("/service/tickets", params={"conditions": where})
    assert (answer.status_code, answer.json()["code"]) == (400, "ApiFindCondition")


async def test_last_updated_finds_what_changed_although_it_lies_in_info(
    api: httpx.AsyncClient, world: World
) -> None:
    world.advance(timedelta(minutes=5))
    world.set_status(1007, "Waiting Customer", "jreed")
    assert await ids(api, "lastUpdated > [2026-11-20T08:04:59Z]") == [1007]
    assert await ids(api, "lastUpdated > [2026-11-20T08:05:00Z]") == []
    assert 1007 in await ids(api, 'updatedBy="jreed" and dateEntered < [2026-11-20T00:00:00Z]')


async def test_fields_leave_info_out_unless_it_is_named(api: httpx.AsyncClient) -> None:
    some = (await api.get("/service/tickets/1001", params={"fields": "id,status/name"})).json()
    with_info = (await api.get("/service/tickets/1001", params={"fields": "id,_info"})).json()
    unknown = await api.get("/service/tickets/1001", params={"fields": "id,dateEntered"})
    assert set(some) == {"id", "status"}
    assert set(some["status"]) == {"name"}
    assert {"lastUpdated", "updatedBy", "dateEntered", "enteredBy"} <= set(with_info["_info"])
    assert unknown.status_code == 400


async def test_child_and_custom_field_conditions_look_inside_and_know_no_in(
    api: httpx.AsyncClient, world: World
) -> None:
    world.set_field(1003, "SLA Zone", "red", "PxConnector")
    found = await api.get(
        "/service/tickets", params={"customFieldConditions": 'caption="SLA Zone" AND value = "red"'}
    )
    mail = next(iter(world.contacts.values())).email
    child = f'communicationItems/value like "{mail}" AND communicationItems/communicationType="Email"'
    contact = await api.get("/company/contacts", params={"childConditions": child})
    refused = await api.get("/service/tickets", params={"customFieldConditions": 'caption in ("a")'})
    assert [row["id"] for row in found.json()] == [1003]
    assert [row["id"] for row in contact.json()] == [5001]
    assert refused.status_code == 400


async def test_what_does_not_exist_says_so_in_the_vendors_words(api: httpx.AsyncClient) -> None:
    missing = await api.get("/service/tickets/99")
    no_list = await api.get("/schedule/holidayLists/9/holidays")
    nowhere = await api.get("/service/wishes")
    verb = await api.put("/service/tickets/1001", json={})
    assert (missing.status_code, missing.json()["code"]) == (404, "NotFound")
    assert (no_list.status_code, no_list.json()["code"]) == (404, "NotFound")
    assert nowhere.json() == {"code": "ConnectWiseApi", "message": "The endpoint does not exist."}
    assert verb.status_code == 405


SET_UP = """
/system/info /system/members /system/members/150 /system/apiMembers /system/callbacks
/system/userDefinedFields /service/boards /service/boards/1/statuses /service/boards/2/types
/service/priorities /service/SLAs /service/SLAs/1/priorities /schedule/calendars
/schedule/calendars/3 /schedule/holidayLists
/schedule/holidayLists/1/holidays /schedule/holidayLists/2/holidays /company/companies /company/contacts
/service/surveys /service/surveys/1/questions /service/surveys/1/results /service/tickets
/service/tickets/calculateSla /service/tickets/1130/notes /service/tickets/1130/allNotes
/service/tickets/1123/timeentries /time/entries /time/entries/1 /schedule/entries
/service/tickets/count /system/audittrail?type=Ticket&id=1121
"""


async def test_every_endpoint_answers_in_the_vendors_shape(
    api: httpx.AsyncClient, world: World
) -> None:  # the tap judges the shapes
    for step in working_day(world):
        step.apply()
    await register(api, "http://127.0.0.1:1/?recordId=")
    for path in SET_UP.split():
        answer = await api.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert answer.json()
    assert world.requests[("GET", "/service/boards/{id}/statuses")] == 1
