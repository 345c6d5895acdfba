"""A web app on a real store, a PSA that only verifies, and a client that speaks to it in-process."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from connector.clients import ClientBook
from connector.daemon.health import Health
from connector.errors import ConnectorError, Rejected
from connector.model import Assessment, BucketClock, PsaVerdict, Ticket
from connector.psa.port import Hint, QuotaState
from connector.rules.surveylinks import Links
from connector.settings.signin import ProxyPart
from connector.store import assessments, tickets
from connector.store.store import Store
from connector.store.tickets import StoredTicket
from connector.web.app import create_app
from connector.web.deps import WebDeps

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


class FakePsa:
    """Takes a body `[[ticket, delivery], …]` under the header `x-signature: good`."""

    vendor = "fake"

    def __init__(self) -> None:
        self.trouble: ConnectorError | None = None
        self.queries: list[Mapping[str, str]] = []

    async def verify(
        self, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> Sequence[Hint]:
        self.queries.append(query)
        if self.trouble is not None:
            raise self.trouble
        if headers.get("x-signature") != "good":
            raise Rejected(f"signature of a body with secret {body.decode(errors='replace')}")
        return [Hint(ticket_id=ticket, deliver_id=delivery) for ticket, delivery in json.loads(body)]

    def quota(self) -> QuotaState:
        return QuotaState(
            limit_per_minute=600,
            used_last_minute=3,
            requests_total=17,
            throttled_total=2,
            limit=4500,
            left=4100,
            window_s=3600.0,
        )


@dataclass
class Kit:
    store: Store
    health: Health
    psa: FakePsa
    token: str | None = None
    survey: Links | None = None
    view_token: str | None = None
    proxy: ProxyPart | None = None
    now: datetime = NOW
    book: ClientBook = field(default_factory=ClientBook)
    rating_secrets: dict[str, bytes] = field(default_factory=dict)
    woken: list[str] = field(default_factory=list)
    on_wake: Callable[[], None] = lambda: None
    app: Starlette = field(init=False)
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        deps = WebDeps(
            store=self.store,
            connections={"main": self.psa},  # type: ignore[dict-item]
            health=self.health,
            clients=lambda: self.book,
            wake=self._wake,
            now=lambda: self.now,
            token=self.token,
            view_token=self.view_token,
            proxy=self.proxy,
            rating_secrets=self.rating_secrets,
            survey=self.survey,
        )
        self.app = create_app(deps)
        transport = httpx.ASGITransport(app=self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://localhost")

    def _wake(self, name: str) -> None:
        self.woken.append(name)
        self.on_wake()

    async def deliver(self, *hints: tuple[str, str], signature: str = "good") -> httpx.Response:
        headers = {"X-Signature": signature}
        return await self.client.post("/hooks/main", content=json.dumps(hints), headers=headers)

    async def break_store(self) -> None:
        """The database is there but damaged: every page and webhook needs one of these tables."""
        async with self.store.begin() as tx:
            for table in ("inbox", "assessments", "quarantine", "outbox"):
                await tx.exec_driver_sql(f"DROP TABLE {table}")

    async def put(self, *pairs: tuple[Ticket, Assessment | None], conn: str = "main") -> None:
        async with self.store.begin() as tx:
            stored = [StoredTicket(ticket=ticket, version="1") for ticket, _ in pairs]
            await tickets.put(tx, conn, stored)
            await assessments.save(tx, conn, [judged for _, judged in pairs if judged is not None])


async def csrf_of(client: httpx.AsyncClient, path: str) -> str:
    """The secret of the forms on a page, '' where it has none."""
    found = re.search(r'name="csrf" value="([^"]*)"', (await client.get(path)).text)
    return found[1] if found else ""


async def act(client: httpx.AsyncClient, path: str, csrf: str | None = None, **fields: str) -> httpx.Response:
    """POST a form as a browser would that has the page at `path` open, or that with the secret `csrf`."""
    if csrf is None:
        csrf = await csrf_of(client, "/rulings" if path == "/undo" else path)
    origin = str(client.base_url).rstrip("/")
    return await client.post(path, data={"csrf": csrf, **fields}, headers={"Origin": origin})


@asynccontextmanager
async def kit(
    folder: Path, *, token: str | None = None, survey: Links | None = None, **door: Any
) -> AsyncIterator[Kit]:
    """`door`: view_token, proxy."""
    store = await Store.open(f"sqlite:///{folder}/px.db")
    health = Health()
    main = health.add("main", "fake", NOW)
    main.state, main.last_turn, main.backfilling = "ok", NOW - timedelta(seconds=12), False
    made = Kit(store, health, FakePsa(), token, survey, **door)
    try:
        async with made.client:
            yield made
    finally:
        await store.close()


def ticket(id: str, **values: Any) -> Ticket:
    defaults: dict[str, Any] = {
        "client": "Acme",
        "opened_at": NOW - timedelta(hours=2),
        "summary": f"Printer {id} is on fire",
        "status": "New",
        "group": "Service desk",
        "owner": "Ana",
        "url": f"https://psa.example/ticket/{id}",
    }
    return Ticket(id=id, **{**defaults, **values})


def judged(ticket: Ticket, flags: Mapping[str, str] | None = None, **clocks: BucketClock) -> Assessment:
    buckets = {name: BucketClock(state="none") for name in ("response", "resplan", "update", "resolution")}
    return Assessment(
        ticket_id=ticket.id,
        client=ticket.client,
        at=NOW,
        policy="sha256:1",
        buckets={**buckets, **clocks},
        psa=PsaVerdict(),
        messages=(),
        timeline=(),
        flags=flags or {},  # type: ignore[arg-type]
    )


def running(zone: str = "green", minutes: float = 30) -> BucketClock:
    state = "missed" if minutes < 0 else "running"
    due = NOW + timedelta(minutes=minutes)
    return BucketClock(state=state, zone=zone, target_min=60, due_at=due)  # type: ignore[arg-type]
