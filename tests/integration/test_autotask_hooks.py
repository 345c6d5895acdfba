"""Autotask's webhooks in the PSA: found, mended, replaced, and done without where they may not be made."""

from __future__ import annotations

import time

import pytest

from connector.errors import Unproven
from connector.psa.autotask.adapter import Autotask
from connector.simulator import make_world
from tests.integration.autotask_kit import CAPTIONS, START, config, connected


@pytest.fixture
def world():
    return make_world(seed=7, tickets=60, start=START)


async def test_a_webhook_said_to_be_off_is_looked_at_and_switched_on(world, monkeypatch):
    url = "http://127.0.0.1:9/hooks/main"
    async with connected(world) as (psa, _):
        await psa.ensure_webhook(url)
        for hook in world.hooks.values():
            hook.inactive = True
        with pytest.raises(Unproven):
            await psa.verify(b"", {}, {"deactivated": "1"})
        clock = time.monotonic
        await psa.poll("tickets", None, now=world.now(), limit=5)
        assert all(hook.inactive for hook in world.hooks.values()), "not more often than every ten minutes"
        monkeypatch.setattr("connector.psa.autotask.hooks.time.monotonic", lambda: clock() + 601)
        await psa.poll("tickets", None, now=world.now(), limit=5)
        assert not any(hook.inactive for hook in world.hooks.values())


async def test_webhooks_of_an_old_secret_are_replaced(world):
    url = "http://127.0.0.1:9/hooks/main"
    async with connected(world) as (psa, sim):
        await psa.ensure_webhook(url)
        old = {hook.signing_key for hook in world.hooks.values()}
        rotated = Autotask("main", config(sim))
        rotated._session.config = config(sim, secret="rotated")  # the server still knows the old one
        await rotated.start(CAPTIONS)
        assert await rotated.ensure_webhook(url) == "created"
        await rotated.close()
        assert len(world.hooks) == 2
        assert not old & {hook.signing_key for hook in world.hooks.values()}


async def test_without_webhooks_of_notes_those_of_tickets_are_made(world):
    async with connected(world, forbidden="/TicketNoteWebhooks") as (psa, _):
        assert await psa.ensure_webhook("http://127.0.0.1:9/hooks/main") == "created"
        assert len(world.hooks) == 1
