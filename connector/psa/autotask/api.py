"""Requests in Autotask's dialect: zone, three headers, queries turned page by page, and no lock-out.

A refused login is never repeated: wrong ones lock the API user for every integration that shares it
(facts §2). Only the zone is asked for once more, since a database that was moved answers 401 too.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from connector.errors import AuthFailed, ConfigError, ContractViolation, NotFound, Unavailable
from connector.psa import paging, wire
from connector.psa.auth import OriginAuth, origin
from connector.psa.autotask.config import DATABASE_LIMIT, AutotaskConfig
from connector.psa.autotask.failures import classify, explain
from connector.psa.autotask.filters import MOST, Filter, eq, query
from connector.psa.autotask.pool import HOUR_S, REST_S, WATCH_S, Usage, least_per_minute, per_minute, usage
from connector.psa.autotask.zone import Zone, discover, fixed, loopback, site_url
from connector.psa.quota import Budget
from connector.psa.recall import Recall, listed
from connector.psa.transport import Forbidden, Reply, Transport

AT_ONCE = 2
"""Requests under way at one endpoint; the vendor refuses the fourth, and others call too (facts §6)."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and the id after which the next one starts; None at the end."""

    rows: list[Any]
    after: int | None


class Api:
    """One database's REST API. Paths are relative (`Tickets/query`); rows are plain JSON objects."""

    def __init__(self, config: AutotaskConfig, client: httpx.AsyncClient | None = None) -> None:
        for name in ("user", "secret", "integration_code"):
            if not getattr(config, name).isascii():
                raise ConfigError(f"{name}: Autotask takes it in a header, which has letters of ASCII only")
        self._auth = OriginAuth(
            {"apiintegrationcode": config.integration_code, "username": config.user, "secret": config.secret}
        )
        self.site = site_url(config.zone or config.site)
        self._config = config
        self._own_client = client is None
        self._client = client or wire.client(config.concurrency, trust_env=not loopback(self.site.host))
        share = config.quota_share / 100 * DATABASE_LIMIT / 60
        self.transport = Transport(
            self._client,
            Budget(share, config.concurrency, window_s=HOUR_S),
            auth=self._auth,
            timeout_s=config.timeout_s,
            secrets=(config.secret, config.integration_code, config.user, config.hook_secret),
            explain=explain,
            classify=classify,
        )
        self._zone: Zone | None = None
        self._refused = ""
        self._lock = asyncio.Lock()
        self._slots: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        self._watched_at = float("-inf")
        self.recall: Recall | None = None  # while we start

    async def zone(self) -> Zone:
        """Where the database lives, looked up on first use."""
        if self._zone is None:
            async with self._lock:
                if self._zone is None:
                    await self._look_up()
        assert self._zone is not None
        return self._zone

    async def login(self) -> Usage:
        """The first request with credentials, alone: a wrong one is tried once. AuthFailed if refused.

        An unknown user or integration code is answered with 500, not 401 (facts §2).
        """
        await self.zone()
        self._watched_at = time.monotonic()
        try:
            reply = await self._send("GET", "ThresholdInformation", urgent=True)
        except (ContractViolation, NotFound) as error:
            self._refused = f"Autotask does not accept us; check user, secret and integration_code ({error})"
            raise AuthFailed(self._refused) from error
        return usage(_object(reply))  # an answer that was cut short is no refusal

    async def watch(self) -> Usage | None:
        """See what everybody uses and give way; None if we have looked a moment ago."""
        if time.monotonic() - self._watched_at < WATCH_S:
            return None
        self._watched_at = time.monotonic()
        seen = usage(await self.get("ThresholdInformation"))
        self.give_way(seen)
        return seen

    def give_way(self, seen: Usage) -> None:
        """Take what the others leave; nothing for a while where nearly everything is used."""
        budget = self.transport.budget
        share = self._config.quota_share
        budget.cap(per_minute(share, seen, budget.used(HOUR_S)), least_per_minute(share, seen))
        if seen.full:
            budget.throttled(REST_S)

    async def page(
        self,
        entity: str,
        where: Filter,
        *,
        after: int = 0,
        size: int = MOST,
        fields: Sequence[str] = (),
        urgent: bool = False,
    ) -> Page:
        """One page in id order, starting behind the id `after`.

        The server's own next page is a POST that only looks like a GET; `id >` is the same everywhere.
        """
        size = min(size, self._config.page_size)
        body = query(where, after=after, size=size, fields=fields)
        found = await self._asked(f"{entity}/query", body, urgent)
        rows = found.get("items")
        if not isinstance(rows, list):
            raise ContractViolation(f"{entity}/query: a list of items was expected")
        details = found.get("pageDetails")
        more = isinstance(details, dict) and bool(details.get("nextPageUrl"))
        ids = [row["id"] for row in rows if isinstance(row, Mapping) and type(row.get("id")) is int]
        if not ids or not (more or len(rows) >= size):
            return Page(rows, None)
        return Page(rows, paging.advance(after, ids, None, f"{entity}/query"))

    async def rows(
        self, entity: str, where: Filter, *, fields: Sequence[str] = (), urgent: bool = False
    ) -> list[Any]:
        """All rows that fit, over as many pages as it takes."""
        read = partial(self._every_row, entity, where, fields, urgent)
        return await listed(self.recall, f"{entity} {where.item} {' '.join(fields)}", read)

    async def _every_row(self, entity: str, where: Filter, fields: Sequence[str], urgent: bool) -> list[Any]:
        page = await self.page(entity, where, fields=fields, urgent=urgent)
        found = page.rows
        while page.after is not None:
            page = await self.page(entity, where, after=page.after, fields=fields, urgent=urgent)
            found += page.rows
        return found

    async def history(self, ticket_id: int) -> list[Any]:
        """A ticket's history: one request, which takes this one filter and no other (facts §11)."""
        found = await self._asked("TicketHistory/query", {"filter": [eq("ticketID", ticket_id).item]}, False)
        rows = found.get("items")
        return rows if isinstance(rows, list) else []

    async def get(self, path: str) -> Row:
        """A JSON object. ContractViolation for anything else."""
        return _object(await self._send("GET", path, urgent=True))

    async def item(self, path: str) -> Row | None:
        """One record; None where there is none. ContractViolation for anything else: it is not gone."""
        found = (await self.get(path)).get("item")
        if found is None or isinstance(found, dict):
            return found
        raise ContractViolation(f"{path}: an object was expected, not {type(found).__name__}")

    async def fields(self, entity: str, kind: str = "fields") -> list[Any]:
        """What an entity's fields are: `fields` or `userDefinedFields`."""
        path = f"{entity}/entityInformation/{kind}"

        async def read() -> list[Any]:
            found = (await self.get(path)).get("fields")
            return found if isinstance(found, list) else []

        return await listed(self.recall, path, read)

    async def post(self, path: str, body: Mapping[str, Any]) -> int:
        """Create something; its id, 0 if the answer does not say."""
        made = _object(await self._send("POST", path, body=body, urgent=True)).get("itemId")
        return made if type(made) is int else 0

    async def patch(self, path: str, body: Mapping[str, Any]) -> None:
        await self._send("PATCH", path, body=body, urgent=True)

    async def delete(self, path: str) -> None:
        await self._send("DELETE", path, urgent=True)

    async def close(self) -> None:
        if self._own_client:
            await self._client.aclose()

    async def _asked(self, path: str, body: Mapping[str, Any], urgent: bool) -> Row:
        """The answer to a query. Cut-off JSON with a good status has been seen: it is asked for again."""
        try:
            return _object(await self._send("POST", path, body=body, urgent=urgent, reads=True))
        except ContractViolation:
            reply = await self._send("POST", path, body=body, urgent=urgent, reads=True)
        try:
            return _object(reply)
        except ContractViolation as error:
            raise Unavailable(str(error)) from error

    async def _send(
        self, method: str, path: str, *, body: Any = None, urgent: bool = False, reads: bool = False
    ) -> Reply:
        zone = await self.zone()
        if (
            self.transport.budget.spent
        ):  # what others had used up may be free again; we would not know for long
            with contextlib.suppress(Forbidden, NotFound):
                await self.watch()
        async with self._slots[path.partition("/")[0]]:
            try:
                return await self._exchange(zone, method, path, body, urgent, reads)
            except AuthFailed as error:
                moved = await self._moved_from(zone, error)
            try:
                return await self._exchange(moved, method, path, body, urgent, reads)
            except AuthFailed as error:
                raise self._stop(error) from error

    async def _exchange(
        self, zone: Zone, method: str, path: str, body: Any, urgent: bool, reads: bool
    ) -> Reply:
        if self._refused:
            raise AuthFailed(self._refused)
        return await self.transport.send(
            method,
            zone.base + path,
            body=body,
            headers={"user-agent": "px-connector"},
            urgent=urgent,
            reads=reads,
        )

    async def _moved_from(self, old: Zone, error: AuthFailed) -> Zone:
        """The new zone if the database was moved from `old`. AuthFailed, for good, if it was not.

        While the zone cannot be asked for, it is forgotten: nothing is sent before it is known again.
        """
        async with self._lock:
            if self._refused:
                raise AuthFailed(self._refused) from error
            if self._zone in (old, None) and not self._config.zone:
                self._zone = None
                await self._look_up()
            if self._zone in (old, None):
                raise self._stop(error) from error
            assert self._zone is not None
            return self._zone

    def _stop(self, error: AuthFailed) -> AuthFailed:
        """From here on nothing more is sent: another wrong login would be one step to a locked user."""
        zone = ", the zone" if self._config.zone else ""
        self._refused = self._refused or (
            f"Autotask refuses our login: check user, secret{zone}, and whether the user is locked ({error})"
        )
        return AuthFailed(self._refused)

    async def _look_up(self) -> None:
        config = self._config
        self._zone = (
            fixed(config.zone) if config.zone else await discover(self.transport, self.site, config.user)
        )
        self._auth.origin = origin(self._zone.host)


def _object(reply: Reply) -> Row:
    found = reply.json()
    if not isinstance(found, dict):
        raise ContractViolation(f"{reply.where}: an object was expected")
    return found
