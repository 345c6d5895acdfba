"""A ticket's whole timeline: notes and time entries of many tickets in one request.

History is one request a ticket and tells no more than what was observed, unless there was a gap in the
observing: then, and only then, it is asked for (facts §11).
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from connector.errors import ContractViolation, NotFound, Rejected
from connector.model import Event, Ticket
from connector.psa.autotask.appointments import APPOINTMENTS, of_tickets
from connector.psa.autotask.filters import in_, split
from connector.psa.autotask.history import changes
from connector.psa.autotask.merging import merged, targets
from connector.psa.autotask.promises import judged
from connector.psa.autotask.reading import read_notes, read_tickets, read_time_entries
from connector.psa.autotask.session import Session
from connector.psa.port import Batch, Malformed, Snapshot
from connector.psa.together import together
from connector.psa.transport import Forbidden
from connector.psa.values import is_id

log = structlog.get_logger(__name__)

KINDS = {"notes": "TicketNotes", "time_entries": "TimeEntries"}
"""What belongs to a ticket by its own row, and where it is."""
PREFIXES = {"notes": "note:", "time_entries": "time:", APPOINTMENTS: "appointment:"}
"""How the keys of the facts begin."""
HISTORY = "history"


@dataclass(slots=True)
class Raw:
    """What requests running side by side have brought, as it came."""

    tickets: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[Any]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    history: dict[str, list[Any]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    into: dict[str, str] = field(default_factory=dict)  # merged ticket -> the one that took its place
    visits: list[tuple[str, Event]] = field(default_factory=list)
    unread: list[Malformed] = field(default_factory=list)


class Timelines:
    """Reads timelines for one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def observe(self, ticket_ids: Sequence[str]) -> Batch:
        """Tickets with all that belongs to them: four to seven requests for up to 500 of them."""
        ids = list(dict.fromkeys(i for i in ticket_ids if is_id(i)))
        raw = Raw(gone={i for i in ticket_ids if not is_id(i)})
        alone = len(ids) == 1
        lists = (self._read_tickets(raw, group) for group in split(map(int, ids)))
        calls = [self._read_single(raw, ids[0])] if alone else list(lists)
        calls += self._visits(raw, ids)
        await together([*calls, *self._children(raw, ids, tuple(KINDS), urgent=True)])
        if not alone:
            await together(self._read_single(raw, i) for i in ids if i not in raw.tickets)
        await self._learn(raw, list(raw.tickets.values()))
        batch = self._observed(raw)
        if await self._session.met_strangers():
            batch = self._observed(raw)
        told = await judged(self._session, batch.snapshots)
        return replace(batch, snapshots=tuple(replace(shown, alone=alone) for shown in told))

    async def complete(self, snapshots: Sequence[Snapshot]) -> Batch:
        """Notes of tickets a poll has brought; time entries for old ones, history where there was a gap.

        The stream of time entries began with the back-fill: of an older ticket it does not carry all. The
        first reading leaves the PSA's own verdict out, which would cost it one request in four.
        """
        session = self._session
        start = session.backfill_start(session.now)
        tickets = [s.ticket for s in snapshots]
        old = [t.id for t in tickets if t.opened_at < start]
        raw = Raw()
        calls = self._children(raw, [t.id for t in tickets], ("notes",), urgent=False)
        calls += [*self._children(raw, old, ("time_entries",), urgent=False), *self._visits(raw, old)]
        await together([*calls, *(self._read_history(raw, t.id) for t in tickets if self._unseen(t))])
        await self._learn(raw, [])
        batch = self._timelines(raw, tickets, ("notes",))
        if await session.met_strangers():
            batch = self._timelines(raw, tickets, ("notes",))
        told = merged(snapshots, raw.into)
        if session.gap != "open":
            told = await judged(session, told)
        changed = [new for old, new in zip(snapshots, told, strict=True) if new is not old]
        return replace(batch, snapshots=tuple(changed))

    def _unseen(self, ticket: Ticket) -> bool:
        """Whether what happened to a ticket while nobody looked still matters."""
        gap = self._session.gap
        return gap == "all" or (gap == "open" and not ticket.closed)

    async def _learn(self, raw: Raw, tickets: list[Any]) -> None:
        await self._session.know_tickets(tickets)
        await self._session.know_work_types(raw.rows["time_entries"])
        raw.into = await targets(self._session, raw.rows["notes"])

    def _observed(self, raw: Raw) -> Batch:
        found = read_tickets(list(raw.tickets.values()), self._session)
        rest = self._timelines(raw, [s.ticket for s in found.snapshots], (*KINDS, APPOINTMENTS))
        return Batch(
            snapshots=merged(found.snapshots, raw.into),
            events=(*found.events, *rest.events),
            complete=rest.complete,
            replaces=(*rest.replaces, "description"),
            gone=frozenset(raw.gone),
            malformed=(*found.malformed, *rest.malformed),
        )

    def _timelines(self, raw: Raw, tickets: Sequence[Ticket], whole: Sequence[str]) -> Batch:
        """Rows as events. `whole`: the kinds that were read to the end for all of these tickets."""
        session = self._session
        events = list(raw.visits)
        bad = list(raw.unread)
        for kind, read in (("notes", read_notes), ("time_entries", read_time_entries)):
            found = read(raw.rows[kind], session)
            events += found.events
            bad += found.malformed
        for ticket_id, rows in raw.history.items():
            events += [(ticket_id, event) for event in changes(rows, session.reader)]
        kinds = [kind for kind in whole if kind not in session.off]
        unread = {m.ticket_id for m in bad}
        return Batch(
            events=tuple(events),
            complete=frozenset(t.id for t in tickets if kinds and t.id not in unread),
            replaces=tuple(PREFIXES[kind] for kind in kinds),
            malformed=tuple(bad),
        )

    def _children(
        self, raw: Raw, ids: Sequence[str], kinds: Sequence[str], *, urgent: bool
    ) -> list[Coroutine[Any, Any, None]]:
        return [
            self._read_children(raw, kind, group, urgent) for kind in kinds for group in split(map(int, ids))
        ]

    def _visits(self, raw: Raw, ids: Sequence[str]) -> list[Coroutine[Any, Any, None]]:
        return [self._read_visits(raw, group) for group in split(map(int, ids))]

    async def _read_visits(self, raw: Raw, ids: list[int]) -> None:
        found = await of_tickets(self._session, ids)
        raw.visits += found.events
        raw.unread += found.malformed

    async def _read_children(self, raw: Raw, kind: str, ids: list[int], urgent: bool) -> None:
        async def read() -> list[Any]:
            return await self._session.api.rows(KINDS[kind], in_("ticketID", ids), urgent=urgent)

        raw.rows[kind] += await self._session.optional(kind, read)

    async def _read_tickets(self, raw: Raw, ids: list[int]) -> None:
        for row in await self._session.api.rows("Tickets", in_("id", ids), urgent=True):
            if isinstance(row, dict) and type(row.get("id")) is int:
                raw.tickets[str(row["id"])] = row

    async def _read_single(self, raw: Raw, ticket_id: str) -> None:
        """A list may lag behind: a ticket is gone only if it is not there by itself either (facts §3)."""
        try:
            row = await self._session.api.item(f"Tickets/{ticket_id}")
        except NotFound:
            row = None
        except ContractViolation as error:
            raw.unread.append(Malformed(ticket_id=ticket_id, reason=f"ticket: {error}", body=""))
            return
        if row is not None:
            raw.tickets[ticket_id] = row
        else:
            raw.gone.add(ticket_id)

    async def _read_history(self, raw: Raw, ticket_id: str) -> None:
        if HISTORY in self._session.off:
            return
        try:
            raw.history[ticket_id] = await self._session.api.history(int(ticket_id))
        except Forbidden as error:
            self._session.switch_off(HISTORY, error)
        except (NotFound, Rejected) as error:
            log.info("no history", connection=self._session.name, ticket=ticket_id, reason=str(error))
