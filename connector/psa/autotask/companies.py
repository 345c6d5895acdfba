"""Flags on companies: user-defined fields of the client's record, named alone in a request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from connector.errors import NotFound, Rejected
from connector.model import CompanyFlag
from connector.psa.autotask.fields import Binding, bind
from connector.psa.autotask.session import Session
from connector.psa.autotask.writing import UserFields
from connector.psa.refusals import no_company_field
from connector.psa.values import is_id, text

COMPANIES = "flags on companies"


async def bind_companies(session: Session) -> list[str]:
    """Bind the captions asked for; what a person should know of them."""
    session.company_binding, wanted = Binding(), session.company_captions
    if not any(wanted.values()):
        return []
    read = partial(session.api.fields, "Companies", "userDefinedFields")
    rows = [row for row in await session.optional(COMPANIES, read) if isinstance(row, dict)]
    if COMPANIES in session.off:
        return []
    found: dict[CompanyFlag, frozenset[str]] = {}
    notes: list[str] = []
    for flag, captions in wanted.items():
        count = {caption: sum(_is_called(row, caption) for row in rows) for caption in captions}
        notes += [no_company_field(one, number) for one, number in sorted(count.items()) if number != 1]
        found[flag] = frozenset(one for one, number in count.items() if number == 1)
    bound = bind(found, rows, {})
    session.company_binding = bound.binding
    return notes + bound.notes


def _is_called(row: Mapping[str, Any], caption: str) -> bool:
    return caption.casefold() in {text(row, name).casefold() for name in ("label", "name")}


class Companies:
    """Reads and writes the flags of companies for one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._fields = UserFields(session, "Companies")

    async def read(self, company_id: str) -> dict[CompanyFlag, str]:
        row = await self._fields.row(company_id) if is_id(company_id) else None
        if row is None:
            raise NotFound(f"{company_id[:40]!r} is not a company")
        return self._session.company_binding.observed(row)

    async def write(self, company_id: str, flags: Mapping[CompanyFlag, str]) -> None:
        if not is_id(company_id):
            raise NotFound(f"{company_id[:40]!r} is not a company id")
        values = self._session.company_binding.values(flags)
        if not values:
            raise Rejected(f"company {company_id} has no field for {', '.join(sorted(flags))}")
        await self._fields.set(company_id, values)
