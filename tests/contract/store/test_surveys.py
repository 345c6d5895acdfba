"""Surveys: kept by what they are about, found by their link, answered once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from connector.store import surveys
from connector.store.store import Store
from connector.store.surveys import Survey

from .makers import CONN, at

LINK = "0123456789abcdef01234567"


def asked(about: str = "ticket:1:0", **more: Any) -> Survey:
    row: dict[str, Any] = {
        "ticket_id": "1",
        "client": "Acme",
        "contact": "u17",
        "state": "asked",
        "link": LINK,
        "expires_at": at(60),
        "at": at(0),
        **more,
    }
    return Survey(conn=row.pop("conn", CONN), about=about, **row)


def skipped(about: str, **more: Any) -> Survey:
    return asked(about, state="skipped", link="", expires_at=None, why="no contact", **more)


async def test_one_row_about_the_same(store: Store) -> None:
    async with store.begin() as tx:
        await surveys.put(tx, [skipped("ticket:1:0"), skipped("ticket:2:0", ticket_id="2")])
        await surveys.put(tx, [asked()])
        await surveys.put(tx, [])
        assert await surveys.of_tickets(tx, CONN, ["1", "9", ""]) == {"1": [asked()]}
        assert await surveys.of_tickets(tx, "other", ["1"]) == {}
        assert await surveys.about(tx, CONN, ["ticket:1:0", "x"]) == {"ticket:1:0": asked()}
        assert await surveys.by_link(tx, LINK) == asked()
        assert await surveys.by_link(tx, "") is None
        assert await surveys.by_link(tx, "f" * 24) is None


async def test_a_link_is_of_one_survey(store: Store) -> None:
    with pytest.raises(IntegrityError):
        async with store.begin() as tx:
            await surveys.put(tx, [asked(), asked("ticket:2:0")])


async def test_an_answer_is_taken_once_and_completed_once(store: Store) -> None:
    async with store.begin() as tx:
        await surveys.put(tx, [asked()])
        assert not await surveys.complete(tx, LINK, at(1)), "there is no answer yet"

    async def answer(score: int) -> bool:
        async with store.begin() as tx:
            return await surveys.answer(tx, LINK, score, at(score))

    assert sorted(await asyncio.gather(*map(answer, range(1, 9)))) == [False] * 7 + [True]
    async with store.begin() as tx:
        found = await surveys.by_link(tx, LINK)
        assert found is not None
        assert (found.state, found.answered_at) == ("answered", at(found.score or 0))
        assert await surveys.complete(tx, LINK, at(20))
        assert not await surveys.complete(tx, LINK, at(21))
        await surveys.mailed(tx, LINK, at(22))
        found = await surveys.by_link(tx, LINK)
    assert found is not None
    assert (found.completed_at, found.mailed_at) == (at(20), at(22))


async def test_only_who_was_asked_about_a_ticket_counts_as_asked(store: Store) -> None:
    rows = [
        asked(at=at(10)),
        asked("ticket:2:0", ticket_id="2", link="a" * 24, at=at(20), conn="b"),
        asked("ticket:3:0", ticket_id="3", link="b" * 24, at=at(30), client="Globex"),
        skipped("ticket:4:0", at=at(40)),
        asked("annual:2026:u17", ticket_id="", kind="annual", link="c" * 24, at=at(50)),
    ]
    async with store.begin() as tx:
        await surveys.put(tx, rows)
        assert await surveys.last_asked(tx, CONN, "Acme", "u17") == at(10)
        assert await surveys.last_asked(tx, CONN, "Acme", "u18") is None
        assert await surveys.asked_since(tx, "Acme", at(0)) == 2, "on both connections"
        assert await surveys.asked_since(tx, "Acme", at(15)) == 1
        assert [row.at for row in await surveys.listed(tx)] == [at(50), at(40), at(30), at(20), at(10)]
        assert await surveys.listed(tx, states=["skipped"]) == [rows[3]]
        assert await surveys.listed(tx, client="Globex") == [rows[2]]
        assert await surveys.listed(tx, conn="b", limit=5) == [rows[1]]
        assert len(await surveys.listed(tx, limit=2)) == 2


async def test_odd_text_is_kept(store: Store) -> None:
    odd = "a\0b\ud83d'; drop table surveys; --"
    async with store.begin() as tx:
        row = asked(odd, conn=odd, ticket_id=odd, client=odd, contact=odd, why=odd)
        await surveys.put(tx, [row])
        assert len(await surveys.of_tickets(tx, odd, [odd])) == 1
        assert len(await surveys.about(tx, odd, [odd])) == 1
        assert await surveys.last_asked(tx, odd, odd, odd) == at(0)
        assert await surveys.asked_since(tx, odd, at(0)) == 1


async def test_mails_that_are_still_to_be_sent_are_counted(store: Store) -> None:
    yearly: dict[str, Any] = {"kind": "annual", "ticket_id": ""}
    async with store.begin() as tx:
        assert await surveys.unmailed(tx) == {}
        some = [asked(f"annual:{n}", link=f"{LINK[:-1]}{n}", **yearly) for n in range(3)]
        await surveys.put(tx, [*some, asked("ticket:1:0", link="x"), skipped("annual:9", **yearly)])
        await surveys.mailed(tx, some[0].link, at(1))
        await surveys.answer(tx, some[1].link, 5, at(2))
        assert await surveys.unmailed(tx) == {CONN: 1}
