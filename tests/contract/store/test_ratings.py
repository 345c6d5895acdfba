"""The ledger: a rating stands in it once, and what waits is found when its ticket is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connector.model import Actor, Rating
from connector.store import events, ratings, tickets
from connector.store.ratings import Entry
from connector.store.store import Store
from tests.contract.store.makers import CONN, at, stored


def entry(minutes: float = 10, ticket: str = "1", conn: str = CONN, **more: Any) -> Entry:
    said = {name: more.pop(name) for name in tuple(more) if name in Rating.__dataclass_fields__}
    rating = Rating(
        **{"at": at(minutes), "key": f"survey:{minutes:g}", "source": "survey", "score": 5.0} | said
    )
    return Entry(
        **{"conn": conn, "key": rating.key, "rating": rating, "ticket_id": ticket, "client": "Acme"} | more
    )


async def test_everything_kept_comes_back(store: Store) -> None:
    whole = entry(
        contact="12",
        board="Desk",
        engineer="ana",
        channel="email",
        why="because",
        verdict="refused",
        actor=Actor("contact", "12", "Ann\0"),
        comment="Schön \ud800",
        lost_minutes=20.0,
        factors=("speed", "words"),
        kind="annual",
        scale=10.0,
    )
    async with store.begin() as tx:
        await ratings.keep(tx, [whole])
        assert await ratings.of_ticket(tx, CONN, "1") == [whole]
        assert await ratings.find(tx, CONN, "1", whole.key) == whole
        assert await ratings.find(tx, CONN, "2", whole.key) is None


async def test_what_counts_for_a_client_over_connections_and_window(store: Store) -> None:
    rows = [entry(n, score=float(n)) for n in (10, 20, 40)]
    rows += [entry(25, conn="b", score=25.0), entry(30, conn="b", ticket="", score=30.0, kind="annual")]
    rows += [entry(22, verdict="refused"), entry(23, verdict="waiting"), entry(24, client="Other")]
    async with store.begin() as tx:
        await ratings.keep(tx, rows)
        found = await ratings.counted(tx, "Acme", at(10), at(30))
        assert [one.rating.score for one in found] == [20, 25, 30]
        assert [one.rating.kind for one in found] == ["ticket", "ticket", "annual"]
        assert await ratings.counted(tx, "Nobody", at(0), at(90)) == []


async def test_the_list_can_be_restricted(store: Store) -> None:
    rows = [entry(10), entry(20, verdict="refused"), entry(30, conn="b"), entry(40, client="Other")]
    async with store.begin() as tx:
        await ratings.keep(tx, rows)
        assert await ratings.listed(tx) == rows
        assert await ratings.listed(tx, conn="b") == [rows[2]]
        assert await ratings.listed(tx, client="Other") == [rows[3]]
        assert await ratings.listed(tx, verdicts=["refused"]) == [rows[1]]
        assert await ratings.listed(tx, since=at(10), until=at(30)) == rows[1:3]
        assert await ratings.counts(tx) == {(CONN, "counted"): 2, (CONN, "refused"): 1, ("b", "counted"): 1}


async def test_a_tickets_rows_are_rewritten_whole_and_other_tickets_are_not(store: Store) -> None:
    old, kept, other = entry(10), entry(20), entry(10, ticket="2")
    async with store.begin() as tx:
        assert await ratings.rewrite(tx, CONN, ["1", "2"], [old, kept, other])
        assert not await ratings.rewrite(tx, CONN, ["1", "2"], [other, kept, old])
        changed = replace(kept, verdict="refused", why="by the desk")
        assert await ratings.rewrite(tx, CONN, ["1"], [changed])
        assert await ratings.listed(tx) == [other, changed]
        assert await ratings.rewrite(tx, CONN, ["1"], [])
        assert await ratings.listed(tx) == [other]


async def test_what_waits_is_at_hand_once_its_ticket_is_there(store: Store) -> None:
    early, late = entry(10, verdict="waiting"), entry(20, verdict="waiting")
    gone, far = entry(30, ticket="3", verdict="waiting"), entry(10, conn="b", verdict="waiting")
    async with store.begin() as tx:
        await ratings.keep(tx, [late, early, gone, far, entry(15, ticket="2")])
        assert await ratings.at_hand(tx, CONN, 9) == []
        await tickets.put(tx, CONN, [stored("1"), stored("2"), stored("3", gone=True)])
        assert await ratings.at_hand(tx, CONN, 9) == [early, late]
        assert await ratings.at_hand(tx, CONN, 1) == [early]
        assert not await ratings.rewrite(tx, CONN, ["1"], []), "what waits is not derived from the ticket"
        assert await ratings.rewrite(tx, CONN, ["1"], [replace(early, verdict="counted")])
        assert await ratings.at_hand(tx, CONN, 9) == [late]


async def test_rated_tickets_are_found_a_page_at_a_time(store: Store) -> None:
    async with store.begin() as tx:
        facts = [(id, entry(n).rating) for id in ("1", "2", "3") for n in (1, 2)]
        await events.merge(tx, CONN, facts)
        await events.merge(tx, "b", [("9", entry().rating)])
        assert await ratings.rated_tickets(tx, CONN, "", 2) == ["1", "2"]
        assert await ratings.rated_tickets(tx, CONN, "2", 2) == ["3"]
