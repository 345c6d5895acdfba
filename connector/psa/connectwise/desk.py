"""Tickets and notes of our own in ConnectWise: found by their mark before anything is made.

No contact and none of the mails that ConnectWise sends by itself; the text is an internal note, which no
portal shows. `parentTicketId` makes it a child where ConnectWise takes it, and the text says so anyway.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from connector.errors import ContractViolation, NotFound, Rejected
from connector.psa.connectwise.conditions import contains
from connector.psa.connectwise.session import Session
from connector.psa.desk import Draft, full_text, marked, noted
from connector.psa.values import is_id, numbered, text

SUMMARY = 100
"""Characters of a summary. Source: the vendor's specification, Ticket.summary."""
SILENT: dict[str, Any] = {
    "allowAllClientsPortalView": False,
    "automaticEmailContactFlag": False,
    "automaticEmailResourceFlag": False,
    "automaticEmailCcFlag": False,
    "customerUpdatedFlag": False,
    "processNotifications": False,
}


class OwnTickets:
    """Opens and notes for one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def open_ticket(self, draft: Draft) -> str:
        """The ticket of this mark. Rejected where no place is named or the company is not known."""
        place = self._session.place
        if place is None:
            raise Rejected("the connection's settings name no board for our own tickets: see `cases`")
        if not is_id(draft.company_id):
            raise Rejected(f"the company of {draft.summary[:60]!r} is not known yet")
        known = await self._find(draft.mark)
        if known:
            return known
        row = await self._session.api.post("service/tickets", {**place.references(), **self._fields(draft)})
        self._session.learn_me(row)
        if not isinstance(row, dict) or type(row.get("id")) is not int:
            raise ContractViolation("POST service/tickets was answered without a ticket")
        if row.get("contact"):  # some set a company's usual contact by themselves
            nobody = {"op": "replace", "path": "contact", "value": None}
            await self._session.api.patch(f"service/tickets/{row['id']}", [nobody])
        return str(row["id"])

    async def add_note(self, ticket_id: str, mark: str, words: str) -> None:
        """An internal note, unless it is there. NotFound if the ticket is gone."""
        if not is_id(ticket_id):
            raise NotFound(f"{ticket_id[:40]!r} is not a ticket id")
        path = f"service/tickets/{ticket_id}/notes"
        rows = await self._session.api.rows(path, urgent=True)
        if any(mark in text(row, "text") for row in rows if isinstance(row, dict)):
            return
        body = {
            "text": noted(mark, words),
            "detailDescriptionFlag": False,
            "internalAnalysisFlag": True,
            "resolutionFlag": False,
            "customerUpdatedFlag": False,
            "processNotifications": False,
        }
        await self._session.api.post(path, body)

    async def _find(self, mark: str) -> str:
        """The oldest ticket whose summary has the mark; '' for none."""
        rows = await self._session.api.rows(
            "service/tickets", contains("summary", mark), fields="id,summary", urgent=True
        )
        found = [row["id"] for row in numbered(rows) if mark in text(row, "summary")]
        return str(min(found)) if found else ""

    def _fields(self, draft: Draft) -> dict[str, Any]:
        owner = self._session.people.find(draft.owner)
        fields: dict[str, Any] = {
            "summary": marked(draft, SUMMARY),
            "company": {"id": int(draft.company_id)},
            "initialInternalAnalysis": full_text(
                draft, nobody=bool(draft.owner) and owner is None, parent=draft.parent
            ),
            **SILENT,
        }
        if owner is not None:
            fields["owner"] = {"id": owner.id}
        if draft.due_at is not None:
            fields["requiredDate"] = f"{draft.due_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        if is_id(draft.parent):
            fields["parentTicketId"] = int(draft.parent)
        return fields
