"""A ticket's whole timeline: its actions, ticket by ticket, which Halo has no surer way to list.

What a poll has brought needs one request a ticket, for its actions, and a second one, for its audit, only
where more has happened than they tell. One asked for by itself comes with its audit at no further price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from connector.model import Actor, Event
from connector.psa.halo import audit
from connector.psa.halo.appointments import appointment, booked
from connector.psa.halo.fetching import ACTIONS, APPOINTMENTS, AUDIT, Fetcher, Raw
from connector.psa.halo.reading import read_actions, read_facts, read_tickets
from connector.psa.halo.session import Session
from connector.psa.halo.values import ident, is_record
from connector.psa.port import Batch, Snapshot
from connector.psa.together import together

SAME_CHANGE = timedelta(seconds=2)
"""An action this near to a ticket's last change is that change."""


class Timelines:
    """Reads timelines for one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._fetch = Fetcher(session)

    async def observe(self, ticket_ids: Sequence[str]) -> Batch:
        """Tickets with everything Halo keeps about them."""
        ids = list(dict.fromkeys(i for i in ticket_ids if is_record(i)))
        raw = Raw(gone={i for i in ticket_ids if not is_record(i)})
        await together(self._fetch.ticket(raw, ticket_id) for ticket_id in ids)
        found = list(raw.tickets)
        await together(
            [*(self._fetch.actions(raw, i, True) for i in found), *(self._fetch.dates(raw, i) for i in found)]
        )
        batch = self._observed(raw)
        return self._observed(raw) if await self._session.met_strangers() else batch

    async def complete(self, snapshots: Sequence[Snapshot]) -> Batch:
        """What is not in the list of tickets that a poll has brought: one request each, seldom more."""
        raw = Raw()
        await together(self._fetch.actions(raw, s.ticket.id, False) for s in snapshots)
        dated = [i for i, rows in raw.actions.items() if any(_books(row) for row in rows)]
        await together(self._fetch.dates(raw, ticket_id) for ticket_id in dated)
        batch = self._timelines(raw, snapshots)
        untold = self._untold(raw, snapshots, batch)
        await together(self._fetch.audit(raw, ticket_id) for ticket_id in untold)
        if await self._session.met_strangers() or untold:
            batch = self._timelines(raw, snapshots)
        for shown in snapshots:
            if shown.ticket.id in raw.actions.keys() | raw.audits.keys():
                self._session.past.told(shown.ticket)
        return batch

    def _untold(self, raw: Raw, snapshots: Sequence[Snapshot], batch: Batch) -> list[str]:
        """Tickets whose actions do not tell all that happened to them, or may not be read at all."""
        off, past = self._session.off, self._session.past
        if AUDIT in off:
            return []
        tickets = [s.ticket for s in snapshots if s.ticket.id in raw.actions or ACTIONS in off]
        told: dict[str, list[Event]] = {ticket.id: [] for ticket in tickets}
        for ticket_id, event in batch.events:
            told.setdefault(ticket_id, []).append(event)
        return [ticket.id for ticket in tickets if past.is_untold(ticket, told[ticket.id])]

    def _observed(self, raw: Raw) -> Batch:
        found = read_tickets(list(raw.tickets.values()), self._session)
        rest = self._timelines(raw, found.snapshots)
        replaces = rest.replaces if APPOINTMENTS in self._session.off else ("action:", "appointment:")
        if all(audit.is_shown(raw.audits[ticket_id]) for ticket_id in rest.complete):
            replaces = (*replaces, audit.PREFIX)
        for shown in found.snapshots:
            if shown.ticket.id in rest.complete:
                self._session.past.told(shown.ticket)
        return Batch(
            snapshots=tuple(replace(shown, alone=True) for shown in rest.snapshots),
            events=(*found.events, *rest.events),
            complete=rest.complete,
            replaces=replaces,
            gone=frozenset(raw.gone),
            malformed=(*found.malformed, *rest.malformed),
        )

    def _timelines(self, raw: Raw, snapshots: Sequence[Snapshot]) -> Batch:
        """Actions and appointments as events; a ticket with something unreadable is not complete."""
        reader = self._session.reader
        events: list[tuple[str, Event]] = []
        edited: list[Snapshot] = []
        bad = list(raw.bad)
        for snapshot in snapshots:
            ticket = snapshot.ticket
            rows = raw.actions.get(ticket.id, [])
            found, unread = read_actions(rows, ticket, reader)
            made = partial(appointment, reader=reader, booked=booked(rows, ticket, reader))
            dates = read_facts(raw.appointments.get(ticket.id, []), "appointment", made)
            row = raw.audits.get(ticket.id, {})
            found += audit.untold(audit.changes(row, reader), found)
            events += [(ticket.id, event) for event in found]
            events += [(owner, event) for owner, event in dates.events if owner == ticket.id]
            bad += [*unread, *(replace(item, ticket_id=ticket.id) for item in dates.malformed)]
            edits = [*audit.edits(row, reader), *((event.at, event.actor) for event in found)]
            edited.append(_edited(snapshot, edits))
        whole = {s.ticket.id for s in snapshots if s.ticket.id in raw.actions}
        return Batch(
            snapshots=tuple(edited),
            events=tuple(events),
            complete=frozenset(whole - {item.ticket_id for item in bad}),
            replaces=("action:",),
            malformed=tuple(bad),
        )


def _edited(snapshot: Snapshot, edits: Sequence[tuple[datetime, Actor]]) -> Snapshot:
    """With who touched it last, where an action or the audit tells: the ticket itself does not."""
    last, editor = max(edits, key=lambda edit: edit[0], default=(None, None))
    at, ours = snapshot.updated_at, "self" in snapshot.editor.marks
    if ours or at is None or last is None or editor is None or last < at - SAME_CHANGE:
        return snapshot
    return replace(snapshot, editor=editor, updated_by=editor.id)


def _books(row: object) -> bool:
    """Whether an action tells of an appointment."""
    return isinstance(row, dict) and ident(row, "action_appointment_id") > 0
