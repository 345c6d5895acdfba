"""Improve: keep each client's PX figure current, and tell its tickets when it moves.

PX stands on every open ticket of a client, so a new rating, or an old one leaving the window,
makes those tickets due at once. Nothing is written from here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon import contract
from connector.daemon.connection import Connection
from connector.model import PxFigure
from connector.rules.experience import px, px_text
from connector.rules.policy import Policy
from connector.store import assessments, cursors, ratings

LOOK_EVERY = timedelta(minutes=15)


async def figure(tx: AsyncConnection, c: Connection, policy: Policy, now: datetime) -> PxFigure:
    """The client's PX as of the last look: counted once, not for every turn, and the same on every ticket."""
    known = c.figures.get(policy.digest)
    if known is None:
        since = now - timedelta(days=policy.px.window_days)
        said = await ratings.counted(tx, policy.client, since, now)
        known = px((entry.rating for entry in said), policy.px)
        c.figures[policy.digest] = known
    return known


def is_time(c: Connection, now: datetime) -> bool:
    """Whether the figures are to be looked at."""
    return c.next_px is None or now >= c.next_px


async def refresh(tx: AsyncConnection, c: Connection, now: datetime, *, lagging: bool) -> bool:
    """Make the open tickets of every client due whose PX reads differently from what they show.

    Looked at when the ledger changed, and now and then because old ones leave the window; while more
    facts wait to be read it is put off. True when a figure moved: what was just assessed shows the
    old one and is better not written.
    """
    if lagging or not is_time(c, now):
        return False
    moved = False
    await contract.look(tx, c, now)
    c.next_px, c.next_companies = now + LOOK_EVERY, None
    c.figures.clear()
    for policy in c.policies():
        name = f"px:{policy.client}"
        text = px_text(await figure(tx, c, policy, now))
        shown = await cursors.get(tx, c.name, name)
        if (shown or {}).get("text", "") != text:
            await assessments.make_due(tx, c.name, policy.client, now)
            await cursors.put(tx, c.name, name, {"text": text}, now)
            moved = True
    return moved
