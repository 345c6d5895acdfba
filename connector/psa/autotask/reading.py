"""Rows to batches: every row becomes a fact or is set aside with a reason, and none stops the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from connector.model import Event
from connector.psa.autotask import mapping
from connector.psa.autotask.ratings import survey_result, thermometer
from connector.psa.autotask.session import Session
from connector.psa.port import Batch, Malformed, Snapshot
from connector.psa.values import Json, Unreadable


def read_tickets(rows: list[Any], session: Session) -> Batch:
    """Rows of `Tickets` as snapshots, with what else they tell: opening words, close, last click."""
    snapshots: list[Snapshot] = []
    events: list[tuple[str, Event]] = []
    bad: list[Malformed] = []
    reader = session.reader
    for row in rows:
        if not isinstance(row, dict):
            bad.append(mapping.malformed(row, "a ticket was expected"))
            continue
        try:
            shown = mapping.snapshot(row, reader, session.binding.observed(row))
        except Unreadable as error:
            bad.append(mapping.malformed(row, f"ticket: {error}"))
            continue
        shown = replace(shown, fields=session.watch.read(row))
        snapshots.append(shown)
        told = (
            mapping.description(row, shown, reader),
            mapping.closing(shown, row, reader),
            thermometer(row, shown, reader),
        )
        events += [(shown.ticket.id, event) for event in told if event is not None]
    return Batch(snapshots=tuple(snapshots), events=tuple(events), malformed=tuple(bad))


def read_facts(rows: list[Any], what: str, read: Callable[[Json], tuple[str, Event] | None]) -> Batch:
    """Rows as facts of tickets; bad rows are set aside."""
    events: list[tuple[str, Event]] = []
    bad: list[Malformed] = []
    for row in rows:
        try:
            found = read(row) if isinstance(row, dict) else _refuse(row)
        except Unreadable as error:
            bad.append(mapping.malformed(row, f"{what}: {error}", _named_ticket(row)))
            continue
        if found is not None:
            events.append(found)
    return Batch(events=tuple(events), malformed=tuple(bad))


def read_notes(rows: list[Any], session: Session) -> Batch:
    return read_facts(rows, "note", partial(mapping.note, reader=session.reader))


def read_time_entries(rows: list[Any], session: Session) -> Batch:
    return read_facts(rows, "time entry", partial(mapping.time_entry, reader=session.reader))


def read_surveys(rows: list[Any], session: Session) -> Batch:
    return read_facts(rows, "survey result", partial(survey_result, surveys=session.surveys))


def _named_ticket(row: object) -> str:
    """The ticket a bad row belongs to, where it says so: never the row's own id."""
    named = row.get("ticketID") if isinstance(row, Mapping) else None
    return str(named) if type(named) is int else ""


def _refuse(row: object) -> tuple[str, Event]:
    raise Unreadable(f"an object was expected, not {row!r:.40}")
