"""Text no database likes (NUL, halves of characters, 2 MB) breaks no write and hides no other ticket."""

from __future__ import annotations

import pytest

from connector.model import Actor, Rating
from connector.psa.port import Hint, Malformed
from connector.store import (
    assessments,
    board,
    cursors,
    events,
    history,
    inbox,
    outbox,
    quarantine,
    ratings,
    tickets,
)
from connector.store.history import Change
from connector.store.ratings import Entry
from connector.store.store import Store

from .makers import CONN, T0, assessed, at, note, stored

ODD = ["a\0b", "\ud83d", "x\udc00\0", "\ufffe\uffff", "'; drop table tickets; --", "🖨" * 3, "{]", "%s ? :a"]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
async def test_any_text_in_any_field(store: Store, odd: str) -> None:
    actor = Actor("staff", odd, odd, odd, (odd,))
    fact = note(odd, text=odd, subject=odd, actor=actor, headers={odd.lower(): odd})
    ticket = stored(odd, client=odd, summary=odd, status=odd, owner=odd, url=odd, flags={"why": odd})
    async with store.begin() as tx:
        await tickets.put(tx, odd, [ticket])
        assert await events.merge(tx, odd, [(odd, fact)], complete=[odd], replaceable_prefixes=[odd]) == {odd}
        assert await events.merge(tx, odd, [(odd, fact)], complete=[odd], replaceable_prefixes=[odd]) == set()
        await assessments.save(tx, odd, [assessed(odd, client=odd, policy=odd, flags={"why": odd})])
        await inbox.put(tx, odd, [Hint(ticket_id=odd, action=odd, deliver_id=odd)], at(0))
        await outbox.owe(tx, odd, odd, {"why": odd}, odd, at(0))
        await outbox.postpone(tx, odd, odd, error=odd, not_before=at(0))
        await history.record(tx, odd, odd, [Change("why", odd, odd, odd, at(0))])
        await cursors.put(tx, odd, odd, {odd: odd}, at(0))
        await quarantine.put(tx, odd, [Malformed(ticket_id=odd, reason=odd, body=odd)], at(0))
        said = Rating(at=T0, key=odd, actor=actor, comment=odd, source=odd)
        row = Entry(conn=odd, key=odd, rating=said, ticket_id=odd, client=odd, contact=odd, why=odd)
        assert await ratings.rewrite(tx, odd, [odd], [row])
        assert not await ratings.rewrite(tx, odd, [odd], [row])
    async with store.read() as tx:
        assert await tickets.load(tx, odd, [odd]) == {odd: ticket}
        assert await tickets.known(tx, odd, [odd]) == {odd}
        assert await events.timelines(tx, odd, [odd]) == {odd: (fact,)}
        assert list(await assessments.load(tx, odd, [odd])) == [odd]
        assert await inbox.waiting(tx) == {(await tickets.connections_of(tx, odd))[0]: 1}
        assert [row.flags for row in await outbox.owed(tx, odd, at(0), 9)] == [{"why": odd}]
        assert await cursors.get(tx, odd, odd) == {odd: odd}
        assert len(await board.board(tx, limit=9)) == len(await quarantine.listed(tx)) == 1
        assert len(await history.of(tx, odd, odd)) == 1
        assert [one.rating for one in await ratings.of_ticket(tx, odd, odd)] == [said]
        assert len(await ratings.counted(tx, odd, at(-1), at(1))) == 1


async def test_a_note_of_two_megabytes(store: Store) -> None:
    huge = note("note:1", text="Zeile\n" * 350_000)
    async with store.begin() as tx:
        assert await events.merge(tx, CONN, [("1", huge), ("2", note("note:2"))]) == {"1", "2"}
    async with store.read() as tx:
        assert (await events.timelines(tx, CONN, ["1"]))["1"] == (huge,)
