"""A PSA opened for a canary: logged in, fields bound, what an earlier one left put back, the ticket read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from connector.clients.captions import on_tickets
from connector.history.canary.aim import Aim, aim
from connector.history.canary.sight import Sight, look
from connector.history.canary.undo import clear_up
from connector.psa.port import Psa
from connector.psa.vendors import build_psa
from connector.rules.policy import Policy
from connector.settings import Connection
from connector.store.canaries import Canary
from connector.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """`left`: canaries that had been broken off, each with why it could not be put back, or ''."""

    psa: Psa
    sight: Sight
    aim: Aim
    left: Sequence[tuple[Canary, str]]


@asynccontextmanager
async def made_ready(
    name: str,
    settings: Connection,
    policies: Sequence[Policy],
    store: Store,
    ticket_id: str,
    *,
    now: Callable[[], datetime],
    tell: Callable[[str], None],
) -> AsyncIterator[Ready]:
    """Raises what the adapter raises; Rejected if none of our flags has a field."""
    psa = build_psa(name, settings)
    try:
        tell("logging in, reading statuses, people and fields")
        captions = on_tickets(policies)
        facts = await psa.start(captions)
        left = await clear_up(name, psa, store, now)
        tell(f"reading ticket {ticket_id}")
        sight = await look(psa, ticket_id)
        aimed = aim(psa, facts, sight, captions, now())
        yield Ready(psa=psa, sight=sight, aim=aimed, left=left)
    finally:
        await psa.close()
