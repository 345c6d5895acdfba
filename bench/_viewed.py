"""The web app on a store of made-up tickets, as a process of its own: says its port in one line, then serves.

No daemon runs behind it. Every second each connection has turned and found nothing, as a quiet desk does.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from bench._kit import free_port
from connector.clients import ClientBook
from connector.daemon.health import Health
from connector.model import CLOCKS, ZONES, Assessment, BucketClock, PsaVerdict, Ticket
from connector.store import assessments, tickets
from connector.store.store import Store
from connector.store.tickets import StoredTicket
from connector.web.app import create_app
from connector.web.deps import WebDeps

CONNECTIONS = ("london", "berlin", "leeds")


def utcnow() -> datetime:
    return datetime.now(UTC)


def quiet() -> Health:
    """Three connections that do well."""
    health, now = Health(), utcnow()
    for name in CONNECTIONS:
        one = health.add(name, "made-up", now)
        one.state, one.last_turn, one.backfilling = "ok", now, False
    return health


def deps(store: Store, health: Health) -> WebDeps:
    return WebDeps(
        store=store,
        connections={},
        health=health,
        clients=ClientBook,
        wake=lambda _name: None,
        now=utcnow,
        token=None,
    )


async def fill(store: Store, open_tickets: int, closed: int) -> None:
    """So many tickets of 200 clients and 40 owners, in all zones."""
    for conn in CONNECTIONS:
        pairs = list(_made(conn, open_tickets // len(CONNECTIONS) + 1, closed // len(CONNECTIONS)))
        async with store.begin() as tx:
            await tickets.put(tx, conn, [stored for stored, _ in pairs])
            await assessments.save(tx, conn, [assessment for _, assessment in pairs])


def _made(conn: str, open_tickets: int, closed: int) -> Iterator[tuple[StoredTicket, Assessment]]:
    dice, now = random.Random(conn), utcnow()
    for number in range(open_tickets + closed):
        ticket = Ticket(
            id=str(number),
            client=f"Client {dice.randrange(200)}",
            opened_at=now - timedelta(hours=dice.randrange(1, 400)),
            summary=f"Printer {number} on floor {dice.randrange(9)} prints blank pages",
            priority=f"P{dice.randrange(1, 5)}",
            status="In Progress",
            group=f"Board {dice.randrange(8)}",
            owner=f"Engineer {dice.randrange(40)}",
            url=f"https://psa.example/{conn}/{number}",
            closed=number >= open_tickets,
        )
        assessment = Assessment(
            ticket_id=ticket.id,
            client=ticket.client,
            at=now,
            policy="sha256:bench",
            buckets={name: BucketClock(state="met") if ticket.closed else _clock(dice) for name in CLOCKS},
            psa=PsaVerdict(),
            messages=(),
            timeline=(),
            flags={
                "zone": "orange",
                "px": "83 % (n 12)",
                "why": "update due 20 Nov 11:30 — nobody has written",
            },
        )
        yield StoredTicket(ticket=ticket, version="1"), assessment


def _clock(dice: random.Random) -> BucketClock:
    due = utcnow() + timedelta(minutes=dice.randrange(-600, 3000))
    return BucketClock(state="running", zone=dice.choice(ZONES), target_min=60, due_at=due)


async def _tick(health: Health) -> None:
    while True:
        await asyncio.sleep(1)
        for one in health.connections.values():
            one.turns, one.last_turn, one.last_poll = one.turns + 1, utcnow(), utcnow()


async def _serve(file: Path) -> None:
    store = await Store.open(f"sqlite:///{file}")
    health, port = quiet(), free_port()
    app = create_app(deps(store, health))
    ticking = asyncio.create_task(_tick(health))
    print(port, flush=True)
    await uvicorn.Server(
        uvicorn.Config(
            app, port=port, log_level="error", lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
    ).serve()
    ticking.cancel()
    await store.close()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
