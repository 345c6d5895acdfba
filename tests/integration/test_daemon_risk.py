"""The daemon learns from its own tickets how likely promises are missed, and says so on open ones."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from connector.clients import ClientBook
from connector.daemon.learn import keep_learning, refresh
from connector.history.lookup import account
from connector.model import Actor, Event, Message, StatusChange, Ticket
from connector.store import assessments, events, tickets
from connector.store.store import Store
from connector.store.tickets import StoredTicket
from tests.kit import FRIDAY, Office, office

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


async def fill(folder: Path, rows: list[tuple[StoredTicket, Sequence[Event]]]) -> None:
    store = await Store.open(f"sqlite:///{folder / 'px.db'}")
    async with store.begin() as tx:
        await tickets.put(tx, "main", [row for row, _ in rows])
        await events.merge(tx, "main", [(row.ticket.id, event) for row, story in rows for event in story])
    await store.close()


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
        assert len(desk.world.writes) == before  # no flag depends on it
        await desk.restart()
        await desk.until(lambda: desk.connection.model is not None)  # kept over a restart
        assert desk.connection.model is not None
        assert desk.connection.model.to_json() == model.to_json()
        desk.world.advance(DAY)
        assert await refresh(desk.connection)
        assert desk.connection.model.learnt_at == model.learnt_at + DAY


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
