"""What an adapter can do at the MSP's own desk: open tickets for the team, note on them, mark a company.

Apart from `Psa`, because a connection may do without: a review is then shown on our board only. Nothing
here is ever visible to a customer, and everything can be asked for twice: what carries the same mark is
there once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from connector.model import CompanyFlag


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A ticket for the team, without a contact on it so that no mail leaves the PSA.

    `mark` stands in the summary and finds the ticket again. `owner`: name, login or id of a member, ''
    nobody. `parent`: id of the ticket it belongs under, '' none. `due_at` None: no date.
    """

    mark: str
    company_id: str
    summary: str
    text: str
    owner: str = ""
    due_at: datetime | None = None
    parent: str = ""


@runtime_checkable
class Desk(Protocol):
    """A PSA in which the team's own tickets may be opened. Errors as of `Psa`."""

    @property
    def opens_tickets(self) -> bool:
        """Whether the connection's settings name where such tickets go, and the PSA has all they name."""
        ...

    def mark_companies(self, captions: Mapping[CompanyFlag, frozenset[str]]) -> None:
        """Name, before `start`, the fields of companies that carry our flags."""
        ...

    async def open_ticket(self, draft: Draft) -> str:
        """The id of the ticket that carries the mark: found if it is there, else created.

        Rejected if the PSA refuses it. A process killed between creating and remembering finds it here.
        """
        ...

    async def add_note(self, ticket_id: str, mark: str, text: str) -> None:
        """An internal note, unless one with this mark is there. Rejected or NotFound as for a write."""
        ...

    async def read_company(self, company_id: str) -> Mapping[CompanyFlag, str]:
        """The flags of a company as the PSA shows them, those without a field left out; NotFound."""
        ...

    def shown_company(self, flags: Mapping[CompanyFlag, str]) -> Mapping[CompanyFlag, str]:
        """How these will read back once written; those without a field in this PSA are left out."""
        ...

    async def write_company(self, company_id: str, flags: Mapping[CompanyFlag, str]) -> None:
        """Set these flags in one request. Rejected if the PSA refuses."""
        ...


def marked(draft: Draft, room: int) -> str:
    """The summary with its mark at the end, in so many characters: the mark is never cut.

    >>> draft = Draft(mark="px-0123456789ab", company_id="1", summary="Service review: Acme", text="")
    >>> marked(draft, 100)
    'Service review: Acme (px-0123456789ab)'
    >>> marked(draft, 30)
    'Service rev… (px-0123456789ab)'
    """
    end = f" ({draft.mark})"
    summary = " ".join(draft.summary.split())
    room -= len(end)
    return (summary if len(summary) <= room else summary[: room - 1].rstrip() + "…") + end


def noted(mark: str, text: str) -> str:
    """The text of a note with its mark on the last line, by which the note is found again."""
    return f"{text}\n({mark})"


def full_text(draft: Draft, *, nobody: bool, parent: str = "") -> str:
    """The ticket's text, with what its fields could not say. `nobody`: its owner is not known here;
    `parent`: the ticket it belongs to, by the number people know."""
    lines = [draft.text]
    if nobody:
        lines.append(f"For {draft.owner}, who is not among the members of this PSA.")
    if parent:
        lines.append(f"Belongs to ticket {parent}.")
    return "\n".join(lines)
