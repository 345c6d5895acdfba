"""From a webhook received to the flag readable in the PSA, at 20 webhooks a second.

The simulated PSA runs here and the daemon in a process of its own. The first answer of a person changes
the felt response of a ticket, so each callback leads to one write; it counts from the moment the PSA
sends the callback to the moment a read would show the flag. The floor is the same number of bare
requests as one such callback takes, one after the other, at the same simulator.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench._kit import Psa, answer, config, daemon_beside, free_port, scratch, share, until
from connector.logs import configure_logging
from connector.simulator import Exchange, Simulator, World, make_world, utcnow

TICKETS = 600
PER_SECOND = 20.0
FLAG = "Felt Response (min)"


@dataclass(slots=True)
class Watch:
    """Sees every exchange at the moment it is answered."""

    world: World
    sent: dict[int, float] = field(default_factory=dict)
    readable: dict[int, float] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    reads: list[str] = field(default_factory=list)
    looked: int = 0

    def __call__(self, seen: Exchange) -> None:
        now = time.perf_counter()
        self.requests[seen.method] += 1
        if seen.method == "GET":
            self.reads.append(f"{seen.path}?{seen.query}")
        for write in self.world.writes[self.looked :]:
            if write.field == FLAG and write.ticket in self.sent:
                self.readable.setdefault(write.ticket, now)
        self.looked = len(self.world.writes)

    def waited_ms(self) -> list[float]:
        return [(self.readable[t] - self.sent[t]) * 1000 for t in self.sent if t in self.readable]


async def caught_up(watch: Watch) -> None:
    """Until the daemon stands: its callback is made, flags are written, and nothing moves any more."""
    await until(lambda: bool(watch.world.hooks), 120)
    before = -1
    while before != watch.requests.total() or not watch.requests["PATCH"]:
        before = watch.requests.total()
        await asyncio.sleep(4)


async def answers(watch: Watch, tickets: list[int]) -> None:
    """An engineer answers each ticket, at random moments, 20 a second on average."""
    dice = random.Random(7)
    due = time.perf_counter()
    for ticket in tickets:
        due += dice.expovariate(PER_SECOND)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        watch.sent[ticket] = time.perf_counter()
        watch.world.post(ticket, "mbauer", answer(ticket))
    await until(lambda: len(watch.readable) == len(tickets), 60)


async def floor_ms(psa: Psa, reads: list[str], at_once: int) -> list[float]:
    """The same number of bare requests as one webhook takes, one after the other."""
    login = (f"{psa.company}+{psa.public_key}", psa.private_key)
    base = f"{psa.url}/v4_6_release/apis/3.0"
    taken = []
    async with httpx.AsyncClient(auth=login, headers={"clientid": psa.client_id}, trust_env=False) as client:
        for start in range(0, min(len(reads), 200 * at_once), at_once):
            began = time.perf_counter()
            for path in reads[start : start + at_once]:
                (await client.get(base + path)).raise_for_status()
            taken.append((time.perf_counter() - began) * 1000)
    return taken


async def measure(folder: Path) -> None:
    world = make_world(tickets=200, start=utcnow())
    world.clock = utcnow
    watch = Watch(world)
    async with Simulator(world, tap=watch) as sim:
        psa = Psa.of(sim)
        config(folder, psa.login, web=free_port(), write_back=True, poll_every="60s")
        opened = [
            world.open_ticket("Acme Dental", f"Printer {n} down", text="No paper.", priority="P1 Critical")
            for n in range(TICKETS)
        ]
        async with daemon_beside(folder, psa):
            await caught_up(watch)
            watch.requests.clear()
            watch.reads.clear()
            began = time.perf_counter()
            await answers(watch, opened)
            took = time.perf_counter() - began
        spent = watch.requests.total() / TICKETS
        floor = await floor_ms(psa, list(watch.reads), round(spent))
    waited = watch.waited_ms()
    print(f"{TICKETS} webhooks in {took:.1f} s, {spent:.2f} requests each")
    print(
        f"received to readable: p50 {share(waited, 0.5):.0f} ms, p99 {share(waited, 0.99):.0f} ms (aim 500), "
        f"longest {max(waited):.0f} ms"
    )
    print(f"floor, {round(spent)} bare requests one after the other: p50 {share(floor, 0.5):.0f} ms")
    print(f"ratio of the medians: {share(waited, 0.5) / share(floor, 0.5):.2f}")


def main() -> None:
    configure_logging(level="error")
    with scratch() as folder:
        asyncio.run(measure(folder))
