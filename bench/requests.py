"""Requests that a poll costs for each changed ticket, on every PSA, as the simulated PSA saw them.

A PSA's patience is the scarcest thing there is. Beside each figure stands the least with which the vendor's
interface can be read. Write-back is counted apart: it is owed by what was decided, not by what was read.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bench._desk import Desk, desk, parts
from bench._kit import answer
from bench._least import INTERFACES
from bench._login import VENDORS
from connector.logs import configure_logging

TICKETS = 2000
POLLS, EACH = 10, 50
AUTHORS = ("contact", "mbauer", "contact")
BOUNDS = {"connectwise": 1.1, "autotask": 0.05, "halo": 1.1}


def talk(d: Desk, tickets: list[int]) -> None:
    """Three messages on each of these tickets; five seconds lie between them, and before the next poll."""
    for author in AUTHORS:
        for ticket in tickets:
            d.world.post(ticket, author, answer(ticket))
        d.world.advance(timedelta(seconds=5))


async def measure(vendor: str) -> None:
    async with desk(vendor) as d:
        ids = await d.opened(TICKETS)
        await bounded(vendor, d, ids)
        await written(d)
        await next_poll(d)
        d.world.advance(timedelta(minutes=6))  # beyond the overlap
        await d.settle(poll=True)
        await spread(vendor, d, ids)


async def bounded(vendor: str, d: Desk, ids: list[int]) -> None:
    """One poll finds all of them changed: what the bound is for."""
    d.tally.clear()
    talk(d, ids)
    await d.settle(poll=True)
    bound, each = BOUNDS[vendor], d.tally.reads.total() / TICKETS
    print(f"{vendor}, one poll, {TICKETS} changed tickets, {len(AUTHORS)} messages each:")
    print(f"  reads: {each:.4f} a ticket, at most {bound}: {'held' if each <= bound else 'MISSED'}")
    report_reads(d, TICKETS, INTERFACES[vendor].poll(TICKETS, TICKETS * len(AUTHORS)))


async def written(d: Desk) -> None:
    """The flags that they all need now."""
    d.tally.clear()
    d.connection.write_back = True
    await d.settle(poll=False)
    count, writes = len({write.ticket for write in d.world.writes}), d.tally.writes
    print(
        f"  write-back, not in the bound: {writes.total() / count:.2f} requests a ticket, compared before, "
        f"read back after; {count} tickets: {parts(writes)}"
    )


async def next_poll(d: Desk) -> None:
    """A minute later the overlap shows them all again, and our own writes with them."""
    d.tally.clear()
    d.world.advance(timedelta(minutes=1))
    await d.settle(poll=True)
    again = len(d.tally.tickets)
    print(f"  the next poll: {d.tally.reads.total()} reads, timelines of {again} tickets read again")


async def spread(vendor: str, d: Desk, ids: list[int]) -> None:
    """The same at another pace: what every poll costs whatever it finds is shared by fewer tickets."""
    d.tally.clear()
    for n in range(POLLS):
        talk(d, ids[n * EACH : (n + 1) * EACH])
        await d.settle(poll=True)
        d.world.advance(timedelta(seconds=45))
    print(f"  {POLLS} polls a minute apart, {EACH} tickets changed in each, not in the bound:")
    report_reads(d, POLLS * EACH, POLLS * INTERFACES[vendor].poll(EACH, EACH * len(AUTHORS)))


def report_reads(d: Desk, changed: int, least: int) -> None:
    reads, again = d.tally.reads.total(), sum(times > 1 for times in d.tally.tickets.values())
    print(
        f"    {reads} for {changed} tickets, {reads / changed:.4f} each; least possible {least}, "
        f"{least / changed:.4f}; ratio {reads / least:.2f}; {again} tickets read more than once"
    )
    print(f"    {parts(d.tally.reads)}")


async def every() -> None:
    for vendor in VENDORS:
        await measure(vendor)


def main() -> None:
    configure_logging(level="error")
    asyncio.run(every())
