"""The door for webhooks on every PSA, through the whole daemon: genuine ones count once, the others nothing.

In fake time, because vendors are patient: Autotask sends what was refused four times more, half a minute
apart, and holds back everything behind it meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from connector.simulator import Simulator, make_world, utcnow
from connector.simulator.hooks import Delivery
from connector.store import inbox
from tests.contract.psa.stage import Stage
from tests.contract.psa.tongues import TONGUES
from tests.simulation import clockwork
from tests.simulation.hour import CLIENT, START, Hour, desk

Scene = Callable[[Hour], Awaitable[None]]
every_vendor = pytest.mark.parametrize("vendor", TONGUES)


def play(folder: Path, vendor: str, scene: Scene) -> None:
    async def main() -> None:
        async with desk(folder, vendor) as o:
            await o.rest(1.3)  # between two polls
            await scene(o)

    clockwork.run(START, 7, main)


def opened(o: Hour) -> int:
    ticket = o.world.open_ticket(CLIENT, "Printer down", text="It prints nothing at all.")
    o.tickets.append(ticket)
    return ticket


async def knock(o: Hour, delivery: Delivery, body: bytes | None = None) -> int:
    """Send a delivery once more, whole or with another body; the status it is answered with."""
    async with httpx.AsyncClient() as anybody:
        answer = await anybody.post(delivery.url, content=body or delivery.body, headers=delivery.headers)
    return answer.status_code


async def waiting(o: Hour) -> dict[str, int]:
    async with o.connector.store.read() as tx:
        return await inbox.waiting(tx)


@every_vendor
def test_a_genuine_webhook_is_taken_once_however_often_it_is_sent(tmp_path: Path, vendor: str) -> None:
    async def scene(o: Hour) -> None:
        ticket = opened(o)
        await o.sim.drain()
        await o.rest(0.2)
        assert o.shown(ticket)["zone"] == "green"
        turns, written = o.health.turns, len(o.world.writes)
        [first, *_] = o.sim.postman.accepted
        assert [await knock(o, first) for _ in range(3)] == [204] * 3
        await o.rest(0.2)
        if vendor == "halo":  # its webhooks have no number of their own: a repeated one is a reason to look
            assert o.health.turns - turns <= 3
        else:
            assert o.health.turns == turns
        assert len(o.world.writes) == written

    play(tmp_path, vendor, scene)


@every_vendor
def test_a_changed_or_unsigned_webhook_is_refused_and_costs_nothing(tmp_path: Path, vendor: str) -> None:
    async def scene(o: Hour) -> None:
        opened(o)
        await o.sim.drain()
        await o.rest(0.2)
        [genuine, *_] = o.sim.postman.accepted
        asked = o.world.requests.total()
        unsigned = Delivery(genuine.hook, genuine.url, genuine.body, {"Content-Type": "application/json"})
        odd = [b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000]
        refused = [await knock(o, genuine, genuine.body.replace(b":", b": ", 1)), await knock(o, unsigned)]
        refused += [await knock(o, genuine, body) for body in odd]
        assert refused == [401] * 7
        await o.rest(0.2)
        assert o.world.requests.total() == asked
        assert await waiting(o) == {}
        assert o.health.state == "ok"

    play(tmp_path, vendor, scene)


@every_vendor
def test_a_webhook_of_another_tenant_is_refused_said_once_and_loses_nothing(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(o: Hour) -> None:
        elsewhere = make_world(seed=8, tickets=0, start=START)
        elsewhere.clock = o.world.clock
        async with Simulator(elsewhere, vendor=vendor) as other:
            stranger = Stage(TONGUES[vendor], elsewhere, other)
            for name, value in TONGUES[vendor].secrets(other).items():
                monkeypatch.setenv(name, value)
            psa = await stranger.started()
            await psa.ensure_webhook(o.connection.hook_url)
            begun = utcnow()
            with capture_logs() as logs:
                for _ in range(3):
                    elsewhere.open_ticket(CLIENT, "Not ours", text="Nobody here knows this ticket.")
                ours = opened(o)
                await o.sim.drain()
                await other.drain()
            await psa.close()
        assert elsewhere.deliveries["sent"] == 0
        assert elsewhere.deliveries["failed"] >= 3
        said = [line for line in logs if "webhook" in line["event"] and line["log_level"] == "warning"]
        [reason] = {line["reason"] for line in said}
        assert "another" in reason or "company" in reason
        assert len(said) <= 1 + (utcnow() - begun).total_seconds() / 60, "once a minute at most"
        await o.rest(0.2)
        assert o.shown(ours)["zone"] == "green"
        assert await waiting(o) == {}

    play(tmp_path, vendor, scene)


@every_vendor
def test_webhooks_with_wrong_signatures_cost_one_poll_interval(tmp_path: Path, vendor: str) -> None:
    async def scene(o: Hour) -> None:
        o.sim.faults.bad_signatures = 1.0
        ticket = opened(o)
        await o.rest(0.1)
        assert o.shown(ticket)["zone"] == ""
        await o.rest(1)
        assert o.shown(ticket)["zone"] == "green"
        o.sim.faults.bad_signatures = 0.0
        await o.sim.drain()
        assert o.world.deliveries["failed"] >= 1
        assert not [hook for hook in o.world.hooks.values() if hook.inactive]

    play(tmp_path, vendor, scene)


@every_vendor
def test_a_webhook_for_a_ticket_that_is_gone_troubles_nobody(tmp_path: Path, vendor: str) -> None:
    async def scene(o: Hour) -> None:
        ticket = opened(o)
        o.world.delete_ticket(ticket, "dmoore")
        await o.sim.drain()
        await o.rest(2)
        assert o.health.state == "ok"
        assert await waiting(o) == {}
        assert o.world.writes == []

    play(tmp_path, vendor, scene)


@every_vendor
def test_a_storm_of_webhooks_about_one_ticket_is_a_few_observations(tmp_path: Path, vendor: str) -> None:
    async def scene(o: Hour) -> None:
        ticket = opened(o)
        await o.sim.drain()
        await o.rest(0.2)
        turns = o.health.turns
        for number in range(100):
            o.world.post(ticket, "jreed", f"Internal remark {number}", visible=False)
        await o.sim.drain()
        await o.rest(0.2)
        assert o.world.deliveries["sent"] >= 100
        assert o.health.turns - turns < 60
        assert await waiting(o) == {}
        assert o.wrong() == {}

    play(tmp_path, vendor, scene)


@every_vendor
def test_a_webhook_the_psa_switched_off_is_switched_on_again(tmp_path: Path, vendor: str) -> None:
    async def scene(o: Hour) -> None:
        for hook in o.world.hooks.values():
            hook.inactive = True
        o.connection.next_hook_check = None  # a day has passed
        await o.rest(20)
        assert not [hook for hook in o.world.hooks.values() if hook.inactive]
        ticket = opened(o)
        await o.sim.drain()
        await o.rest(0.1)
        assert o.shown(ticket)["zone"] == "green"

    play(tmp_path, vendor, scene)


@every_vendor
def test_a_look_at_the_webhook_that_was_broken_off_is_made_again_soon(tmp_path: Path, vendor: str) -> None:
    async def scene(o: Hour) -> None:
        for hook in o.world.hooks.values():
            hook.inactive = True
        o.sim.faults.update({"throttle": 1.0, "retry_after": 20})
        o.connection.next_hook_check = None  # a day has passed
        await o.rest(2)
        o.sim.faults.throttle = 0.0
        await o.rest(12)
        assert not [hook for hook in o.world.hooks.values() if hook.inactive]

    play(tmp_path, vendor, scene)


@every_vendor
@pytest.mark.parametrize("wrong", ["clock_behind", "clock_ahead"])
def test_a_clock_ten_minutes_wrong_is_said_once_and_loses_nothing(
    tmp_path: Path, vendor: str, wrong: str
) -> None:
    async def main() -> None:
        async with desk(tmp_path, vendor, faults={wrong: 600, "drop_callbacks": 1.0}) as o:
            await o.rest(1)
            said = [note for note in o.health.notes if "PSA's clock" in note]
            assert len(said) == 1
            assert "10 min" in said[0]
            tickets = []
            for _ in range(5):
                tickets.append(opened(o))
                await o.rest(1.5)
                o.world.post(tickets[-1], "jreed", "Unplug it, wait a minute, and plug it in again, please.")
                await o.rest(1)
            await o.rest(11)
            assert [o.shown(ticket)["zone"] for ticket in tickets] == ["green"] * 5
            assert {o.shown(ticket)["felt_response"] for ticket in tickets} == {"1"}
            assert [note for note in o.health.notes if "PSA's clock" in note] == said

    clockwork.run(START, 7, main)
