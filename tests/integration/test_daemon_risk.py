"""The daemon learns from its own tickets how likely promises are missed, and says so on open ones."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connector.clients import ClientBook
from connector.daemon.assess import assess_tickets
from connector.daemon.learn import keep_learning, refresh
from connector.history.lookup import account
from connector.model import Actor, Event, Message, StatusChange, Ticket
from connector.rules.pace import HOURS, Pace
from connector.rules.risk import FEATURES, BucketModel, Model
from connector.store import assessments, events, models, tickets
from connector.store.store import Store
from connector.store.tickets import StoredTicket
from tests.kit import CAPTIONS, FRIDAY, Office, Tap, office

DANA = Actor("staff", "dana", "Dana")
DAY = timedelta(days=1)


def finished(count: int) -> list[tuple[StoredTicket, Sequence[Event]]]:
    """Tickets of the last quarter, promised in 16 hours: those of group Slow take far longer."""
    dice = random.Random(11)
    found: list[tuple[StoredTicket, Sequence[Event]]] = []
    for number in range(count):
        group, mean = dice.choice([("Fast", 6.0), ("Slow", 40.0)])
        opened_at = (FRIDAY - dice.uniform(20, 90) * DAY).replace(hour=9)
        end = opened_at + timedelta(hours=dice.expovariate(1 / mean))
        ticket = Ticket(
            id=f"old{number}",
            client="Acme Dental",
            opened_at=opened_at,
            group=group,
            status="Completed",
            resolved_at=end,
            closed_at=end,
            closed=True,
        )
        story = [
            Message(at=opened_at, key="note:1", actor=Actor("contact", "c1"), text="It does not print."),
            StatusChange(at=end, key="status:1", actor=DANA, from_="New", to="Completed"),
        ]
        found.append((StoredTicket(ticket=ticket, version="v1"), story))
    impossible = Ticket(id="odd", client="Acme Dental", opened_at=FRIDAY.replace(year=1980), closed=True)
    late = impossible.opened_at.replace(year=2101)
    odd = [StatusChange(at=late, key="status:1", from_="New", to="Completed")]
    stranger = Ticket(id="stranger", client="Nobody Inc", opened_at=FRIDAY - 50 * DAY, closed=True)
    return [
        *found,
        (StoredTicket(ticket=impossible, version="v1"), odd),
        (StoredTicket(ticket=stranger, version="v1"), ()),
    ]


def stuck(count: int) -> list[tuple[StoredTicket, Sequence[Event]]]:
    """Tickets of the service desk: two in five are resolved in the first hour, the others take weeks."""
    dice = random.Random(5)
    found: list[tuple[StoredTicket, Sequence[Event]]] = []
    for row, (opened, _) in finished(count)[:count]:
        opened_at = row.ticket.opened_at
        end = opened_at + (timedelta(minutes=dice.uniform(5, 60)) if dice.random() < 0.4 else 15 * DAY)
        ticket = replace(row.ticket, group="Service Desk", resolved_at=end, closed_at=end)
        done = StatusChange(at=end, key="status:1", actor=DANA, from_="New", to="Completed")
        found.append((StoredTicket(ticket=ticket, version="v1"), [opened, done]))
    return found


async def fill(folder: Path, rows: list[tuple[StoredTicket, Sequence[Event]]]) -> None:
    store = await Store.open(f"sqlite:///{folder / 'px.db'}")
    async with store.begin() as tx:
        await tickets.put(tx, "main", [row for row, _ in rows])
        await events.merge(tx, "main", [(row.ticket.id, event) for row, story in rows for event in story])
    await store.close()


def likely(odds: float, now: datetime) -> Model:
    """Every resolution has these odds (their logarithm) to be missed."""
    one = BucketModel(100, 50, (odds, *(0.0,) * len(FEATURES)), {}, {})
    return Model(now, Pace([1.0] * HOURS), {"resolution": one})


async def believe(desk: Office, odds: float) -> None:
    """The daemon takes up a newer model of these odds."""
    now = desk.world.now()
    async with desk.connector.store.begin() as tx:
        await models.put(tx, "main", likely(odds, now), now)
    assert await refresh(desk.connection)
    await desk.later()


async def risk_of(desk: Office, ticket: int) -> float:
    """Of the resolution, as `explain` says it."""
    connector = desk.connector
    found = await account(connector.store, connector.rules.book, "main", str(ticket), desk.world.now())
    return found.assessment.risk["resolution"]


async def test_a_model_is_learnt_kept_and_used(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.start()
        await desk.stop()
        await fill(tmp_path, finished(240))
        await desk.start()
        number = desk.world.open_ticket("Acme Dental", "Printer down", text="No paper.")
        await desk.later(minutes=60)
        assert await risk_of(desk, number) == pytest.approx(1 / 16)  # the share used
        assert await refresh(desk.connection)
        model = desk.connection.model
        assert model is not None
        one = model.buckets["resolution"]
        assert one.tickets == 240
        assert 0.15 < one.base < 0.6
        assert one.speeds["Fast"] > 0.3 > -0.3 > one.speeds["Slow"]
        assert not await refresh(desk.connection)  # it is young
        assert await risk_of(desk, number) != pytest.approx(1 / 16)
        before = len(desk.world.writes)
        await desk.later()
        async with desk.connector.store.read() as tx:
            kept = (await assessments.load(tx, "main", [str(number)]))[str(number)]
        assert kept["risk"]["resolution"] == round(await risk_of(desk, number), 4)
        assert len(desk.world.writes) == before  # a chance moves no flag before it is high
        await desk.restart()
        await desk.until(lambda: desk.connection.model is not None)  # kept over a restart
        assert desk.connection.model is not None
        assert desk.connection.model.to_json() == model.to_json()
        desk.world.advance(DAY)
        assert await refresh(desk.connection)
        assert desk.connection.model.learnt_at == model.learnt_at + DAY


async def test_a_miss_is_foreseen_before_orange_and_written_once(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as desk:
        await desk.start()
        await desk.stop()
        await fill(tmp_path, stuck(240))
        await desk.start()
        assert await refresh(desk.connection)
        number = desk.world.open_ticket("Acme Dental", "Printer down", text="No paper.")
        await desk.later(minutes=5)
        desk.world.post(number, "jreed", "I have ordered the part; it is a broken fuser.")
        await desk.settle()
        assert "at_risk" not in desk.flags(number)
        raised_at, told, zones = None, set[str](), set[str]()
        for _ in range(51):  # to Monday afternoon; promised are 16 working hours, until 15:00
            await desk.later(minutes=90)
            if desk.world.now().hour in (12, 16):
                desk.world.post(number, "jreed", "Still waiting for the part, I will keep you posted.")
                await desk.settle()
            flags = desk.flags(number)
            if flags.get("at_risk") and raised_at is None:
                raised_at = desk.world.now()
                assert flags["zone"] == "green"
                await believe(desk, -20)
                await desk.assert_right(number)
            if flags["zone"] in ("green", "yellow") and raised_at:
                told.add(flags["why"])
            zones.add(flags["zone"])
        assert raised_at is not None
        assert raised_at < FRIDAY.replace(hour=12)
        assert zones == {"green", "yellow", "orange"}
        assert len(told) == 1
        assert told.pop().startswith("resolution likely late, due 23 Nov 15:00; over 80 %: 8 % used")
        desk.world.set_status(number, "Resolved", "jreed")
        await desk.settle()
        written = [(one.field, one.new) for one in desk.world.writes if one.ticket == number]
        assert [new for field, new in written if field == CAPTIONS["at_risk"]] == [True, False]
        await desk.assert_right(number)


async def test_why_a_flag_rose_is_in_its_history_and_half_the_facts_raise_none(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.start()
        number = desk.world.open_ticket("Acme Dental", "Printer down", text="No paper.")
        await desk.later(minutes=1)
        c = desk.connection
        c.model = likely(5, FRIDAY)
        async with c.store.begin() as tx:
            (half,) = await assess_tickets(tx, c, [str(number)], c.now(), provisional={str(number)})
        assert half.buckets["resolution"].foreseen_at is None
        await believe(desk, 5)
        found = await account(c.store, desk.connector.rules.book, "main", str(number), c.now())
        assert found.assessment.buckets["resolution"].foreseen_at == c.now()
        (rise,) = [change for change in found.changes if change.flag == "at_risk" and change.new == "Yes"]
        assert "resolution foreseen late: over 80 %: 0 % used" in rise.reason


async def test_the_command_says_what_was_learnt(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.start()
        await desk.stop()

        async def run(*more: str, code: int = 0) -> str:
            command = [sys.executable, "-c", "from connector.cli import main; main()", "learn", *more]
            process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
            told, errors_told = await process.communicate()
            assert process.returncode == code, errors_told.decode()
            return told.decode()

        config = ("--config", str(tmp_path))
        assert "main: too few finished tickets" in await run(*config)
        await fill(tmp_path, finished(120))
        assert "main: resolution was missed by" in await run(*config)
        model = json.loads(await run(*config, "--json"))["main"]
        assert model["buckets"]["resolution"]["tickets"] == 120
        (tmp_path / "connector.yaml").write_text("store: 7\n")
        assert await run(*config, code=1) == ""
        assert await run("--config", str(tmp_path / "no"), code=2) == ""


async def test_nothing_is_learnt_while_the_past_is_still_being_read(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.start()
        desk.health.backfilling = True
        assert not await refresh(desk.connection)
        desk.health.backfilling = False
        assert await refresh(desk.connection)  # a model without promises, so as not to look again today
        assert desk.connection.model is not None
        assert not desk.connection.model.buckets


async def test_what_fails_is_tried_again_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as desk:
        await desk.start()
        stopping, woken = asyncio.Event(), list[str]()
        fails = iter([True, False])
        real = desk.connection.clients

        def clients() -> ClientBook:
            if next(fails, False):
                raise RuntimeError("the disk is gone")
            return real()

        monkeypatch.setattr("connector.daemon.learn.LOOK_EVERY", timedelta(milliseconds=1))
        desk.connection.clients = clients

        def wake(name: str) -> None:
            woken.append(name)
            stopping.set()

        async with asyncio.timeout(20):
            await keep_learning(desk.connection, stopping, wake)
        assert woken == ["main"]
