"""Flags on companies: custom fields of the client's record, written with everything that stands beside them.

A company shows all fields that companies have (facts §5.3), so one of them tells which captions are theirs;
the same caption may be a field of tickets, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from connector.errors import NotFound, Rejected
from connector.model import CompanyFlag
from connector.psa.connectwise.fields import Binding, Field, custom_fields, from_definition, from_value
from connector.psa.connectwise.session import Session
from connector.psa.connectwise.writing import merged
from connector.psa.recall import listed
from connector.psa.refusals import no_company_field, wrong_type
from connector.psa.values import Json, is_id

PART = {"fields": "id,customFields"}
COMPANIES = "flags on companies"
_UNUSABLE = ("Button", "Password")


async def bind_companies(session: Session, definitions: list[Any]) -> list[str]:
    """Bind the captions asked for; what a person should know of them."""
    session.company_binding, wanted = Binding(), session.company_captions
    if not any(wanted.values()):
        return []
    shown = map(from_value, await listed(session.api.recall, "fields of a company", partial(_shown, session)))
    options = {f.id: f.options for f in map(from_definition, filter(_is_row, definitions)) if f is not None}
    known = [replace(f, options=options.get(f.id, ())) for f in shown if f is not None]
    notes: list[str] = []
    bound: dict[CompanyFlag, tuple[Field, ...]] = {}
    for flag, captions in wanted.items():
        fields = [_one(caption, known, notes) for caption in sorted(captions, key=str.casefold)]
        if usable := tuple(f for f in fields if f is not None):
            bound[flag] = usable
    session.company_binding = Binding(bound)
    return [] if COMPANIES in session.off else notes


async def _shown(session: Session) -> list[Any]:
    """The custom fields that companies have, by the one that is listed first; not what that one says."""
    rows = await session.optional(COMPANIES, partial(session.api.first, "company/companies", PART))
    return [{**item, "value": None} for row in rows if isinstance(row, dict) for item in custom_fields(row)]


def _one(caption: str, known: list[Field], notes: list[str]) -> Field | None:
    same = [f for f in known if f.caption.casefold() == caption.casefold()]
    if len(same) != 1:
        notes.append(no_company_field(caption, len(same)))
    elif same[0].type in _UNUSABLE:
        notes.append(wrong_type(caption, same[0].type, "Text"))
    else:
        return same[0]
    return None


class Companies:
    """Reads and writes the flags of companies for one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def read(self, company_id: str) -> dict[CompanyFlag, str]:
        return self._session.company_binding.observed(await self._fields(company_id))

    async def write(self, company_id: str, flags: Mapping[CompanyFlag, str]) -> None:
        custom = await self._fields(company_id)
        values = self._session.company_binding.values(flags, custom)
        if not values:
            raise Rejected(f"company {company_id} has no field for {', '.join(sorted(flags))}")
        operation = {"op": "replace", "path": "customFields", "value": merged(custom, values)}
        await self._session.api.patch(f"company/companies/{company_id}", [operation])

    async def _fields(self, company_id: str) -> list[Json]:
        if not is_id(company_id):
            raise NotFound(f"{company_id[:40]!r} is not a company id")
        return custom_fields(
            await self._session.api.record(f"company/companies/{company_id}", PART, urgent=True)
        )


def _is_row(row: object) -> bool:
    return isinstance(row, dict)
