"""Flags on tickets: written once, read back, nobody else's touched, our own edits recognised."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest

from connector.errors import ContractViolation, NotFound, Rejected, Unavailable
from connector.psa.checkup import Examined
from connector.psa.whole import Whole
from tests.contract.psa.stage import FLAGS, Stage
from tests.contract.psa.traits import trait


@trait()
async def write_back(stage: Stage) -> None:
    """Flags stand in the PSA's own fields, and other people's fields are as they were."""
    psa, world, ticket = await stage.started(), stage.world, stage.ticket()
    world.set_field(ticket, "Change Approval", "CAB-17", by="jreed")
    await psa.write(str(ticket), FLAGS)
    assert world.field(ticket, "SLA Zone") == "orange"
    assert float(world.field(ticket, "Felt Response (min)") or 0) == 42
    assert world.field(ticket, "PX At Risk") in (True, "Yes", "true", "True")
    assert world.field(ticket, "Change Approval") == "CAB-17"


@trait()
async def read_back(stage: Stage) -> None:
    """What was written reads back as `shown` foretells, in every way of reading."""
    psa, ticket = await stage.started(), stage.ticket()
    await psa.write(str(ticket), FLAGS)
    written = (await psa.read_flags([str(ticket)]))[str(ticket)]
    (observed,) = (await psa.observe([str(ticket)])).snapshots
    assert {name: value for name, value in written.flags.items() if value} == dict(psa.shown(FLAGS)) == FLAGS
    assert (observed.version, dict(observed.flags)) == (written.version, dict(written.flags))
    assert "px" not in psa.shown({"px": "93 %"}), "the PSA has no field for it"


@trait()
async def cleared_flags(stage: Stage) -> None:
    """A flag that is taken away is empty, and the others stay."""
    psa, ticket = await stage.started(), str(stage.ticket())
    await psa.write(ticket, FLAGS)
    await psa.write(ticket, {"at_risk": "", "zone": ""})
    flags = (await psa.read_flags([ticket]))[ticket].flags
    assert (flags["at_risk"], flags["zone"], flags["felt_response"]) == ("", "", "42")


@trait()
async def one_request(stage: Stage) -> None:
    """All flags of a ticket go in one change, once the adapter knows its PSA."""
    psa, first, second = await stage.started(), stage.ticket(), stage.ticket()
    await psa.write(str(first), FLAGS)
    stage.world.requests.clear()
    stage.world.writes.clear()
    await psa.write(str(second), FLAGS)
    assert sum(n for (verb, _), n in stage.world.requests.items() if verb != "GET") == 1
    assert len(stage.world.writes) == len(FLAGS)
    assert {write.ticket for write in stage.world.writes} == {second}


@trait()
async def refused_write(stage: Stage) -> None:
    """A write for no field is refused, one for no ticket finds none; neither changes anything."""
    psa, ticket, before = await stage.started(), str(stage.ticket()), len(stage.world.tickets)
    with pytest.raises(Rejected):
        await psa.write(ticket, {"px": "93 %"})
    for nobody in ("999999", "../5", ""):
        with pytest.raises(NotFound):
            await psa.write(nobody, FLAGS)
    assert await psa.read_flags(["999999", "x"]) == {}
    assert stage.world.writes == []
    assert len(stage.world.tickets) == before, "a write never makes a ticket"


@trait()
async def lost_answer(stage: Stage) -> None:
    """A write whose answer is lost is not sent again blindly: the caller reads first."""
    psa, ticket = await stage.started(), str(stage.ticket())
    await psa.write(ticket, FLAGS)
    stage.world.writes.clear()
    stage.faults.hang_up_next = 1
    with pytest.raises(Unavailable):
        await psa.write(ticket, {"zone": "red"})
    assert [write.new for write in stage.world.writes] == ["red"]
    assert (await psa.read_flags([ticket]))[ticket].flags["zone"] == "red"


@trait()
async def not_understood(stage: Stage) -> None:
    """A ticket that cannot be understood shows nothing to compare with, and keeps no other from its flags."""
    psa, bad, good = await stage.started(), stage.ticket(), stage.ticket()
    for how in ("not-an-object", "too-deep"):
        stage.faults.malformed = {bad: how}
        with pytest.raises(ContractViolation):
            await psa.read_flags([str(bad)])
        with contextlib.suppress(ContractViolation):
            assert (await psa.read_flags([str(bad), str(good)])).keys() <= {str(good)}
        assert (await psa.read_flags([str(good)])).keys() == {str(good)}


@trait()
async def own_edits(stage: Stage) -> None:
    """Who made the last change is told: us by the mark `self`, and nobody else by it."""
    psa, ours, theirs = await stage.started(), str(stage.ticket()), stage.ticket()
    await psa.write(ours, FLAGS)
    stage.world.set_field(theirs, "SLA Zone", "green", by="jreed")
    batch = await psa.observe([ours, str(theirs)])
    marks = {snapshot.ticket.id: "self" in snapshot.editor.marks for snapshot in batch.snapshots}
    assert marks == {ours: True, str(theirs): False}


@trait()
async def whole_ticket(stage: Stage) -> None:
    """Every field of a ticket is shown by name, custom ones by caption, and of a write only what it wrote."""
    psa, world, ticket = await stage.started(), stage.world, stage.ticket()
    world.set_field(ticket, "Change Approval", "CAB-17", by="jreed")
    checkup = psa.checkup if isinstance(psa, Examined) else None
    assert isinstance(checkup, Whole)
    first = await checkup.record(str(ticket))
    assert first.get("Change Approval") == "CAB-17"
    world.advance(timedelta(minutes=10))
    await psa.write(str(ticket), {"zone": "orange"})
    second = await checkup.record(str(ticket))
    assert {name for name in {*first, *second} if first.get(name) != second.get(name)} == {"SLA Zone"}
    world.set_status(ticket, "In Progress", by="jreed")
    third = await checkup.record(str(ticket))
    assert any(name.startswith("status") for name in third if second.get(name) != third[name])
    with pytest.raises(NotFound):
        await checkup.record("999999")
