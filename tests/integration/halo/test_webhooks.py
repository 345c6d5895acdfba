"""Halo's webhooks: two records that make one, three ways to prove a delivery, switched off and revived."""

from __future__ import annotations

import pytest

from connector.errors import Rejected
from connector.simulator.web import Reply
from tests.contract.psa.stage import Receiver
from tests.integration.halo.kit import (
    SECRET,
    asked,
    connected,
    delivery,
    drain,
)


async def test_half_a_webhook_is_made_whole(world, halo_tap):
    async with connected(world, tap=halo_tap) as (psa, sim):
        url = "https://px.example/hooks/main"
        assert await psa.ensure_webhook(url) == "created"
        assert await psa.ensure_webhook(url + "?x=1") == "alive"
        (known,) = sim.dialect._webhooks._known.values()
        known.notifications.clear()
        assert await psa.ensure_webhook(url) == "re-enabled"
        assert {row["eventno"] for row in known.notifications.values()} >= {3, 61}
        assert await psa.ensure_webhook(url) == "alive"


@pytest.mark.parametrize("record_shows_them", [True, False])
async def test_notifications_that_halo_does_not_list_are_not_made_again_and_again(world, record_shows_them):
    async with connected(world) as (psa, sim):
        url, hooks = "https://px.example/hooks/main", sim.dialect._webhooks
        sim.dialect.routes.add("GET", "/Notification", lambda _ask: Reply.of([]))
        if not record_shows_them:
            sim.dialect.routes.add("GET", "/Webhook/{key}", lambda _ask: Reply.of({"id": "x"}))
        assert await psa.ensure_webhook(url) == "created"
        for _ in range(3):
            assert await psa.ensure_webhook(url) == "alive"
        (known,) = hooks._known.values()
        assert len(known.notifications) == 4


async def test_a_right_that_was_taken_away_is_said_once_and_not_every_quarter_of_an_hour(world, monkeypatch):
    monkeypatch.setattr("connector.psa.halo.hooks.LOOK_AGAIN_S", 0.0)
    async with connected(world) as (psa, sim):
        await psa.ensure_webhook("https://px.example/hooks/main")
        sim.faults.forbidden = "/webhook"
        cursor = None
        for _ in range(3):
            _, cursor = await drain(psa, "tickets", cursor, world.now())
        looked = asked(world, "GET", "/Webhook")
        await drain(psa, "tickets", cursor, world.now())
        assert asked(world, "GET", "/Webhook") == looked


async def test_a_webhook_that_was_switched_off_is_noticed_and_revived_while_polling(world, monkeypatch):
    async with connected(world) as (psa, _):
        await psa.ensure_webhook("https://px.example/hooks/main")
        (hook,) = world.hooks.values()
        hook.inactive = True
        _, cursor = await drain(psa, "tickets", None, world.now())
        assert hook.inactive, "it was looked at a moment ago"
        monkeypatch.setattr("connector.psa.halo.hooks.LOOK_AGAIN_S", 0.0)
        await drain(psa, "tickets", cursor, world.now())
        assert not hook.inactive
        assert len(world.hooks) == 1


async def test_a_look_at_the_webhook_that_was_not_understood_is_made_again(world, monkeypatch):
    monkeypatch.setattr("connector.psa.halo.hooks.LOOK_AGAIN_S", 0.0)
    async with connected(world) as (psa, sim):
        await psa.ensure_webhook("https://px.example/hooks/main")
        (hook,) = world.hooks.values()
        hook.inactive = True
        sim.faults.set("truncated_next", 1)
        _, cursor = await drain(psa, "tickets", None, world.now())
        assert hook.inactive
        await drain(psa, "tickets", cursor, world.now())
        assert not hook.inactive


@pytest.mark.parametrize(
    "proof",
    [
        {"authentication_type": 1, "basic_username": "halo", "basic_password": SECRET},
        {"authentication_type": 2, "authentication_header": "Token", "basic_password": SECRET},
        {"authentication_type": 3, "authentication_header": "Token", "basic_password": SECRET},
    ],
)
async def test_a_webhook_made_by_hand_is_believed_in_each_way_it_can_prove_itself(world, proof):
    async with connected(world) as (psa, sim), Receiver() as receiver:
        post = psa._session.api.post
        made = await post("Webhook", [{"name": "by hand", "url": receiver.url, "active": True, **proof}])
        hook = made[0] if isinstance(made, list) else made
        await post("Notification", [{"webhook_id": hook["id"], "eventno": 3}])
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help")
        await sim.drain()
        ((body, headers, query),) = receiver.got
        assert [hint.ticket_id for hint in await psa.verify(body, headers, query)] == [str(ticket)]
        sim.faults.bad_signatures = 1.0
        world.open_ticket("Acme Dental", "Printer", text="Help")
        await sim.drain()
        with pytest.raises(Rejected):
            await psa.verify(*receiver.got[-1])


async def test_without_a_secret_no_webhook_is_made_or_believed(world):
    async with connected(world, change={"hook_secret": ""}) as (psa, _):
        with pytest.raises(Rejected, match="set the webhook secret"):
            await psa.ensure_webhook("https://px.example/hooks/main")
        with pytest.raises(Rejected):
            await psa.verify(b"{}", {"token": ""}, {})


async def test_a_body_that_is_an_array_names_all_its_tickets(world):
    async with connected(world) as (psa, _):
        found = [{"ticket": {"id": 1001}}, {"ticket": {"id": 1002}}]
        assert [hint.ticket_id for hint in await psa.verify(*delivery(found), {})] == ["1001", "1002"]
