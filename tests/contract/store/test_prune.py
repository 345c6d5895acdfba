"""What was over long ago goes, bite by bite; what others still need stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.model import Rating
from connector.store import assessments, canaries, events, history, ratings, surveys, tickets
from connector.store.canaries import Canary
from connector.store.history import Change
from connector.store.ratings import Entry
from connector.store.store import Store
from connector.store.surveys import Survey
from connector.store.whole.prune import Keep, bite, planned, prune

from .makers import CONN, T0, assessed, note, stored

KEEP = Keep.days(400, 800)
LONG_AGO = T0 - timedelta(days=401)
AGES_AGO = T0 - timedelta(days=801)


@pytest.fixture
async def full(store: Store) -> Store:
    """Closed long ago and lately, gone long ago, open for ages; each with all that a ticket has."""
    kinds = {
        "old": {"closed": True, "closed_at": LONG_AGO},
        "old-too": {"closed": True, "closed_at": AGES_AGO},
        "lately": {"closed": True, "closed_at": T0 - timedelta(days=399)},
        "undated": {"closed": True, "observed_at": LONG_AGO},
        "gone": {"gone": True, "observed_at": LONG_AGO},
        "open": {},
    }
    async with store.begin() as tx:
        for id, fields in kinds.items():
            one = stored(id, **fields)
            one = replace(one, ticket=replace(one.ticket, opened_at=AGES_AGO - timedelta(days=9)))
            await tickets.put(tx, CONN, [one])
            await tickets.put(tx, "other", [one])
            await events.merge(tx, CONN, [(id, note("note:1"))])
            await assessments.save(tx, CONN, [assessed(id)])
            await history.record(tx, CONN, id, [Change("zone", "", "red", "late", LONG_AGO)])
            asked = Survey(
                conn=CONN, about=id, ticket_id=id, client="A", contact="1", at=AGES_AGO, state="asked"
            )
            await surveys.put(tx, [asked])
            rating = Rating(at=AGES_AGO, key="rating:1", score=1)
            await ratings.keep(tx, [Entry(conn=CONN, key="rating:1", rating=rating, ticket_id=id)])
    return store


async def left(store: Store) -> set[str]:
    async with store.read() as tx:
        return await tickets.known(tx, CONN, ["old", "old-too", "lately", "undated", "gone", "open"])


async def test_tickets_that_ended_long_ago_go_with_all_that_hangs_on_them(full: Store) -> None:
    told = await planned(full, [CONN], KEEP, T0)
    gone = await prune(full, [CONN], KEEP, T0)
    each = dict.fromkeys(("tickets", "events", "assessments", "history", "surveys"), 4)
    assert gone == each | {"ratings": 4}
    assert told == each, "their ratings can go only when they are gone"
    assert await left(full) == {"lately", "open"}
    async with full.read() as tx:
        assert await tickets.known(tx, "other", ["old"]) == {"old"}
        assert [one.ticket_id for one in await ratings.listed(tx)] == ["lately", "open"]
    assert await prune(full, [CONN], KEEP, T0) == {}


async def test_a_bite_is_bounded_and_nothing_is_passed_over(full: Store) -> None:
    seen = []
    for _ in range(5):
        async with full.begin() as tx:
            seen.append((await bite(tx, CONN, Keep.days(400, None), T0, 1))["tickets"])
    assert seen == [1, 1, 1, 1, 0]
    async with full.read() as tx:
        assert len(await ratings.listed(tx)) == 6


async def test_for_ever_is_for_ever(full: Store) -> None:
    assert await prune(full, [CONN], Keep(), T0 + timedelta(days=9999)) == {}
    assert len(await left(full)) == 6


async def test_what_others_need_stays(store: Store) -> None:
    """A rating that waits for its ticket; the canary by which we may write."""
    said = Rating(at=AGES_AGO, key="r", score=1.0)
    waits = Entry(conn=CONN, key="r", rating=said, ticket_id="9", verdict="waiting")
    canary = Canary(
        conn=CONN, ticket_id="old", flag="zone", was="", wrote="red", by="ana", at=LONG_AGO, setup={}, doc={}
    )
    async with store.begin() as tx:
        await ratings.keep(tx, [waits])
        gone = stored("old", gone=True, observed_at=LONG_AGO)
        await tickets.put(tx, CONN, [replace(gone, ticket=replace(gone.ticket, opened_at=AGES_AGO))])
        await canaries.end(tx, await canaries.begin(tx, canary), state="passed", at=LONG_AGO, doc={})
    assert await prune(store, [CONN], KEEP, T0) == {"tickets": 1}
    async with store.read() as tx:
        assert await ratings.listed(tx) == [waits]
        assert (await canaries.last(tx, CONN)) is not None
