"""Flags on tickets: read, written in one request, and a probe of what a partial write does.

The vendor says the whole `customFields` array must be sent; in practice own ids alone often keep the
rest (facts §5.2). Until a probe has proven that, the whole array is read right before and sent back, so
that another integration's field is never lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.errors import NotFound, Rejected
from connector.model import FlagName
from connector.psa.connectwise.conditions import in_, split_in
from connector.psa.connectwise.fields import Field, custom_fields
from connector.psa.connectwise.mapping import version
from connector.psa.connectwise.session import Session
from connector.psa.connectwise.values import Json, is_id
from connector.psa.port import Written
from connector.psa.together import together

LIGHT = "id,customFields,_info"
"""`_info` must be asked for by name: with `fields` it is left out otherwise (facts §3.5)."""
_KEPT = ("id", "caption", "type", "entryMethod", "numberOfDecimals", "value")


class Flags:
    """Reads and writes flags for one connection. `partial`: own fields may be written alone."""

    def __init__(self, session: Session, *, partial: bool) -> None:
        self._session = session
        self.partial = partial

    async def read(self, ticket_ids: Sequence[str]) -> dict[str, Written]:
        """The flags of these tickets as they stand; tickets that are gone are absent."""
        numbers = [int(i) for i in dict.fromkeys(ticket_ids) if is_id(i)]
        groups = [in_("id", group) for group in split_in("id", numbers)]
        api = self._session.api
        lists = await together(api.rows("service/tickets", g, fields=LIGHT, urgent=True) for g in groups)
        rows = [row for rows in lists for row in rows if isinstance(row, dict) and "id" in row]
        observed = self._session.binding.observed
        return {str(r["id"]): Written(flags=observed(custom_fields(r)), version=version(r)) for r in rows}

    async def write(self, ticket_id: str, flags: Mapping[FlagName, str]) -> None:
        """Set these flags in one request. Rejected if a field refuses its value or no flag has a field."""
        if not is_id(ticket_id):
            raise NotFound(f"{ticket_id[:40]!r} is not a ticket id")
        binding = self._session.binding
        custom = None if self.partial else await self._array(ticket_id)
        values = binding.values(flags, custom)
        if not values:
            raise Rejected(f"ticket {ticket_id} has no field for {', '.join(sorted(flags))}")
        await self._patch(ticket_id, _items(values) if custom is None else _merged(custom, values))

    async def probe(self, ticket_id: str) -> bool | None:
        """Whether writing one of our own fields alone keeps another one. Sets `partial`.

        Only on a ticket where nobody else's custom field has a value, so that nothing but our own can
        be lost; None, and nothing written, on any other. What stood there before is put back.
        """
        custom = await self._array(ticket_id)
        ours = self._session.binding.own_ids()
        if any(item.get("id") not in ours and item.get("value") not in (None, False, "") for item in custom):
            return None
        texts = [item for item in custom if item.get("id") in ours and item.get("type") == "Text"]
        free = [item for item in texts if item.get("entryMethod") in (None, "EntryField")]
        if len(free) < 2:
            return None
        kept, written = free[0], free[1]
        before = [_reduced(item) for item in custom]
        try:
            await self._patch(ticket_id, [_with(i, "probe") if i["id"] == kept["id"] else i for i in before])
            await self._patch(ticket_id, [_with(_reduced(written), "probe")])
            after = {item.get("id"): item.get("value") for item in await self._array(ticket_id)}
        finally:
            await self._patch(ticket_id, before)
        self.partial = after.get(kept["id"]) == "probe" == after.get(written["id"])
        return self.partial

    async def _array(self, ticket_id: str) -> list[Json]:
        row = await self._session.api.get(f"service/tickets/{ticket_id}", {"fields": LIGHT}, urgent=True)
        return custom_fields(row) if isinstance(row, dict) else []

    async def _patch(self, ticket_id: str, items: list[dict[str, Any]]) -> None:
        operation = {"op": "replace", "path": "customFields", "value": items}
        self._session.learn_me(await self._session.api.patch(f"service/tickets/{ticket_id}", [operation]))


def _items(values: Mapping[Field, Any]) -> list[dict[str, Any]]:
    return [field.item(value) for field, value in values.items()]


def _merged(custom: list[Json], values: Mapping[Field, Any]) -> list[dict[str, Any]]:
    """The whole array as it stands, with our values in it."""
    new = {field.id: value for field, value in values.items()}
    items = [_reduced(item) for item in custom]
    return [_with(item, new[item["id"]]) if item.get("id") in new else item for item in items]


def _reduced(item: Json) -> dict[str, Any]:
    return {name: item[name] for name in _KEPT if name in item}


def _with(item: dict[str, Any], value: Any) -> dict[str, Any]:
    return item | {"value": value}
