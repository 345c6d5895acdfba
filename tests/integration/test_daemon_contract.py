"""PX falls: review, plan and tasks stand in the PSA exactly once, on every PSA; the company says so, too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.app import Connector
from connector.errors import Unavailable
from connector.settings import load_settings
from connector.simulator.marking import company_field, set_company_fields
from connector.simulator.records import Ticket
from connector.store import assessments, contracts, errands
from connector.store import ratings as ledger
from tests.contract.psa.tongues import TONGUES
from tests.integration.test_daemon_vendors import desk
from tests.kit import Office, client_file

TASKS = [
    {"title": "Agree with the client what went wrong", "day": 7},
    {"title": "Call everybody who was unhappy", "day": 14, "owner": "Mara Bauer"},
]


def acme(**rules: Any) -> dict[str, Any]:
    plan = {"owner": "Susan Clarke", "tasks": TASKS}
    return client_file("Acme Dental", improvement_plan=plan, **rules)


@asynccontextmanager
async def rated(
    folder: Path, vendor: str, patch: pytest.MonkeyPatch, **rules: Any
) -> AsyncIterator[tuple[Office, list[int]]]:
    """A desk that opens tickets, and twelve tickets of Acme Dental that may be rated."""
    cases = dict(TONGUES[vendor].cases)
    async with desk(folder, vendor, patch, acme(**rules), cases=cases) as o:
        assert o.health.state != "stopped", o.health.detail
        numbers = [o.world.open_ticket("Acme Dental", f"Printer {n}", text="No ink.") for n in range(12)]
        await o.settle()
        yield o, numbers


def own(o: Office) -> list[Ticket]:
    """The tickets we made, in the order in which they were."""
    return [t for t in o.world.tickets.by_id.values() if t.entered_by == "PxConnector"]


def summaries(o: Office) -> list[str]:
    return [ticket.summary.partition(" (px-")[0] for ticket in own(o)]


def words(o: Office, ticket: Ticket) -> str:
    """What its note for the team says."""
    return "\n".join(post.text for post in o.world.posts(ticket.id) if not post.visible)


async def again(o: Office) -> None:
    """The connector ends and comes back with the settings it had."""
    await o.stop()
    o.running = await Connector.build(load_settings(o.folder), o.folder, now=o.world.now)
    o._work = asyncio.create_task(o.running.serve())
    await o.until(o._caught_up)
    await o.settle()


async def fall(o: Office, numbers: list[int]) -> None:
    """Six are happy, six are not: chance cannot explain it."""
    for place, ticket in enumerate(numbers):
        o.world.rate(ticket, 1 if place % 2 else 5, "Still broken." if place % 2 else "")
    await o.poll()
    await o.later(minutes=16)


@pytest.mark.parametrize("vendor", TONGUES)
async def test_review_plan_and_tasks_stand_in_the_psa_once(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, vendor, monkeypatch) as (o, numbers):
        o.world.rate(numbers[0], 5)
        await o.poll()
        assert own(o) == [], "a happy client needs no review"
        await fall(o, numbers)
        assert summaries(o) == [
            "Service review: Acme Dental's PX is 50 %, promised 95 %",
            "Improvement plan for Acme Dental: 90 days",
            "Acme Dental: Agree with the client what went wrong",
            "Acme Dental: Call everybody who was unhappy",
        ]
        review, plan, first, second = own(o)
        world = o.world
        assert {t.contact for t in own(o)} == {None}
        assert "was promised a PX of 95 %" in words(o, review)
        assert "6 unhappy answers" in words(o, review)
        assert ("Still broken." in words(o, review)) == (vendor != "autotask"), "its surveys have no words"
        assert "An improvement plan of 90 days" in words(o, plan)
        assert "due on day 7" in words(o, first)
        assert [world.members[t.owner or 0].identifier for t in own(o)] == [*["sclarke"] * 3, "mbauer"]
        assert plan.due is not None
        assert second.due == plan.due - timedelta(days=76)
        assert {t.parent for t in (first, second)} == {None if vendor == "autotask" else plan.id}

        await o.later(60)
        await again(o)
        await o.later(60)
        assert len(own(o)) == 4, "a restart opens nothing again"
        assert [len(world.posts(t.id)) for t in own(o)] == [2 if vendor != "connectwise" else 1] * 4
        async with o.connector.store.read() as tx:
            assert {e.state for e in await errands.listed(tx)} == {"done"}


@pytest.mark.parametrize("vendor", TONGUES)
async def test_what_we_opened_has_no_clocks_no_flags_and_no_say(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, vendor, monkeypatch) as (o, numbers):
        await fall(o, numbers)
        mine = [ticket.id for ticket in own(o)]
        figure = company_field(o.world, "Acme Dental", "Client PX")
        o.world.rate(mine[0], 1, "By nobody.")
        await o.later(minutes=16)
        await o.later(60 * 24)
        assert not {write.ticket for write in o.world.writes} & set(mine), "no flag is written on them"
        assert company_field(o.world, "Acme Dental", "Client PX") == figure
        async with o.connector.store.read() as tx:
            seen = await assessments.load(tx, "main", [str(one) for one in mine])
            (said,) = await ledger.of_ticket(tx, "main", str(mine[0]))
        assert {doc["excluded"] for doc in seen.values()} == {"opened by px-connector"}
        assert [doc["buckets"] for doc in seen.values()] == [{}] * 4
        assert (said.verdict, said.why) == ("refused", "opened by px-connector")
        assert await o.wanted(mine[0]) == {}, "and `explain` says the same"


@pytest.mark.parametrize("vendor", TONGUES)
async def test_the_company_says_what_its_contract_says(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, vendor, monkeypatch, px={"window_days": 3}) as (o, numbers):

        def company() -> list[Any]:
            captions = ("Client PX", "Service Review", "Release Right")
            return [company_field(o.world, "Acme Dental", caption) for caption in captions]

        o.world.company_by_name("Acme Dental").values[31] = 95
        await fall(o, numbers)
        assert company() == ["50 % (n 12)", "improvement plan since 2026-11-20", None]
        assert o.world.company_by_name("Acme Dental").values[31] == 95, "somebody else's field"
        made = len(o.world.company_writes)
        asked = o.world.requests.copy()
        await o.later(60)
        await o.later(60)
        assert len(o.world.company_writes) == made, "quiet where nothing has changed"
        named = {
            key for key, n in (o.world.requests - asked).items() if "ompan" in key[1] or "lient" in key[1]
        }
        assert not named, "and not even looked at"

        by_hand = next(f.id for f in o.world.fields.values() if f.caption == "Service Review")
        number = o.world.company_by_name("Acme Dental").id
        set_company_fields(o.world, number, {by_hand: "all is well"}, "jreed")
        await o.later(60 * 25)
        assert company() == ["50 % (n 12)", "improvement plan since 2026-11-20", None], "put right in a day"

        await o.later(60 * 24 * 3)
        assert company()[0] is None, "the ratings have left the window"


async def test_weeks_and_verdict_are_noted_on_the_plan_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, "connectwise", monkeypatch) as (o, numbers):
        await fall(o, numbers)
        plan = own(o)[1]
        await o.stop()
        o.world.advance(timedelta(days=16))
        late = [o.world.open_ticket("Acme Dental", f"Screen {n}", text="Dark.") for n in range(6)]
        for ticket in late:
            o.world.rate(ticket, 1)
        await again(o)
        await o.later(minutes=16)
        said = [p.text for p in o.world.posts(plan.id)[1:]]
        assert [text.partition(":")[0] for text in said] == ["Day 7", "Day 14"]
        o.world.advance(timedelta(days=76))
        await o.later(minutes=16)
        await o.later(minutes=16)
        last = o.world.posts(plan.id)[-1].text
        assert "verdict: not recovered" in last
        assert "right to leave is active" in last
        assert company_field(o.world, "Acme Dental", "Release Right") == "active since 2027-02-18"
        notes = [p.text for p in o.world.posts(plan.id)]
        assert len(notes) == len(set(notes)), "each once"
        assert not any(p.visible for p in o.world.posts(plan.id))


async def test_a_psa_that_is_down_gets_its_tickets_once_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, "connectwise", monkeypatch) as (o, numbers):
        monkeypatch.setattr("connector.daemon.supervisor.wait_s", lambda _failures: 0.01)
        monkeypatch.setattr("connector.psa.retry.wait_s", lambda _error, _attempt: 0.0)
        for place, ticket in enumerate(numbers):
            o.world.rate(ticket, 1 if place % 2 else 5)
        o.sim.faults.hang_up_after = 25
        for _ in range(8):
            o.sim.faults.errors_next = 4
            await o.later(minutes=16)
        await o.later(minutes=20)
        assert len(own(o)) == len(set(summaries(o))) == 4


async def test_without_a_place_the_review_is_kept_and_nothing_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, "connectwise", monkeypatch, acme()) as o:
        numbers = [o.world.open_ticket("Acme Dental", f"Printer {n}", text="No ink.") for n in range(12)]
        await o.settle()
        await fall(o, numbers)
        await o.later(60 * 24 * 8)
        assert own(o) == []
        async with o.connector.store.read() as tx:
            contract = await contracts.load(tx, "main", "Acme Dental")
            assert await errands.listed(tx) == [], "no note waits for a ticket that will never be"
        assert contract is not None
        assert contract.plan is not None
        assert company_field(o.world, "Acme Dental", "Service Review") == "improvement plan since 2026-11-20"


async def test_a_company_that_refuses_is_told_once_and_asked_again_the_next_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, "connectwise", monkeypatch) as (o, numbers):
        o.sim.faults.forbidden = "/company/companies/"
        await fall(o, numbers)
        tried = o.world.requests["GET", "/company/companies/{id}"]
        await o.later(60)
        assert o.world.requests["GET", "/company/companies/{id}"] == tried
        assert o.health.state == "ok"
        o.sim.faults.forbidden = ""
        await o.later(60 * 25)
        assert company_field(o.world, "Acme Dental", "Client PX") == "50 % (n 12)"


async def test_a_lost_answer_of_a_psa_whose_lists_lag_opens_no_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, "connectwise", monkeypatch) as (o, numbers):
        monkeypatch.setattr("connector.daemon.supervisor.wait_s", lambda _failures: 0.01)
        api = o.connection.psa._session.api
        post = api.post

        async def lost(path: str, body: Any) -> Any:
            await post(path, body)
            api.post = post
            raise Unavailable("the answer was lost")

        o.sim.faults.stale_lists = 20
        api.post = lost
        for place, ticket in enumerate(numbers):
            o.world.rate(ticket, 1 if place % 2 else 5)
        await o.poll()
        for _ in range(8):
            await o.later(seconds=10)
        assert len(own(o)) == len(set(summaries(o))) == 4


async def test_what_a_crash_broke_off_waits_until_the_lists_can_show_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, "connectwise", monkeypatch) as (o, numbers):
        api = o.connection.psa._session.api
        post, made = api.post, asyncio.Event()

        async def never_returns(path: str, body: Any) -> Any:
            await post(path, body)
            made.set()
            await asyncio.Event().wait()

        o.sim.faults.stale_lists = 20
        api.post = never_returns
        for place, ticket in enumerate(numbers):
            o.world.rate(ticket, 1 if place % 2 else 5)
        o.world.advance(timedelta(minutes=1))
        o.connector.supervisor.wake("main")
        await o.until(made.is_set)
        assert o._work is not None
        o._work.cancel()
        await asyncio.gather(o._work, return_exceptions=True)
        o.running = None
        await again(o)
        for _ in range(8):
            await o.later(seconds=10)
        assert len(own(o)) == len(set(summaries(o))) == 4
