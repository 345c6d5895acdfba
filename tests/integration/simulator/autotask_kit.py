"""What the tests of the simulated Autotask share: a client that knows its zone, short questions, webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from connector.simulator import Simulator, World
from tests.integration.simulator.kit import Receiver

SECRET = "a-secret-of-ours"


@dataclass(frozen=True)
class Talk:
    """A logged-in client of a simulated Autotask."""

    world: World
    sim: Simulator
    client: httpx.AsyncClient

    @property
    def base(self) -> str:
        return f"{self.sim.url}/ATServicesRest/V1.0"

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.client.get(f"{self.base}/{path}", **more)

    async def send(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.client.request(method, f"{self.base}/{path}", json=body, **more)

    async def ask(self, entity: str, *where: Any, **model: Any) -> httpx.Response:
        return await self.send("POST", f"{entity}/query", {"filter": list(where), **model})

    async def rows(self, entity: str, *where: Any, **model: Any) -> list[Any]:
        answer = await self.ask(entity, *where, **model)
        assert answer.status_code == 200, answer.text
        items: list[Any] = answer.json()["items"]
        return items

    async def ids(self, entity: str, *where: Any, **model: Any) -> list[int]:
        return [row["id"] for row in await self.rows(entity, *where, **model)]

    async def ticket(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = (await self.get(f"Tickets/{number}")).json()["item"]
        return found

    async def fields(self, entity: str, kind: str = "fields") -> dict[str, dict[str, Any]]:
        answer = await self.get(f"{entity}/entityInformation/{kind}")
        return {field["name"]: field for field in answer.json()["fields"]}

    async def labels(self, entity: str, field: str) -> dict[str, int]:
        """Values of a picklist by label."""
        picks = (await self.fields(entity))[field]["picklistValues"]
        return {pick["label"]: int(pick["value"]) for pick in picks}

    async def flag(self, number: int, name: str, value: Any) -> httpx.Response:
        udf = {"name": name, "value": value}
        return await self.send("PATCH", "Tickets", {"id": number, "userDefinedFields": [udf]})


def where(op: str, field: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"op": op, "field": field, "value": value, **more}


def errors(answer: httpx.Response) -> str:
    """The texts of a refusal, which is a 500."""
    assert answer.status_code == 500, answer.text
    return "; ".join(answer.json()["errors"])


def udf(record: dict[str, Any], name: str) -> Any:
    return next(item["value"] for item in record["userDefinedFields"] if item["name"] == name)


def headers_of(sim: Simulator, member: str = "PxConnector") -> dict[str, str]:
    keys = sim.credentials_of(member)
    return {
        "ApiIntegrationCode": keys.integration_code,
        "UserName": keys.user_name,
        "Secret": keys.secret,
    }


@asynccontextmanager
async def talk_of(sim: Simulator) -> AsyncIterator[Talk]:
    async with httpx.AsyncClient(headers=headers_of(sim), verify=False) as client:
        yield Talk(sim.world, sim, client)


async def register(
    at: Talk, receiver: Receiver, *names: str, entity: str = "Ticket", **more: Any
) -> tuple[int, str]:
    """A webhook with these fields and without our own edits; its id and GUID."""
    body = {
        "name": "px-connector",
        "webhookUrl": receiver.url,
        "deactivationUrl": receiver.url + "&off=1",
        "secretKey": SECRET,
        "isActive": True,
        "isSubscribedToCreateEvents": True,
        "isSubscribedToUpdateEvents": True,
        "isSubscribedToDeleteEvents": True,
        **more,
    }
    made = await at.send("POST", f"{entity}Webhooks", body)
    assert made.status_code == 200, made.text
    hook: int = made.json()["itemId"]
    known = await at.labels(f"{entity}WebhookFields", "fieldID")
    for name in names:
        field = {"webhookID": hook, "fieldID": known[name], "isSubscribedField": True}
        assert (await at.send("POST", f"{entity}Webhooks/{hook}/Fields", field)).status_code == 200
    [me] = await at.ids("Resources", where("eq", "userName", at.sim.credentials.user_name))
    excluded = {"webhookID": hook, "resourceID": me}
    answer = await at.send("POST", f"{entity}Webhooks/{hook}/ExcludedResources", excluded)
    assert answer.status_code == 200
    shown = (await at.get(f"{entity}Webhooks/{hook}")).json()["item"]
    assert (shown["isActive"], shown["isReady"]) == (True, bool(names))
    return hook, shown["webhookGUID"]


async def at_once(at: Talk, count: int, path: str) -> list[int]:
    answers = await asyncio.gather(*(at.get(path) for _ in range(count)))
    return sorted(answer.status_code for answer in answers)
