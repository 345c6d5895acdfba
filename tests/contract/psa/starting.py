"""Being let in, or not, and finding out how a PSA is set up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.errors import AuthFailed
from connector.psa.port import Psa
from connector.simulator import people
from tests.contract.psa.stage import CAPTIONS, FLAGS, Stage
from tests.contract.psa.traits import trait


@trait()
async def discovery(stage: Stage) -> None:
    """Statuses, priorities and fields are found, and what is missing is said."""
    psa = stage.adapter()
    assert isinstance(psa, Psa)
    assert psa.vendor == stage.tongue.vendor
    facts = await psa.start(CAPTIONS | {"px": frozenset({"No Such Field"})})
    assert facts.server
    assert facts.statuses.keys() >= {"New", "In Progress", "Waiting Customer", "Resolved"}
    assert sorted(facts.priorities) == sorted(priority.name for priority in people.PRIORITIES)
    assert facts.fields.keys() == {caption for some in CAPTIONS.values() for caption in some}
    assert facts.missing_fields == ("No Such Field",)


@trait()
async def unusable_field(stage: Stage) -> None:
    """A field of a type that cannot carry a flag is said once, with what to do; the rest runs."""
    number = stage.world.field_by_caption("SLA Zone").id
    stage.world.fields[number] = replace(stage.world.fields[number], type="Other")
    psa = stage.adapter()
    facts = await psa.start(CAPTIONS)
    (said,) = [note for note in facts.notes if "SLA Zone" in note]
    assert "of type" in said
    assert "make it" in said, "what to do"
    assert facts.missing_fields == (), "it is there"
    assert "SLA Zone" not in facts.fields
    ticket = stage.ticket()
    await psa.write(str(ticket), FLAGS)
    assert stage.world.field(ticket, "SLA Zone") is None
    rest = {name: value for name, value in FLAGS.items() if name != "zone"}
    written = (await psa.read_flags([str(ticket)]))[str(ticket)].flags
    assert {name: value for name, value in written.items() if value} == rest == dict(psa.shown(FLAGS))


@trait()
async def status_stages(stage: Stage) -> None:
    """What a status means to the PSA's own SLA is found out: which one waits, which one solves."""
    stages = (await stage.adapter().start(CAPTIONS)).statuses
    done = stages.get("Complete") or stages["Resolved"]
    assert "" not in (stages["Waiting Customer"], done)
    assert len({stages["New"], stages["Waiting Customer"], done}) == 3


@trait()
async def login(stage: Stage) -> None:
    """Right credentials are let in, and nothing that is shown or printed holds one."""
    psa = stage.adapter()
    facts = await psa.start(CAPTIONS)
    batch = await psa.poll(psa.streams[0], None, now=stage.world.now(), limit=5)
    assert batch.snapshots
    shown = repr(facts) + repr(psa) + repr(batch)
    assert not [secret for secret in stage.secrets if secret in shown]


@trait()
async def refused_login(stage: Stage) -> None:
    """Refused credentials stop the connection: one clear error, no secret in it, no hammering."""
    stage.faults.auth = "401"
    with pytest.raises(AuthFailed) as caught:
        await stage.adapter().start(CAPTIONS)
    assert str(caught.value)
    assert not [secret for secret in stage.secrets if secret in str(caught.value)]
    assert stage.requests() <= 2, "hammering locks accounts"


@trait()
async def revoked_login(stage: Stage) -> None:
    """Credentials that are withdrawn later stop the connection too."""
    psa = await stage.started()
    stage.faults.auth = "401"
    before = stage.requests()
    with pytest.raises(AuthFailed):
        await psa.poll(psa.streams[0], None, now=stage.world.now(), limit=5)
    assert stage.requests() - before <= 2, "hammering locks accounts"


@trait()
async def missing_permission(stage: Stage) -> None:
    """What may not be read is switched off and said; the rest runs."""
    stage.faults.forbidden = stage.tongue.off_limits
    psa = stage.adapter()
    facts = await psa.start(CAPTIONS)
    assert any("off" in note for note in facts.notes)
    ticket = str(stage.ticket())
    batch = await psa.observe([ticket])
    assert [snapshot.ticket.id for snapshot in batch.snapshots] == [ticket]
    for stream in psa.streams:
        await psa.poll(stream, None, now=stage.world.now(), limit=5)


@trait()
async def calendars(stage: Stage) -> None:
    """The PSA's working hours can be copied, or it is said why not."""
    found = await stage.adapter().calendars("Europe/London")
    assert found
    assert all(one.id and one.name and (one.hours or one.problem) for one in found)
    assert any(one.hours for one in found)
