"""What one vendor alone does with tickets of our own: a search that is ignored, a contact not asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.errors import Rejected
from tests.contract.psa.desking import MARK, desk, draft, new
from tests.contract.psa.stage import on_stage
from tests.contract.psa.tongues import TONGUES


async def test_halo_that_ignores_the_search_is_gone_through_and_opens_no_second() -> None:
    async with on_stage(TONGUES["halo"], tickets=250) as stage:
        stage.faults.deaf_search = True
        before, psa = set(stage.world.tickets.by_id), await desk(stage)
        first = await psa.open_ticket(draft(stage))
        other = await psa.open_ticket(draft(stage, mark="px-ba9876543210"))
        again = await desk(stage)
        assert await again.open_ticket(draft(stage)) == first
        assert [str(ticket.id) for ticket in new(stage, before)] == [first, other]


async def test_a_priority_of_halo_is_one_of_its_sla() -> None:
    async with on_stage(TONGUES["halo"], tickets=0) as stage:
        cases = {"ticket_type": "Incident", "priority": "P4 Low"}
        psa = stage.adapter(cases=cases)
        notes = (await psa.start({})).notes
        assert not psa.opens_tickets
        assert sum("several of the name 'P4 Low' for priority" in note for note in notes) == 1


async def test_a_contact_that_connectwise_sets_by_itself_is_taken_off() -> None:
    async with on_stage(TONGUES["connectwise"], tickets=0) as stage:
        psa = await desk(stage)
        api = psa._session.api
        post, contact = api.post, {"id": stage.world.contacts_of(250)[0].id}
        api.post = lambda path, body: post(path, body | {"contact": contact})
        ticket = await psa.open_ticket(draft(stage))
        assert stage.world.ticket(int(ticket)).contact is None


@pytest.mark.parametrize("vendor", TONGUES)
async def test_a_long_summary_is_cut_before_its_mark(vendor: str) -> None:
    async with on_stage(TONGUES[vendor], tickets=0) as stage:
        psa = await desk(stage)
        made = await psa.open_ticket(replace(draft(stage), summary="Review " * 60))
        assert stage.world.ticket(int(made)).summary.endswith(f"… ({MARK})")


@pytest.mark.parametrize("vendor", TONGUES)
async def test_the_psa_may_refuse_a_ticket_and_says_why(vendor: str) -> None:
    async with on_stage(TONGUES[vendor], tickets=0) as stage:
        psa = await desk(stage)
        stage.faults.forbidden = "/service/tickets,/Tickets"
        with pytest.raises(Rejected):
            await psa.open_ticket(draft(stage))
        assert len(stage.world.tickets) == 0
