"""Adapters that tell a ticket's story wrongly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from connector.model import NOBODY, Appointment, Close, Event, Message, PriorityChange, Rating, StatusChange
from tests.contract.psa.faulty.broken import breaks, shows, tells, ticket
from tests.contract.psa.through import Through


def _in_message(change: Callable[[Message], Message]) -> Callable[[Event], Event]:
    return lambda event: change(event) if isinstance(event, Message) else event


tells("messages", _in_message(lambda m: replace(m, direction="out")))
tells("authors", _in_message(lambda m: replace(m, actor=replace(m.actor, kind="staff"))))
tells("visibility", _in_message(lambda m: replace(m, direction="out") if m.direction == "internal" else m))
tells("time_entries", _in_message(lambda m: replace(m, minutes=m.minutes / 60)))  # hours, as the PSA keeps
tells("closing", lambda e: None if isinstance(e, Close) else e)
tells("status_history", lambda e: None if isinstance(e, StatusChange) and e.from_ == "New" else e)
tells("priority_history", lambda e: replace(e, actor=NOBODY) if isinstance(e, PriorityChange) else e)
tells("appointments", lambda e: replace(e, at=e.starts_at or e.at) if isinstance(e, Appointment) else e)
tells("ratings", lambda e: replace(e, score=e.scale + 1 - e.score) if isinstance(e, Rating) else e)
tells("rating_comments", lambda e: replace(e, comment="") if isinstance(e, Rating) else e)
shows("watched_fields", lambda s: replace(s, fields={}))
shows("present_state", lambda s: ticket(s, status="".join(str(ord(c)) for c in s.ticket.status)))  # an id


@breaks("stable_keys")
class NumbersItsFacts(Through):
    """Keys are places in the answer: an early fact that comes late moves all others."""

    def brought(self, batch):
        keyed = [(t, replace(e, key=f"note:{n}")) for n, (t, e) in enumerate(reversed(batch.events))]
        return replace(batch, events=tuple((t, replace(e, key=f"{e.key}/{len(keyed)}")) for t, e in keyed))


@breaks("desk_addresses")
class KnowsNobody(Through):
    """The directory is read, and nothing is told of it."""

    async def start(self, captions):
        return replace(await self.psa.start(captions), people=frozenset())
