"""Writing to Halo: quietly, one at a time, never without an id, and known as our own afterwards."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from connector.errors import ContractViolation, NotFound, Rejected
from tests.integration.halo.kit import (
    CAPTIONS,
    FLAGS,
    connected,
    delivery,
)


async def test_writes_are_quiet_one_at_a_time_and_never_open_a_ticket(world, halo_tap):
    async with connected(world, tap=halo_tap, rules=True) as (psa, sim):
        ids = sorted(world.tickets.by_id)[:6]
        tickets = len(world.tickets)
        await asyncio.gather(*(psa.write(str(i), FLAGS) for i in ids))
        for nobody in ("0", "-1", "", "12x", "99999999"):
            with pytest.raises(NotFound):
                await psa.write(nobody, FLAGS)
        assert {write.ticket for write in world.writes} == set(ids)
        assert len(world.tickets) == tickets
        assert all(p.rules_off and p.automations_off and not p.created for p in sim.dialect.posted)
        assert sim.dialect.limits.writes_at_once == 1


async def test_fields_of_others_survive_a_server_that_wants_the_whole_array(world):
    async with connected(world, whole_array_customfields=True) as (psa, _):
        for ticket in sorted(world.tickets.by_id)[:2]:
            world.set_field(ticket, "Change Approval", "CAB-17", by="jreed")
            await psa.write(str(ticket), FLAGS)
            await psa.write(str(ticket), {"zone": "red"})
            assert world.field(ticket, "Change Approval") == "CAB-17"
            assert world.field(ticket, "SLA Zone") == "red"
            assert world.field(ticket, "Felt Response (min)") == 42


async def test_our_own_edit_is_known_by_its_mark_and_its_echo_is_dropped(world):
    async with connected(world) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help")
        world.advance(timedelta(minutes=1))
        await psa.write(str(ticket), FLAGS)
        (ours,) = (await psa.observe([str(ticket)])).snapshots
        assert "self" in ours.editor.marks
        echo = {"ticket": {"id": ticket, "last_update": f"{world.now():%Y-%m-%dT%H:%M:%S}"}}
        assert await psa.verify(*delivery(echo), {}) == []
        world.advance(timedelta(minutes=1))
        world.post(ticket, "jreed", "Please unplug it")
        (theirs,) = (await psa.observe([str(ticket)])).snapshots
        assert theirs.editor.kind == "staff"
        later = {"ticket": {"id": ticket, "last_update": f"{world.now():%Y-%m-%dT%H:%M:%S}"}}
        assert [hint.ticket_id for hint in await psa.verify(*delivery(later), {})] == [str(ticket)]


async def test_one_ticket_that_may_not_be_read_keeps_no_other_from_its_flags(world):
    async with connected(world) as (psa, sim):
        hidden, good = (str(world.open_ticket("Acme Dental", "Printer", text="Help")) for _ in range(2))
        sim.faults.forbidden = f"/tickets/{hidden}"
        before = await psa.read_flags([hidden, good])
        assert before.keys() == {hidden, good}
        assert before[hidden].flags == {}
        with pytest.raises(Rejected, match="not permitted"):
            await psa.write(hidden, FLAGS)
        await psa.write(good, FLAGS)
        assert world.field(int(good), "SLA Zone") == "orange"


async def test_a_field_of_a_type_that_cannot_hold_text_is_named(world):
    async with connected(world, start=False, missing_field="SLA Zone") as (psa, _):
        facts = await psa.start(CAPTIONS)
        assert facts.missing_fields == ("SLA Zone",)
        assert facts.fields["PX At Risk"] == "161"


async def test_an_answer_for_another_ticket_says_that_one_was_made(world):
    async with connected(world) as (psa, _):
        ticket = sorted(world.tickets.by_id)[0]
        await psa.write(str(ticket), FLAGS)
        real = psa._session.api.post

        async def other(path, items):
            found = await real(path, items)
            row = found[0] if isinstance(found, list) else found
            return {**row, "id": ticket + 1}

        psa._session.api.post = other
        with pytest.raises(ContractViolation, match="answered with ticket"):
            await psa.write(str(ticket), {"zone": "red"})
