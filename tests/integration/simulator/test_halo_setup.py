"""How the MSP is set up in Halo's words, and the part of it that other parts of ours read."""

from __future__ import annotations

from datetime import date

import httpx
import pytest

from connector.psa.halo.calendar import opening_hours
from connector.simulator import Simulator, World


async def test_agents_come_in_three_envelopes_and_one_of_them_twice(hapi: httpx.AsyncClient) -> None:
    answers = [(await hapi.get("/Agent")).json() for _ in range(3)]
    lists = [a if isinstance(a, list) else a.get("data") or a.get("results") for a in answers]
    assert {type(answer) for answer in answers} == {list, dict}
    assert len({str(sorted(answer)) for answer in answers if isinstance(answer, dict)}) == 2
    assert lists[0] == lists[1] == lists[2]
    twice = [row["id"] for row in lists[0] if row["name"] == "Priya Singh"]
    assert twice == [102, None]
    assert (lists[0][0]["id"], lists[0][0]["name"]) == (1, "Unassigned")
    machines = [row["name"] for row in lists[0] if row.get("isapiagent")]
    assert machines == ["PX Connector", "Rewst"]
    assert (await hapi.get("/Agent/111")).json()["name"] == "Jonas Reed"
    assert (await hapi.get("/Agent/2")).status_code == 404


async def test_clients_sites_and_users(hapi: httpx.AsyncClient, world: World) -> None:
    clients = (await hapi.get("/Client")).json()
    users = (await hapi.get("/Users", params={"client_id": 251})).json()
    assert (clients["record_count"], [row["name"] for row in clients["clients"]]) == (
        3,
        ["Acme Dental", "Globex", "Initech"],
    )
    assert {row["client_name"] for row in users["users"]} == {"Globex"}
    assert [row["id"] for row in users["users"]] == [c.id for c in world.contacts_of(251)]
    world.companies[251].values[31] = 95
    globex = (await hapi.get("/Client/251")).json()
    assert {item["label"]: item["value"] for item in globex["customfields"] if item["value"]} == {
        "PX Target": "95"
    }
    assert (await hapi.get(f"/Site/{globex['main_site_id']}")).json()["client_name"] == "Globex"
    assert (await hapi.get("/Client/1")).status_code == 404


async def test_slas_and_priorities(hapi: httpx.AsyncClient, world: World) -> None:
    slas = (await hapi.get("/SLA", params={"showpriorities": True})).json()
    alone = (await hapi.get("/SLA")).json()
    rows = (await hapi.get("/Priority")).json()
    alerts = (await hapi.get("/Priority", params={"slaid": 2})).json()
    assert [row["name"] for row in slas] == ["Standard SLA", "Alerts SLA"]
    assert "priorities" not in alone[0]
    assert slas[1]["priorities"] == alerts == [row for row in rows if row["slaid"] == 2]
    assert len({row["id"] for row in rows}) == len(rows) == 10
    spans = {
        row["name"]: (row["responsetime"], row["responseunits"], row["fixtime"], row["fixunits"])
        for row in alerts
    }
    assert spans == {
        "P1 Critical": (15.0, "M", 4.0, "H"),
        "P2 High": (30.0, "M", 8.0, "H"),
        "P3 Medium": (1.0, "H", 24.0, "H"),
        "P4 Low": (4.0, "H", 40.0, "H"),
        "Planned": (8.0, "H", 9999.0, "D"),
    }
    assert [row["name"] for row in alerts if row["ishidden"]] == ["Planned"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/TicketType", {21: "Incident", 22: "Service Request", 23: "Alert"}),
        ("/Team", {1: "Service Desk", 2: "Alerts", 3: "Dispatch", 4: "Level 1", 5: "Level 2", 6: "Manager"}),
        ("/Status", {1: "New", 9: "Closed", 101: "New", 102: "Contacted"}),
        ("/Outcome", {7: "Private Note", 1: "Email User", 32: "Phone Call"}),
    ],
)
async def test_small_tables_are_bare_arrays(
    hapi: httpx.AsyncClient, path: str, expected: dict[int, str]
) -> None:
    rows = (await hapi.get(path)).json()
    names = {row["id"]: row.get("name") or row["outcome"] for row in rows}
    assert expected.items() <= names.items()
    one = (await hapi.get(f"{path}/{rows[0]['id']}")).json()
    assert one == rows[0]


async def test_statuses_of_leads_stand_among_the_tickets_whatever_type_is_asked_for(
    hapi: httpx.AsyncClient,
) -> None:
    rows = (await hapi.get("/Status", params={"type": "ticket"})).json()
    assert [row["id"] for row in rows if row["type"] != 0] == [101, 102]


async def test_custom_fields_are_defined_in_fieldinfo(hapi: httpx.AsyncClient, world: World) -> None:
    rows = {row["label"]: row for row in (await hapi.get("/FieldInfo")).json()}
    assert set(rows) == {field.caption for field in world.fields.values()}
    at_risk, felt = rows["PX At Risk"], rows["Felt Response (min)"]
    assert (at_risk["id"], at_risk["name"], at_risk["type"]) == (161, "CFPXAtRisk", 6)
    assert (felt["type"], felt["inputtype"]) == (0, 2)
    assert (await hapi.get("/FieldInfo/161")).json() == at_risk


async def test_our_calendar_reader_understands_its_workdays(hapi: httpx.AsyncClient, world: World) -> None:
    rows = (await hapi.get("/Workday", params={"showholidays": True})).json()
    office, extended, night, always = (opening_hours(row) for row in rows)
    assert [hours.timezone for hours in (office, night)] == ["Europe/London"] * 2
    assert office.week == dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00-18:00",))
    assert extended.week["sat"] == ("09:00-13:00",)
    assert (night.week["sun"], night.week["fri"]) == (("22:00-24:00",), ("00:00-06:00",))
    assert always.week["wed"] == ("00:00-24:00",)
    assert date(2026, 12, 25) in office.holidays
    assert office.closures == {date(2026, 12, 24): ("12:00-18:00",)}
    assert date(2026, 11, 23) not in office.holidays, "an agent's leave closes nothing"
    leave = (await hapi.get("/Holiday")).json()
    assert [row["agent_id"] for row in leave if row["agent_id"]] == [111]
    one = (await hapi.get("/Workday/1", params={"includedetails": True})).json()
    bare = (await hapi.get("/Workday/1")).json()
    assert "holidays" not in bare
    holidays = (await hapi.get("/Holiday", params={"workdayid": 1})).json()
    assert opening_hours(one) == opening_hours(bare, holidays) == office


async def test_the_audit_is_of_no_use(hapi: httpx.AsyncClient) -> None:
    assert (await hapi.get("/Audit")).json() == {"audit": []}


async def test_who_am_i_and_where(halo: Simulator, hapi: httpx.AsyncClient) -> None:
    assert (await hapi.get("/Agent/me")).json()["id"] == 150
    assert (await hapi.get("/InstanceInfo")).json()["auth_url"] == f"{halo.url}/auth"
