"""Requests that the first reading costs, set-up and all, as the simulated PSA saw them.

Autotask lets every integration of a database together make 10,000 an hour, so a first reading must leave
nearly all of them. History is one request for each open ticket, there and in Halo, and is counted apart.
"""

from __future__ import annotations

import asyncio

from bench._desk import Desk, desk, parts
from bench._least import INTERFACES
from connector.logs import configure_logging
from connector.store import tickets

TICKETS = {"autotask": 20_000, "connectwise": 2_000, "halo": 2_000}
MOST = {"autotask": 400}
HISTORY = {"autotask": "POST /V1.0/TicketHistory/query", "halo": "GET /Tickets/…"}  # Halo: its audit


async def measure(vendor: str) -> None:
    size = TICKETS[vendor]
    async with desk(vendor, tickets=size) as d:
        async with d.connector.store.read() as tx:
            totals = await tickets.counts(tx)
        world = d.world
        messages = sum(len(world.posts(ticket)) for ticket in world.tickets.by_id)
        least = INTERFACES[vendor].poll(size, messages, len(world.work_logs.by_id))
        report(vendor, d, least, sum(one.tickets for one in totals.values()))


def report(vendor: str, d: Desk, least: int, read: int) -> None:
    history = d.tally.reads[HISTORY[vendor]] if vendor in HISTORY else 0
    made = d.tally.reads.total() - history
    most = (
        f" (at most {MOST[vendor]}: {'held' if made <= MOST[vendor] else 'MISSED'})" if vendor in MOST else ""
    )
    asked = f" and {history} of history, one for each open ticket" if history else ""
    print(
        f"{vendor}, {read} of {TICKETS[vendor]} tickets read: {made} requests{most}{asked}; "
        f"{made / read:.4f} a ticket, least possible {least}, {least / read:.4f}; ratio {made / least:.2f}"
    )
    print(f"  {parts(d.tally.reads)}")


async def every() -> None:
    for vendor in TICKETS:
        await measure(vendor)


def main() -> None:
    configure_logging(level="error")
    asyncio.run(every())
