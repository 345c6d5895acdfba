"""Who of a desk sends stock texts, from a connection's own store."""

from __future__ import annotations

from collections.abc import Sequence

from connector.clients import ClientBook
from connector.history.learning import parts
from connector.rules.authorship.habits import Habit, Habits
from connector.store import rulings
from connector.store.store import Store


async def habits(store: Store, conn: str, book: ClientBook) -> Sequence[Habit]:
    """Everybody who wrote to customers on the newest tickets, by the share of stock texts."""
    found = Habits()
    async for _, timelines, learnt in parts(store, conn):
        for ticket, timeline in timelines.items():
            found.add(ticket, timeline, learnt.lines)
    async with store.read() as tx:
        said = await rulings.in_force(tx, conn)
    rules = [policy.response for policy in book.policies if policy.match and policy.match.connection == conn]
    return found.found(said, rules)
