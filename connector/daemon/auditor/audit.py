"""One audit of one connection: draw a sample, read, check, and keep what was found.

Cheap on purpose: a handful of tickets from the store and at most two from the PSA every ten minutes, as
bulk reading, and none at all while the PSA has little patience left or the connection is not at work.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector import __version__
from connector.daemon.auditor.checks import LOOK_BACK, Checker
from connector.daemon.auditor.findings import Findings
from connector.daemon.auditor.ground import read_psa, read_store
from connector.daemon.auditor.keeping import keep
from connector.daemon.auditor.state import PROCESS, State, state_of
from connector.daemon.auditor.whole import check_connection
from connector.daemon.connection import Connection
from connector.store import audited, breaches, cursors
from connector.store.breaches import Breach

EVERY = timedelta(minutes=10)
SOON = timedelta(minutes=1)
"""When it is looked again whether the connection is at work."""

GAPS = 3
"""Times the interval: who has not been audited for so long was not at work."""

SAMPLE = 3
"""Open tickets drawn by chance."""

DRAWN_FROM = 64
"""Neighbours among which they are drawn: tickets observed together stay together."""

RECHECKS = 5
"""Tickets looked at again: under suspicion, or with a breach."""

_MANY = 1000
_PATIENT = 0.2  # of the PSA's limit: with less left it is not read
_SLOW = 0.5  # of the average pace: after a 429 it is not read until we are back there


async def audit_once(c: Connection, now: datetime, every: timedelta = EVERY) -> bool:
    """Audit this connection if that is due; whether it was. Raises what the store raises.

    `every`: how long it is left alone after an audit; a fleet of thousands samples them less often.

    Whoever turns the connection may call it as often as they like: between audits it costs nothing, and in
    a process that has not audited it before one read.
    """
    if c.next_audit is not None and now < c.next_audit:
        return False
    async with c.store.glance() as tx:
        state = state_of(await cursors.get(tx, c.name, audited.STATE), now)
    if state.at is not None and now < state.at - SOON:
        state.begin_anew(now)  # the clock was ahead, and so is all it remembers
    if state.at is not None and state.at <= now < state.at + every:
        c.next_audit = state.at + every
        return False
    if not _works(c):
        c.next_audit = now + SOON
        await _interrupted(c, state, now)
        return False
    c.next_audit = now + every
    await _audit(c, state, now, GAPS * every)
    return True


def _works(c: Connection) -> bool:
    health = c.health.connections[c.name]
    return health.state == "ok" and not health.backfilling and c.facts is not None


def _worked_on(c: Connection, state: State, now: datetime, gap: timedelta) -> bool:
    """Whether it has been at work since `working_since`. After a gap between two audits it was not: the
    machine slept, or its clock was set."""
    since, began = state.working_since, c.health.connections[c.name].since
    if since is None or state.at is None or now - state.at > gap:
        return False
    return began is None or began <= since


async def _interrupted(c: Connection, state: State, now: datetime) -> None:
    """Remember that it was not at work: what waits since then waits for a known reason."""
    if state.working_since is None:
        return
    state.working_since = None
    async with c.store.begin(of=c.name) as tx:
        await cursors.put(tx, c.name, audited.STATE, state.to_json(), now)


def _may_read(c: Connection) -> bool:
    """Whether the PSA has patience to spare: it does not slow us down by much, and enough of it is left."""
    quota = c.psa.quota()
    average = quota.limit * 60.0 / quota.window_s
    return quota.limit_per_minute >= average * _SLOW and quota.left >= quota.limit * _PATIENT


async def _audit(c: Connection, state: State, now: datetime, gap: timedelta) -> None:
    if not _worked_on(c, state, now, gap):
        state.working_since = now
    judge = f"{__version__} {c.clients().digest}"
    if state.judge != judge:
        state.judge, state.judge_at = judge, now
    async with c.store.read() as tx:
        going = await breaches.going(tx, c.name, _MANY)
        again, fresh = await _drawn(tx, c, state, going)
    asked = [*again[:1], *fresh[:1]] if _may_read(c) else []
    shown = await read_psa(c, asked)
    ids, found = [*again, *fresh], Findings()
    async with c.store.read() as tx:
        ground = await read_store(tx, c, ids, max(state.first_at, now - LOOK_BACK))
        unseen_for = await check_connection(tx, c, state, found, now)
    checker = Checker(c, state, ground, shown, now, found, unseen_for)
    await asyncio.to_thread(checker.all, ids)
    state.at, state.sampled, state.tickets = now, len(ids), state.tickets + len(ids)
    state.count(*(invariant for invariant, _ in found.checked))
    quota = c.psa.quota()
    state.limit = max(quota.limit, state.limit if state.process == PROCESS else 0)
    state.process, state.requests, state.clock = PROCESS, quota.requests_total, time.monotonic()
    await keep(c, state, found, going, now)


async def _drawn(
    tx: AsyncConnection, c: Connection, state: State, going: Sequence[Breach]
) -> tuple[list[str], list[str]]:
    """Tickets to look at again, those first whose flags were wrong, and tickets drawn by chance."""
    known = (*state.suspects, *(one.ticket_id for one in going if one.ticket_id), *state.judged)
    again = list(dict.fromkeys(known))[:RECHECKS]
    near = await audited.some_open(tx, c.name, random.random(), DRAWN_FROM)
    others = [ticket_id for ticket_id in near if ticket_id not in again]
    return again, random.sample(others, min(SAMPLE, len(others)))
