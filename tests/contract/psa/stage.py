"""Where a trait is tried: a pretend MSP on the line, and adapters built as the daemon builds them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.model import Event, FlagName
from connector.psa.port import Batch, Cursor, Psa
from connector.psa.vendors import build_psa
from connector.settings.vendors import keys_of
from connector.simulator import Exchange, Simulator, World, make_world
from connector.simulator.faults import Faults
from tests.contract.psa.captions import CAPTIONS
from tests.contract.psa.tongues import Tongue

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
FLAGS: dict[FlagName, str] = {"at_risk": "Yes", "zone": "orange", "felt_response": "42"}
SHARED = {"allow_private": True, "backfill_days": 30, "timeout": "5s", "concurrency": 8}

Wrap = Callable[[Psa], Psa]


def unchanged(psa: Psa) -> Psa:
    return psa


@dataclass(slots=True)
class Stage:
    """`wrap` stands between the suite and every adapter; `change` lies over every adapter's keys."""

    tongue: Tongue
    world: World
    sim: Simulator
    wrap: Wrap = unchanged
    change: Mapping[str, Any] = field(default_factory=dict)
    built: list[Psa] = field(default_factory=list)

    @property
    def faults(self) -> Faults:
        return self.sim.faults

    @property
    def secrets(self) -> list[str]:
        return list(self.tongue.secrets(self.sim).values())

    @property
    def secret_keys(self) -> list[str]:
        """The keys of a connection that hold a secret."""
        return [key for key, value in self.tongue.keys(self.sim).items() if isinstance(value, Mapping)]

    def adapter(self, **keys: Any) -> Psa:
        """An adapter that has not been started, from settings and by entry point."""
        vendor = self.tongue.vendor
        written = {"vendor": vendor, **SHARED, **self.tongue.keys(self.sim), **keys, **self.change}
        psa = build_psa("main", keys_of(vendor).model_validate(written))
        self.built.append(psa)
        return self.wrap(psa)

    async def started(self, **keys: Any) -> Psa:
        psa = self.adapter(**keys)
        await psa.start(CAPTIONS)
        return psa

    def requests(self) -> int:
        """How many requests the PSA has been sent."""
        return self.world.requests.total()

    def ticket(self, text: str = "It smokes") -> int:
        """A fresh one, sent in by a customer."""
        return self.world.open_ticket("Acme Dental", "Printer", text=text)


@asynccontextmanager
async def on_stage(
    tongue: Tongue,
    *,
    tickets: int = 60,
    seed: int = 7,
    wrap: Wrap = lambda psa: psa,
    change: Mapping[str, Any] | None = None,
    tap: Callable[[Exchange], None] | None = None,
) -> AsyncIterator[Stage]:
    """A stage of this vendor's, cleared away afterwards. Waits between repeated requests are none."""
    world = make_world(seed=seed, tickets=tickets, start=START)
    async with Simulator(world, vendor=tongue.vendor, tap=tap) as sim:
        stage = Stage(tongue, world, sim, wrap, change or {})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("connector.psa.retry.wait_s", lambda _error, _attempt: 0.0)
            patch.setattr("connector.psa.transport.PATIENCE_429_S", 0.0)
            for name, value in tongue.secrets(sim).items():
                patch.setenv(name, value)
            try:
                yield stage
            finally:
                for psa in stage.built:
                    await psa.close()


async def drain(
    psa: Psa, stream: str, cursor: Cursor | None, now: datetime, limit: int = 1000
) -> tuple[list[Batch], Cursor | None]:
    """All batches of a stream until it says it is done, and where the next poll begins."""
    batches = []
    while True:
        batch = await psa.poll(stream, cursor, now=now, limit=limit)
        batches.append(batch)
        cursor = batch.cursor
        if batch.done:
            return batches, cursor
        assert len(batches) < 1000, f"{stream} is never done"


def ids(batches: list[Batch]) -> list[str]:
    """The tickets these batches showed, as often as they did."""
    return [snapshot.ticket.id for batch in batches for snapshot in batch.snapshots]


async def story(psa: Psa, ticket: int) -> list[Event]:
    """What the adapter knows of a ticket, in order of time."""
    batch = await psa.observe([str(ticket)])
    assert batch.complete == {str(ticket)}, "the whole timeline was asked for"
    return sorted((e for i, e in batch.events if i == str(ticket)), key=lambda e: (e.at, e.key))


class Receiver:
    """A web server of a few lines that keeps what it is sent: (body, headers, query)."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, dict[str, str], dict[str, str]]] = []

    async def __aenter__(self) -> Receiver:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hooks/main"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value.strip() for name, _, value in lines}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = head.split(" ")[1].partition("?")[2]
        query = dict(part.split("=", 1) for part in asked.split("&") if "=" in part)
        self.got.append((body, headers, query))
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
