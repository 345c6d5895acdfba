"""Adapters that write too much, too often, or do not know their own hand."""

from __future__ import annotations

from dataclasses import replace

from connector.errors import ContractViolation, NotFound, Rejected, Unavailable
from connector.model import NOBODY
from connector.psa.port import Written
from tests.contract.psa.faulty.broken import breaks, shows
from tests.contract.psa.through import Through

shows("read_back", lambda s: replace(s, flags={}))
shows("own_edits", lambda s: replace(s, editor=NOBODY))


class SendsItsOwnFieldsOnly(Through):
    """To a PSA that takes what is left out for empty."""

    async def write(self, ticket_id, flags):
        await self.psa.write(ticket_id, flags)
        await self.empty(self.psa._session.api, int(ticket_id))

    async def empty(self, api, ticket_id):
        """The field of somebody else, by the vendor's words."""
        raise NotImplementedError


@breaks("write_back", "connectwise")
class EmptiesConnectWise(SendsItsOwnFieldsOnly):
    async def empty(self, api, ticket_id):
        operation = {"op": "replace", "path": "customFields", "value": [{"id": 5, "value": None}]}
        await api.patch(f"service/tickets/{ticket_id}", [operation])


@breaks("write_back", "autotask")
class EmptiesAutotask(SendsItsOwnFieldsOnly):
    async def empty(self, api, ticket_id):
        foreign = [{"name": "Change Approval", "value": None}]
        await api.patch("Tickets", {"id": ticket_id, "userDefinedFields": foreign})


@breaks("write_back", "halo")
class EmptiesHalo(SendsItsOwnFieldsOnly):
    async def empty(self, api, ticket_id):
        rows = await api.whole("FieldInfo")
        number = next(row["id"] for row in rows if row["label"] == "Change Approval")
        await api.post("Tickets", [{"id": ticket_id, "customfields": [{"id": number, "value": ""}]}])


@breaks("cleared_flags")
class NeverClears(Through):
    async def write(self, ticket_id, flags):
        if filled := {name: value for name, value in flags.items() if value}:
            await self.psa.write(ticket_id, filled)


@breaks("not_understood")
class TakesNonsenseForATicketWithoutFlags(Through):
    async def read_flags(self, ticket_ids):
        try:
            return await self.psa.read_flags(ticket_ids)
        except ContractViolation:
            return {one: Written(flags={}, version="") for one in ticket_ids}


@breaks("one_request")
class WritesFlagByFlag(Through):
    async def write(self, ticket_id, flags):
        for name, value in flags.items():
            await self.psa.write(ticket_id, {name: value})


@breaks("refused_write")
class SwallowsRefusals(Through):
    async def write(self, ticket_id, flags):
        try:
            await self.psa.write(ticket_id, flags)
        except (Rejected, NotFound):
            return


@breaks("lost_answer")
class WritesAgainBlindly(Through):
    async def write(self, ticket_id, flags):
        try:
            await self.psa.write(ticket_id, flags)
        except Unavailable:
            await self.psa.write(ticket_id, flags)


@breaks("whole_ticket")
class ShowsItsOwnFieldsOnly(Through):
    """So that a canary cannot see what else has moved."""

    @property
    def checkup(self):
        return self

    async def record(self, ticket_id):
        fields = await self.psa.checkup.record(ticket_id)
        return {name: value for name, value in fields.items() if name[:3] in ("PX ", "SLA")}
