"""Requests in Halo's dialect: a token, pages, and envelopes that differ from list to list.

401 has two meanings: the token is no longer known, or this record or module is not permitted. So it is
answered with one new token and one repetition; refused again, it is a missing permission. Source: facts §1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from connector.errors import AuthFailed, ContractViolation
from connector.psa import wire
from connector.psa.auth import OriginAuth
from connector.psa.halo.address import site_url
from connector.psa.halo.config import HaloConfig
from connector.psa.halo.errors import explain
from connector.psa.halo.pages import CAP, Place, following, repeats, total_of, unwrap
from connector.psa.halo.token import Tokens
from connector.psa.quota import Budget
from connector.psa.recall import Recall, listed
from connector.psa.transport import Forbidden, Reply, Transport
from connector.settings.address import is_loopback

Row = dict[str, Any]
DENIED = 10_000
"""Paths remembered as not permitted, for which no token is renewed; beyond that each costs one."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and the place of the next; None at the end."""

    rows: list[Any]
    after: Place | None


class Api:
    """One instance's REST API. Paths are relative (`Tickets`); rows are plain JSON objects.

    Halo counts over five minutes. Our share is spread over them, so that a burst never leaves the next
    webhook waiting for minutes. `denied`: paths that a new token did not open.
    """

    def __init__(self, config: HaloConfig, client: httpx.AsyncClient | None = None) -> None:
        self.site = site_url(config.site)
        self._own_client = client is None
        self._client = client or wire.client(config.concurrency, trust_env=not is_loopback(self.site.host))
        self.transport = Transport(
            self._client,
            Budget(max(1.0, config.requests_per_5_minutes / 5), config.concurrency),
            auth=OriginAuth({}),
            timeout_s=config.timeout_s,
            secrets=(config.client_secret, config.client_id, config.hook_secret),
            explain=explain,
        )
        self.tokens = Tokens(self.transport, self.site, config)
        self.size = min(config.page_size, CAP)
        self.denied: set[str] = set()
        self.recall: Recall | None = None  # while we start

    @property
    def root(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return f"{self.site.scheme}://{self.site.netloc.decode()}"

    async def get(self, path: str, params: Mapping[str, Any] | None = None, *, urgent: bool = False) -> Any:
        """The answer as JSON; None where there is none (204)."""
        reply = await self._send("GET", path, params=params, urgent=urgent)
        return reply.json() if reply.body else None

    async def record(
        self, path: str, params: Mapping[str, Any] | None = None, *, urgent: bool = False
    ) -> Row | None:
        """One record; None where there is none (204). An array of one is taken for the one in it.

        ContractViolation for anything else: it is not gone, it was not understood.
        """
        found = await self.get(path, params, urgent=urgent)
        row = found[0] if isinstance(found, list) and len(found) == 1 else found
        if row is None or isinstance(row, dict):
            return row
        raise ContractViolation(f"GET /api/{path}: an object was expected, not {type(row).__name__}")

    async def post(self, path: str, items: list[Row]) -> Any:
        """Send an array, as every POST of Halo wants it; the answer as JSON, None where there is none."""
        reply = await self._send("POST", path, body=items, urgent=True)
        return reply.json() if reply.body else None

    async def whole(
        self, path: str, params: Mapping[str, Any] | None = None, *, urgent: bool = False
    ) -> list[Any]:
        """The rows of a list that is not paged, whatever they are wrapped in.

        Some lists are cut short where no `count` is given; one that says so is asked for again.
        """
        read = partial(self._every_row, path, params, urgent)
        return await listed(self.recall, f"{path} {sorted((params or {}).items())}", read)

    async def _every_row(self, path: str, params: Mapping[str, Any] | None, urgent: bool) -> list[Any]:
        found = await self.get(path, params, urgent=urgent)
        rows, total = self._rows(path, found), total_of(found) or 0
        if len(rows) < total:
            rows = self._rows(path, await self.get(path, {**(params or {}), "count": total}, urgent=urgent))
        return rows

    async def first(self, path: str, params: Mapping[str, Any]) -> list[Any]:
        """The first row of a list, however long that is; none if it is empty."""
        return self._rows(path, await self.get(path, params))[:1]

    async def page(
        self, path: str, params: Mapping[str, Any], place: Place, *, size: int = CAP, urgent: bool = False
    ) -> Page:
        """One page of a paged list."""
        query = {**params, "pageinate": True, "page_size": min(size, self.size), "page_no": place.number}
        found = await self.get(path, query, urgent=urgent)
        rows = self._rows(path, found)
        after = following(place, rows, total_of(found))
        return Page([] if repeats(place, rows) else rows, after)

    async def rows(self, path: str, params: Mapping[str, Any], *, urgent: bool = False) -> list[Any]:
        """All rows of a paged list, over as many pages as it takes; a row may come twice."""
        found: list[Any] = []
        place: Place | None = Place()
        while place is not None:
            page = await self.page(path, params, place, urgent=urgent)
            found += page.rows
            place = page.after
        return found

    async def close(self) -> None:
        if self._own_client:
            await self._client.aclose()

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        urgent: bool = False,
    ) -> Reply:
        async def once(token: str) -> Reply:
            headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
            url = f"{self.root}/api/{path}"
            return await self.transport.send(
                method, url, params=params, body=body, headers=headers, urgent=urgent
            )

        token = await self.tokens.get()
        try:
            return await once(token)
        except AuthFailed as error:
            if path in self.denied:
                raise _not_permitted(error) from error
        newer = await self.tokens.renew(token)
        try:
            return await once(newer)
        except AuthFailed as error:
            if len(self.denied) < DENIED:
                self.denied.add(path)
            raise _not_permitted(error) from error

    def _rows(self, path: str, found: Any) -> list[Any]:
        rows = unwrap(found, path.rpartition("/")[2].lower())
        if rows is None:
            raise ContractViolation(f"GET /api/{path}: a list was expected, not {type(found).__name__}")
        return rows


def _not_permitted(error: AuthFailed) -> Forbidden:
    return Forbidden(f"{error}: refused with a new token too, so it is not permitted to our API application")
