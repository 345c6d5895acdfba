"""What the tests of the simulated HaloPSA share: a client with a token, and short questions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from connector.simulator import Simulator
from connector.simulator.halo.api import Halo

AT_RISK, ZONE, FELT = 161, 162, 164
"""FieldInfo ids of custom fields."""


def dialect(sim: Simulator) -> Halo:
    assert isinstance(sim.dialect, Halo)
    return sim.dialect


async def ask_token(sim: Simulator, member: str = "PxConnector", **more: Any) -> httpx.Response:
    keys = sim.credentials_of(member)
    form = {
        "grant_type": "client_credentials",
        "client_id": keys.client_id,
        "client_secret": keys.client_secret,
        "scope": "all",
    }
    tenant = more.pop("tenant", keys.tenant)
    async with httpx.AsyncClient(base_url=sim.url, verify=False) as anybody:
        auth = (await anybody.get("/api/authinfo")).json()["auth_url"]
        return await anybody.post(f"{auth}/token", params={"tenant": tenant}, data={**form, **more})


@asynccontextmanager
async def halo_client(
    sim: Simulator, member: str = "PxConnector", scope: str = "all"
) -> AsyncIterator[httpx.AsyncClient]:
    token = (await ask_token(sim, member, scope=scope)).json()["access_token"]
    async with httpx.AsyncClient(
        base_url=f"{sim.url}/api",
        headers={"Authorization": f"Bearer {token}"},
        verify=False,  # no TLS on loopback: loading certificates would be the slowest part of a test
    ) as client:
        yield client


async def listed(api: httpx.AsyncClient, **query: Any) -> list[int]:
    """Ids of a first page of tickets."""
    answer = await api.get("/Tickets", params={"pageinate": True, "page_size": 100, "order": "id", **query})
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["tickets"]]


async def every_page(api: httpx.AsyncClient, **query: Any) -> list[int]:
    """All of a list of tickets, page after page until one is empty."""
    found: list[int] = []
    for number in range(1, 100):
        part = await listed(api, page_no=number, **query)
        if not part:
            return found
        found += part
    raise AssertionError("no end of pages")


async def actions_of(api: httpx.AsyncClient, ticket: int, **query: Any) -> list[dict[str, Any]]:
    answer = await api.get("/Actions", params={"ticket_id": ticket, **query})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["actions"]
    return rows


async def detail(api: httpx.AsyncClient, ticket: int, **query: Any) -> dict[str, Any]:
    answer = await api.get(f"/Tickets/{ticket}", params=query)
    assert answer.status_code == 200, answer.text
    record: dict[str, Any] = answer.json()
    return record


def value(ticket: dict[str, Any], field: int) -> Any:
    return next(item["value"] for item in ticket["customfields"] if item["id"] == field)
