"""Improve: keep each client's PX figure current, and tell its tickets when it moves.

PX stands on every open ticket of a client, so a new rating, or an old one leaving the window,
makes those tickets due at once. Nothing is written from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.connection import Connection
from connector.model import PxFigure
from connector.rules.experience import px, px_text
from connector.rules.policy import Policy
from connector.store import assessments, cursors, events


async def figure(tx: AsyncConnection, policy: Policy, now: datetime) -> PxFigure:
    """The client's PX over its window ending `now`."""
    since = now - timedelta(days=policy.px.window_days)
    return px(await events.ratings(tx, policy.client, since, now), policy.px)


async def refresh(tx: AsyncConnection, c: Connection, policies: Iterable[Policy], now: datetime) -> None:
    """Make the open tickets of every client due whose PX reads differently from what they show."""
    for policy in policies:
        name = f"px:{policy.client}"
        text = px_text(await figure(tx, policy, now))
        shown = await cursors.get(tx, c.name, name)
        if (shown or {}).get("text", "") != text:
            await assessments.make_due(tx, c.name, policy.client, now)
            await cursors.put(tx, c.name, name, {"text": text}, now)
