"""The fewest requests with which a PSA's interface can be read: what every list gives in one request.

From the vendors' own limits, not from what our adapters do: rows a page has at most, and which messages no
list gives for more than one ticket.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One vendor's. `tickets`, `messages`, `entries`: rows of a page of tickets, of any tickets' messages and
    of their time entries; 0 messages: asked for ticket by ticket, 0 entries: they are among the messages.
    `lists`: requests of a poll for everything else, if nothing of it happened."""

    tickets: int
    messages: int
    entries: int
    lists: int

    def poll(self, tickets: int, messages: int, entries: int = 0) -> int:
        """Of a poll that finds so many tickets changed, with so many messages and time entries in all."""
        told = ceil(messages / self.messages) if self.messages else tickets
        more = max(0, ceil(entries / self.entries) - 1) if self.entries else 0  # the first is one of `lists`
        return ceil(tickets / self.tickets) + told + more + self.lists


INTERFACES = {
    # time entries, schedule entries, one survey's results
    "connectwise": Interface(tickets=1000, messages=0, entries=1000, lists=3),
    # time entries, service calls, survey results, deleted tickets, deleted activities
    "autotask": Interface(tickets=500, messages=500, entries=500, lists=5),
    # the closed tickets' own pass; time is among the actions, and feedback need not be read every minute
    "halo": Interface(tickets=100, messages=0, entries=0, lists=1),
}
