"""Rows to batches: every row becomes facts or is set aside with a reason, and none stops the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from connector.model import Event, Message, Ticket
from connector.psa.halo import actions, mapping
from connector.psa.halo.fields import custom_fields
from connector.psa.halo.mapping import Reader
from connector.psa.halo.session import Session
from connector.psa.halo.values import ident
from connector.psa.port import Batch, Malformed, Snapshot
from connector.psa.values import Json, Unreadable


def read_tickets(rows: list[Any], session: Session) -> Batch:
    """Tickets as snapshots, with the close of closed ones; bad rows are set aside, projects left out."""
    snapshots: list[Snapshot] = []
    events: list[tuple[str, Event]] = []
    bad: list[Malformed] = []
    reader = session.reader
    for row in rows:
        if not isinstance(row, dict):
            bad.append(mapping.malformed(row, "a ticket was expected"))
            continue
        if not mapping.is_ticket(row):
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


def read_actions(rows: list[Any], ticket: Ticket, reader: Reader) -> tuple[list[Event], list[Malformed]]:
    """The actions of one ticket in order of id; another ticket's are passed over, bad ones set aside."""
    events: list[Event] = []
    bad: list[Malformed] = []
    for row in sorted(rows, key=_order):
        first = not any(isinstance(event, Message) for event in events)
        if not isinstance(row, dict):
            bad.append(mapping.malformed(row, "an action was expected", ticket.id))
            continue
        if ident(row, "ticket_id") not in (0, int(ticket.id)):
            continue
        try:
            events += actions.facts(row, ticket, reader, first=first)
        except Unreadable as error:
            bad.append(mapping.malformed(row, f"action {row.get('id')!r:.20}: {error}", ticket.id))
    return events, bad


def read_facts(rows: list[Any], what: str, read: Callable[[Json], tuple[str, Event] | None]) -> Batch:
    """Rows as facts of tickets; bad rows are set aside."""
    events: list[tuple[str, Event]] = []
    bad: list[Malformed] = []
    for row in rows:
        try:
            found = read(row) if isinstance(row, dict) else _refuse(row)
        except Unreadable as error:
            ticket_id = str(ident(row, "ticket_id") or "") if isinstance(row, Mapping) else ""
            bad.append(mapping.malformed(row, f"{what}: {error}", ticket_id))
            continue
        if found is not None:
            events.append(found)
    return Batch(events=tuple(events), malformed=tuple(bad))


def _order(row: object) -> int:
    return ident(row, "id") if isinstance(row, dict) else 0


def _refuse(row: object) -> tuple[str, Event]:
    raise Unreadable(f"an object was expected, not {row!r:.40}")
