"""Tickets and notes of our own in Autotask: found by their mark before anything is made.

A ticket's description may be shown in the client portal, so it says nothing: the text is a note for the
team (publish 2), which is looked for and made by itself. Plain tickets have no parent, so the note names it.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from connector.errors import ContractViolation, NotFound, Rejected
from connector.psa.autotask.filters import contains, eq
from connector.psa.autotask.people import Resource
from connector.psa.autotask.session import Session
from connector.psa.desk import Draft, full_text, marked, noted
from connector.psa.values import is_id, numbered, text

TITLE, NOTE_TITLE, NOTE = 255, 250, 32_000
"""Characters. Source: the vendor's field information, Tickets and TicketNotes."""
TASK_NOTES, TEAM = 3, 2
"""Note type and `publish` of a note that only the team sees (facts §10)."""
USUALLY_DUE = timedelta(days=30)
"""Autotask asks for a due date where the category has no default; a review stands so long."""
DESCRIPTION = "Opened by px-connector for the team; what it is about stands in its internal note."


class OwnTickets:
    """Opens and notes for one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def open_ticket(self, draft: Draft) -> str:
        """The ticket of this mark. Rejected where no place is named or the company is not known."""
        if self._session.place is None:
            raise Rejected("the connection's settings name no queue for our own tickets: see `cases`")
        if not is_id(draft.company_id):
            raise Rejected(f"the company of {draft.summary[:60]!r} is not known yet")
        owner = self._session.people.find(draft.owner)
        ticket_id = await self._find(draft.mark)
        if not ticket_id:
            made = await self._session.api.post("Tickets", self._fields(draft, owner))
            if not made:
                raise ContractViolation("POST Tickets was answered without the ticket's id")
            ticket_id = str(made)
        parent = await self._number(draft.parent)
        words = full_text(draft, nobody=bool(draft.owner) and owner is None, parent=parent)
        await self.add_note(ticket_id, draft.mark, words)
        return ticket_id

    async def add_note(self, ticket_id: str, mark: str, words: str) -> None:
        """A note for the team, unless it is there. NotFound if the ticket is gone."""
        if not is_id(ticket_id):
            raise NotFound(f"{ticket_id[:40]!r} is not a ticket id")
        api, number = self._session.api, int(ticket_id)
        rows = await api.rows("TicketNotes", eq("ticketID", number), urgent=True)
        if any(mark in text(row, "description") for row in rows if isinstance(row, dict)):
            return
        room = NOTE - len(noted(mark, ""))
        body = {
            "ticketID": number,
            "title": words.partition("\n")[0][:NOTE_TITLE] or mark,
            "description": noted(mark, words[:room]),
            "noteType": TASK_NOTES,
            "publish": TEAM,
        }
        try:
            await api.post(f"Tickets/{number}/Notes", body)
        except Rejected as error:
            if await api.item(f"Tickets/{number}") is None:
                raise NotFound(f"ticket {ticket_id} is gone") from error
            raise

    async def _find(self, mark: str) -> str:
        """The oldest ticket whose title has the mark; '' for none."""
        rows = await self._session.api.rows(
            "Tickets", contains("title", mark), fields=("id", "title"), urgent=True
        )
        found = [row["id"] for row in numbered(rows) if mark in text(row, "title")]
        return str(min(found)) if found else ""

    async def _number(self, ticket_id: str) -> str:
        """The number by which people know a ticket; its id where it may not be read."""
        if not is_id(ticket_id):
            return ""
        row = await self._session.api.item(f"Tickets/{ticket_id}")
        return text(row or {}, "ticketNumber") or ticket_id

    def _fields(self, draft: Draft, owner: Resource | None) -> dict[str, Any]:
        place = self._session.place
        assert place is not None
        due = draft.due_at or self._session.now + USUALLY_DUE
        fields: dict[str, Any] = {
            **place.fields(),
            "title": marked(draft, TITLE),
            "description": DESCRIPTION,
            "companyID": int(draft.company_id),
            "dueDateTime": f"{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        if owner is not None:
            fields |= {"assignedResourceID": int(owner.id), "assignedResourceRoleID": int(owner.role)}
        return fields
