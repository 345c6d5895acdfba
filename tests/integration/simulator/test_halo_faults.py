"""What goes wrong with a Halo on the line: its limit, its storms, its web pages."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from connector.simulator import Simulator, World, working_day
from tests.integration.simulator.halokit import (
    actions_of,
    ask_token,
    detail,
    dialect,
    every_page,
    halo_client,
)


async def test_so_many_requests_in_any_five_minutes(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    halo.faults.limit_per_5_minutes = 250
    before = dialect(halo).limits.most
    statuses = [(await hapi.get("/Team")).status_code for _ in range(250 - before)]
    refused = await hapi.get("/Team")
    async with httpx.AsyncClient(base_url=halo.url) as anybody:
        token = await anybody.post("/auth/token?tenant=brightdesk", data={})
    world.advance(timedelta(minutes=4, seconds=59))
    early = (await hapi.get("/Team")).status_code
    world.advance(timedelta(seconds=1))
    assert set(statuses) == {200}
    assert refused.status_code == 429
    assert refused.json() == "Rate Limit Reached - 250 Requests per rolling 5 minute window."
    assert "retry-after" not in refused.headers
    assert early == 429
    assert (await hapi.get("/Team")).status_code == 200
    assert token.status_code == 429
    assert dialect(halo).limits.most == 250


async def test_the_token_and_the_way_to_it_are_throttled_too(
    halo: Simulator, hapi: httpx.AsyncClient
) -> None:
    halo.faults.throttle_next = 2
    async with httpx.AsyncClient(base_url=halo.url) as anybody:
        assert (await anybody.get("/api/authinfo")).status_code == 429
        assert (await anybody.post("/auth/token?tenant=brightdesk", data={})).status_code == 429
    assert (await ask_token(halo)).status_code == 200


async def test_a_web_page_instead_of_a_text(halo: Simulator, hapi: httpx.AsyncClient) -> None:
    halo.faults.update({"throttle_next": 1, "html_429": True})
    answer = await hapi.get("/Team")
    assert (answer.status_code, answer.headers["content-type"]) == (429, "text/html; charset=UTF-8")
    assert "<html>" in answer.text


async def test_server_errors_and_answers_that_never_come(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    halo.faults.errors_next = 1
    broken = await hapi.get("/Team")
    assert (broken.status_code, broken.json()["ClassName"]) == (500, "System.Exception")
    halo.faults.hang_up_next = 1
    with pytest.raises(httpx.RemoteProtocolError):
        await hapi.post("/Tickets", json=[{"id": 1001, "summary": "done all the same"}])
    assert world.ticket(1001).summary == "done all the same"


async def test_an_answer_that_ends_in_the_middle(world: World) -> None:
    async with Simulator(world, "halo") as sim, halo_client(sim) as api:
        sim.faults.truncated_next = 1
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            (await api.get("/Team")).json()
        assert (await api.get("/Team")).json()[0]["name"] == "Service Desk"


async def test_notes_may_leave_the_ticket_untouched(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    halo.faults.notes_dont_touch = True
    await hapi.get("/Team")
    touched = world.ticket(1005).updated_at
    world.advance(timedelta(minutes=1))
    world.post(1005, "contact", "hello?")
    assert world.ticket(1005).updated_at == touched
    assert (await actions_of(hapi, 1005))[-1]["note"] == "hello?"


async def test_requests_are_counted_by_endpoint(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    world.requests.clear()
    await every_page(hapi, closed_only=True)
    await hapi.get("/tickets/1001")
    await hapi.get("/TICKETS/1002")
    await hapi.get("/Nowhere")
    assert dict(world.requests) == {
        ("GET", "/Tickets"): 3,
        ("GET", "/Tickets/{id}"): 2,
        ("GET", "(unknown)"): 1,
    }


async def test_the_whole_scripted_day_can_be_read(
    halo: Simulator, hapi: httpx.AsyncClient, world: World
) -> None:
    for step in working_day(world):
        step.apply()
    for ticket in range(1121, 1134):
        rows = await actions_of(hapi, ticket)
        record = await detail(hapi, ticket, include_auditing=True)
        said = [post.text for post in world.posts(ticket)] + [log.text for log in world.logs(ticket)]
        assert sorted(row["note"] for row in rows if row["note"] in said) == sorted(said)
        moves = [line for line in record["audit_log"] if line["value"] == "Status"]
        statuses = [row for row in rows if row["new_status"]]
        assert len(moves) == len(statuses)
        assert [row["new_status_name"] for row in statuses] == [line["to"] for line in moves]
