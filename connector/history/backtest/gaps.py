"""What history could not give. A figure made of facts that were never written down must say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.model import Assignment, Close, Event, Message, Reopen, StatusChange, Ticket

_DONE_BY_SOMEBODY = (Message, StatusChange, Close, Reopen)
_STATES = (StatusChange, Close, Reopen)

_MEANS = {
    "no_messages": ("tickets", "no message at all", "nobody can say when the customer was answered"),
    "no_status_changes": ("tickets", "no status change", "pauses and reopenings are not known"),
    "no_priority": ("tickets", "no priority", 'only the "*" row can promise them anything'),
    "no_owner": ("tickets", "no owner, ever", "their alerts belong to nobody"),
    "no_texts": ("messages", "no text", "only their author and channel can be judged"),
    "unknown_actors": ("events", "an unknown actor", "person or machine is told from the text, if at all"),
}

NOT_REPLAYED = (
    "PX of the client and flags on companies: their writes are not counted",
    "the learnt chance of a miss: alerts it would have raised before orange are not counted",
    "merging and bundling have no instant in history: such tickets are apart from their opening on",
)


@dataclass(slots=True)
class Gaps:
    """`counts`: by the names of `_MEANS`, and of what there are so many: tickets, messages, events."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, ticket: Ticket, timeline: Sequence[Event]) -> None:
        messages = [one for one in timeline if isinstance(one, Message)]
        done = [one for one in timeline if isinstance(one, _DONE_BY_SOMEBODY)]
        owned = ticket.owner or any(isinstance(one, Assignment) and one.what == "person" for one in timeline)
        self.counts.update(
            tickets=1,
            messages=len(messages),
            events=len(done),
            no_messages=not messages,
            no_status_changes=not any(isinstance(one, _STATES) for one in timeline),
            no_priority=not ticket.priority,
            no_owner=not owned,
            no_texts=sum(one.text is None for one in messages),
            unknown_actors=sum(one.actor.kind == "unknown" for one in done),
        )

    def merge(self, other: Gaps) -> None:
        self.counts.update(other.counts)

    def to_json(self) -> list[dict[str, Any]]:
        """Every gap with its share, none left out: a zero is an answer, too."""
        return [
            {
                "gap": name,
                "n": self.counts[name],
                "of": self.counts[whole],
                "percent": round(100 * self.counts[name] / self.counts[whole], 1)
                if self.counts[whole]
                else None,
                "says": f"{whole} with {what}: {so}",
            }
            for name, (whole, what, so) in _MEANS.items()
        ]
