"""Flags on tickets: one POST a ticket, one POST at a time, and never one without an id.

`POST /Tickets` takes an array in which an element without an id makes a new ticket, so an id that is no
positive number is refused here. Halo loses its way when tickets are written in parallel. Rules and
automations are told to stay quiet, so that a flag sets nothing else in motion. Source: facts §7.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from connector.errors import ContractViolation, NotFound, Rejected
from connector.model import FlagName
from connector.psa.halo.fetching import WHOLE, is_gone
from connector.psa.halo.fields import custom_fields
from connector.psa.halo.mapping import updated_at, version
from connector.psa.halo.session import Session
from connector.psa.halo.values import ident, is_record
from connector.psa.port import Written
from connector.psa.together import together
from connector.psa.transport import Forbidden
from connector.psa.values import Json, flag

QUIET: dict[str, Any] = {"dont_do_rules": True, "_dont_fire_automations": True}
_EMPTY = (None, "", False)


def element(ticket_id: object, values: Mapping[int, Any]) -> dict[str, Any]:
    """One element of a `POST /Tickets` that changes these fields and nothing else.

    Rejected without a positive id: Halo would make a new ticket of it.
    """
    if type(ticket_id) is not int or ticket_id <= 0:
        raise Rejected(f"a ticket is not written without its id: {ticket_id!r:.40}")
    items = [{"id": number, "value": value} for number, value in values.items()]
    return {"id": ticket_id, "customfields": items, **QUIET}


class Flags:
    """Reads and writes flags for one connection.

    `partial`: own fields may be written alone and the others stay. Believed of Halo, but nobody has proven
    it: None until one of our own writes has, and until then all fields with a value are sent along.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.partial: bool | None = None
        self._one_at_a_time = asyncio.Lock()

    async def read(self, ticket_ids: Sequence[str]) -> dict[str, Written]:
        """The flags of these tickets as they stand, past Halo's cache; tickets that are gone are absent.

        One that may not be read shows no flags: its own write fails, nobody else's. One that is not
        understood is absent too; alone it raises ContractViolation, so that nobody writes to it blindly.
        """
        ids = [i for i in dict.fromkeys(ticket_ids) if is_record(i)]
        shown = await together(self._shown(ticket_id, alone=len(ids) == 1) for ticket_id in ids)
        return {ticket_id: one for ticket_id, one in zip(ids, shown, strict=True) if one is not None}

    async def _shown(self, ticket_id: str, *, alone: bool) -> Written | None:
        try:
            row = await self._ticket(ticket_id)
        except Forbidden:
            return Written(flags={}, version="")
        except ContractViolation:
            if alone:
                raise
            return None
        if row is None:
            return None
        return Written(flags=self._session.binding.observed(custom_fields(row)), version=version(row))

    async def write(self, ticket_id: str, flags: Mapping[FlagName, str]) -> None:
        """Set these flags in one request. Rejected if a field refuses its value or no flag has a field."""
        if not is_record(ticket_id):
            raise NotFound(f"{ticket_id[:40]!r} is not a ticket id")
        async with self._one_at_a_time:
            row = None if self.partial else await self._ticket(ticket_id)
            if row is None and not self.partial:
                raise NotFound(f"ticket {ticket_id} is gone")
            custom = custom_fields(row or {})
            values = self._session.binding.values(flags, custom)
            if not values:
                raise Rejected(f"ticket {ticket_id} has no field for {', '.join(sorted(flags))}")
            await self._post(ticket_id, values if self.partial else kept(custom) | values)
            if self.partial is None:
                await self._probe(ticket_id, custom, values)

    async def _probe(self, ticket_id: str, before: list[Json], values: Mapping[int, Any]) -> None:
        """Find out, on a ticket just written, whether our own fields may be sent alone.

        One of the values just written is sent again by itself: the others are there still, or all are sent
        again. Only where nobody else's field has a value, so that nothing but our own could be lost.
        """
        ours = self._session.binding.ids()
        foreign = any(number not in ours for number in kept(before))
        filled = [number for number, value in values.items() if value not in _EMPTY]
        if foreign or len(filled) < 2:
            return
        await self._post(ticket_id, {filled[0]: values[filled[0]]})
        after = kept(custom_fields(await self._ticket(ticket_id) or {}))
        self.partial = all(number in after for number in filled)
        if not self.partial:
            await self._post(ticket_id, kept(before) | dict(values))

    async def _ticket(self, ticket_id: str) -> dict[str, Any] | None:
        """The ticket as it stands; None if it is gone."""
        try:
            row = await self._session.api.record(f"Tickets/{ticket_id}", WHOLE, urgent=True)
        except NotFound:
            return None
        return None if row is None or is_gone(row) else row

    async def _post(self, ticket_id: str, values: Mapping[int, Any]) -> None:
        """Send one element; ContractViolation if Halo answers for another ticket: it has made a new one."""
        found = await self._session.api.post("Tickets", [element(int(ticket_id), values)])
        row = found[0] if isinstance(found, list) and found else found
        if not isinstance(row, dict):
            return
        answered = ident(row, "id")
        if answered and answered != int(ticket_id):
            raise ContractViolation(
                f"POST /Tickets for ticket {ticket_id} was answered with ticket {answered}"
            )
        if updated_at(row) is not None:
            self._session.wrote(ticket_id, version(row))


def kept(custom: list[Json]) -> dict[int, Any]:
    """Fields by id with a plain value, which is all that can be sent back unharmed.

    What is encrypted is not shown as it is, and what is calculated is nobody's to set.
    """
    plain = {
        ident(item, "id"): item.get("value")
        for item in custom
        if ident(item, "id")
        and not (flag(item, "isencrypted") or flag(item, "value_is_password_id") or item.get("calculation"))
    }
    return {
        number: value
        for number, value in plain.items()
        if value not in _EMPTY and isinstance(value, str | int | float)
    }
