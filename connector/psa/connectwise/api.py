"""Requests in ConnectWise's dialect: address, headers, pages, and the error bodies it sends.

A 404 that is not ConnectWise's own "this record is not there" may mean that the codebase in the address
changed with an upgrade: the address is looked up again once, and the request repeated if it moved.
Source: facts §1.4-1.8, §2, §4.1-4.3.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from connector.errors import AuthFailed, ConnectorError, ContractViolation, NotFound
from connector.psa import paging, wire
from connector.psa.auth import OriginAuth, origin
from connector.psa.connectwise.conditions import Condition, and_, gt
from connector.psa.connectwise.config import ConnectWiseConfig
from connector.psa.connectwise.discovery import Address, discover, loopback, site_url
from connector.psa.quota import Budget
from connector.psa.recall import Recall, listed
from connector.psa.transport import Forbidden, Reply, Transport

ASK_AGAIN_S = 30.0  # an address that did not move is not looked up more often than this
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and the id after which the next one starts; None at the end."""

    rows: list[Any]
    after: int | None


def explain(body: bytes) -> str:
    """The words in an error body of any of ConnectWise's shapes; '' for a body of any other shape.

    `{"code","message","errors":[…]}`, and for 429 `{"error","message"}`. HTML comes from proxies.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(found, dict):
        return ""
    listed = found.get("errors")
    errors = [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []
    details = [" ".join(str(e[key]) for key in ("field", "code", "message") if e.get(key)) for e in errors]
    words = [str(found.get("code") or found.get("error") or ""), str(found.get("message") or ""), *details]
    return "; ".join(word for word in words if word)


def record_is_gone(error: NotFound) -> bool:
    """Whether a 404 is ConnectWise's own answer about a record, not an address that leads nowhere."""
    return ": 404 NotFound;" in str(error)


class Api:
    """One instance's REST API. Paths are relative (`service/tickets`); rows are plain JSON objects."""

    def __init__(self, config: ConnectWiseConfig, client: httpx.AsyncClient | None = None) -> None:
        user = f"{config.company}+{config.public_key}:{config.private_key}"
        basic = base64.b64encode(user.encode()).decode()
        self._auth = OriginAuth({"authorization": f"Basic {basic}", "clientid": config.client_id})
        self.site = site_url(config.site)
        self._own_client = client is None
        self._client = client or wire.client(config.concurrency, trust_env=not loopback(self.site.host))
        self.transport = Transport(
            self._client,
            Budget(config.requests_per_minute, config.concurrency),
            auth=self._auth,
            timeout_s=config.timeout_s,
            secrets=(basic, config.private_key, config.public_key, config.client_id),
            explain=explain,
        )
        self._company = config.company
        self._headers = {
            "accept": f"application/vnd.connectwise.com+json; version={config.api_version}",
            "user-agent": "px-connector",
        }
        self._page_size = min(config.page_size, 1000)  # more is silently capped by the server
        self._address: Address | None = None
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()
        self._plain: set[str] = set()  # endpoints without forward-only paging
        self.recall: Recall | None = None  # while we start

    async def address(self) -> Address:
        """Where the instance lives, looked up on first use."""
        if self._address is None:
            async with self._lock:
                if self._address is None:
                    await self._look_up()
        assert self._address is not None
        return self._address

    async def get(self, path: str, params: Mapping[str, Any] | None = None, *, urgent: bool = False) -> Any:
        return (await self._send("GET", path, params=params, urgent=urgent)).json()

    async def first(self, path: str, params: Mapping[str, Any] | None = None) -> list[Any]:
        """A list with its first row, or none. ContractViolation for anything else."""
        query = {"pageSize": 1, **(params or {})}
        return _rows(await self._send("GET", path, params=query, urgent=False))[:1]

    async def record(
        self, path: str, params: Mapping[str, Any] | None = None, *, urgent: bool = False
    ) -> Row:
        """One record. ContractViolation for anything else: it is not gone, it was not understood."""
        found = await self.get(path, params, urgent=urgent)
        if not isinstance(found, dict):
            raise ContractViolation(f"GET {path}: an object was expected, not {type(found).__name__}")
        return found

    async def post(self, path: str, body: Any) -> Any:
        return (await self._send("POST", path, body=body, urgent=True)).json()

    async def patch(self, path: str, operations: list[Row]) -> Any:
        return (await self._send("PATCH", path, body=operations, urgent=True)).json()

    async def delete(self, path: str) -> None:
        await self._send("DELETE", path, urgent=True)

    async def page(
        self,
        path: str,
        where: Condition | None = None,
        *,
        after: int = 0,
        size: int | None = None,
        fields: str = "",
        urgent: bool = False,
    ) -> Page:
        """One page in id order, starting behind the id `after`.

        Forward-only paging; where an endpoint does not have it, the same by `id >` and `orderBy`,
        because counted pages skip rows while data moves (facts §4.3).
        """
        size = min(size or self._page_size, self._page_size)
        params: Row = {"pageSize": size} | ({"fields": fields} if fields else {})
        if _shape(path) in self._plain:
            return await self._plain_page(path, where, after, params, urgent)
        query = params | ({"conditions": where} if where else {}) | ({"pageId": after} if after else {})
        reply = await self._send(
            "GET", path, params=query, headers={"pagination-type": "forward-only"}, urgent=urgent
        )
        rows = _rows(reply)
        if "link" not in reply.headers and len(rows) >= size:
            self._plain.add(_shape(path))
            return await self._plain_page(path, where, after, params, urgent)
        proposed = paging.position(reply.links, "pageId")
        ids = _ids(rows)
        if proposed is None or not ids:
            return Page(rows, None)
        return Page(rows, paging.advance(after, ids, proposed, reply.where))

    async def rows(
        self, path: str, where: Condition | None = None, *, fields: str = "", urgent: bool = False
    ) -> list[Any]:
        """All rows of a list, over as many pages as it takes."""
        read = partial(self._every_row, path, where, fields, urgent)
        return await listed(self.recall, f"{path} {where or ''} {fields}", read)

    async def _every_row(self, path: str, where: Condition | None, fields: str, urgent: bool) -> list[Any]:
        page = await self.page(path, where, fields=fields, urgent=urgent)
        found = page.rows
        while page.after is not None:
            page = await self.page(path, where, after=page.after, fields=fields, urgent=urgent)
            found += page.rows
        return found

    async def close(self) -> None:
        if self._own_client:
            await self._client.aclose()

    async def _plain_page(
        self, path: str, where: Condition | None, after: int, params: Row, urgent: bool
    ) -> Page:
        behind = gt("id", after)
        query = params | {"conditions": and_(where, behind) if where else behind, "orderBy": "id asc"}
        reply = await self._send("GET", path, params=query, urgent=urgent)
        rows = _rows(reply)
        ids = _ids(rows)
        more = len(rows) >= params["pageSize"] or "next" in reply.links
        return Page(rows, paging.advance(after, ids, None, reply.where) if more and ids else None)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        urgent: bool = False,
    ) -> Reply:
        address = await self.address()

        async def at(base: str) -> Reply:
            sent = {**self._headers, **(headers or {})}
            try:
                return await self.transport.send(
                    method, base + path, params=params, body=body, headers=sent, urgent=urgent
                )
            except AuthFailed as error:
                raise self._not_accepted(error) from error

        try:
            return await at(address.base)
        except NotFound as error:
            if record_is_gone(error) or (moved := await self._moved_from(address)) is None:
                raise
        return await at(moved.base)

    def _not_accepted(self, error: ConnectorError) -> AuthFailed:
        return AuthFailed(
            f"ConnectWise at {self.site.host} does not accept us; check site, company, public_key, "
            f"private_key and client_id, and whether the API member's keys have ended ({error})"
        )

    async def _moved_from(self, old: Address) -> Address | None:
        """The new address if the instance moved since `old`; None if it did not."""
        async with self._lock:
            if self._address == old and time.monotonic() - self._asked_at >= ASK_AGAIN_S:
                await self._look_up()
                if self._address == old:
                    self._asked_at = time.monotonic()
            return None if self._address == old else self._address

    async def _look_up(self) -> None:
        self._address = await discover(self.transport, self.site, self._company)
        self._auth.origin = origin(self._address.host)

    async def server(self) -> Row:
        """`/system/info`. AuthFailed if it is not there or forbidden: wrong keys look so (facts §1.8)."""
        try:
            reply = await self._send("GET", "system/info")
        except (NotFound, Forbidden) as error:
            raise self._not_accepted(error) from error
        found = reply.json()
        if not isinstance(found, dict):
            raise ContractViolation("system/info is not an object")
        return found


def _shape(path: str) -> str:
    return "/".join("*" if part.isdigit() else part for part in path.split("/"))


def _rows(reply: Reply) -> list[Any]:
    found = reply.json()
    if not isinstance(found, list):
        raise ContractViolation(f"{reply.where}: a list was expected")
    return found


def _ids(rows: list[Any]) -> list[int]:
    return [row["id"] for row in rows if isinstance(row, Mapping) and type(row.get("id")) is int]
