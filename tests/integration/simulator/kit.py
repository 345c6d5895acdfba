"""What the tests of the simulated ConnectWise share: a client, short questions, a receiver of callbacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from connector.simulator import Simulator

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@asynccontextmanager
async def client_of(
    sim: Simulator, member: str = "PxConnector", codebase: str = "v2025_1"
) -> AsyncIterator[httpx.AsyncClient]:
    keys = sim.credentials_of(member)
    async with httpx.AsyncClient(
        base_url=f"{sim.url}/{codebase}/apis/3.0",
        auth=(f"{keys.company}+{keys.public_key}", keys.private_key),
        headers={"clientId": keys.client_id},
        verify=False,  # no TLS on loopback: loading certificates would be the slowest part of a test
    ) as client:
        yield client


async def ids(api: httpx.AsyncClient, conditions: str, **more: Any) -> list[int]:
    answer = await api.get("/service/tickets", params={"conditions": conditions, "pageSize": 1000, **more})
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()]


def field(ticket: dict[str, Any], caption: str) -> Any:
    return next(item["value"] for item in ticket["customFields"] if item["caption"] == caption)


async def patch(api: httpx.AsyncClient, *operations: Any) -> httpx.Response:
    return await api.patch("/service/tickets/1001", json=list(operations))


class Receiver:
    """A real little web server that takes callbacks; answers with the statuses given, then 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    async def __aenter__(self) -> Receiver:
        self.server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/hook?t=1&recordId="
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self.server.close()
        await self.server.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readline()).decode().split()[1]
        headers = {}
        while line := (await reader.readline()).decode().strip():
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        self.got.append((target, headers, await reader.readexactly(int(headers["content-length"]))))
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


async def register(api: httpx.AsyncClient, url: str, **more: Any) -> httpx.Response:
    body = {"url": url, "objectId": 0, "type": "ticket", "level": "owner", "isSelfSuppressedFlag": True}
    return await api.post("/system/callbacks", json={**body, **more})
