"""Flags on tickets: read, and written in one request that names nothing but our own fields.

A change is sent to the collection with the id in its body; only the named fields change. What empties a
field, null or an empty text, the vendor does not say: the first that is seen to work is used (facts §5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.errors import NotFound, Rejected
from connector.model import FlagName
from connector.psa.autotask.fields import user_fields
from connector.psa.autotask.filters import in_, split
from connector.psa.autotask.mapping import version
from connector.psa.autotask.session import Session
from connector.psa.port import Written
from connector.psa.together import together
from connector.psa.transport import Forbidden
from connector.psa.values import is_id, numbered

_NOTHING = (None, "")


class UserFields:
    """The user-defined fields of one entity. `empty`: what empties a field; `proven`, once seen to."""

    def __init__(self, session: Session, entity: str) -> None:
        self._session, self._entity = session, entity
        self.empty: str | None = None
        self.proven = False

    async def set(self, record: str, values: Mapping[str, str | None]) -> None:
        """Write these fields of one record and no others, in one request."""
        await self._patch(record, values)
        emptied = [name for name, value in values.items() if value is None]
        if emptied and not self.proven:
            await self._prove(record, emptied, values)

    async def row(self, record: str) -> dict[str, Any] | None:
        """The record read by itself; None if it is gone."""
        found = await self._session.api.item(f"{self._entity}/{int(record)}")
        return found if found is not None and type(found.get("id")) is int else None

    async def _prove(self, record: str, emptied: list[str], values: Mapping[str, str | None]) -> None:
        """See whether the fields are empty now; if not, empty them the other way from here on."""
        standing = user_fields(await self.row(record) or {})
        self.proven = True
        if any(standing.get(name) not in _NOTHING for name in emptied):
            self.empty = "" if self.empty is None else None
            await self._patch(record, values)

    async def _patch(self, record: str, values: Mapping[str, str | None]) -> None:
        items = [{"name": n, "value": self.empty if v is None else v} for n, v in values.items()]
        await self._session.api.patch(self._entity, {"id": int(record), "userDefinedFields": items})


class Flags:
    """Reads and writes flags for one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._fields = UserFields(session, "Tickets")

    async def read(self, ticket_ids: Sequence[str]) -> dict[str, Written]:
        """The flags of these tickets as they stand; tickets that are gone are absent.

        One alone is read by itself, which costs no more and does not lag behind as a list may.
        """
        observed = self._session.binding.observed
        return {
            str(row["id"]): Written(flags=observed(row), version=version(row))
            for row in await self._rows(ticket_ids)
        }

    async def write(self, ticket_id: str, flags: Mapping[FlagName, str]) -> None:
        """Set these flags in one request. Rejected if a field refuses its value or no flag has a field."""
        if not is_id(ticket_id):
            raise NotFound(f"{ticket_id[:40]!r} is not a ticket id")
        values = self._session.binding.values(flags)
        if not values:
            raise Rejected(f"ticket {ticket_id} has no field for {', '.join(sorted(flags))}")
        try:
            await self._fields.set(ticket_id, values)
        except Forbidden:
            raise
        except Rejected as error:
            if not await self._rows([ticket_id]):
                raise NotFound(f"ticket {ticket_id} is gone") from error
            raise

    async def _rows(self, ticket_ids: Sequence[str]) -> list[dict[str, Any]]:
        numbers = [int(i) for i in dict.fromkeys(ticket_ids) if is_id(i)]
        api = self._session.api
        if len(numbers) == 1:
            found = await self._fields.row(str(numbers[0]))
            return numbered([found])
        lists = await together(api.rows("Tickets", in_("id", group), urgent=True) for group in split(numbers))
        return numbered(row for rows in lists for row in rows)
