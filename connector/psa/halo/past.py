"""Which tickets have a past that neither the list nor their actions tell: those are worth a second request.

The list shows how a ticket stands, not how it came to that, and actions are silent about priorities. The
audit tells, at the price of a request a ticket, so it is asked for where something is known to have happened
unseen: at the first reading, after a gap, and where a ticket stands differently from the last time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta

from connector.model import Event, StatusChange, Ticket
from connector.psa.port import Snapshot

KEPT = 50_000
"""Tickets remembered. One that is forgotten is taken for one that was seen before we were started."""

AT_ONCE = timedelta(seconds=10)
"""What happens to a new ticket this soon belongs to its opening."""

AWAY = timedelta(minutes=10)
"""Nobody looked for longer than this: what happened meanwhile cannot be seen from how things stand now."""


class Past:
    """How the tickets of one connection stood when they were last read."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._untold: set[str] = set()  # something happened that only the audit tells
        self._moved: set[str] = set()  # the status is another one, which an action usually tells

    def seen(self, snapshots: Iterable[Snapshot], watched_since: datetime | None) -> None:
        """A list has brought these, and we were looking since then; None if nobody was.

        Of a ticket that is new to us the past counts if it began while we were looking, for then it is
        new to everybody; if nobody was, then that of every open one.
        """
        for shown in snapshots:
            ticket = shown.ticket
            was = self._known.get(ticket.id)
            if was is None:
                new = watched_since is None or ticket.opened_at >= watched_since
                if new and _has_past(shown):
                    self._untold.add(ticket.id)
            elif was[0] != ticket.priority:
                self._untold.add(ticket.id)
            elif was[1] != ticket.status:
                self._moved.add(ticket.id)
            self._keep(ticket)

    def told(self, ticket: Ticket) -> None:
        """Everything has been read of this one."""
        self._untold.discard(ticket.id)
        self._moved.discard(ticket.id)
        self._keep(ticket)

    def is_untold(self, ticket: Ticket, told: Iterable[Event]) -> bool:
        """Whether more happened to a ticket than its actions have `told`."""
        if ticket.id in self._untold or ticket.id not in self._moved:
            return ticket.id in self._untold
        return not any(isinstance(one, StatusChange) and one.to == ticket.status for one in told)

    def _keep(self, ticket: Ticket) -> None:
        self._known[ticket.id] = (ticket.priority, ticket.status)
        self._known.move_to_end(ticket.id)
        while len(self._known) > KEPT:
            lost, _ = self._known.popitem(last=False)
            self._untold.discard(lost)
            self._moved.discard(lost)


def _has_past(shown: Snapshot) -> bool:
    """Whether anything can have happened to an open ticket since it was opened."""
    ticket, at = shown.ticket, shown.updated_at
    return not ticket.closed and (at is None or at - ticket.opened_at > AT_ONCE)
