"""What is written about tickets behind their backs: history, deletions.

History answers for one ticket at a time and for no other question, in sentences with labels in them,
every other line of which is noise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connector.simulator.autotask import names
from connector.simulator.autotask.entity import Entity, Field, Hints, fields, table
from connector.simulator.autotask.errors import refused
from connector.simulator.autotask.tickets import Desk, number
from connector.simulator.records import Trail, Withdrawn, WorkLog


def one_ticket(given: Any) -> None:
    """History is asked for exactly one ticket by `ticketID eq`; ApiError for anything else."""
    item = given[0] if isinstance(given, list) and len(given) == 1 else None
    asked = {str(key).casefold(): value for key, value in item.items()} if isinstance(item, dict) else {}
    if (str(asked.get("op")).casefold(), str(asked.get("field")).casefold()) != ("eq", "ticketid"):
        raise refused("TicketHistory can only be queried by ticketID with the eq operator.")


def past(desk: Desk) -> list[Entity]:
    return [_history(desk), _deleted(desk), _deleted_activity(desk)]


def _history(desk: Desk) -> Entity:
    """The audit trail, with the line of noise that a change brings. Only `ticketID eq` can be asked."""

    def rows(hints: Hints) -> list[tuple[int, Trail, bool]]:
        found = []
        for ticket in hints.tickets or ():
            for place, line in desk.lines(ticket):
                found += [(2 * place, line, False), (2 * place + 1, line, True)]
        return sorted((row for row in found if row[0] > hints.after), key=lambda row: row[0])

    every = [
        Field("id", "long", lambda row: row[0], queryable=False),
        Field("ticketID", read=lambda row: row[1].ticket, refers="Ticket"),
        Field("action", "string", lambda row: _said(row)[0], queryable=False),
        Field("detail", "string", lambda row: _said(row)[1], queryable=False),
        Field("date", "datetime", lambda row: row[1].at, queryable=False),
        Field("resourceID", read=lambda row: desk.names.resource_of(row[1].by), queryable=False),
    ]
    return Entity("TicketHistory", "TicketHistory", fields(*every), rows, lambda _id: None)


def _said(row: tuple[int, Trail, bool]) -> tuple[str, str]:
    """Action and detail, e.g. ("Status Changed", "Status changed from New to In Progress")."""
    _, line, noise = row
    if noise:
        return "Last Activity Date Changed", f"Last Activity Date changed to {line.at:%m/%d/%Y %I:%M %p}"
    if not line.new:
        return line.what, line.text
    what = {"Owner": "Primary Resource"}.get(line.what, line.what)
    old, new = (names.label(name) if what == "Status" else name for name in (line.old, line.new))
    return f"{what} Changed", f"{what} changed from {old or '[none]'} to {new}"


def _deleted(desk: Desk) -> Entity:
    every = [
        Field("id", "long", lambda gone: gone.id),
        Field("ticketID", read=lambda gone: gone.ticket.id),
        Field("ticketNumber", "string", lambda gone: number(gone.ticket)),
        Field("ticketTitle", "string", lambda gone: gone.ticket.summary),
        Field("deletedByResourceID", read=lambda gone: desk.names.resource_of(gone.by)),
        Field("deletedDateTime", "datetime", lambda gone: gone.at),
    ]
    return table("DeletedTicketLogs", "DeletedTicketLog", every, lambda: desk.world.gone)


def _deleted_activity(desk: Desk) -> Entity:
    """Notes and time entries that were deleted, of tickets that are still there."""

    def log(read: Callable[[WorkLog], Any]) -> Callable[[Withdrawn], Any]:
        return lambda gone: read(gone.what) if isinstance(gone.what, WorkLog) else None

    every = [
        Field("id", "long", lambda gone: gone.id),
        Field("typeID", read=lambda gone: 2 if isinstance(gone.what, WorkLog) else 1),
        Field("ticketID", read=lambda gone: gone.what.ticket),
        Field("startDateTime", "datetime", log(lambda one: one.start)),
        Field("endDateTime", "datetime", log(lambda one: one.end)),
        Field("hoursWorked", "double", log(lambda one: (one.end - one.start).total_seconds() / 3600)),
        Field("deletedByResourceID", read=lambda gone: desk.names.resource_of(gone.by)),
        Field("deletedDateTime", "datetime", lambda gone: gone.at),
    ]
    name = "DeletedTicketActivityLog"
    return table(f"{name}s", name, every, lambda: desk.world.withdrawn)
