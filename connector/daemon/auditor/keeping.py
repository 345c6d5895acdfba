"""Keeps what an audit has found: breaches opened and closed in one transaction, and told once each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from connector.daemon.auditor.findings import Findings
from connector.daemon.auditor.state import State
from connector.daemon.connection import Connection
from connector.history.invariants.words import HOLDS, Broken
from connector.psa.port import Hint
from connector.store import audited, breaches, cursors, inbox, strangers
from connector.store.breaches import Breach

log = structlog.get_logger(__name__)

BREACHES_KEPT = timedelta(days=90)
STRANGERS_KEPT = timedelta(days=30)


async def keep(c: Connection, state: State, found: Findings, going: Sequence[Breach], now: datetime) -> None:
    """Keep what was found, have it looked at again, and tell what is new and what is over."""
    over = [one for one in going if found.is_over(one.key)]
    async with c.store.begin(of=c.name) as tx:
        known = await breaches.find(tx, c.name, found.broken)
        rows = [_row(c, one, known.get(key), now) for key, one in found.broken.items()]
        await breaches.put(tx, rows)
        for one in over:
            await breaches.close(tx, c.name, one.key, now)
        await audited.judge_again(tx, c.name, found.judge, now)
        await inbox.put(tx, c.name, [Hint(ticket_id=ticket_id) for ticket_id in sorted(found.read)], now)
        if state.tidied_at is None or now - state.tidied_at >= timedelta(days=1):
            state.tidied_at = now
            await breaches.prune(tx, c.name, now - BREACHES_KEPT)
            await strangers.prune(tx, c.name, now - STRANGERS_KEPT)
        await cursors.put(tx, c.name, audited.STATE, state.to_json(), now)
    told = {one.key for one in going}
    for row in rows:
        if row.key not in told:
            what = HOLDS[found.broken[row.key].invariant]
            log.error(
                "audit: not so",
                connection=c.name,
                ticket=row.ticket_id,
                invariant=row.invariant,
                should=what,
                found=row.detail,
            )
    for one in over:
        log.info("audit: so again", connection=c.name, ticket=one.ticket_id, invariant=one.invariant)


def _row(c: Connection, broken: Broken, known: Breach | None, now: datetime) -> Breach:
    if known is None:
        return Breach(
            conn=c.name,
            invariant=broken.invariant,
            ticket_id=broken.ticket_id,
            detail=broken.detail,
            first_at=now,
            last_at=now,
        )
    first = known.first_at if known.over_at is None else now
    times = known.times + 1 if known.over_at is None else 1
    return replace(known, detail=broken.detail, first_at=first, last_at=now, times=times, over_at=None)
