"""Thousands of tiny PSAs in one cheap process: each on a loopback address of its own, all on one port.

The worlds and dialects are the simulator's. Only the HTTP is our own, since the farm shares its machine with
what is measured. PSA number n lives at 127.1.(n / 256).(n mod 256); at 127.0.0.1 the farm tells how it goes:

  GET  /state                what has been seen so far; `?fresh=1` begins anew
  POST /rate?per_s=20        new tickets with their webhooks, spread over all PSAs
  POST /latency?ms=150       how long every answer takes
  POST /open                 a new ticket at every PSA; their numbers
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

from connector.simulator import World, make_world, utcnow
from connector.simulator.dialects import Dialect, dialect_of
from connector.simulator.faults import Faults
from connector.simulator.hooks import Postman
from connector.simulator.records import Ticket
from connector.simulator.web import Ask, Reply

COMPANY = "Acme Dental"
AGE = timedelta(minutes=20)
"""How old the tickets are that a PSA begins with: no promise ends in the next hours."""
MIX = ("connectwise",) * 8 + ("autotask", "halo")
"""Vendors, in turns."""


def vendor_of(number: int) -> str:
    return MIX[number % len(MIX)]


def address_of(number: int) -> str:
    return f"127.1.{number // 256}.{number % 256}"


def world_of(seed: int, tickets: int) -> World:
    """An MSP with so many open tickets of one client, flagged already. Its secrets depend on `seed` alone."""
    world = make_world(seed=seed, tickets=0, start=utcnow() - AGE, clients=(COMPANY,))
    flagged = {world.field_by_caption("SLA Zone").id: "green"}

    def dress(ticket: Ticket) -> None:
        ticket.values = dict(flagged)

    for number in range(tickets):
        text = f"Printer {number} prints nothing at all."
        world.open_ticket(COMPANY, f"Printer {number}", text=text, dress=dress)
    world.clock = utcnow
    return world


@dataclass(slots=True)
class Tenant:
    """One PSA. Instants are seconds of the process's clock."""

    world: World
    dialect: Dialect
    postman: Postman
    asked_at: float = 0.0
    gap: float = 0.0  # the longest it was not asked anything
    written: int = 0
    told: dict[int, float] = field(default_factory=dict)  # ticket -> when its webhook went out


class Farm:
    """All tenants and what has been measured: latencies in seconds, requests by kind."""

    def __init__(self, count: int, tickets: int, port: int) -> None:
        self.port, self.dice, self.numbers = port, random.Random(7), itertools.count()
        self.latency_s, self.rate, self.lively = 0.0, 0.0, asyncio.Event()
        self.tenants = [self._tenant(number, tickets) for number in range(count)]
        self.fresh()

    def _tenant(self, number: int, tickets: int) -> Tenant:
        world, faults, url = world_of(number, tickets), Faults(), f"http://{address_of(number)}:{self.port}"
        dialect = dialect_of(vendor_of(number), world, faults, lambda: url)
        postman = Postman(world, faults, dialect.deliveries, dialect.habits)
        postman.open()
        return Tenant(world, dialect, postman)

    def fresh(self) -> None:
        now = time.monotonic()
        self.since, self.cpu = now, time.process_time()
        self.delays: list[float] = []
        self.kinds: Counter[str] = Counter()
        self.again = 0
        for tenant in self.tenants:
            tenant.gap = 0.0
            tenant.asked_at = now

    def answer(self, host: str, ask: Ask) -> Reply:
        a, b, c, d = (int(part) for part in host.partition(":")[0].split("."))
        if (a, b) != (127, 1):
            return self._control(ask)
        tenant, now = self.tenants[c * 256 + d], time.monotonic()
        tenant.gap = max(tenant.gap, now - tenant.asked_at)
        tenant.asked_at = now
        self.kinds[ask.method] += 1
        tenant.dialect.enters(ask)
        try:
            return tenant.dialect.answer(ask)
        finally:
            tenant.dialect.leaves(ask)
            if len(tenant.world.writes) > tenant.written:
                self._see_writes(tenant, now)

    def _see_writes(self, tenant: Tenant, now: float) -> None:
        for write in itertools.islice(tenant.world.writes, tenant.written, None):
            began = tenant.told.pop(write.ticket, None)
            if began is not None:
                self.delays.append(now - began)
            self.again += write.old == write.new
        tenant.written = len(tenant.world.writes)

    def _control(self, ask: Ask) -> Reply:
        query = dict(parse_qsl(ask.query_string))
        if ask.path == "/rate":
            self.rate = float(query["per_s"])
            self.lively.set() if self.rate else self.lively.clear()
        elif ask.path == "/latency":
            self.latency_s = float(query["ms"]) / 1000
        elif ask.path == "/open":
            return Reply.of({"opened": [self._open(tenant) for tenant in self.tenants]})
        state = self.state()
        if query.get("fresh"):
            self.fresh()
        return Reply.of(state)

    def state(self) -> dict[str, Any]:
        now = time.monotonic()
        gaps = [max(tenant.gap, now - tenant.asked_at) for tenant in self.tenants]
        waiting = [now - at for tenant in self.tenants for at in tenant.told.values()]
        flagged = sum(len({write.ticket for write in tenant.world.writes}) for tenant in self.tenants)
        return {
            "seconds": now - self.since,
            "cpu": time.process_time() - self.cpu,
            "requests": dict(self.kinds),
            "gaps": sorted(gaps)[-5:],
            "over_60": sum(gap > 60 for gap in gaps),
            "delays": self.delays,
            "waiting": sorted(waiting)[-5:],
            "flagged": flagged,
            "tickets": sum(len(tenant.world.tickets.by_id) for tenant in self.tenants),
            "hooks": sum(bool(tenant.world.hooks) for tenant in self.tenants),
            "written_again": self.again,
            "deliveries": dict(sum((tenant.world.deliveries for tenant in self.tenants), Counter())),
        }

    async def live(self) -> None:
        """Customers open tickets, at the rate that is asked for."""
        while True:
            await self.lively.wait()
            await asyncio.sleep(self.dice.expovariate(self.rate))
            self._open(self.dice.choice(self.tenants))

    def _open(self, tenant: Tenant) -> int:
        began, number = time.monotonic(), next(self.numbers)
        ticket = tenant.world.open_ticket(COMPANY, f"Screen {number}", text=f"Screen {number} went dark.")
        tenant.told[ticket] = began
        return ticket


class Line(asyncio.Protocol):
    """Just enough HTTP/1.1: requests with a length, one after the other, on a connection that stays."""

    def __init__(self, farm: Farm) -> None:
        self.farm, self.buffer = farm, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            first, *lines = self.buffer[:end].decode("latin-1").split("\r\n")
            pairs = (line.partition(":") for line in lines)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            length = end + 4 + int(headers.get("content-length", 0))
            if len(self.buffer) < length:
                return
            body, self.buffer = self.buffer[end + 4 : length], self.buffer[length:]
            method, target, _ = first.split(" ")
            path, _, query = target.partition("?")
            self._answer(Ask(method, unquote(path), query, headers, body), headers["host"])

    def _answer(self, ask: Ask, host: str) -> None:
        reply = self.farm.answer(host, ask)
        names = {"content-length": str(len(reply.body)), **reply.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in names.items())
        whole = f"HTTP/1.1 {reply.status} OK\r\n{head}\r\n".encode() + reply.body
        if self.farm.latency_s:
            asyncio.get_running_loop().call_later(self.farm.latency_s, self.transport.write, whole)
        else:
            self.transport.write(whole)


async def serve(count: int, tickets: int, port: int, ready: Callable[[], None]) -> None:
    farm = Farm(count, tickets, port)
    server = await asyncio.get_running_loop().create_server(
        lambda: Line(farm),
        "0.0.0.0",
        port,
        backlog=4096,  # all of 127.0.0.0/8
    )
    ready()
    async with server, asyncio.TaskGroup() as group:
        group.create_task(farm.live())


if __name__ == "__main__":
    many, each, at = map(int, sys.argv[1:4])
    asyncio.run(serve(many, each, at, lambda: print("ready", flush=True)))
