"""What can be made to go wrong on the line, and the back door that does it from another process."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from connector.simulator import Faults, Simulator, World, serve, utcnow
from connector.simulator.records import Change
from tests.integration.simulator.kit import START, client_of, ids, patch


async def test_a_429_has_a_shape_of_its_own_or_is_a_web_page(sim: Simulator, api: httpx.AsyncClient) -> None:
    sim.faults.update({"throttle_next": 2, "retry_after": 7})
    vendor = await api.get("/system/info")
    sim.faults.html_429 = True
    proxy = await api.get("/system/info")
    assert (vendor.status_code, vendor.headers["retry-after"]) == (429, "7")
    assert vendor.json() == {
        "error": "ConnectWiseAPI",
        "message": "Too many requests. Please try again in 7 seconds.",
    }
    assert (proxy.status_code, proxy.headers["content-type"]) == (429, "text/html; charset=UTF-8")
    assert (await api.get("/system/info")).status_code == 200


async def test_server_errors_and_answers_that_never_come(
    sim: Simulator, api: httpx.AsyncClient, world: World
) -> None:
    sim.faults.errors_next = 1
    assert (await api.get("/system/info")).status_code == 500
    sim.faults.hang_up_next = 1
    with pytest.raises(httpx.RemoteProtocolError):
        await patch(api, {"op": "replace", "path": "summary", "value": "done all the same"})
    assert world.ticket(1001).summary == "done all the same"
    assert (await api.get("/system/info")).status_code == 200


async def test_a_request_cut_off_before_it_is_looked_at_does_nothing(
    sim: Simulator, api: httpx.AsyncClient, world: World
) -> None:
    sim.faults.reset_next = 1
    before = world.ticket(1001).summary
    with pytest.raises(httpx.HTTPError):
        await patch(api, {"op": "replace", "path": "summary", "value": "never done"})
    assert world.ticket(1001).summary == before
    assert (await api.get("/system/info")).status_code == 200


async def test_a_client_that_went_before_its_turn_is_not_served(
    sim: Simulator, api: httpx.AsyncClient, world: World
) -> None:
    sim.faults.latency = 400
    before = world.ticket(1001).summary
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await patch(api, {"op": "replace", "path": "summary", "value": "too late"})
    await asyncio.sleep(0.5)
    assert world.ticket(1001).summary == before


async def test_a_429_may_keep_silent_about_how_long(sim: Simulator, api: httpx.AsyncClient) -> None:
    sim.faults.update({"throttle_next": 1, "silent_429": True})
    answer = await api.get("/system/info")
    assert (answer.status_code, "retry-after" in answer.headers) == (429, False)
    assert sim.dialect.gate.refused == {"storm": 1}


async def test_a_clock_that_is_wrong_stamps_what_happens_with_its_own_time(
    sim: Simulator, api: httpx.AsyncClient, world: World
) -> None:
    right = world.now()
    sim.faults.clock_behind = 600
    world.set_status(1001, "In Progress", by="jreed")
    reply = await api.get("/service/tickets/1001")
    assert reply.json()["_info"]["lastUpdated"] == f"{right - timedelta(minutes=10):%Y-%m-%dT%H:%M:%SZ}"
    told = utcnow() - parsedate_to_datetime(reply.headers["date"])
    assert timedelta(minutes=9) < told < timedelta(minutes=11)
    sim.faults.update({"clock_behind": 0, "clock_ahead": 60})
    assert (world.now(), world.clock()) == (right + timedelta(minutes=1), right)


async def test_every_body_can_be_an_array(world: World) -> None:
    async with Simulator(world) as sim, client_of(sim) as api:
        record, listed = await api.get("/service/tickets/1001"), await api.get("/service/tickets")
        sim.faults.arrays = True
        assert (await api.get("/service/tickets/1001")).json() == [record.json()]
        assert (await api.get("/service/tickets")).json() == listed.json()


async def test_a_right_that_our_role_lacks(sim: Simulator, api: httpx.AsyncClient) -> None:
    sim.faults.forbidden = "/schedule/HolidayLists, /time"
    refused = [await api.get(path) for path in ("/schedule/holidayLists/1/holidays", "/time/entries")]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "Forbidden")] * 2
    assert "PxConnector" in refused[0].json()["message"]
    assert (await api.get("/schedule/calendars")).status_code == 200


async def test_latency_is_real(sim: Simulator, api: httpx.AsyncClient) -> None:
    sim.faults.latency = 60
    loop = asyncio.get_running_loop()
    before = loop.time()
    await api.get("/system/info")
    assert loop.time() - before >= 0.06


async def test_stale_lists_show_how_it_was_while_one_ticket_is_read_fresh(
    sim: Simulator, api: httpx.AsyncClient, world: World
) -> None:
    world.advance(timedelta(minutes=10))
    sim.faults.stale_lists = 120
    before = await ids(api, "id=1005 and status/id=20")
    world.set_status(1005, "Scheduled", "jreed")
    new = world.open_ticket("Globex", "new", text="hello")
    in_list = (await api.get("/service/tickets", params={"conditions": f"id in (1005,{new})"})).json()
    fresh = (await api.get("/service/tickets/1005")).json()
    assert before == []
    assert [row["id"] for row in in_list] == [1005]
    assert in_list[0]["status"]["name"] != fresh["status"]["name"] == "Scheduled"
    assert await ids(api, "lastUpdated > [2026-11-20T08:05:00Z]") == []
    assert (await api.get(f"/service/tickets/{new}/notes")).json() == []
    world.advance(timedelta(seconds=121))
    assert await ids(api, "lastUpdated > [2026-11-20T08:05:00Z]") == [1005, new]


async def test_a_custom_field_this_psa_does_not_have(sim: Simulator, api: httpx.AsyncClient) -> None:
    sim.faults.missing_field = "SLA Zone"
    captions = {row["caption"] for row in (await api.get("/system/userDefinedFields")).json()}
    ticket = (await api.get("/service/tickets/1001")).json()
    assert "SLA Zone" not in captions
    assert "SLA Zone" not in {item["caption"] for item in ticket["customFields"]}
    write = {"op": "replace", "path": "customFields", "value": [{"id": 12, "value": "red"}]}
    assert (await patch(api, write)).status_code == 400


async def test_malformed_tickets_come_as_told_and_spoil_nobody_else(world: World) -> None:
    words = ["malformed=1001:dates,1002:no-id,1003:no-status,1004:not-an-object"]
    async with Simulator(world, faults=Faults.parse(words)) as sim, client_of(sim) as api:
        rows = (await api.get("/service/tickets", params={"pageSize": 5})).json()
    assert rows[0]["_info"]["dateEntered"] == "2026-02-31T25:61:00Z"
    assert "id" not in rows[1]
    assert "status" not in rows[2]
    assert isinstance(rows[3], str)
    assert rows[4]["id"] == 1005


async def test_the_limit_of_a_minute(sim: Simulator, api: httpx.AsyncClient, world: World) -> None:
    sim.faults.limit_per_minute = 3
    statuses = [(await api.get("/system/info")).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert (world.responses[200], world.responses[429]) == (3, 2)


async def test_another_process_can_look_act_and_break(sim: Simulator, api: httpx.AsyncClient) -> None:
    async with httpx.AsyncClient(base_url=f"{sim.url}/_sim") as door:
        await api.get("/system/info")
        posted = await door.post(
            "/do", json={"action": "post", "args": {"ticket": 1001, "author": "jreed", "text": "x"}}
        )
        booked = {"ticket": 1001, "member": "tnovak", "start": "2026-11-20T14:00:00+00:00", "minutes": 30}
        assert (await door.post("/do", json={"action": "book", "args": booked})).status_code == 200
        assert (await door.post("/time", json={"advance_s": 90})).json()["now"] == "2026-11-20T08:01:30+00:00"
        steps = (await door.post("/step", json={"count": 3})).json()
        rest = (await door.post("/step", json={"count": 500})).json()
        write = {"op": "replace", "path": "customFields", "value": [{"id": 12, "value": "red"}]}
        await patch(api, write)
        state = (await door.get("/state")).json()
        ticket = (await door.get("/tickets/1001")).json()
        writes = (await door.get("/writes", params={"since": 0})).json()
        await door.post("/faults", json={"errors_next": 1})
        assert (await api.get("/system/info")).status_code == 500
        assert (await door.post("/time", json={"real": True})).status_code == 200
        assert (await door.post("/reset-counters")).status_code == 200
        assert (await door.get("/state")).json()["requests_total"] == 0
    assert ticket["posts"][-1]["id"] == posted.json()["result"]
    assert ticket["fields"]["SLA Zone"] == "red"
    assert (len(steps), len(rest), (await api.get("/system/info")).status_code) == (3, 57, 200)
    assert state["requests"] == {"GET /system/info": 1, "PATCH /service/tickets/{id}": 1}
    assert [(w["ticket"], w["field"], w["new"]) for w in writes] == [(1001, "SLA Zone", "red")]


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("do", {"action": "explode"}, "no action is called 'explode'"),
        ("do", {"action": "post", "args": {"ticket": 1}}, "missing a required argument"),
        ("do", {"action": "set_status", "args": {"ticket": 1, "status": "New"}}, "KeyError"),
        ("faults", {"latnecy": 1}, "no fault is called"),
        ("time", {}, "advance_s"),
        ("time", {"at": "noon"}, "noon"),
    ],
)
async def test_a_wrong_order_at_the_back_door_says_why(
    sim: Simulator, path: str, body: dict[str, Any], says: str
) -> None:
    async with httpx.AsyncClient(base_url=f"{sim.url}/_sim") as door:
        answer = await door.post(f"/{path}", json=body)
        assert (await door.get("/tickets/9")).status_code == 400
        assert (await door.get("/nothing")).status_code == 404
    assert answer.status_code == 400
    assert says in answer.json()["error"]


async def test_left_alone_the_msp_lives_on_by_itself(world: World) -> None:
    world.clock = utcnow
    busy, seen = asyncio.Event(), []

    def listen(change: Change) -> None:
        seen.append(change)
        if len(seen) == 20:
            busy.set()

    world.listeners.append(listen)
    async with Simulator(world, activity_per_hour=2_000_000):
        await busy.wait()


async def test_serve_runs_until_it_is_cancelled() -> None:
    ready: asyncio.Future[Simulator] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve(tickets=5, start=START, real_time=False, faults=Faults(latency=1), on_ready=ready.set_result)
    )
    url = (await ready).url
    async with httpx.AsyncClient(base_url=url) as anybody:
        state = (await anybody.get("/_sim/state")).json()
        assert (state["now"], state["tickets"]) == ("2026-11-20T08:00:00+00:00", 5)
        assert state["faults"]["latency"] == 1
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        with pytest.raises(httpx.ConnectError):
            await anybody.get("/_sim/state")


def test_a_vendor_nobody_speaks_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="no vendor is called 'jira'; there are: connectwise"):
        Simulator(world, vendor="jira")
