"""An Autotask adapter on a pretend MSP over real HTTP, and all of its streams read as a turn reads them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime

from connector.psa.autotask.adapter import Autotask
from connector.psa.autotask.config import AutotaskConfig
from connector.settings.connection import WorkTypesPart
from connector.simulator import Faults, Simulator

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CAPTIONS = {
    "at_risk": frozenset({"PX At Risk"}),
    "zone": frozenset({"SLA Zone"}),
    "felt_response": frozenset({"Felt Response (min)"}),
}


def config(sim, **change):
    c = sim.credentials
    known = {
        "site": sim.url,
        "user": c.user_name,
        "secret": c.secret,
        "integration_code": c.integration_code,
        "timeout_s": 5,
        "channel": WorkTypesPart().channel,
    }
    return AutotaskConfig(**(known | change))


@asynccontextmanager
async def connected(world, tap=None, start=True, change=None, **faults):
    """A started adapter and its simulator."""
    async with Simulator(world, vendor="autotask", faults=Faults(**faults), tap=tap) as sim:
        psa = Autotask("main", config(sim, **(change or {})))
        try:
            if start:
                await psa.start(CAPTIONS)
            yield psa, sim
        finally:
            await psa.close()


async def drain(psa, stream, cursor, now, limit=200, complete=False):
    """All batches of a stream, with the timelines of its tickets as a turn of the daemon asks for them."""
    batches = []
    while True:
        batch = await psa.poll(stream, cursor, now=now, limit=limit)
        batches.append(batch)
        if complete and batch.snapshots:
            batches.append(await psa.complete(batch.snapshots))
        cursor = batch.cursor
        if batch.done:
            return batches, cursor


async def everything(psa, cursors, now, limit=200):
    batches = []
    for stream in psa.streams:
        found, cursors[stream] = await drain(
            psa, stream, cursors.get(stream), now, limit, stream == "tickets"
        )
        batches += found
    return batches


def told(batches, ticket):
    return [event for batch in batches for number, event in batch.events if number == str(ticket)]
