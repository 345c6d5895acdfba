"""The fewest requests with which a PSA's interface can be read: what every list gives in one request.

From the vendors' own limits, not from what our adapters do: rows a page has at most, and which messages no
list gives for more than one ticket.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One vendor's. `tickets`, `facts`: rows of a page; `messages`: of a page of messages of any tickets, 0
    where they are asked for ticket by ticket. `lists`: requests of a poll in which nothing else happened."""

    tickets: int
    facts: int
    messages: int
    lists: int

    def poll(self, tickets: int, messages: int, entries: int = 0) -> int:
        """Of a poll that finds so many tickets changed, with so many messages and time entries in all."""
        told = ceil(messages / self.messages) if self.messages else tickets
        more = max(0, ceil(entries / self.facts) - 1)  # the first page is one of `lists`
        return ceil(tickets / self.tickets) + told + more + self.lists


INTERFACES = {
    # time entries, schedule entries, one survey's results
    "connectwise": Interface(tickets=1000, facts=1000, messages=0, lists=3),
    # time entries, service calls, survey results, deleted tickets, deleted activities
    "autotask": Interface(tickets=500, facts=500, messages=500, lists=5),
    # the closed tickets' own pass; time is among the actions, and feedback need not be read every minute
    "halo": Interface(tickets=100, facts=100, messages=0, lists=1),
}
