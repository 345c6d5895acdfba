"""A ticket's whole timeline: notes ticket by ticket, time and schedule entries for many at once.

`/notes` lacks the notes of time entries (facts §7.2), so both are read and merged by the store. A
ticket that a list does not show is asked for by itself before it is called gone: lists may lag. One alone is
asked for by itself at once.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from connector.errors import ContractViolation, NotFound
from connector.model import Event, Ticket
from connector.psa.connectwise import mapping
from connector.psa.connectwise.conditions import Condition, and_, in_, split_in
from connector.psa.connectwise.reading import ENTRIES, facts_of, read_tickets
from connector.psa.connectwise.session import Session
from connector.psa.port import Batch, Malformed, Snapshot
from connector.psa.together import together
from connector.psa.transport import Forbidden
from connector.psa.values import is_id

EVERY_KIND = ("note:", "time:", "appointment:")
NOTES = "ticket notes"
Call = Coroutine[Any, Any, None]


@dataclass(slots=True)
class Raw:
    """What requests running side by side have brought, as it came."""

    tickets: dict[str, Any] = field(default_factory=dict)  # by the id they were found under
    notes: dict[str, list[Any]] = field(default_factory=dict)
    entries: dict[str, list[Any]] = field(default_factory=lambda: {feature: [] for feature in ENTRIES})
    gone: set[str] = field(default_factory=set)
    bad: list[Malformed] = field(default_factory=list)


class Timelines:
    """Reads timelines for one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def observe(self, ticket_ids: Sequence[str]) -> Batch:
        """Tickets with everything the PSA keeps about them, in one round of requests."""
        ids = list(dict.fromkeys(i for i in ticket_ids if is_id(i)))
        raw = Raw(gone={i for i in ticket_ids if not is_id(i)})
        alone = len(ids) == 1
        lists = (self._read_tickets(raw, in_("id", group)) for group in split_in("id", map(int, ids)))
        calls = [self._read_single(raw, ids[0])] if alone else list(lists)
        await together([*calls, *self._notes(raw, ids, True), *self._entries(raw, ids, True)])
        if not alone:
            await together(self._read_single(raw, i) for i in ids if i not in raw.tickets)
        batch = self._observed(raw)
        if await self._session.met_strangers():
            batch = self._observed(raw)
        return replace(batch, snapshots=tuple(replace(shown, alone=alone) for shown in batch.snapshots))

    async def complete(self, snapshots: Sequence[Snapshot]) -> Batch:
        """Notes of tickets a poll has brought; with time and schedule entries for old ones.

        The entry streams began with the back-fill: of an older ticket they do not carry everything.
        """
        start = self._session.backfill_start(self._session.now)
        ids = [s.ticket.id for s in snapshots]
        old = [s.ticket.id for s in snapshots if s.ticket.opened_at < start]
        raw = Raw()
        await together([*self._notes(raw, ids, False), *self._entries(raw, old, False)])
        tickets = [s.ticket for s in snapshots]
        batch = self._timelines(raw, tickets)
        return self._timelines(raw, tickets) if await self._session.met_strangers() else batch

    def _observed(self, raw: Raw) -> Batch:
        snapshots: list[Snapshot] = []
        events: list[tuple[str, Event]] = []
        bad: list[Malformed] = []
        for ticket_id, row in raw.tickets.items():
            found = read_tickets([row], self._session)
            snapshots += found.snapshots
            events += found.events
            bad += [replace(m, ticket_id=ticket_id) for m in found.malformed]
        rest = self._timelines(raw, [s.ticket for s in snapshots])
        everything = not self._session.off.keys() & ENTRIES.keys()
        return Batch(
            snapshots=tuple(snapshots),
            events=(*events, *rest.events),
            complete=rest.complete,
            replaces=EVERY_KIND if everything else rest.replaces,
            gone=frozenset(raw.gone),
            malformed=(*bad, *rest.malformed),
        )

    def _timelines(self, raw: Raw, tickets: Sequence[Ticket]) -> Batch:
        """Notes and entries as events; a ticket with something unreadable is not complete."""
        reader = self._session.reader
        events: list[tuple[str, Event]] = []
        bad = list(raw.bad)
        for ticket in tickets:
            found, unread = mapping.notes(raw.notes.get(ticket.id, []), ticket, reader)
            events += ((ticket.id, event) for event in found)
            bad += unread
        for feature, rows in raw.entries.items():
            facts = facts_of(feature, rows, self._session)
            events += facts.events
            bad += facts.malformed
        whole = {t.id for t in tickets if t.id in raw.notes} - {m.ticket_id for m in bad}
        return Batch(
            events=tuple(events), complete=frozenset(whole), replaces=("note:",), malformed=tuple(bad)
        )

    def _notes(self, raw: Raw, ids: Sequence[str], urgent: bool) -> Iterator[Call]:
        return (self._read_notes(raw, ticket_id, urgent) for ticket_id in ids)

    def _entries(self, raw: Raw, ids: Sequence[str], urgent: bool) -> Iterator[Call]:
        for feature, (_, of_tickets, name) in ENTRIES.items():
            for group in split_in(name, map(int, ids)):
                yield self._read_entries(raw, feature, and_(of_tickets, in_(name, group)), urgent)

    async def _read_tickets(self, raw: Raw, where: Condition) -> None:
        for row in await self._session.api.rows("service/tickets", where, urgent=True):
            if isinstance(row, dict) and type(row.get("id")) is int:
                raw.tickets[str(row["id"])] = row

    async def _read_single(self, raw: Raw, ticket_id: str) -> None:
        try:
            row = await self._session.api.record(f"service/tickets/{ticket_id}", urgent=True)
            raw.tickets[ticket_id] = row
            self._session.saw(ticket_id, row)
        except NotFound:
            raw.gone.add(ticket_id)
        except ContractViolation as error:
            raw.bad.append(Malformed(ticket_id=ticket_id, reason=f"ticket: {error}", body=""))

    async def _read_notes(self, raw: Raw, ticket_id: str, urgent: bool) -> None:
        if NOTES in self._session.off:
            return
        path = f"service/tickets/{ticket_id}/notes"
        try:
            raw.notes[ticket_id] = await self._session.api.rows(path, urgent=urgent)
        except NotFound:
            raw.notes[ticket_id] = []
        except Forbidden as error:
            self._session.switch_off(NOTES, error)
        except ContractViolation as error:
            raw.bad.append(Malformed(ticket_id=ticket_id, reason=f"notes: {error}", body=""))

    async def _read_entries(self, raw: Raw, feature: str, where: Condition, urgent: bool) -> None:
        read = partial(self._session.api.rows, ENTRIES[feature][0], where, urgent=urgent)
        raw.entries[feature] += await self._session.optional(feature, read)
