"""Flags on tickets: read, written in one request, and a probe of what a partial write does.

The vendor says the whole `customFields` array must be sent; in practice own ids alone often keep the
rest (facts §5.2). Until a probe has proven that, the whole array is read right before and sent back, so
that another integration's field is never lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from connector.errors import NotFound, Rejected
from connector.model import FlagName
from connector.psa.connectwise.conditions import in_, split_in
from connector.psa.connectwise.fields import Field, custom_fields
from connector.psa.connectwise.mapping import version
from connector.psa.connectwise.session import Session
from connector.psa.port import Written
from connector.psa.together import together
from connector.psa.values import Json, is_id, numbered

LIGHT = "id,customFields,_info"
"""`_info` must be asked for by name: with `fields` it is left out otherwise (facts §3.5)."""
_EMPTY = (None, False, "")
_KEPT = ("id", "caption", "type", "entryMethod", "numberOfDecimals", "value")


class Flags:
    """Reads and writes flags for one connection.

    `partial`: own fields may be written alone. None until the first writes have shown it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.partial: bool | None = None
        self._probing = asyncio.Lock()

    async def read(self, ticket_ids: Sequence[str]) -> dict[str, Written]:
        """The flags of these tickets as they stand; tickets that are gone are absent.

        One alone is read by itself, which costs no more and does not lag behind as a list may.
        """
        numbers = [int(i) for i in dict.fromkeys(ticket_ids) if is_id(i)]
        found = await (self._single(numbers[0]) if len(numbers) == 1 else self._listed(numbers))
        rows = numbered(found)
        observed = self._session.binding.observed
        return {str(r["id"]): Written(flags=observed(custom_fields(r)), version=version(r)) for r in rows}

    async def _listed(self, numbers: list[int]) -> list[Any]:
        groups = [in_("id", group) for group in split_in("id", numbers)]
        api = self._session.api
        lists = await together(api.rows("service/tickets", g, fields=LIGHT, urgent=True) for g in groups)
        return [row for rows in lists for row in rows]

    async def _single(self, number: int) -> list[Any]:
        try:
            row = await self._session.api.record(f"service/tickets/{number}", {"fields": LIGHT}, urgent=True)
        except NotFound:
            return []
        self._session.saw(str(number), row)
        return [row]

    async def write(self, ticket_id: str, flags: Mapping[FlagName, str]) -> None:
        """Set these flags in one request. Rejected if a field refuses its value or no flag has a field."""
        if not is_id(ticket_id):
            raise NotFound(f"{ticket_id[:40]!r} is not a ticket id")
        binding = self._session.binding
        custom = None if self.partial else self._session.just_seen(ticket_id) or await self._array(ticket_id)
        values = binding.values(flags, custom)
        if not values:
            raise Rejected(f"ticket {ticket_id} has no field for {', '.join(sorted(flags))}")
        await self._patch(ticket_id, _items(values) if custom is None else merged(custom, values))
        if self.partial is None and custom is not None and not self._probing.locked():
            async with self._probing:
                await self._probe(ticket_id, custom, values)

    async def _probe(self, ticket_id: str, before: list[Json], values: Mapping[Field, Any]) -> None:
        """Find out, on a ticket just written, whether our own fields may be sent alone.

        One of the values just written is sent again by itself; the others are there still, or they are
        not and the whole array is sent back. No value is ever sent that should not stand there. Only
        where nobody else's field has a value, so that nothing but our own could be lost.
        """
        ours = self._session.binding.own_ids()
        foreign = any(i.get("id") not in ours and i.get("value") not in _EMPTY for i in before)
        filled = [field for field, value in values.items() if value not in _EMPTY]
        if foreign or len(filled) < 2:
            return
        await self._patch(ticket_id, _items({filled[0]: values[filled[0]]}))
        after = await self._array(ticket_id)
        standing = {item.get("id"): item.get("value") for item in after}
        self.partial = all(standing.get(field.id) not in _EMPTY for field in filled)
        if not self.partial:
            await self._patch(ticket_id, merged(before, values))

    async def _array(self, ticket_id: str) -> list[Json]:
        path = f"service/tickets/{ticket_id}"
        return custom_fields(await self._session.api.record(path, {"fields": LIGHT}, urgent=True))

    async def _patch(self, ticket_id: str, items: list[dict[str, Any]]) -> None:
        operation = {"op": "replace", "path": "customFields", "value": items}
        self._session.learn_me(await self._session.api.patch(f"service/tickets/{ticket_id}", [operation]))


def _items(values: Mapping[Field, Any]) -> list[dict[str, Any]]:
    return [field.item(value) for field, value in values.items()]


def merged(custom: list[Json], values: Mapping[Field, Any]) -> list[dict[str, Any]]:
    """The whole array as it stands, with our values in it."""
    new = {field.id: value for field, value in values.items()}
    items = [_reduced(item) for item in custom]
    return [_with(item, new[item["id"]]) if item.get("id") in new else item for item in items]


def _reduced(item: Json) -> dict[str, Any]:
    return {name: item[name] for name in _KEPT if name in item}


def _with(item: dict[str, Any], value: Any) -> dict[str, Any]:
    return item | {"value": value}
