"""Canaries as the store keeps them: there before the write, ended once, and only those that say something."""

from __future__ import annotations

from connector.psa.port import Hint
from connector.store import canaries, inbox
from connector.store.canaries import Canary
from connector.store.store import Store
from tests.contract.store.makers import CONN, at


def canary(minutes: float, **fields: object) -> Canary:
    given = {"ticket_id": "7", "flag": "why", "was": "", "wrote": "a canary", "by": "ann"}
    return Canary(conn=CONN, at=at(minutes), setup={"vendor": "halo"}, doc={}, **(given | fields))


async def test_one_is_left_until_it_has_ended_and_the_last_that_says_something_counts(store: Store) -> None:
    async with store.begin() as tx:
        assert (await canaries.last(tx, CONN), await canaries.left(tx, CONN)) == (None, [])
        first = await canaries.begin(tx, canary(0))
        (left,) = await canaries.left(tx, CONN)
        assert (left.id, left.wrote, left.by, left.state, left.setup) == (
            *(first, "a canary", "ann", "open"),
            {"vendor": "halo"},
        )
        await canaries.end(tx, first, state="passed", at=at(2), doc={"findings": ["ok"]})
        second = await canaries.begin(tx, canary(3, was="\ud800 odd"))
        await canaries.end(tx, second, state="undone", at=at(4), doc={})
        last = await canaries.last(tx, CONN)
        assert last is not None
        assert (last.id, last.state, last.ended_at, last.doc) == (
            first,
            "passed",
            at(2),
            {"findings": ["ok"]},
        )
        await canaries.begin(tx, canary(5))
        last = await canaries.last(tx, CONN)
        assert last is not None
        assert last.state == "open", "one under way is not passed"
        assert await canaries.last(tx, "elsewhere") is None


async def test_deliveries_heard_of_one_ticket_since_then(store: Store) -> None:
    async with store.begin() as tx:
        await inbox.put(tx, CONN, [Hint(ticket_id="7"), Hint(ticket_id="8")], at(0))
        await inbox.put(tx, CONN, [Hint(ticket_id="7")], at(5))
        await inbox.done(tx, [one.id for one in await inbox.take(tx, CONN, 10)])
        assert [await inbox.heard(tx, CONN, "7", at(n)) for n in (0, 5, 6)] == [2, 1, 0]
        assert await inbox.heard(tx, "elsewhere", "7", at(0)) == 0
