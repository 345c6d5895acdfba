"""Being let in, or not, and finding out how a PSA is set up."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import AuthFailed
from connector.psa.port import Psa
from connector.psa.recall import Recall, Recalling
from connector.psa.slasetup import ShowsSla
from connector.simulator import people
from tests.contract.psa.captions import CAPTIONS
from tests.contract.psa.stage import FLAGS, Stage, drain, ids, story
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
async def sla_setup(stage: Stage) -> None:
    """How the PSA's own SLA is set up is told, or said not to be; reading it changes nothing."""
    psa = await stage.started()
    assert isinstance(psa, ShowsSla)
    setup = await psa.sla_setup()
    assert {one.name for one in setup.statuses} >= {"New", "In Progress", "Waiting Customer", "Resolved"}
    assert "Standard SLA" in {one.name for one in setup.slas}
    assert set(setup.priorities) == {priority.name for priority in people.PRIORITIES}
    if "targets" not in setup.untold:
        (standard,) = [one for one in setup.slas if one.name == "Standard SLA"]
        promised = {target.priority: target.minutes for target in standard.targets}
        for priority in people.PRIORITIES:
            told = promised[priority.name]
            assert (told["response"], told["resolution"]) == (priority.respond, priority.resolve), "minutes"
    if "hours" not in setup.untold:
        known = {one.id for one in await psa.calendars()}
        assert {one.calendar for one in setup.slas if one.hours == "calendar"} <= known
    assert stage.world.writes == []


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


def _says_what_to_check(stage: Stage, error: AuthFailed, *keys: str) -> None:
    """One line that names one of these keys of the connection, and shows no secret."""
    said = str(error)
    _, check, what = said.partition("check ")
    assert check, f"what to do: {said}"
    assert set(keys) & set(re.findall(r"\w+", what)), f"{keys} in {said}"
    assert "\n" not in said
    assert not [secret for secret in stage.secrets if secret in said]


@trait()
async def refused_login(stage: Stage) -> None:
    """Refused credentials stop the connection: one clear error, no secret in it, no hammering."""
    stage.faults.auth = "401"
    with pytest.raises(AuthFailed) as caught:
        await stage.adapter().start(CAPTIONS)
    _says_what_to_check(stage, caught.value, *stage.secret_keys)
    assert stage.requests() <= 2, "hammering locks accounts"


@trait()
async def wrong_tenant(stage: Stage) -> None:
    """What leads to nobody, or to somebody else's PSA, is told by the key that is wrong."""
    for key, value in stage.tongue.astray(stage.sim).items():
        before = stage.requests()
        with pytest.raises(AuthFailed) as caught:
            await stage.adapter(**{key: value}).start(CAPTIONS)
        _says_what_to_check(stage, caught.value, key)
        assert stage.requests() - before <= 2, "hammering locks accounts"


@trait()
async def expired_secret(stage: Stage) -> None:
    """A secret that ends while we run is told by its key, whatever is asked; renewed, nothing was lost."""
    psa, ticket = await stage.started(), stage.ticket()
    _, cursor = await drain(psa, psa.streams[0], None, stage.world.now())
    stage.faults.auth = "expired"
    stage.world.advance(timedelta(hours=2))
    stage.world.set_status(ticket, "In Progress", by="jreed")
    tries = (
        lambda: psa.poll(psa.streams[0], cursor, now=stage.world.now(), limit=5),
        lambda: psa.observe([str(ticket)]),
        lambda: psa.write(str(ticket), FLAGS),
    )
    for ask in tries:
        stage.world.requests.clear()
        with pytest.raises(AuthFailed) as caught:
            await ask()
        _says_what_to_check(stage, caught.value, *stage.secret_keys)
        assert max(stage.world.requests.values(), default=0) <= 1, "hammering locks accounts"
    stage.faults.auth = ""
    again = await stage.started()
    batches, _ = await drain(again, again.streams[0], cursor, stage.world.now())
    assert {s.ticket.id: s.ticket.status for b in batches for s in b.snapshots} == {
        str(ticket): "In Progress"
    }


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
    world, ticket = stage.world, stage.ticket()
    world.post(ticket, "jreed", "Please unplug it")
    psa = stage.adapter()
    usual = set((await psa.start(CAPTIONS)).notes)
    whole = {e.key for e in await story(psa, ticket)}
    for path in stage.tongue.off_limits:
        stage.faults.forbidden = path
        psa = stage.adapter()
        facts = await psa.start(CAPTIONS)
        said = [note for note in facts.notes if note not in usual]
        assert said, f"without {path}"
        assert len(set(said)) == len(said), "once"
        batches = [b for s in psa.streams for b in (await drain(psa, s, None, world.now()))[0]]
        assert str(ticket) in ids(batches), f"without {path}"
        batches.append(await psa.complete([s for b in batches for s in b.snapshots]))
        batch = await psa.observe([str(ticket)])
        assert ids([batch]) == [str(ticket)], f"without {path}"
        told = {e.key for _, e in batch.events}
        assert told <= whole, "nothing is made up"
        if facts.fields:
            await psa.write(str(ticket), FLAGS)
            assert world.field(ticket, "SLA Zone") == "orange"
            world.set_field(ticket, "SLA Zone", None, by="jreed")


@trait()
async def calendars(stage: Stage) -> None:
    """The PSA's working hours can be copied, or it is said why not."""
    found = await stage.adapter().calendars("Europe/London")
    assert found
    assert all(one.id and one.name and (one.hours or one.problem) for one in found)
    assert any(one.hours for one in found)


@trait()
async def recalled_start(stage: Stage) -> None:
    """A start that recalls what another has read finds the same and asks little; no ticket is handed on."""
    secret = "The safe opens with 1-2-3"
    ticket = stage.ticket(text=secret)
    for one in stage.world.tickets.by_id:
        stage.world.set_field(one, "SLA Zone", "purple", by="dmoore")
    before = stage.requests()
    known = Recall()
    facts = await recalling(stage.adapter(), known).start(CAPTIONS)
    asked = stage.requests() - before
    handed_on = json.dumps(known.lists)
    assert secret not in handed_on
    assert "purple" not in handed_on
    later = Recall(json.loads(handed_on))
    psa = recalling(stage.adapter(), later)
    before = stage.requests()
    assert await psa.start(CAPTIONS) == facts
    assert not later.asked
    assert 0 < (stage.requests() - before) * 3 < asked, "the login is tried, and hardly more is asked"
    await psa.write(str(ticket), FLAGS)
    written = (await psa.read_flags([str(ticket)]))[str(ticket)].flags
    assert {name: value for name, value in written.items() if value} == dict(psa.shown(FLAGS))
    before = stage.requests()
    assert (await psa.start(CAPTIONS)).fields == facts.fields
    assert (stage.requests() - before) * 2 > asked, "once: the next start asks anew"


def recalling(psa: Psa, recall: Recall) -> Psa:
    assert isinstance(psa, Recalling)
    psa.recall(recall)
    return psa
