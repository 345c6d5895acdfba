"""Writes held back: a running daemon never dies of it, it goes on watching and says why it does not write.

Looked at whenever fields are bound, so before the first write under other rules, and while it is so: a
canary that passes in another process lets writes go on without a restart.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from connector.daemon.connection import Connection
from connector.store import audit, cursors, outbox
from connector.store.audit import Deed, Doer

log = structlog.get_logger(__name__)

TALLY = timedelta(days=1)
_WAIVER = "waiver"


async def look(c: Connection) -> None:
    """See whether a canary stands for the rules in force."""
    if c.gate is None:
        return
    why = await c.gate.held(c.store, c.policies())
    if why and why != c.held:
        log.error("writes held back", connection=c.name, why=why)
    if c.held and not why:
        log.info("writes go on", connection=c.name)
    c.held = c.health.connections[c.name].held = why


async def tell_of_waiver(c: Connection, known: str | None = None) -> str:
    """Log and show that it writes without a canary; a waiver that is new, or gone, is an act to be kept.

    Returns its reason. `known`: the one that is kept, where that is known.
    """
    reason = c.gate.waiver if c.gate else ""
    c.health.connections[c.name].waived = reason
    if reason:
        log.warning("writes without a canary", connection=c.name, waived=reason)
    before = known
    if before is None:
        async with c.store.glance() as tx:
            before = (await cursors.get(tx, c.name, _WAIVER) or {}).get("reason", "")
    if before == reason:
        return reason
    now = c.now()
    async with c.store.begin(of=c.name) as tx:
        by = Doer(name="connector.yaml", role="settings", why=reason or before)
        what = "canary waived" if reason else "canary no longer waived"
        await audit.add(tx, Deed(at=now, by=by, what=what, conn=c.name))
        await cursors.put(tx, c.name, _WAIVER, {"reason": reason}, now)
    return reason


async def tell_of_watching(c: Connection) -> None:
    """Of a connection that only watches, once a day: how much it would have written."""
    now = c.now()
    if c.writes or (c.next_tally is not None and now < c.next_tally):
        return
    async with c.store.glance() as tx:
        owed, _ = (await outbox.counts(tx)).get(c.name, (0, 0))
    log.info("only watches; nothing is written", connection=c.name, tickets_it_would_write_to=owed)
    c.next_tally = now + TALLY
