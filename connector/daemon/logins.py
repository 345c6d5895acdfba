"""Refused logins outlive a restart: a daemon that is started again and again must not lock its user.

While it runs, a refusal stops the connection for good. Started again it may try once more, since what was
wrong may have been mended in the PSA; refused again it waits an hour, then a day each time. Changed
settings or secrets are tried at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connector.daemon.connection import Connection
from connector.errors import AuthFailed, Unavailable
from connector.store import refusals
from connector.store.refusals import Refused

log = structlog.get_logger(__name__)

WAITS = (timedelta(0), timedelta(hours=1), timedelta(days=1))
"""After the first, the second, and every later refusal in a row. Vendors lock after as few as five."""


class Held(AuthFailed):
    """Nothing was sent: the same login was refused too often, too lately."""


async def permitted(c: Connection) -> bool:
    """Held, saying until when, if this login must not be tried yet. Whether one was refused before."""
    async with c.store.glance() as tx:
        kept = await refusals.get(tx, c.name)
    if kept is None or kept.fingerprint != c.fingerprint():
        return kept is not None
    until = held_until(kept)
    if kept.last <= c.now() < until:  # a last refusal in the future is a clock that was set back
        raise Held(
            f"{kept.why} — refused {kept.times} times in a row, and more could lock the user: change the "
            f"credentials, or restart after {until:%Y-%m-%d %H:%M} UTC"
        )
    return True


def held_until(kept: Refused) -> datetime:
    """When a login that was refused like this may be tried again, with the settings it was refused under."""
    return kept.last + WAITS[min(kept.times, len(WAITS)) - 1]


async def refused(c: Connection, error: AuthFailed) -> None:
    """Remember that the PSA has refused this login. A store in trouble is said and stops nothing."""
    if isinstance(error, Held):
        return
    try:
        async with c.store.begin(of=c.name) as tx:
            kept = await refusals.get(tx, c.name)
            before = kept.times if kept is not None and kept.fingerprint == c.fingerprint() else 0
            await refusals.put(tx, c.name, Refused(c.fingerprint(), before + 1, c.now(), str(error)))
    except (Unavailable, SQLAlchemyError) as trouble:
        log.warning("refused login not remembered", connection=c.name, reason=str(trouble))


async def accepted(c: Connection) -> None:
    """Forget what was refused before."""
    async with c.store.begin(of=c.name) as tx:
        await refusals.forget(tx, c.name, c.now())
