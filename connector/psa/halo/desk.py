"""Tickets and notes of our own in Halo: found by their mark before anything is made.

This is the one place that posts a ticket without an id, which is how Halo makes one. A ticket's details may
be shown in the portal, so they say nothing: the text is a private note, looked for and made by itself.
"""

from __future__ import annotations

import asyncio
from typing import Any

from connector.errors import ContractViolation, NotFound, Rejected
from connector.psa.desk import Draft, full_text, marked, noted
from connector.psa.halo.fetching import MANY, WHOLE, is_gone
from connector.psa.halo.mapping import updated_at, version
from connector.psa.halo.pages import unwrap
from connector.psa.halo.session import Session
from connector.psa.halo.values import ident, is_record, stamp
from connector.psa.halo.writing import QUIET
from connector.psa.values import Json, text

SUMMARY = 200  # characters; nobody has published a limit
PRIVATE_NOTE = 7
"""Halo's built-in outcome for a note that only agents see (facts §6)."""
SILENT: dict[str, Any] = {
    "outcome_id": PRIVATE_NOTE,
    "hiddenfromuser": True,
    "sendemail": False,
    "action_isresponse": False,
    "validate_response": False,
    "send_survey": False,
    **QUIET,
}
DETAILS = "Opened by px-connector for the team; what it is about stands in its private note."


class OwnTickets:
    """Opens and notes for one connection. Halo loses its way in writes at once: one goes after the other."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._one_at_a_time = asyncio.Lock()

    async def open_ticket(self, draft: Draft) -> str:
        """The ticket of this mark. Rejected where no place is named or the company is not known."""
        if self._session.place is None:
            raise Rejected("the connection's settings name no ticket type for our own tickets: see `cases`")
        if not is_record(draft.company_id):
            raise Rejected(f"the client of {draft.summary[:60]!r} is not known yet")
        owner = self._session.people.find(draft.owner)
        async with self._one_at_a_time:
            ticket_id = await self._find(draft) or await self._make(draft, owner)
            words = full_text(draft, nobody=bool(draft.owner) and not owner, parent=draft.parent)
            await self._note(ticket_id, draft.mark, words)
        return ticket_id

    async def add_note(self, ticket_id: str, mark: str, words: str) -> None:
        """A private note, unless it is there. NotFound if the ticket is gone."""
        if not is_record(ticket_id):
            raise NotFound(f"{ticket_id[:40]!r} is not a ticket id")
        async with self._one_at_a_time:
            await self._note(ticket_id, mark, words)

    async def _note(self, ticket_id: str, mark: str, words: str) -> None:
        asked = {"ticket_id": ticket_id, "count": MANY}
        found = unwrap(await self._session.api.get("Actions", asked, urgent=True), "actions")
        if found is None:
            raise ContractViolation("GET /api/Actions: a list was expected")
        if any(mark in text(row, "note") for row in found if isinstance(row, dict)):
            return
        body = {"ticket_id": int(ticket_id), "note": noted(mark, words), **SILENT}
        await self._session.api.post("Actions", [body])
        row = await self._session.api.record(f"Tickets/{ticket_id}", WHOLE, urgent=True)
        if row is not None and not is_gone(row) and updated_at(row) is not None:
            self._session.wrote(ticket_id, version(row))

    async def _find(self, draft: Draft) -> str:
        """The oldest ticket whose summary has the mark; '' for none.

        Halo ignores what it does not know without a word. Where the search was ignored, all of this
        client's tickets of our type are gone through.
        """
        assert self._session.place is not None
        ours = {"client_id": int(draft.company_id), "requesttype_id": self._session.place.type, "order": "id"}
        api, searched = self._session.api, {"search_summary": draft.mark}
        rows = await api.first("Tickets", {**searched, "pageinate": True, "page_size": 1, "page_no": 1})
        if rows and not _has(rows[0], draft.mark):
            rows = await api.rows("Tickets", ours, urgent=True)
        found = [ident(row, "id") for row in rows if _has(row, draft.mark)]
        return str(min(found)) if found else ""

    async def _make(self, draft: Draft, owner: int) -> str:
        place = self._session.place
        assert place is not None
        fields: dict[str, Any] = {
            **place.fields(),
            "client_id": int(draft.company_id),
            "summary": marked(draft, SUMMARY),
            "details": DETAILS,
            "sendack": False,
            **QUIET,
        }
        if owner:
            fields["agent_id"] = owner
        if draft.due_at is not None:
            fields["deadlinedate"] = stamp(draft.due_at)
        if is_record(draft.parent):
            fields["parent_id"] = int(draft.parent)
        found = await self._session.api.post("Tickets", [fields])
        row = found[0] if isinstance(found, list) and found else found
        if not isinstance(row, dict) or not ident(row, "id"):
            raise ContractViolation("POST /Tickets was answered without a ticket")
        return str(ident(row, "id"))


def _has(row: Json | Any, mark: str) -> bool:
    return isinstance(row, dict) and ident(row, "id") > 0 and mark in text(row, "summary")
