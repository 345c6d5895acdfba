"""One turn with what belongs around it, whoever asks for it: the supervisor of `run`, or a fleet's worker.

Before it: log in and bind, where that was not done under the rules in force, and see that our webhook lives.
After it: what the connection's health says now, and when there is a reason to turn again.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon import gate, logins
from connector.daemon.connection import Connection
from connector.daemon.errands import desk_of
from connector.daemon.start import start, tell_of_idle_clients
from connector.daemon.turn import Outcome, turn
from connector.errors import ConnectorError, Throttled, Unavailable
from connector.store import reasons
from connector.store.reasons import Reasons

log = structlog.get_logger(__name__)

HOOK_CHECK = timedelta(days=1)
HOOK_SOON = timedelta(minutes=5)
"""Until the next look at a webhook where the PSA had no time for one, or no answer: that passes."""


async def take_turn(c: Connection) -> Outcome:
    """Start the connection if need be, and do what is due. Raises what the adapter and the store raise."""
    if c.facts is None or c.started_under != c.rules():
        refused_before = await logins.permitted(c)
        await start(c)
        if refused_before:
            await logins.accepted(c)
    elif c.held:
        await gate.look(c)
    await _check_hook(c)  # first: what happens during a back-fill is heard of, too
    outcome = await turn(c)
    if not outcome.lagging:
        await tell_of_idle_clients(c)
        await gate.tell_of_watching(c)
    return outcome


async def _check_hook(c: Connection) -> None:
    """Once a day: is our webhook still alive? PSAs switch them off silently."""
    now = c.now()
    if not c.hook_url or (c.next_hook_check is not None and now < c.next_hook_check):
        return
    again = HOOK_CHECK
    try:
        found = await c.psa.ensure_webhook(c.hook_url)
    except ConnectorError as error:
        passing = isinstance(error, Throttled | Unavailable)
        found, again = f"not working: {error}", HOOK_SOON if passing else HOOK_CHECK / 24
    c.next_hook_check = now + again
    health = c.health.connections[c.name]
    if health.webhook != found:
        log.info("webhook", connection=c.name, found=found)
    health.webhook = found


async def next_reason(tx: AsyncConnection, c: Connection) -> datetime:
    """When the poll, the next timer or the next retry is due: not before now, at most an interval on.

    Now while webhooks or ratings wait, or open tickets have not been judged by the rules in force.
    """
    return next_of(c, await reasons.find(tx, c.name))


def next_of(c: Connection, found: Reasons) -> datetime:
    """See `next_reason`."""
    now = c.now()
    if found.heard or c.more_ratings or c.rules_seen != c.rules():
        return now
    times = [found.timer, c.next_poll]
    if c.writes:
        times.append(found.write)
    if desk_of(c):
        times.append(found.errand)
    nearest = min((t for t in times if t is not None), default=now + c.poll_every)
    return min(max(now, nearest), now + c.poll_every)


def note(c: Connection, outcome: Outcome) -> None:
    """Add a turn to the connection's health."""
    health, now = c.health.connections[c.name], c.now()
    health.turns += 1
    health.last_turn = now
    health.observed += outcome.observed
    health.assessed += outcome.assessed
    health.written += outcome.written
    health.backfilling = outcome.lagging
    health.watches = not c.writes
    if not outcome.lagging:
        health.last_poll = now
    c.health.report(c.name, "ok", "", now)


def wait_s(failures: int) -> float:
    """Seconds after this many failures in a row: 1, 2, 4 … 60, and up to one more by chance, so that
    connections that fell together do not come back together."""
    return float(min(2 ** min(failures - 1, 6), 60)) + random.random()
