"""What is asked for one ticket: itself, its actions, its appointments, its audit; each may be refused alone.

A ticket asked for by itself is read past Halo's cache, and may be gone in three ways: a 404, an answer
without an id, or one marked deleted. What is not seen is noted, so that nobody takes it for deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connector.errors import ContractViolation, NotFound
from connector.psa.halo import audit, mapping
from connector.psa.halo.pages import total_of, unwrap
from connector.psa.halo.session import Session
from connector.psa.halo.values import ident
from connector.psa.port import Malformed
from connector.psa.transport import Forbidden
from connector.psa.values import Json

WHOLE: dict[str, Any] = {"includedetails": True, "nocache": True}
AUDITED: dict[str, Any] = {"include_auditing": True, "nocache": True}
MANY = 1000
"""Actions asked for at once; without `count` a list is cut short."""

ACTIONS, APPOINTMENTS, AUDIT = "actions", "appointments", "the audit of tickets"
IN_VAIN = 3
"""So many tickets in a row without an audit, and no more requests are made for one."""


@dataclass(slots=True)
class Raw:
    """What requests running side by side have brought, as it came."""

    tickets: dict[str, dict[str, Any]] = field(default_factory=dict)
    actions: dict[str, list[Any]] = field(default_factory=dict)
    appointments: dict[str, list[Any]] = field(default_factory=dict)
    audits: dict[str, dict[str, Any]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    bad: list[Malformed] = field(default_factory=list)


class Fetcher:
    """Asks for the parts of tickets, for one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._actions_seen = False
        self._in_vain = 0

    async def ticket(self, raw: Raw, ticket_id: str) -> None:
        try:
            row = await self._session.api.record(f"Tickets/{ticket_id}", WHOLE | AUDITED, urgent=True)
        except NotFound:
            raw.gone.add(ticket_id)
            return
        except ContractViolation as error:
            raw.bad.append(mapping.malformed(None, f"ticket: {error}", ticket_id))
            return
        except Forbidden as error:
            raw.bad.append(mapping.malformed(None, f"our agent may not see this ticket ({error})", ticket_id))
            return
        if row is None or is_gone(row):
            raw.gone.add(ticket_id)
        elif ident(row, "id") != int(ticket_id):
            raw.bad.append(mapping.malformed(row, f"ticket {ticket_id} was asked for", ticket_id))
        else:
            raw.tickets[ticket_id] = raw.audits[ticket_id] = row

    async def audit(self, raw: Raw, ticket_id: str) -> None:
        """The audit of one ticket; where Halo never shows any, it is asked for no more."""
        session = self._session
        try:
            row = await session.api.record(f"Tickets/{ticket_id}", AUDITED)
        except (NotFound, ContractViolation):
            return
        except Forbidden as error:
            session.switch_off(AUDIT, error)
            return
        if row is None or ident(row, "id") != int(ticket_id):
            return
        raw.audits[ticket_id] = row
        self._in_vain = 0 if audit.is_shown(row) else self._in_vain + 1
        if self._in_vain >= IN_VAIN:
            session.switch_off(AUDIT, NotFound("Halo sends tickets without the audit that is asked for"))

    async def actions(self, raw: Raw, ticket_id: str, urgent: bool) -> None:
        session = self._session
        if ACTIONS in session.off:
            return
        try:
            raw.actions[ticket_id] = await self._all(ticket_id, urgent)
            self._actions_seen = True
        except NotFound:
            raw.actions[ticket_id] = []
        except Forbidden as error:
            if not self._actions_seen:
                session.switch_off(ACTIONS, error)
            raw.bad.append(mapping.malformed(None, f"its actions may not be read ({error})", ticket_id))
        except ContractViolation as error:
            raw.bad.append(mapping.malformed(None, f"actions: {error}", ticket_id))

    async def _all(self, ticket_id: str, urgent: bool) -> list[Any]:
        """All of them, asked for again if there are more. ContractViolation if they are cut short still."""
        count = MANY
        rows, total = await self._some(ticket_id, count, urgent)
        if len(rows) >= count or len(rows) < total:
            rows, total = await self._some(ticket_id, max(total, count * 10), urgent)
        if len(rows) < total:
            raise ContractViolation(f"{len(rows)} of {total} actions came")
        return rows

    async def _some(self, ticket_id: str, count: int, urgent: bool) -> tuple[list[Any], int]:
        """At most `count` actions, and how many Halo says there are; 0 where it does not say."""
        asked = {"ticket_id": ticket_id, "count": count}
        found = await self._session.api.get("Actions", asked, urgent=urgent)
        rows = unwrap(found, "actions")
        if rows is None:
            raise ContractViolation(f"a list was expected, not {type(found).__name__}")
        return rows, total_of(found) or 0

    async def dates(self, raw: Raw, ticket_id: str) -> None:
        query = {"ticket_id": ticket_id, "showall": True}
        raw.appointments[ticket_id] = await self._session.optional(
            APPOINTMENTS, lambda: self._session.api.rows("Appointment", query, urgent=True)
        )


def is_gone(row: Json) -> bool:
    """Whether an answer for one ticket says that there is none (any more)."""
    return not ident(row, "id") or row.get("deleted") is True
