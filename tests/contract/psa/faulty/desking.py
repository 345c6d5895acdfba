"""Adapters that open too much, too loudly, or remember what they should write."""

from __future__ import annotations

from dataclasses import replace

from connector.errors import Unavailable
from connector.model import NOBODY
from tests.contract.psa.faulty.broken import breaks, shows
from tests.contract.psa.through import Through

shows("knows_its_tickets", lambda s: replace(s, editor=NOBODY))


@breaks("opens_once")
class OpensAnother(Through):
    """Every time it is asked."""

    times = 0

    async def open_ticket(self, draft):
        self.times += 1
        return await self.psa.open_ticket(replace(draft, mark=f"{draft.mark}{self.times}"))


@breaks("opens_after_lost_answer")
class OpensAgainBlindly(Through):
    async def open_ticket(self, draft):
        try:
            return await self.psa.open_ticket(draft)
        except Unavailable:
            return await self.psa.open_ticket(replace(draft, mark=f"{draft.mark}-again"))


class ChangesWhatIsPosted(Through):
    """One thing in the request that makes a ticket."""

    def __init__(self, psa):
        super().__init__(psa)
        api, post = psa._session.api, psa._session.api.post

        async def other(path, body):
            if path.endswith("ickets"):
                body = self.changed(body)
            return await post(path, body)

        api.post = other


@breaks("opens_silently", "connectwise")
class TellsTheCustomerInConnectWise(ChangesWhatIsPosted):
    def changed(self, body):
        rest = {name: value for name, value in body.items() if name != "initialInternalAnalysis"}
        return rest | {"initialDescription": body["initialInternalAnalysis"]}


@breaks("opens_silently", "autotask")
class NamesAContactInAutotask(ChangesWhatIsPosted):
    def changed(self, body):
        return body | {"contactID": 5001}


@breaks("opens_silently", "halo")
class NamesAUserInHalo(ChangesWhatIsPosted):
    def changed(self, body):
        return [one | {"user_id": 5001} for one in body]


@breaks("opens_below")
class LeavesOutTheParent(Through):
    async def open_ticket(self, draft):
        return await self.psa.open_ticket(replace(draft, parent=""))


@breaks("opens_nowhere")
class OpensAnywhere(Through):
    opens_tickets = True


@breaks("notes_once")
class NotesAgain(Through):
    times = 0

    async def add_note(self, ticket_id, mark, text):
        self.times += 1
        await self.psa.add_note(ticket_id, f"{mark}{self.times}", text)


@breaks("marks_companies")
class MarksFieldByField(Through):
    """And takes an empty value for none."""

    async def write_company(self, company_id, flags):
        if filled := {name: value for name, value in flags.items() if value}:
            await self.psa.write_company(company_id, filled)


@breaks("company_fields")
class NeverMindsMissingCompanyFields(Through):
    async def start(self, captions):
        facts = await self.psa.start(captions)
        return replace(facts, notes=tuple(note for note in facts.notes if "company field" not in note))
