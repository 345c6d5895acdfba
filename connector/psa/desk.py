"""What an adapter can do at the MSP's own desk: open tickets for the team, note on them, mark a company.

Apart from `Psa`, because a connection may do without: a review is then shown on our board only. Nothing
here is ever visible to a customer, and everything can be asked for twice: what carries the same mark is
there once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

CompanyFlag = Literal["px", "review", "release"]
COMPANY_FLAGS: tuple[CompanyFlag, ...] = ("px", "review", "release")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A ticket for the team, without a contact on it so that no mail leaves the PSA.

    `mark` stands in the summary and finds the ticket again. `owner`: name or id of a member, '' nobody.
    `parent`: id of the ticket it belongs under, '' none. `due_at` None: no date.
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

    opens_tickets: bool
    """Whether the connection's settings name where such tickets go."""

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

    async def write_company(self, company_id: str, flags: Mapping[CompanyFlag, str]) -> None:
        """Set these flags in one request. Rejected if the PSA refuses."""
        ...
