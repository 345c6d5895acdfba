"""Being let in to Halo: one token for all who wait, 401 of two meanings, the least permissions, our share."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import AuthFailed, Rejected
from connector.psa.halo.adapter import Halo
from connector.psa.halo.config import HaloConfig
from connector.psa.port import Psa
from connector.simulator import Simulator
from tests.integration.halo.kit import (
    CAPTIONS,
    FLAGS,
    START,
    asked,
    config,
    connected,
    drain,
    shown,
)


async def test_many_waiting_for_a_token_cause_one_request_for_it(world):
    async with connected(world, start=False) as (psa, _):
        assert isinstance(psa, Psa)
        await asyncio.gather(*(psa.read_flags([str(i)]) for i in list(world.tickets.by_id)[:8]))
        assert asked(world, "POST", "/auth/token") == 1
        assert asked(world, "GET", "/AuthInfo") == 1


async def test_a_token_that_ends_between_pages_is_renewed_once_and_no_page_is_lost(world):
    async with connected(world) as (psa, sim):
        before = asked(world, "POST", "/auth/token")
        sim.faults.token_ends_in = 3
        batches, _ = await drain(psa, "tickets", None, world.now(), limit=5)
        since = START - timedelta(days=30)
        wanted = {str(t.id) for t in world.tickets.by_id.values() if not t.closed_at or t.updated_at > since}
        assert set(shown(batches)) == wanted
        assert asked(world, "POST", "/auth/token") - before == 1


async def test_where_401_means_not_permitted_the_feature_is_off_and_tokens_are_not_renewed_for_ever(world):
    async with connected(world, start=False, forbidden="/feedback,/appointment") as (psa, _):
        facts = await psa.start(CAPTIONS)
        for feature in ("appointments", "feedback"):
            assert [note for note in facts.notes if note.startswith(f"{feature} is off")], "said at the start"
        cursor = None
        for _ in range(3):
            world.advance(timedelta(hours=1))
            batch = await psa.poll("feedback", cursor, now=world.now(), limit=100)
            cursor = batch.cursor
            assert batch.done
        assert asked(world, "GET", "/Feedback") == 2, "once, and once more with a new token"
        assert asked(world, "POST", "/auth/token") <= 3
        batch = await psa.observe([str(next(iter(world.tickets.by_id)))])
        assert batch.complete
        assert "action:" in batch.replaces
        assert "appointment:" not in batch.replaces, "they may be there although we do not see them"


async def test_where_actions_may_not_be_read_it_is_said_at_once_and_tickets_are_read(world):
    async with connected(world, start=False, forbidden="/actions") as (psa, _):
        facts = await psa.start(CAPTIONS)
        assert any(note.startswith("actions is off") for note in facts.notes)
        ticket = str(next(iter(world.tickets.by_id)))
        batch = await psa.observe([ticket])
        assert [s.ticket.id for s in batch.snapshots] == [ticket]
        assert not batch.complete, "what is not seen is not deleted"


async def test_a_site_without_tickets_for_us_stops_the_connection(world):
    async with connected(world, start=False, forbidden="/tickets") as (psa, _):
        with pytest.raises(AuthFailed, match=r"shows no tickets.*scopes"):
            await psa.start(CAPTIONS)


async def test_a_wrong_secret_is_told_as_such_and_asked_for_once(world):
    async with connected(world, start=False, change={"client_secret": "hunter2hunter2"}) as (psa, sim):
        with pytest.raises(AuthFailed, match="check tenant, client_id, client_secret") as caught:
            await psa.start(CAPTIONS)
        assert "hunter2" not in str(caught.value) + repr(config(sim, client_secret="hunter2hunter2"))
        assert asked(world, "POST", "/auth/token") == 1


async def test_a_wrong_tenant_is_told_as_such(world):
    async with connected(world, start=False, change={"tenant": "somebody-else"}) as (psa, _):
        with pytest.raises(AuthFailed, match=r"check tenant.*invalid_tenant"):
            await psa.start(CAPTIONS)


async def test_where_tokens_come_from_is_asked_again_when_it_has_moved(world):
    async with connected(world) as (psa, sim):
        sim.faults.codebase = "identity"
        sim.dialect.access.invalidate()
        batches, _ = await drain(psa, "tickets", None, world.now())
        assert shown(batches)
        assert asked(world, "GET", "/AuthInfo") == 2


async def test_the_least_permissions_of_the_guide_are_enough_for_all_but_webhooks(world):
    scope = "read:tickets edit:tickets read:customers read:calendar"
    async with connected(world, start=False, change={"scope": scope}) as (psa, _):
        facts = await psa.start(CAPTIONS)
        assert not facts.missing_fields
        assert not [note for note in facts.notes if " is off" in note]
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help")
        world.rate(ticket, 5)
        await psa.write(str(ticket), FLAGS)
        assert (await psa.observe([str(ticket)])).complete == {str(ticket)}
        for stream in psa.streams:
            await drain(psa, stream, None, world.now())
        assert psa._session.off == {}
        with pytest.raises(Rejected, match="admin"):
            await psa.ensure_webhook("https://px.example/hooks/main")


async def test_our_share_is_250_requests_in_five_minutes_unless_it_is_set(world):
    async with Simulator(world, vendor="halo") as sim:
        keys = config(sim)
        for change, a_minute in (({"requests_per_5_minutes": 250.0}, 50), ({}, 100_000)):
            psa = Halo("main", replace(keys, **change))
            assert psa.quota().limit_per_minute == a_minute
            await psa.close()
    assert HaloConfig(site="x", client_id="x", client_secret="x").requests_per_5_minutes == 250


async def test_a_web_page_instead_of_an_answer_is_waited_out(world, monkeypatch):
    monkeypatch.setattr("connector.psa.transport.PATIENCE_429_S", 0.0)
    async with connected(world, html_429=True) as (psa, sim):
        sim.faults.throttle_next = 2
        batches, _ = await drain(psa, "tickets", None, world.now())
        assert shown(batches)
        assert psa.quota().throttled_total == 2
