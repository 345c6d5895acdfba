"""Requests that a changed ticket costs when webhooks tell of it, as the simulated PSA saw them.

A webhook says only which ticket: the daemon reads that one, whole. A single one pays for every list by
itself; many at once share what can be shared. Writes are made as they are in service, and shown apart.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bench._desk import desk, parts
from bench._kit import answer
from bench._login import VENDORS
from connector.logs import configure_logging

AUTHORS = ("contact", "mbauer", "contact")
ROUNDS = ((200, 200), (20, 1))  # tickets, and how many of them change at once

ALONE = {"connectwise": 1, "autotask": 0, "halo": 3}
"""Requests that tell of one ticket only: its notes; nothing; the ticket, its actions, its appointments."""

SHARED = {"connectwise": 3, "autotask": 4, "halo": 0}
"""Requests for any number of tickets: they, time and schedule entries; Autotask: notes and service calls."""


async def measure(vendor: str, tickets: int, at_once: int) -> None:
    """Three messages on each ticket, so many tickets at a time."""
    async with desk(vendor, webhooks=True) as d:
        d.connection.write_back = True
        ids = await d.opened(tickets)
        d.tally.clear()
        for author in AUTHORS:
            for start in range(0, tickets, at_once):
                for ticket in ids[start : start + at_once]:
                    d.world.post(ticket, author, answer(ticket))
                d.world.advance(timedelta(seconds=5))
                await d.settle(poll=False)
    changes = tickets * len(AUTHORS)
    reads, writes = d.tally.reads.total() / changes, d.tally.writes.total() / changes
    least = ALONE[vendor] + SHARED[vendor] / at_once
    print(
        f"{vendor}, {at_once} at once: {reads:.2f} reads a change (least possible {least:.2f}, ratio "
        f"{reads / least:.2f}), and {writes:.2f} requests for writing: {parts(d.tally.reads)}"
    )


async def every() -> None:
    for vendor in VENDORS:
        for tickets, at_once in ROUNDS:
            await measure(vendor, tickets, at_once)


def main() -> None:
    configure_logging(level="error")
    asyncio.run(every())
