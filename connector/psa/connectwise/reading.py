"""Rows to batches: every row becomes a fact or is set aside with a reason, and none stops the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from connector.model import Event
from connector.psa.connectwise import mapping
from connector.psa.connectwise.conditions import Condition, eq
from connector.psa.connectwise.fields import custom_fields
from connector.psa.connectwise.session import Session
from connector.psa.port import Batch, Malformed, Snapshot
from connector.psa.values import Json, Unreadable

ENTRIES: dict[str, tuple[str, Condition, str]] = {
    "time_entries": ("time/entries", eq("chargeToType", "ServiceTicket"), "chargeToId"),
    "schedule_entries": ("schedule/entries", eq("type/identifier", "S"), "objectId"),
}
"""Where the entries of service tickets are: path, which of them, and the field that names the ticket."""


def read_tickets(rows: list[Any], session: Session) -> Batch:
    """Rows of `service/tickets` as snapshots, with the close of closed ones; bad rows are set aside."""
    snapshots: list[Snapshot] = []
    events: list[tuple[str, Event]] = []
    bad: list[Malformed] = []
    reader = session.reader
    for row in rows:
        if not isinstance(row, dict):
            bad.append(mapping.malformed(row, "a ticket was expected"))
            continue
        try:
            shown = mapping.snapshot(row, reader, session.binding.observed(custom_fields(row)))
        except Unreadable as error:
            bad.append(mapping.malformed(row, f"ticket: {error}"))
            continue
        shown = replace(shown, fields=session.watch.read(custom_fields(row)))
        snapshots.append(shown)
        closed = mapping.closing(row, shown, reader)
        if closed is not None:
            events.append((shown.ticket.id, closed))
    return Batch(snapshots=tuple(snapshots), events=tuple(events), malformed=tuple(bad))


def read_facts(rows: list[Any], what: str, read: Callable[[Json], tuple[str, Event] | None]) -> Batch:
    """Rows as facts of tickets; bad rows are set aside."""
    events: list[tuple[str, Event]] = []
    bad: list[Malformed] = []
    for row in rows:
        try:
            found = read(row) if isinstance(row, dict) else _refuse(row)
        except Unreadable as error:
            ticket_id = _named_ticket(row)
            bad.append(mapping.malformed(row, f"{what}: {error}", ticket_id))
            continue
        if found is not None:
            events.append(found)
    return Batch(events=tuple(events), malformed=tuple(bad))


def facts_of(feature: str, rows: list[Any], session: Session) -> Batch:
    """Rows of time or schedule entries as facts of tickets."""
    reader = session.reader
    if feature == "time_entries":
        return read_facts(rows, "time entry", lambda row: mapping.time_entry(row, reader))
    return read_facts(rows, "schedule entry", lambda row: mapping.appointment(row, reader))


def _named_ticket(row: object) -> str:
    """The ticket a bad row belongs to, where it says so."""
    for name in ("chargeToId", "objectId", "ticketId"):
        if isinstance(row, Mapping) and type(row.get(name)) is int:
            return str(row[name])
    return ""


def _refuse(row: object) -> tuple[str, Event]:
    raise Unreadable(f"an object was expected, not {row!r:.40}")
