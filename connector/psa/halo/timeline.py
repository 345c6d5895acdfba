"""A ticket's whole timeline: its actions, ticket by ticket, which Halo has no surer way to list.

What a poll has brought needs one request a ticket, for its actions. A ticket asked for by itself is read
past Halo's cache, and may be gone in three ways: a 404, an answer without an id, or one marked deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from connector.errors import ContractViolation, NotFound
from connector.model import Event
from connector.psa.halo import mapping
from connector.psa.halo.appointments import appointment, booked
from connector.psa.halo.pages import total_of, unwrap
from connector.psa.halo.reading import read_actions, read_facts, read_tickets
from connector.psa.halo.session import Session
from connector.psa.halo.values import ident, is_record
from connector.psa.port import Batch, Malformed, Snapshot
from connector.psa.together import together
from connector.psa.transport import Forbidden

WHOLE: dict[str, Any] = {"includedetails": True, "nocache": True}
MANY = 1000
"""Actions asked for at once; without `count` a list is cut short."""

SAME_CHANGE = timedelta(seconds=2)
"""An action this near to a ticket's last change is that change."""

ACTIONS, APPOINTMENTS = "actions", "appointments"


@dataclass(slots=True)
class Raw:
    """What requests running side by side have brought, as it came."""

    tickets: dict[str, dict[str, Any]] = field(default_factory=dict)
    actions: dict[str, list[Any]] = field(default_factory=dict)
    appointments: dict[str, list[Any]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    bad: list[Malformed] = field(default_factory=list)


class Timelines:
    """Reads timelines for one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._actions_seen = False

    async def observe(self, ticket_ids: Sequence[str]) -> Batch:
        """Tickets with everything Halo keeps about them."""
        ids = list(dict.fromkeys(i for i in ticket_ids if is_record(i)))
        raw = Raw(gone={i for i in ticket_ids if not is_record(i)})
        await together(self._read_ticket(raw, ticket_id) for ticket_id in ids)
        found = list(raw.tickets)
        await together(
            [*(self._read_actions(raw, i, True) for i in found), *(self._read_dates(raw, i) for i in found)]
        )
        batch = self._observed(raw)
        return self._observed(raw) if await self._session.met_strangers() else batch

    async def complete(self, snapshots: Sequence[Snapshot]) -> Batch:
        """The actions of tickets that a poll has brought, and the appointments that they tell of."""
        raw = Raw()
        await together(self._read_actions(raw, s.ticket.id, False) for s in snapshots)
        dated = [i for i, rows in raw.actions.items() if any(_books(row) for row in rows)]
        await together(self._read_dates(raw, ticket_id) for ticket_id in dated)
        batch = self._timelines(raw, snapshots)
        return self._timelines(raw, snapshots) if await self._session.met_strangers() else batch

    def _observed(self, raw: Raw) -> Batch:
        found = read_tickets(list(raw.tickets.values()), self._session)
        rest = self._timelines(raw, found.snapshots)
        return Batch(
            snapshots=rest.snapshots,
            events=(*found.events, *rest.events),
            complete=rest.complete,
            replaces=rest.replaces if APPOINTMENTS in self._session.off else ("action:", "appointment:"),
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
            events += [(ticket.id, event) for event in found]
            events += [(owner, event) for owner, event in dates.events if owner == ticket.id]
            bad += [*unread, *(replace(item, ticket_id=ticket.id) for item in dates.malformed)]
            edited.append(_edited(snapshot, found))
        whole = {s.ticket.id for s in snapshots if s.ticket.id in raw.actions}
        return Batch(
            snapshots=tuple(edited),
            events=tuple(events),
            complete=frozenset(whole - {item.ticket_id for item in bad}),
            replaces=("action:",),
            malformed=tuple(bad),
        )

    async def _read_ticket(self, raw: Raw, ticket_id: str) -> None:
        try:
            row = await self._session.api.get(f"Tickets/{ticket_id}", WHOLE, urgent=True)
        except NotFound:
            raw.gone.add(ticket_id)
            return
        except Forbidden as error:
            raw.bad.append(mapping.malformed(None, f"our agent may not see this ticket ({error})", ticket_id))
            return
        if is_gone(row):
            raw.gone.add(ticket_id)
        elif ident(row, "id") != int(ticket_id):
            raw.bad.append(mapping.malformed(row, f"ticket {ticket_id} was asked for", ticket_id))
        else:
            raw.tickets[ticket_id] = row

    async def _read_actions(self, raw: Raw, ticket_id: str, urgent: bool) -> None:
        session = self._session
        if ACTIONS in session.off:
            return
        try:
            raw.actions[ticket_id] = await self._all_actions(ticket_id, urgent)
            self._actions_seen = True
        except NotFound:
            raw.actions[ticket_id] = []
        except Forbidden as error:
            if not self._actions_seen:
                session.switch_off(ACTIONS, error)
            raw.bad.append(mapping.malformed(None, f"its actions may not be read ({error})", ticket_id))
        except ContractViolation as error:
            raw.bad.append(mapping.malformed(None, f"actions: {error}", ticket_id))

    async def _all_actions(self, ticket_id: str, urgent: bool) -> list[Any]:
        """All of them, asked for again if there are more. ContractViolation if they are cut short still."""
        count = MANY
        rows, total = await self._some_actions(ticket_id, count, urgent)
        if len(rows) >= count or len(rows) < total:
            rows, total = await self._some_actions(ticket_id, max(total, count * 10), urgent)
        if len(rows) < total:
            raise ContractViolation(f"{len(rows)} of {total} actions came")
        return rows

    async def _some_actions(self, ticket_id: str, count: int, urgent: bool) -> tuple[list[Any], int]:
        """At most `count` actions, and how many Halo says there are; 0 where it does not say."""
        asked = {"ticket_id": ticket_id, "count": count}
        found = await self._session.api.get("Actions", asked, urgent=urgent)
        rows = unwrap(found, "actions")
        if rows is None:
            raise ContractViolation(f"a list was expected, not {type(found).__name__}")
        return rows, total_of(found) or 0

    async def _read_dates(self, raw: Raw, ticket_id: str) -> None:
        query = {"ticket_id": ticket_id, "showall": True}
        raw.appointments[ticket_id] = await self._session.optional(
            APPOINTMENTS, lambda: self._session.api.rows("Appointment", query, urgent=True)
        )


def _edited(snapshot: Snapshot, events: Sequence[Event]) -> Snapshot:
    """With who touched it last, where an action tells: the ticket itself does not."""
    last = max(events, key=lambda event: event.at, default=None)
    at, ours = snapshot.updated_at, "self" in snapshot.editor.marks
    if ours or at is None or last is None or last.at < at - SAME_CHANGE:
        return snapshot
    return replace(snapshot, editor=last.actor, updated_by=last.actor.id)


def _books(row: object) -> bool:
    """Whether an action tells of an appointment."""
    return isinstance(row, dict) and ident(row, "action_appointment_id") > 0


def is_gone(row: object) -> bool:
    """Whether an answer for one ticket says that there is none (any more)."""
    return not isinstance(row, dict) or not ident(row, "id") or row.get("deleted") is True
