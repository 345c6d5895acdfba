"""The page of a client with many tickets: reading, figures, misses, drawing, in time of one processor.

Processor time and not the wall's: it is what the daemon beside it loses. The floor is what no page could do
without: the same assessments read and parsed, and nothing made of them.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

from bench._kit import scratch
from connector.clients import load_clients
from connector.clients.book import ClientBook
from connector.history.clientpage import client_page
from connector.model import Actor, Event, Message, PsaVerdict, Rating, StatusChange, Ticket
from connector.rules.assess import assess
from connector.store import assessments, events, tickets
from connector.store.ratings import Entry, keep
from connector.store.store import Store
from connector.store.tickets import StoredTicket
from connector.web.client import values
from connector.web.pages import page

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SIZES = (0, 1_000, 10_000)
PART = 1000
RULES = """
client: Acme
match: {connection: main, companies: [Acme]}
calendar: {timezone: Europe/London, week: {mon-fri: ["08:00-12:30", "13:00-18:00"]}}
targets: {"*": {response: 1h, resplan: 2h, update: 4h, resolution: 8h}}
"""
DANA, ROBOT, CAROL = Actor("staff", "a4", "Dana"), Actor("automation", "bot"), Actor("contact", "u1", "Carol")


def main() -> None:
    asyncio.run(_all())


async def _all() -> None:
    with scratch() as folder:
        (folder / "clients").mkdir()
        (folder / "clients" / "acme.yaml").write_text(RULES, encoding="utf-8")
        book = load_clients(folder)
        for size in SIZES:
            await _one(folder / f"{size}.db", book, size)


async def _one(file: Path, book: ClientBook, size: int) -> None:
    store = await Store.open(f"sqlite:///{file}")
    try:
        await _fill(store, book, size)
        floor = await _least(lambda: _parsed(store))
        whole = await _least(lambda: _shown(store, book))
    finally:
        await store.close()
    print(f"{size:,} tickets in 89 days: {whole:.0f} ms; floor {floor:.0f} ms; {_ratio(whole, floor)}")


def _ratio(whole: float, floor: float) -> str:
    return f"ratio {whole / floor:.1f}" if floor >= 1 else "nothing to read"


async def _shown(store: Store, book: ClientBook) -> None:
    async with store.read() as tx:
        found = await client_page(tx, book, "Acme", NOW)
    page("client.html", title="bench", page="client", trouble="", **values(found, NOW))


async def _parsed(store: Store) -> None:
    async with store.read() as tx:
        for conn, ids in (await assessments.of_client(tx, "Acme")).items():
            await assessments.load(tx, conn, ids)


async def _least(work: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds of processor time, the least of five."""
    taken = []
    for _ in range(5):
        began = process_time()
        await work()
        taken.append(1000 * (process_time() - began))
    return min(taken)


async def _fill(store: Store, book: ClientBook, size: int) -> None:
    dice = random.Random(1)
    (policy,) = book.policies
    for since in range(0, size, PART):
        stories = [_story(number, dice) for number in range(since, min(size, since + PART))]
        answers = [assess(one, tuple(facts), policy, NOW) for one, facts in stories]
        rated = [
            Entry(conn="main", key=f"r{one.id}", client="Acme", ticket_id=one.id, rating=_rating(one, dice))
            for one, _ in stories
            if dice.random() < 0.2
        ]
        async with store.begin() as tx:
            await tickets.put(tx, "main", [StoredTicket(ticket=one, version="1") for one, _ in stories])
            await events.merge(tx, "main", [(one.id, fact) for one, facts in stories for fact in facts])
            await assessments.save(tx, "main", answers)
            await keep(tx, rated)


def _story(number: int, dice: random.Random) -> tuple[Ticket, list[Event]]:
    opened = NOW - timedelta(days=89 * dice.random(), hours=2)
    one = Ticket(
        id=str(number),
        client="Acme",
        opened_at=opened,
        summary=f"Printer {number} prints blank pages",
        priority="P2",
        owner="Dana",
        closed=True,
        psa=PsaVerdict(response_at=opened + timedelta(minutes=4)),
    )
    return one, list(_facts(opened, dice))


def _facts(opened: datetime, dice: random.Random) -> Iterator[Event]:
    """Told by the customer, acknowledged by a machine, answered by a person after some hours, and solved."""
    answered = opened + timedelta(minutes=dice.expovariate(1 / 180))
    yield Message(at=opened, key="1", actor=CAROL, channel="email", text="It prints nothing at all.")
    yield _said(opened + timedelta(minutes=1), "2", ROBOT, "We have received your request.")
    yield StatusChange(at=opened + timedelta(minutes=4), key="3", actor=DANA, from_="New", to="Assigned")
    yield _said(answered, "4", DANA, f"I found the cause: the fuser of unit {dice.randint(1, 99)} is worn.")
    yield StatusChange(at=answered + timedelta(hours=3), key="5", actor=DANA, from_="Assigned", to="Resolved")


def _said(at: datetime, key: str, actor: Actor, text: str) -> Message:
    return Message(at=at, key=key, actor=actor, direction="out", channel="email", text=text)


def _rating(one: Ticket, dice: random.Random) -> Rating:
    return Rating(at=one.opened_at + timedelta(hours=9), score=5 if dice.random() < 0.93 else 1)
