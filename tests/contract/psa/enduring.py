"""Bad days: limits, storms, broken answers, broken tickets. Each has one meaning for the caller."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from connector.errors import ContractViolation, Throttled, Unavailable
from tests.contract.psa.captions import CAPTIONS
from tests.contract.psa.stage import FLAGS, Stage, drain, ids, story
from tests.contract.psa.traits import trait

FEW = 6


@trait(tickets=200)
async def quota(stage: Stage) -> None:
    """No more requests are sent than we were allowed, whatever there is to read."""
    psa = stage.adapter(**stage.tongue.few(FEW))
    with contextlib.suppress(TimeoutError, Throttled):
        async with asyncio.timeout(0.7):
            await psa.start(CAPTIONS)
            await drain(psa, psa.streams[0], None, stage.world.now(), limit=5)
    assert 0 < stage.requests() <= FEW
    assert stage.requests() <= psa.quota().requests_total <= FEW


@trait()
async def throttled(stage: Stage) -> None:
    """A PSA that asks for patience is given it: we slow down and nothing is lost."""
    psa = await stage.started()
    before = psa.quota().limit_per_minute
    whole = set(ids((await drain(psa, psa.streams[0], None, stage.world.now()))[0]))
    stage.faults.retry_after, stage.faults.throttle_next = 0, 2
    batches, _ = await drain(psa, psa.streams[0], None, stage.world.now())
    assert set(ids(batches)) == whole
    assert psa.quota().throttled_total == 2
    assert psa.quota().limit_per_minute < before


@trait()
async def short_outage(stage: Stage) -> None:
    """One failed answer to a read is asked for again."""
    psa, ticket = await stage.started(), str(stage.ticket())
    stage.faults.errors_next = 1
    assert ids([await psa.observe([ticket])]) == [ticket]


@trait()
async def outage(stage: Stage) -> None:
    """A PSA that fails is unavailable, not gone: no ticket is lost to it, and it is fine again afterwards."""
    psa, ticket = await stage.started(), str(stage.ticket())
    stage.faults.errors = 1.0
    with pytest.raises(Unavailable):
        await psa.observe([ticket])
    with pytest.raises(Unavailable):
        await psa.poll(psa.streams[0], None, now=stage.world.now(), limit=5)
    stage.faults.errors = 0.0
    assert ids([await psa.observe([ticket])]) == [ticket]


@trait()
async def unreachable(stage: Stage) -> None:
    """Where nobody answers it is unavailable, told without a secret."""
    psa = stage.adapter(site="http://127.0.0.1:9")
    with pytest.raises(Unavailable) as caught:
        await psa.start(CAPTIONS)
    assert not [secret for secret in stage.secrets if secret in str(caught.value)]


@trait()
async def array_body(stage: Stage) -> None:
    """A body that is an array, where another was promised, is understood or waits: nothing is gone by it."""
    psa, ticket = await stage.started(), str(stage.ticket())
    usual = {event.key for event in await story(psa, int(ticket))}
    everything = set(ids((await drain(psa, psa.streams[0], None, stage.world.now()))[0]))
    known = len(stage.world.tickets)
    stage.faults.arrays = True
    with contextlib.suppress(Unavailable):
        batch = await psa.observe([ticket])
        assert batch.gone == frozenset()
        assert {*ids([batch]), *(m.ticket_id for m in batch.malformed)} == {ticket}
        assert not batch.complete or {event.key for _, event in batch.events} >= usual
    with contextlib.suppress(Unavailable):
        assert set(ids((await drain(psa, psa.streams[0], None, stage.world.now()))[0])) == everything
    with contextlib.suppress(Unavailable, ContractViolation):
        assert (await psa.read_flags([ticket])).keys() == {ticket}
    with contextlib.suppress(Unavailable, ContractViolation):
        await psa.write(ticket, FLAGS)
        assert stage.world.field(int(ticket), "SLA Zone") == "orange"
    stage.faults.arrays = False
    assert {event.key for event in await story(psa, int(ticket))} == usual
    await psa.write(ticket, FLAGS)
    assert (stage.world.field(int(ticket), "SLA Zone"), len(stage.world.tickets)) == ("orange", known)


@trait()
async def malformed(stage: Stage) -> None:
    """A ticket that cannot be understood is set aside by name, and the others are read."""
    psa, bad, good = await stage.started(), stage.ticket(), stage.ticket()
    for how in ("dates", "too-deep"):
        stage.faults.malformed = {bad: how}
        batch = await psa.observe([str(bad), str(good)])
        assert ids([batch]) == [str(good)]
        assert [(m.ticket_id, bool(m.reason)) for m in batch.malformed] == [(str(bad), True)]
        assert batch.gone == frozenset()
        batches, _ = await drain(psa, psa.streams[0], None, stage.world.now())
        assert str(good) in ids(batches)
        assert {m.ticket_id for b in batches for m in b.malformed} == {str(bad)}
