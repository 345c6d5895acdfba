"""What the desk shall have of us: owed once by its mark, in order, held while tried, kept when refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connector.store import errands, reasons
from connector.store.errands import Errand
from connector.store.store import Store

T0 = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def errand(mark: str, **values: Any) -> Errand:
    usual = {"conn": "main", "kind": "ticket", "client": "Acme", "text": "Because.", "since": T0}
    return Errand(mark=mark, **(usual | values))


async def marks(store: Store, now: datetime = T0) -> list[str]:
    async with store.read() as tx:
        return [one.mark for one in await errands.owed(tx, "main", now, 10)]


async def test_a_mark_is_owed_once_and_as_it_was_wanted_first(store: Store) -> None:
    first = errand("px-1", text="First.", due_at=T0 + MINUTE, owner="Dana", company_id="250")
    async with store.begin() as tx:
        await errands.owe(tx, [first, errand("px-2")])
        await errands.owe(tx, [errand("px-1", text="Second.")])
    async with store.read() as tx:
        assert await errands.find(tx, "main", "px-1") == first
        assert await errands.find(tx, "other", "px-1") is None
    assert await marks(store) == ["px-1", "px-2"]


async def test_they_come_in_the_order_they_were_wanted(store: Store) -> None:
    async with store.begin() as tx:
        await errands.owe(tx, [errand("px-a", since=T0), errand("px-b", since=T0 - MINUTE)])
        await errands.owe(tx, [errand("px-c", since=T0 + MINUTE)])
    assert await marks(store) == ["px-b", "px-a"]
    assert await marks(store, T0 + MINUTE) == ["px-b", "px-a", "px-c"]


async def test_what_belongs_under_a_ticket_waits_for_it_and_then_knows_it(store: Store) -> None:
    async with store.begin() as tx:
        await errands.owe(tx, [errand("px-plan"), errand("px-task", under="px-plan")])
        await errands.owe(tx, [errand("px-note", kind="note", under="px-plan")])
    assert await marks(store) == ["px-plan"]
    async with store.begin() as tx:
        await errands.done(tx, "main", "px-plan", "77")
        found = {one.mark: one for one in await errands.owed(tx, "main", T0, 10)}
    assert (found["px-task"].parent, found["px-task"].ticket_id) == ("77", "")
    assert (found["px-note"].parent, found["px-note"].ticket_id) == ("", "77")


async def test_what_is_tried_is_held_and_what_fails_is_put_off(store: Store) -> None:
    async with store.begin() as tx:
        await errands.owe(tx, [errand("px-1")])
        await errands.hold(tx, "main", "px-1", T0 + MINUTE)
        assert (await reasons.find(tx, "main")).errand == T0 + MINUTE
    assert await marks(store) == []
    async with store.begin() as tx:
        await errands.postpone(tx, "main", "px-1", error="503", not_before=T0 + 2 * MINUTE)
        (found,) = await errands.owed(tx, "main", T0 + 2 * MINUTE, 10)
    assert (found.attempts, found.error) == (1, "503"), "a hold is no attempt"


async def test_what_is_refused_is_kept_until_a_person_has_it_tried_again(store: Store) -> None:
    async with store.begin() as tx:
        assert not (await reasons.find(tx, "main")).opened
        await errands.owe(tx, [errand("px-1"), errand("px-2", conn="other")])
        await errands.bury(tx, "main", "px-1", error="no such board")
        assert [(await reasons.find(tx, name)).opened for name in ("main", "third")] == [True, False]
        assert (await reasons.find(tx, "main")).errand is None
        (dead,) = await errands.listed(tx, state="dead")
        assert (dead.mark, dead.error, dead.state) == ("px-1", "no such board", "dead")
        assert [one.mark for one in await errands.listed(tx, conn="other")] == ["px-2"]
        assert await errands.counts(tx) == {"main": (0, 1), "other": (1, 0)}
        await errands.retry(tx, "main", "px-1")
    assert await marks(store) == ["px-1"]


async def test_which_tickets_and_marks_are_ours(store: Store) -> None:
    async with store.begin() as tx:
        await errands.owe(tx, [errand("px-1"), errand("px-n", kind="note", ticket_id="5")])
        assert await errands.wanted(tx, "main", ["px-1", "px-n", "px-9"]) == {"px-1"}
        assert await errands.opened(tx, "main", ["5", "77"]) == set(), "a note makes no ticket ours"
        await errands.done(tx, "main", "px-1", "77")
        assert await errands.opened(tx, "main", ["5", "77"]) == {"77"}
        assert await errands.opened(tx, "other", ["77"]) == set()


async def test_a_person_gives_one_up_and_what_belongs_under_it_waits(store: Store) -> None:
    async with store.begin() as tx:
        await errands.owe(tx, [errand("px-1"), errand("px-2", under="px-1")])
        assert not await errands.drop(tx, "main", "px-1"), "it may be under way"
        assert not await errands.retry(tx, "main", "px-1")
        await errands.bury(tx, "main", "px-1", error="no such board")
        assert await errands.drop(tx, "main", "px-1")
        assert not await errands.drop(tx, "main", "px-1")
        assert await errands.counts(tx) == {"main": (1, 0)}
        await errands.owe(tx, [errand("px-1")])
    assert await marks(store) == []
    async with store.begin() as tx:
        assert await errands.retry(tx, "main", "px-1")
        assert not await errands.retry(tx, "main", "px-1")
    assert await marks(store) == ["px-1"]
