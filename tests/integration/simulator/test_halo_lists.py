"""Lists as Halo serves them: capped, in changing envelopes, deaf to what they do not know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from connector.simulator import Simulator, World, make_world
from connector.simulator.halo.values import instant
from tests.integration.simulator.halokit import every_page, halo_client, listed

CLOSED = 9


def by_status(world: World, closed: bool) -> list[int]:
    return [t.id for t in world.tickets.by_id.values() if world.statuses[t.status].closed is closed]


async def test_a_page_holds_a_hundred_whatever_is_asked(hapi: httpx.AsyncClient, world: World) -> None:
    query: dict[str, Any] = {"pageinate": True, "page_size": 1000, "closed_only": True, "order": "id"}
    first = (await hapi.get("/Tickets", params=query)).json()
    second = (await hapi.get("/Tickets", params={**query, "page_no": 2})).json()
    third = (await hapi.get("/Tickets", params={**query, "page_no": 3})).json()
    closed = by_status(world, True)
    assert (first["record_count"], first["page_size"], first["page_no"]) == (len(closed), 100, 1)
    assert [row["id"] for row in first["tickets"] + second["tickets"]] == closed
    assert third["tickets"] == []


async def test_the_cap_can_be_smaller_still_and_some_endpoints_send_page_one_for_ever(
    halo: Simulator, hapi: httpx.AsyncClient
) -> None:
    halo.faults.page_cap = 7
    assert len(await listed(hapi)) == 7
    query: dict[str, Any] = {"pageinate": True, "page_size": 5}
    pages = [(await hapi.get("/Users", params={**query, "page_no": n})).json()["users"] for n in (1, 2)]
    assert pages[0] != pages[1]
    halo.faults.ignores_paging = "/Users"
    pages = [(await hapi.get("/Users", params={**query, "page_no": n})).json()["users"] for n in (1, 2, 9)]
    assert pages[0] == pages[1] == pages[2] != []


async def test_without_pageinate_a_list_is_cut_to_count(hapi: httpx.AsyncClient) -> None:
    few = (await hapi.get("/Tickets", params={"page_no": 2, "page_size": 10})).json()
    assert len(few["tickets"]) == 50
    assert "page_no" not in few
    assert len((await hapi.get("/Tickets", params={"count": 3})).json()["tickets"]) == 3
    assert len((await hapi.get("/Tickets", params={"count": "many"})).json()["tickets"]) == 50


async def test_open_and_closed_are_two_passes_and_neither_leaves_old_ones_out(
    hapi: httpx.AsyncClient, world: World
) -> None:
    assert await every_page(hapi, open_only=True) == by_status(world, False)
    assert await every_page(hapi, closed_only=True) == by_status(world, True)
    default = await every_page(hapi)
    assert set(by_status(world, False)) < set(default)
    assert len(default) < len(world.tickets)


async def test_what_changed_since_an_instant(hapi: httpx.AsyncClient, world: World) -> None:
    world.advance(timedelta(minutes=5))
    world.post(1003, "contact", "Any news?")
    world.advance(timedelta(minutes=5))
    world.set_status(1004, "In Progress", "jreed")
    since = {"closed_only": True, "lastupdatefromdate": "2026-11-20T08:05:00"}
    assert await listed(hapi, **since) == [1003]
    assert await listed(hapi, **since, lastupdatetodate="2026-11-20T08:04:59Z") == []
    assert await listed(hapi, open_only=True, lastupdatefromdate="2026-11-20T08:05:00.000000Z") == [1004]
    assert await listed(hapi, open_only=True, lastupdatefromdate="2026-11-20T08:10:01Z") == []
    neither = await listed(hapi, lastupdatefromdate="2026-11-20T08:05:00Z")
    assert neither == [1004], "closed long ago: a reply to it is lost without the closed pass"


@pytest.mark.parametrize(
    ("query", "means"),
    [
        ({"tickettype_ids": "23"}, "an unknown parameter"),
        ({"startdate": "2026-11-01T00:00:00"}, "startdate without datesearch"),
        ({"status": "open"}, "a value of the wrong kind"),
    ],
)
async def test_what_halo_does_not_understand_it_ignores(
    world: World, query: dict[str, str], means: str
) -> None:
    async with Simulator(world, "halo") as sim, halo_client(sim) as api:
        assert await every_page(api, **query) == await every_page(api), means


async def test_a_date_it_cannot_read_brings_everything(world: World) -> None:
    async with Simulator(world, "halo") as sim, halo_client(sim) as api:
        assert await every_page(api, lastupdatefromdate="yesterday") == await every_page(api)


async def test_filters_by_their_pinned_names(hapi: httpx.AsyncClient, world: World) -> None:
    world.open_ticket("Globex", "disk full", board="Alerts", type="Alert", by="Rewst")
    alert = max(world.tickets.by_id)
    world.assign(alert, "jreed", "dmoore")
    for query in (
        {"requesttype": "23"},
        {"requesttype_id": "23"},
        {"team": "2"},
        {"sla": "2"},
        {"agent": "111", "client_ids": "251", "status": "1,2", "open_only": "true", "requesttype": "23"},
        {"ticketids": f"{alert},999999"},
    ):
        assert await listed(hapi, **query) == [alert], query
    nobody = await every_page(hapi, agent_id=1)
    assert nobody == [
        t.id
        for t in world.tickets.by_id.values()
        if t.owner is None and (not t.closed_at or t.closed_at >= world.now() - timedelta(days=30))
    ]
    globex = {t.id for t in world.tickets.by_id.values() if t.company == 251}
    assert set(await every_page(hapi, client_id=251, open_only=True)) <= globex


async def test_dates_of_opening_and_closing_need_datesearch(hapi: httpx.AsyncClient, world: World) -> None:
    day: dict[str, Any] = {
        "startdate": "2026-11-10T00:00:00",
        "enddate": "2026-11-13T00:00:00",
        "closed_only": True,
    }
    low, high = instant(day["startdate"]), instant(day["enddate"])
    assert low is not None
    assert high is not None
    closed = {t.id: t for t in world.tickets.by_id.values() if world.statuses[t.status].closed}
    opened_then = [n for n, t in closed.items() if low <= t.entered_at <= high]
    solved_then = [n for n, t in closed.items() if t.sla.resolved_at and low <= t.sla.resolved_at <= high]
    assert opened_then != solved_then
    assert await listed(hapi, datesearch="dateoccured", **day) == opened_then
    assert await listed(hapi, datesearch="datecleared", **day) == solved_then


async def test_without_an_order_pages_shift_while_they_are_read(
    hapi: httpx.AsyncClient, world: World
) -> None:
    query: dict[str, Any] = {"pageinate": True, "page_size": 5}
    first = (await hapi.get("/Tickets", params=query)).json()["tickets"]
    world.advance(timedelta(seconds=1))
    world.post(1005, "contact", "hello?")
    second = (await hapi.get("/Tickets", params={**query, "page_no": 2})).json()["tickets"]
    assert second[0]["id"] == first[-1]["id"]
    ordered = {**query, "order": "dateoccurred", "orderdesc": True}
    rows = (await hapi.get("/Tickets", params=ordered)).json()["tickets"]
    opened = [instant(row["dateoccurred"]) for row in rows]
    assert opened == sorted(opened, key=str, reverse=True)


async def test_rows_have_names_timers_and_fields_only_on_request(
    hapi: httpx.AsyncClient, world: World
) -> None:
    world.set_field(1001, "SLA Zone", "red", "PxConnector")
    one: dict[str, Any] = {"ticketids": "1001"}
    asked: dict[str, Any] = {
        "includestatus": True,
        "includetickettype": True,
        "includeagent": True,
        "includeslatimer": True,
        "include_custom_fields": "162,161",
    }
    [bare] = (await hapi.get("/Tickets", params=one)).json()["tickets"]
    [full] = (await hapi.get("/Tickets", params={**one, **asked})).json()["tickets"]
    [light] = (await hapi.get("/Tickets", params={**one, "excludeslacalcs": True})).json()["tickets"]
    extra = {"status_name", "tickettype_name", "agent_name", "slatimeleft", "slatimeelapsed", "customfields"}
    assert extra == full.keys() - bare.keys()
    assert {item["label"]: item["value"] for item in full["customfields"]} == {
        "PX At Risk": None,
        "SLA Zone": "red",
    }
    assert "priority_name" not in full
    assert "fixbydate" in bare
    assert "fixbydate" not in light


async def test_lists_and_tickets_may_come_from_a_cache_that_lags(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    world.advance(timedelta(minutes=1))
    world.set_status(1001, "In Progress", "jreed")
    new = world.open_ticket("Acme Dental", "new")
    halo.faults.stale_lists = 30
    since = "2026-11-20T08:01:00Z"
    assert await listed(hapi, lastupdatefromdate=since) == []
    cached = (await hapi.get("/Tickets/1001")).json()["status_id"]
    fresh = (await hapi.get("/Tickets/1001", params={"nocache": True})).json()["status_id"]
    assert (cached, fresh) == (CLOSED, 2)
    world.post(1005, "contact", "too new to be seen")
    late = (await hapi.get("/Actions", params={"ticket_id": 1005})).json()["actions"]
    assert "too new to be seen" not in [row["note"] for row in late]
    world.advance(timedelta(seconds=31))
    seen = (await hapi.get("/Actions", params={"ticket_id": 1005})).json()["actions"]
    assert seen[-1]["note"] == "too new to be seen"
    assert await listed(hapi, open_only=True, lastupdatefromdate=since) == [1001, 1005, new]
    world.delete_ticket(1005, "jreed")
    assert await listed(hapi, lastupdatefromdate=since) == [1001, 1005, new], "gone, but still listed"
    world.advance(timedelta(seconds=31))
    assert await listed(hapi, lastupdatefromdate=since) == [1001, new]


async def test_thousands_of_tickets_are_paged_through_without_a_loss() -> None:
    world = make_world(tickets=2_000)
    async with Simulator(world, "halo") as sim, halo_client(sim) as api:
        assert await every_page(api, closed_only=True, page_size=1000) == by_status(world, True)


async def test_what_our_agent_may_not_see_is_left_out_without_a_word(
    halo: Simulator, hapi: httpx.AsyncClient
) -> None:
    halo.faults.unseen = "/Tickets,/Feedback"
    assert (await hapi.get("/Tickets", params={"pageinate": True})).json()["tickets"] == []
    assert (await hapi.get("/Feedback")).json() == []
    assert (await hapi.get("/Tickets/1001")).status_code == 200
