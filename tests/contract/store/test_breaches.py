"""What the auditor found: one row while it is so and after, and values found that we had not written."""

from __future__ import annotations

from connector.psa.port import Malformed
from connector.store import audited, breaches, cursors, history, outbox, quarantine, strangers, tickets
from connector.store.assessments import save
from connector.store.breaches import Breach
from connector.store.history import Change
from connector.store.store import Store
from connector.store.strangers import Strange

from .makers import CONN, T0, assessed, at, stored

ODD = "\x00<b>\ud800"


def breach(invariant: str = "flags", ticket_id: str = "1", minute: int = 0, **fields: object) -> Breach:
    own = {"conn": CONN, "detail": "wrong", "first_at": at(minute), "last_at": at(minute)}
    return Breach(invariant=invariant, ticket_id=ticket_id, **own | fields)  # type: ignore[arg-type]


async def test_a_breach_is_one_row_until_it_is_over_and_after(store: Store) -> None:
    async with store.begin() as tx:
        await breaches.put(tx, [breach(), breach("timer", "", 5), breach(minute=1, conn="other")])
        again = breach(minute=0, last_at=at(9), times=2)
        await breaches.put(tx, [again])
        assert await breaches.going(tx, CONN, 9) == [breach("timer", "", 5), again]
        assert await breaches.counts(tx) == {(CONN, "flags"): 1, (CONN, "timer"): 1, ("other", "flags"): 1}
        await breaches.close(tx, CONN, again.key, at(10))
        assert await breaches.going(tx, CONN, 9) == [breach("timer", "", 5)]
        found = await breaches.find(tx, CONN, [("flags", "1"), ("flags", "2")])
        assert found[("flags", "1")].over_at == at(10)
        assert [one.conn for one in await breaches.listed(tx, 9)] == [CONN, "other"]
        assert [one.times for one in await breaches.listed(tx, 9, over=True)] == [2]
        await breaches.prune(tx, CONN, at(10))
        assert await breaches.listed(tx, 9, over=True) != []
        await breaches.prune(tx, CONN, at(11))
        assert await breaches.listed(tx, 9, over=True) == []
        assert len(await breaches.listed(tx, 9)) == 2


async def test_odd_words_are_kept_and_a_long_tale_is_cut(store: Store) -> None:
    async with store.begin() as tx:
        await breaches.put(tx, [breach(ticket_id=ODD, detail=ODD + "x" * 5000)])
        (kept,) = await breaches.going(tx, CONN, 9)
        assert len(kept.detail) == breaches.DETAIL_LIMIT
        await breaches.close(tx, CONN, ("flags", ODD), at(1))
        assert await breaches.going(tx, CONN, 9) == []


async def test_strange_values_come_in_their_order_and_are_forgotten(store: Store) -> None:
    seen = strangers.found({"zone": "red", "why": "x"}, {"zone": "green", "due": "d", "why": "x"}, "dana", T0)
    assert seen == [Strange("zone", "red", "green", "dana", T0), Strange("due", "", "d", "dana", T0)]
    async with store.begin() as tx:
        await strangers.put(tx, CONN, [("1", one) for one in seen])
        await strangers.put(tx, CONN, [("2", seen[0]), ("1", Strange("zone", "green", "", "", at(5)))])
        found = await strangers.of(tx, CONN, ["1", "2"], T0)
        assert [one.new for one in found["1"]] == ["green", "d", ""]
        assert found["2"] == seen[:1]
        assert [one.new for one in (await strangers.of(tx, CONN, ["1"], T0, 2))["1"]] == ["d", ""]
        assert [one.new for one in (await strangers.of(tx, CONN, ["1"], at(1)))["1"]] == [""]
        await strangers.prune(tx, CONN, at(5))
        assert list(await strangers.of(tx, CONN, ["1", "2"], T0)) == ["1"]
        assert await strangers.of(tx, "other", ["1"], T0) == {}


async def test_the_last_changes_of_several_tickets_are_read_at_once(store: Store) -> None:
    rows = [Change(flag="zone", old=str(n), new=str(n + 1), reason="r", at=at(n)) for n in range(4)]
    async with store.begin() as tx:
        for ticket_id in ("1", "2"):
            await history.record(tx, CONN, ticket_id, rows)
        assert await audited.changes(tx, CONN, ["1", "2", "3"], at(2)) == {"1": rows[2:], "2": rows[2:]}
        assert await audited.changes(tx, CONN, ["2"], T0, 1) == {"2": rows[3:]}
        assert await audited.changes(tx, "other", ["1"], T0) == {}


async def test_a_sample_starts_anywhere_and_goes_round(store: Store) -> None:
    async with store.begin() as tx:
        assert await audited.some_open(tx, CONN, 0.5, 3) == []
        assert await audited.longest_unseen(tx, CONN) is None
        rows = [stored(str(n), observed_at=at(n)) for n in range(10)]
        await tickets.put(tx, CONN, [*rows, stored("closed", closed=True), stored("gone", gone=True)])
        assert await audited.some_open(tx, CONN, 0.0, 2) == ["0", "1"]
        assert await audited.some_open(tx, CONN, 0.9, 3) == ["9", "0", "1"]
        assert len(await audited.some_open(tx, CONN, 0.5, 99)) == await audited.open_tickets(tx, CONN) == 10
        assert await audited.longest_unseen(tx, CONN) == ("0", T0)


async def test_what_was_never_observed_counts_from_its_opening_and_what_is_poisoned_does_not(
    store: Store,
) -> None:
    async with store.begin() as tx:
        await tickets.put(tx, CONN, [stored("1"), stored("2", observed_at=at(-60))])
        assert await audited.longest_unseen(tx, CONN) == ("1", T0)
        await quarantine.put(tx, CONN, [Malformed(ticket_id="1", reason="r", body="")], T0)
        assert await audited.longest_unseen(tx, CONN) == ("2", T0)
        assert await audited.spoken_for(tx, CONN, ["1", "2"]) == {"1"}
        await outbox.owe(tx, CONN, "2", {"zone": "red"}, "late", T0)
        assert await audited.spoken_for(tx, CONN, ["1", "2", "3"]) == {"1", "2"}
        assert await audited.owed(tx, CONN) == (1, "2", T0)
        await outbox.owe(tx, CONN, "1", {"zone": "red"}, "late", at(-5))
        await outbox.owe(tx, CONN, "3", {"zone": "red"}, "late", at(-9))
        await outbox.bury(tx, CONN, "3", error="no")
        assert await audited.owed(tx, CONN) == (2, "1", at(-5))
        assert await audited.owed(tx, "other") is None


async def test_what_is_kept_of_a_ticket_is_read_whole_and_can_be_judged_again(store: Store) -> None:
    async with store.begin() as tx:
        await save(tx, CONN, [assessed("1", flags={"felt_response": "5"}, next_at=at(99))])
        kept = (await audited.kept(tx, CONN, ["1", "2"]))["1"]
        assert (kept.flags, kept.at, kept.next_at) == ({"felt_response": "5"}, T0, at(99))
        assert kept.doc["flags"] == {"felt_response": 5}
        await audited.judge_again(tx, CONN, ["1", "2"], at(1))
        assert (await audited.kept(tx, CONN, ["1"]))["1"].next_at == at(1)


async def test_the_auditors_own_notes_are_found_by_connection(store: Store) -> None:
    async with store.begin() as tx:
        await cursors.put(tx, CONN, audited.STATE, {"sampled": 3}, T0)
        await cursors.put(tx, CONN, "tickets", {"page": 3}, T0)
        assert await audited.states(tx) == {CONN: {"sampled": 3}}
        assert await audited.put_at(tx, CONN, audited.STATE) == T0
        assert await audited.put_at(tx, CONN, "nothing") is None
