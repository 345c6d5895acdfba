"""Webhooks: made once, kept alive, believed only when they are genuine."""

from __future__ import annotations

import pytest

from connector.errors import Rejected
from connector.psa.port import Psa
from tests.contract.psa.stage import FLAGS, Receiver, Stage, on_stage
from tests.contract.psa.traits import trait


@trait()
async def webhook_made(stage: Stage) -> None:
    """A webhook is made once, and found again by another run."""
    async with Receiver() as receiver:
        psa = await stage.started()
        assert await psa.ensure_webhook(receiver.url) == "created"
        made = len(stage.world.hooks)
        assert await psa.ensure_webhook(receiver.url) == "alive"
        assert await (await stage.started()).ensure_webhook(receiver.url) == "alive"
        assert len(stage.world.hooks) == made > 0


async def _called(stage: Stage, psa: Psa, receiver: Receiver) -> str:
    """A ticket that was opened while our webhook was there, and of which it has told."""
    await psa.ensure_webhook(receiver.url)
    ticket = stage.ticket()
    await stage.sim.drain()
    assert receiver.got, "no webhook came"
    return str(ticket)


@trait()
async def webhook_believed(stage: Stage) -> None:
    """A genuine delivery names the ticket to look at, also where several come in one body."""
    async with Receiver() as receiver:
        psa = await stage.started()
        ticket = await _called(stage, psa, receiver)
        hints = [hint for delivery in receiver.got for hint in await psa.verify(*delivery)]
        assert {hint.ticket_id for hint in hints} == {ticket}
        again = await stage.started()
        assert await again.verify(*receiver.got[0]), "after a restart too"
        receiver.got.clear()
        stage.faults.batched_callbacks = True
        another = await _called(stage, psa, receiver)
        hints = [hint for delivery in receiver.got for hint in await psa.verify(*delivery)]
        assert {hint.ticket_id for hint in hints} == {another}


@trait()
async def webhook_forged(stage: Stage) -> None:
    """A body that was changed, or that nobody signed, is refused."""
    async with Receiver() as receiver:
        psa = await stage.started()
        ticket = await _called(stage, psa, receiver)
        body, headers, query = receiver.got[0]
        other = body.replace(ticket.encode(), b"1001")
        assert other != body
        with pytest.raises(Rejected):
            await psa.verify(other, headers, query)
        with pytest.raises(Rejected):
            await psa.verify(body, {"content-type": "application/json"}, query)
        with pytest.raises(Rejected):
            await psa.verify(b"\xff" * 16, headers, query)


@trait()
async def webhook_foreign(stage: Stage) -> None:
    """What is genuine for another tenant of the same vendor is refused here, in one clear sentence."""
    async with Receiver() as receiver, on_stage(stage.tongue, seed=8) as other:
        await _called(other, await other.started(), receiver)
    psa = await stage.started()
    body, *_ = receiver.got[0]
    with pytest.raises(Rejected) as caught:
        await psa.verify(*receiver.got[0])
    said = str(caught.value)
    assert "another" in said, "whose it is"
    assert "check " in said, "what to do"
    assert "\n" not in said
    assert len(said) < 256
    assert body.decode()[:40] not in said
    assert not [secret for secret in (*stage.secrets, *other.secrets) if secret in said]


@trait()
async def webhook_repaired(stage: Stage) -> None:
    """A webhook that the PSA has switched off is switched on again, not made twice."""
    async with Receiver() as receiver:
        psa = await stage.started()
        await psa.ensure_webhook(receiver.url)
        made = len(stage.world.hooks)
        for hook in stage.world.hooks.values():
            hook.inactive = True
        assert await psa.ensure_webhook(receiver.url) == "re-enabled"
        assert [hook.inactive for hook in stage.world.hooks.values()] == [False] * made
        await _called(stage, psa, receiver)


@trait()
async def webhook_quiet(stage: Stage) -> None:
    """Our own edits do not come back as webhooks; other people's do."""
    async with Receiver() as receiver:
        psa = await stage.started()
        ticket = await _called(stage, psa, receiver)
        before = len(receiver.got)
        await psa.write(ticket, FLAGS)
        await stage.sim.drain()
        assert len(receiver.got) == before
        stage.world.set_status(int(ticket), "In Progress", by="jreed")
        await stage.sim.drain()
        assert len(receiver.got) > before
