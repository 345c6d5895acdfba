"""Keeps a connection's risk model fresh: once a day, beside the turns, from its own tickets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta

import structlog

from connector.daemon.connection import Connection
from connector.errors import ConnectorError
from connector.history.learning import learn
from connector.store import assessments, models

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
LOOK_EVERY = timedelta(minutes=10)


async def keep_learning(c: Connection, stopping: asyncio.Event, wake: Callable[[str], None]) -> None:
    """Until `stopping`. What fails is logged and tried again; the shares used stand in meanwhile."""
    while not stopping.is_set():
        try:
            if await refresh(c):
                wake(c.name)
        except ConnectorError as error:  # the store; the turns tell of it, too
            log.info("not learnt", connection=c.name, error=str(error))
        except Exception:  # a defect of ours must not end the connection; it is logged with its trace
            log.exception("learning failed", connection=c.name)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), LOOK_EVERY.total_seconds())


async def refresh(c: Connection) -> bool:
    """Take the newest model there is, learning one if the last is a day old; True if it is another one.

    Then every open ticket is due, so that the board tells what the model says, and misses are foreseen by it.
    During a back-fill, and before anything was read, nothing is learnt.
    """
    now, health = c.now(), c.health.connections[c.name]
    async with c.store.read() as tx:
        model = await models.get(tx, c.name)
    if (model is None or now - model.learnt_at >= EVERY) and health.last_poll and not health.backfilling:
        model = await learn(c.store, c.name, c.clients(), now)
        known = {name: f"{one.base:.1%} of {one.tickets}" for name, one in model.buckets.items()}
        log.info("risk learnt", connection=c.name, missed=known)
    if model is None or (c.model and c.model.learnt_at == model.learnt_at):
        return False
    c.model = model
    async with c.store.begin(of=c.name) as tx:
        for policy in c.policies():
            await assessments.make_due(tx, c.name, policy.client, now)
    return True
