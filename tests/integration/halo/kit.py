"""A Halo adapter and its pretend MSP over real HTTP: what the tests of this folder share."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from connector.model import PriorityChange
from connector.psa.halo.adapter import Halo
from connector.psa.halo.config import HaloConfig
from connector.simulator import Faults, Simulator

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CAPTIONS = {
    "at_risk": frozenset({"PX At Risk"}),
    "zone": frozenset({"SLA Zone"}),
    "felt_response": frozenset({"Felt Response (min)"}),
}
FLAGS = {"at_risk": "Yes", "zone": "orange", "felt_response": "42"}
SECRET = "shared-with-the-webhook"


def config(sim, **change):
    known = {
        "site": sim.url,
        "client_id": sim.credentials.client_id,
        "client_secret": sim.credentials.client_secret,
        "hook_secret": SECRET,
        "timeout_s": 5,
        "concurrency": 8,
        "requests_per_5_minutes": 500_000,
    }
    return HaloConfig(**(known | change))


@asynccontextmanager
async def connected(world, start=True, change=None, tap=None, **faults):
    """A started adapter and its simulator."""
    async with Simulator(world, vendor="halo", port=0, faults=Faults(**faults), tap=tap) as sim:
        psa = Halo("main", config(sim, **(change or {})))
        try:
            if start:
                await psa.start(CAPTIONS)
            yield psa, sim
        finally:
            await psa.close()


async def drain(psa, stream, cursor, now, limit=100):
    """All batches of a stream until it says it is done."""
    batches = []
    while True:
        batch = await psa.poll(stream, cursor, now=now, limit=limit)
        batches.append(batch)
        cursor = batch.cursor
        if batch.done:
            return batches, cursor
        assert len(batches) < 200


def shown(batches):
    return [s.ticket.id for batch in batches for s in batch.snapshots]


def asked(world, verb, path):
    return world.requests[(verb, path)]


def priorities(batch):
    found = [e for _, e in batch.events if isinstance(e, PriorityChange)]
    return [(e.at, e.from_, e.to, e.actor.kind) for e in found]


def delivery(found):
    body = json.dumps(found).encode()
    return body, {"token": SECRET, "content-type": "application/json"}
