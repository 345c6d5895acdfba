"""Notices and their messages: in one place each, tried again, tidied, with odd text kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connector.model import Ticket
from connector.store import notices, tickets
from connector.store.notices import Notice, Sending
from connector.store.store import Store
from connector.store.tickets import StoredTicket
from tests.contract.store.makers import CONN, T0

ODD = "\0 \ud83d 漢 ' \" <!here>"


def notice(id: str, **more: Any) -> Notice:
    fields: dict[str, Any] = {
        "conn": CONN,
        "client": "Acme",
        "subject": id,
        "ticket_id": id,
        "event": "missed",
    }
    return Notice(**{"id": id, **fields, "channel": "chat", "at": T0, "state": "held", **more})


def sending(id: str, **more: Any) -> Sending:
    return Sending(**{"id": id, "channel": "chat", "kind": "notice", "since": T0, "not_before": T0, **more})


async def test_a_notice_comes_back_as_it_was_kept(store: Store) -> None:
    kept = notice("1", due_at=T0, over_at=T0, why="quiet", said={"summary": ODD, "line": "x"})
    async with store.begin() as tx:
        await notices.decide(tx, [kept], [])
        assert await notices.known(tx, CONN, ["1", "2"]) == {"1": [kept]}
        assert await notices.known(tx, "other", ["1"]) == {}


async def test_a_digest_takes_what_is_due_and_leaves_the_rest(store: Store) -> None:
    later = T0 + timedelta(hours=1)
    due = [notice("1", due_at=T0), notice("2", due_at=T0, channel="mail"), notice("3", due_at=later)]
    async with store.begin() as tx:
        await notices.decide(tx, due, [])
        found = await notices.digests_due(tx, T0, 10)
        assert {channel: [one.id for one in rows] for channel, rows in found.items()} == {
            "chat": ["1"],
            "mail": ["2"],
        }
        await notices.put(tx, ["1"], sending("d1", kind="digest"))
        assert [one.id for one in await notices.told_by(tx, "d1")] == ["1"]
        assert list(await notices.digests_due(tx, T0, 10)) == ["mail"]
        assert await notices.told_lately(tx, "chat", T0 - timedelta(hours=1)) == [], "a digest is not counted"
        assert await notices.counts(tx) == {("chat", "owed"): 1, ("chat", "held"): 1, ("mail", "held"): 1}


async def test_a_message_is_owed_until_it_is_taken_or_dead(store: Store) -> None:
    async with store.begin() as tx:
        await notices.decide(tx, [notice("1", state="put", sending="s1")], [sending("s1")])
        later = T0 + timedelta(minutes=1)
        await notices.postpone(tx, "s1", error="500", not_before=later)
        assert await notices.owed(tx, T0, 10) == []
        (again,) = await notices.owed(tx, later, 10)
        assert (again.attempts, again.error) == (1, "500")
        await notices.bury(tx, "s1", error="404")
        assert await notices.owed(tx, later, 10) == []
        assert await notices.retry(tx, "s1")
        assert [one.attempts for one in await notices.owed(tx, T0, 10)] == [0]
        await notices.sent(tx, "s1", later)
        ((_, told),) = await notices.listed(tx, state="sent")
        assert told is not None
        assert told.sent_at == later


async def test_tidying_ends_what_no_open_ticket_says_any_more_and_forgets_what_is_old(store: Store) -> None:
    long = T0 + timedelta(days=100)
    open_ = StoredTicket(ticket=Ticket(id="1", opened_at=T0), version="1")
    closed = StoredTicket(ticket=Ticket(id="2", opened_at=T0, closed=True), version="1")
    put = {"state": "put", "sending": "s1"}
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [open_, closed])
        rows = [notice("1", **put), notice("2", **put), notice("3", event="followup_due", **put)]
        await notices.decide(tx, rows, [sending("s1", state="sent")])
        await notices.tidy(tx, T0, T0 - timedelta(days=90))
        over = {notice.id: notice.over_at for notice, _ in await notices.listed(tx)}
        assert over == {"1": None, "2": T0, "3": None}, "an unhappy customer may wait on a closed ticket"
        await notices.tidy(tx, long, long - timedelta(days=90))
        assert sorted(notice.id for notice, _ in await notices.listed(tx)) == ["1", "3"]
        await notices.over(tx, ["1", "3"], T0)
        await notices.tidy(tx, long, long - timedelta(days=90))
        assert await notices.listed(tx) == []
        assert await notices.retry(tx, "s1") is False
