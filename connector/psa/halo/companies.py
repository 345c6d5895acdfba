"""Flags on clients: custom fields of the client's record, sent along with all that stand beside them.

Whether a field that is left out stays as it is, nobody has proven for clients (facts §7), and a record of
a client is written too seldom to find out: so every field with a plain value is always sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.errors import ContractViolation, NotFound, Rejected
from connector.model import CompanyFlag
from connector.psa.halo.fields import TICKETS, Binding, bind, custom_fields, definition
from connector.psa.halo.session import Session
from connector.psa.halo.values import ident, is_record
from connector.psa.halo.writing import kept
from connector.psa.refusals import no_company_field
from connector.psa.values import Json, number

DETAILS = {"includedetails": True}


def bind_companies(session: Session, definitions: list[Any]) -> list[str]:
    """Bind the captions asked for; what a person should know of them.

    A field of tickets is never taken for one of clients, though its caption may be the same.
    """
    rows = [row for row in definitions if isinstance(row, dict) and number(row, "usage") != TICKETS]
    captions = [one.caption.casefold() for one in map(definition, rows) if one is not None]
    found: dict[CompanyFlag, frozenset[str]] = {}
    notes: list[str] = []
    for flag, wanted in session.company_captions.items():
        count = {caption: captions.count(caption.casefold()) for caption in wanted}
        notes += [no_company_field(one, many) for one, many in sorted(count.items()) if many != 1]
        found[flag] = frozenset(one for one, many in count.items() if many == 1)
    bound = bind(found, rows, {})
    session.company_binding = bound.binding if definitions else Binding()
    return notes + bound.notes if definitions else []


class Companies:
    """Reads and writes the flags of clients for one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def read(self, company_id: str) -> dict[CompanyFlag, str]:
        return self._session.company_binding.observed(await self._fields(company_id))

    async def write(self, company_id: str, flags: Mapping[CompanyFlag, str]) -> None:
        custom = await self._fields(company_id)
        values = self._session.company_binding.values(flags, custom)
        if not values:
            raise Rejected(f"client {company_id} has no field for {', '.join(sorted(flags))}")
        items = [{"id": one, "value": value} for one, value in (kept(custom) | values).items()]
        body = {"id": int(company_id), "customfields": items}
        found = await self._session.api.post("Client", [body])
        row = found[0] if isinstance(found, list) and found else found
        if isinstance(row, dict) and ident(row, "id") not in (0, int(company_id)):
            raise ContractViolation(
                f"POST /Client for client {company_id} was answered with {ident(row, 'id')}"
            )

    async def _fields(self, company_id: str) -> list[Json]:
        """Of a client that is there: without its id, Halo would make a new one of what is posted."""
        if not is_record(company_id):
            raise NotFound(f"{company_id[:40]!r} is not a client id")
        row = await self._session.api.record(f"Client/{company_id}", DETAILS, urgent=True)
        if row is None or ident(row, "id") != int(company_id):
            raise NotFound(f"client {company_id} is not there")
        return custom_fields(row)
