"""Halo's auth server: where it is, whom it gives a token, and how a token ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from connector.simulator import Simulator, World
from tests.integration.simulator.halokit import ask_token, dialect, halo_client


async def test_anybody_may_ask_where_the_auth_server_is_and_it_may_move(halo: Simulator) -> None:
    async with httpx.AsyncClient(base_url=halo.url) as anybody:
        info = (await anybody.get("/api/AuthInfo")).json()
        halo.faults.codebase = "login-eu2"
        moved = (await anybody.get("/API/authinfo")).json()
        gone = await anybody.post("/auth/token?tenant=brightdesk", data={"grant_type": "client_credentials"})
    assert (info["auth_url"], info["tenant_id"]) == (f"{halo.url}/auth", "brightdesk")
    assert moved["auth_url"] == f"{halo.url}/login-eu2"
    assert gone.status_code == 404
    assert (await ask_token(halo)).status_code == 200


async def test_a_token_is_good_for_an_hour_of_the_worlds_time(halo: Simulator, world: World) -> None:
    assert (await ask_token(halo)).json()["expires_in"] == 3600
    async with halo_client(halo) as api:
        world.advance(timedelta(minutes=59))
        assert (await api.get("/Status")).status_code == 200
        world.advance(timedelta(minutes=1))
        assert (await api.get("/Status")).status_code == 401
    halo.faults.token_lifetime = 60
    assert (await ask_token(halo)).json()["expires_in"] == 60


async def test_a_new_token_ends_the_one_before_of_the_same_application_only(halo: Simulator) -> None:
    async with halo_client(halo) as first, halo_client(halo, "Rewst") as other, halo_client(halo) as second:
        assert (await first.get("/Status")).status_code == 401
        assert (await other.get("/Status")).status_code == 200
        assert (await second.get("/Agent/me")).json()["name"] == "PX Connector"


async def test_tokens_can_be_ended_at_once_or_in_the_middle_of_a_list(
    halo: Simulator, hapi: httpx.AsyncClient
) -> None:
    halo.faults.token_ends_in = 2
    query = {"pageinate": True, "page_size": 10}
    statuses = [(await hapi.get("/Tickets", params={**query, "page_no": n})).status_code for n in (1, 2, 3)]
    assert statuses == [200, 401, 401]
    async with halo_client(halo) as again:
        assert (await again.get("/Tickets", params={**query, "page_no": 2})).status_code == 200
        dialect(halo).access.invalidate()
        assert (await again.get("/Tickets", params=query)).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"client_secret": "guess"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"tenant": "somebodyelse"}, "invalid_tenant"),
    ],
)
async def test_a_wrong_request_for_a_token_says_which_way(
    halo: Simulator, wrong: dict[str, Any], says: str
) -> None:
    answer = await ask_token(halo, **wrong)
    assert (answer.status_code, answer.json()) == (400, {"error": says})


async def test_a_token_is_asked_for_with_a_form(halo: Simulator) -> None:
    async with httpx.AsyncClient(base_url=halo.url) as anybody:
        as_json = await anybody.post("/auth/token?tenant=brightdesk", json={"grant_type": "x"})
        assert (as_json.status_code, as_json.json()) == (400, {"error": "invalid_request"})
        assert (await anybody.get("/auth/token?tenant=brightdesk")).status_code == 405
        assert (await anybody.get("/elsewhere")).status_code == 404


async def test_scopes_refuse_with_403_but_a_missing_right_looks_like_a_bad_token(
    halo: Simulator, hapi: httpx.AsyncClient
) -> None:
    halo.faults.forbidden = "/SLA, /Workday"
    assert (await hapi.get("/SLA")).status_code == 401
    assert (await hapi.get("/Workday/1")).status_code == 401
    assert (await hapi.get("/Status")).status_code == 200
    async with halo_client(halo, scope="read:tickets") as reader:
        assert (await reader.get("/Tickets")).status_code == 200
        refused = await reader.post("/Tickets", json=[{"id": 1001, "summary": "x"}])
        assert (await reader.get("/Client")).status_code == 403
        assert (await reader.get("/Webhook")).status_code == 403
    assert refused.status_code == 403
    assert refused.json()["error"]["error_description"] == "The scope edit:tickets is required."


async def test_wrong_keys_are_refused_everywhere(halo: Simulator, hapi: httpx.AsyncClient) -> None:
    async with httpx.AsyncClient(base_url=f"{halo.url}/api") as anybody:
        assert (await anybody.get("/Tickets")).status_code == 401
        basic = {"Authorization": "Basic " + hapi.headers["authorization"].partition(" ")[2]}
        assert (await anybody.get("/Tickets", headers=basic)).status_code == 401
    halo.faults.auth = "401"
    assert (await hapi.get("/Tickets")).status_code == 401
    assert (await ask_token(halo)).json() == {"error": "invalid_client"}


async def test_secrets_stay_out_of_the_repr(halo: Simulator) -> None:
    keys = halo.credentials
    assert keys.client_secret not in repr(keys)
    assert keys.client_id in repr(keys)
