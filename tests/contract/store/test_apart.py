"""What the board leaves out: tickets reported apart, and due times of promises that are over."""

from __future__ import annotations

from connector.model import BucketClock
from connector.store import assessments, tickets
from connector.store.board import board, zone_counts
from connector.store.store import Store

from .makers import CONN, assessed, at, stored

LATE = BucketClock(state="missed", zone="red", due_at=at(1))
KEPT = BucketClock(state="met", zone="green", due_at=at(60), done_at=at(30))


async def test_what_is_reported_apart_asks_nothing_of_anybody(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("apart"), stored("ours")])
        apart = assessed("apart", {"response": LATE}, excluded="merged into 9")
        await assessments.save(tx, CONN, [apart, assessed("ours", {"response": LATE})])
        rows = {row.ticket_id: row for row in await board(tx, limit=9)}
        counts = await zone_counts(tx)
    assert counts == {("response", "red"): 1}
    assert (rows["apart"].worst, rows["apart"].due, rows["apart"].buckets["response"].live) == (
        None,
        None,
        False,
    )
    assert (rows["ours"].worst, rows["ours"].due) == ("red", at(1))


async def test_the_due_time_of_a_promise_kept_is_no_work_for_the_board(store: Store) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("one")])
        await assessments.save(tx, CONN, [assessed("one", {"response": KEPT, "resolution": LATE})])
        [row] = await board(tx, limit=9)
    assert (row.buckets["response"].due_at, row.buckets["resolution"].due_at) == (None, at(1))
    assert row.due == at(1)
