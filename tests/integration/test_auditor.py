"""The auditor in a real daemon: planted faults are found and told once, a sound desk is silent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from connector.daemon import assess, turn
from connector.daemon.auditor import task
from connector.daemon.auditor.audit import EVERY, audit_once
from connector.daemon.auditor.state import State, state_of
from connector.errors import Unavailable
from connector.history.invariants.words import INVARIANTS
from connector.model import Assessment
from connector.psa.port import Hint
from connector.rules.assess import assess as judge
from connector.store import audited, breaches, cursors, history, inbox, people, strangers
from connector.store.breaches import Breach
from connector.store.history import Change
from connector.store.schema import assessments, tickets
from tests.kit import Office, office

NEXT = EVERY + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon's own task looks at its start, when nothing works yet, and then no more."""
    monkeypatch.setattr(task, "LOOK_EVERY_S", 10_000.0)


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[tuple[Office, int]]:
    """A running office with one ticket, answered a minute ago, audited once."""
    async with office(folder) as o:
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.later(minutes=11)
        o.world.post(ticket, "jreed", "I replaced the toner and cleared the queue, please print again.")
        await o.poll()
        assert await audited_now(o)
        yield o, ticket


async def audited_now(o: Office) -> bool:
    o.connection.next_audit = None
    return await audit_once(o.connection, o.world.now())


async def audit(o: Office, *, turns: bool = True) -> list[str]:
    """Let an audit's interval pass, audit; what is broken now, as 'invariant ticket'."""
    if turns:
        await o.later(minutes=NEXT.total_seconds() / 60)
    else:
        o.world.advance(NEXT)
    assert await audited_now(o)
    return [f"{one.invariant} {one.ticket_id}".strip() for one in await going(o)]


async def going(o: Office, *, over: bool = False) -> list[Breach]:
    async with o.connector.store.read() as tx:
        return await breaches.listed(tx, 99, over=over)


async def state(o: Office) -> State:
    async with o.connector.store.read() as tx:
        return state_of(await cursors.get(tx, "main", audited.STATE), o.world.now())


# ── a sound desk ──────────────────────────────────────────────────────────────────────────────


async def test_a_sound_desk_is_silent_and_audited_cheaply(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, ticket):
        for number in range(6):
            o.world.post(ticket, "contact", f"And now it prints {number} pages too many.")
            asked = o.connection.psa.quota().requests_total
            await o.later(minutes=NEXT.total_seconds() / 60)
            before = o.connection.psa.quota().requests_total
            assert await audited_now(o)
            assert 0 < o.connection.psa.quota().requests_total - before <= 8, "two tickets at most"
            assert before > asked
            assert not await audit_once(o.connection, o.world.now()), "not again at once"
        assert await going(o) == await going(o, over=True) == []
        seen = await state(o)
        assert {name for name in INVARIANTS if not seen.checks.get(name)} == set()
        assert (seen.sampled, seen.tickets) == (1, 7)
        await o.restart()
        o.connection.next_audit = None
        assert not await audit_once(o.connection, o.world.now()), "the store knows when the last one was"
        assert await audit(o) == []
        assert (await state(o)).tickets == 8


async def test_nothing_is_audited_or_read_while_the_connection_or_the_psa_is_in_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path) as (o, _):
        c, at = o.connection, (await state(o)).at
        o.world.advance(NEXT)
        for trouble in ({"state": "degraded"}, {"backfilling": True}):
            sound = replace(o.health)
            for name, value in trouble.items():
                setattr(o.health, name, value)
            assert not await audited_now(o)
            assert ((await state(o)).working_since, (await state(o)).at) == (None, at)
            o.health.state, o.health.backfilling = sound.state, sound.backfilling
        full = c.psa.quota()
        for spent in (replace(full, left=full.limit // 10), replace(full, limit_per_minute=full.limit / 4)):
            monkeypatch.setattr(c.psa, "quota", lambda spent=spent: spent)
            asked = o.world.requests.total()
            assert await audited_now(o)
            assert o.world.requests.total() == asked
            o.world.advance(NEXT)
        monkeypatch.undo()
        await o.later(seconds=1)

        async def refuse(ids: object) -> None:
            raise Unavailable("gone")

        monkeypatch.setattr(task, "LOOK_EVERY_S", 10_000.0)
        monkeypatch.setattr(c.psa, "observe", refuse)
        assert await audited_now(o)
        assert await going(o) == []


async def test_a_clock_that_was_ahead_keeps_nobody_from_being_audited(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, _):
        ahead = replace(await state(o))
        year = timedelta(days=365)
        assert ahead.at is not None
        ahead.at, ahead.first_at = ahead.at + year, ahead.first_at + year
        ahead.working_since = ahead.at
        async with o.connector.store.begin() as tx:
            await cursors.put(tx, "main", audited.STATE, ahead.to_json(), o.world.now())
        assert await audit(o) == []
        seen = await state(o)
        assert (seen.at, seen.first_at, seen.working_since) == (o.world.now(),) * 3
        assert seen.tickets == ahead.tickets + 1


# ── the verdict and the flags ─────────────────────────────────────────────────────────────────


async def test_a_verdict_that_drifted_is_told_once_judged_again_and_over(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, ticket):
        async with o.connector.store.begin() as tx:
            kept = (await audited.kept(tx, "main", [str(ticket)]))[str(ticket)]
            doc = {**kept.doc, "flags": {**kept.doc["flags"], "zone": "red"}}
            mine = (assessments.c.conn == "main", assessments.c.ticket_id == str(ticket))
            later = o.world.now() + timedelta(days=9)
            await tx.execute(update(assessments).where(*mine).values(doc=json.dumps(doc), next_at=later))
        with capture_logs() as logs:
            assert f"assessment {ticket}" in await audit(o, turns=False)
            (told,) = [one for one in logs if one["event"] == "audit: not so"]
            assert told["ticket"] == str(ticket)
            assert "flag zone is 'red', not 'green'" in told["found"]
            assert await audit(o) == []
            assert [one["invariant"] for one in logs if one["event"] == "audit: so again"] == ["assessment"]
        (was,) = await going(o, over=True)
        assert (was.invariant, was.times, was.over_at) == ("assessment", 1, o.world.now())


async def test_what_may_have_changed_since_is_judged_again_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrongly(*facts: Any, **more: Any) -> Assessment:
        right = judge(*facts, **more)
        return replace(right, flags={**right.flags, "zone": "red"})

    async with desk(tmp_path) as (o, ticket):
        monkeypatch.setattr(assess, "assess", wrongly)
        o.world.post(ticket, "contact", "It prints once, and then no more.")
        await o.poll()
        o.world.advance(timedelta(minutes=1))
        async with o.connector.store.begin() as tx:
            await people.put(tx, "main", {"somebody new"}, o.world.now())
        assert await audit(o, turns=False) == []
        assert list((await state(o)).judged) == [str(ticket)]
        assert await audit(o) == [f"assessment {ticket}"], "it was judged again, and is wrong still"
        monkeypatch.undo()
        await o.later(seconds=1)
        assert await audit(o) == []
        assert (await state(o)).judged == {}


def silently(o: Office, ticket: int, value: str) -> None:
    """The PSA shows another zone, and says to nobody that the ticket changed."""
    record, field = o.world.ticket(ticket), o.world.field_by_caption("SLA Zone")
    record.values = {**(record.values or {}), field.id: value}


async def test_a_flag_changed_without_a_word_is_put_right_before_it_is_a_breach(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, ticket):
        silently(o, ticket, "red")
        assert await audit(o, turns=False) == []
        assert list((await state(o)).suspects) == [str(ticket)]
        await o.later(seconds=1)
        assert o.flags(ticket)["zone"] == "green"
        assert await audit(o) == []
        assert (await state(o)).suspects == {}


async def test_a_flag_that_stays_wrong_is_a_breach_until_it_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path) as (o, ticket):
        monkeypatch.setattr(assess, "difference", lambda wanted, shown: {})  # nothing is ever owed
        silently(o, ticket, "red")
        assert await audit(o) == []
        assert await audit(o) == [f"flags {ticket}"]
        (one,) = await going(o)
        assert "flag zone is 'red', not 'green'" in one.detail
        monkeypatch.undo()
        await o.later(seconds=1)
        assert o.flags(ticket)["zone"] == "green"
        assert await audit(o) == []


# ── what was written ──────────────────────────────────────────────────────────────────────────


async def test_a_double_write_and_a_hole_in_the_history_are_found(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, ticket):
        now = o.world.now()
        rows = [
            Change(flag="zone", old="green", new="green", reason="again", at=now),
            Change(flag="why", old="nobody wrote this", new="late", reason="late", at=now),
            Change(flag="due", old="", new="x", reason="", at=now),
        ]
        async with o.connector.store.begin() as tx:
            await history.record(tx, "main", str(ticket), rows)
        assert sorted(await audit(o)) == [f"double_write {ticket}", f"history {ticket}"]
        o.world.advance(timedelta(days=8))
        await o.poll()
        assert await audit(o) == [], "a week later it is no longer looked at"


async def test_somebody_elses_hand_in_our_field_is_no_hole(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, ticket):
        o.world.set_field(ticket, "SLA Zone", "red", "dmoore")
        await o.poll()
        assert o.flags(ticket)["zone"] == "green"
        async with o.connector.store.read() as tx:
            (seen,) = (await strangers.of(tx, "main", [str(ticket)], o.world.now() - timedelta(hours=1)))[
                str(ticket)
            ]
            rows = [one for one in await history.of(tx, "main", str(ticket)) if one.flag == "zone"]
        assert (seen.flag, seen.old, seen.new, seen.by) == ("zone", "green", "red", "dmoore")
        assert [(one.old, one.new) for one in rows[-2:]] == [("", "green"), ("red", "green")]
        assert await audit(o) == []


async def test_a_note_of_ours_that_customers_can_read_is_found(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, ticket):
        o.world.advance(timedelta(minutes=1))  # not in the second of our own last write
        note = o.world.post(ticket, "PxConnector", "Zone red: nobody has answered the customer.")
        assert await audit(o) == [f"visible {ticket}"]
        (one,) = await going(o)
        assert f"note:{note}" in one.detail
        o.world.delete_post(ticket, note, "dmoore")
        o.world.post(ticket, "PxConnector", "The same, among ourselves.", visible=False)
        assert await audit(o) == []


# ── the connection as a whole ─────────────────────────────────────────────────────────────────


async def test_what_nobody_handles_is_found_and_what_an_outage_left_is_not(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, ticket):
        o.world.advance(timedelta(hours=20))  # the daemon's turns wait in real time: it does not notice
        async with o.connector.store.begin() as tx:
            await inbox.put(tx, "main", [Hint(ticket_id=str(ticket))], o.world.now() - timedelta(hours=1))
            await tx.execute(update(tickets).values(observed_at=o.world.now() - timedelta(hours=19)))
        since = (await state(o)).working_since
        o.health.since = o.world.now()  # it came back just now
        assert await audit(o, turns=False) == []
        assert (await state(o)).working_since != since
        assert await audit(o, turns=False) == ["webhook"]
        for _ in range(4):
            found = await audit(o, turns=False)
        assert {one.split()[0] for one in found} == {"timer", "webhook", "unseen"}
        await o.later(seconds=1)
        assert await audit(o) == []


async def test_a_write_that_nobody_makes_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> int:
        return 0

    async with desk(tmp_path) as (o, ticket):
        monkeypatch.setattr(turn, "write_owed", nothing)
        o.world.set_field(ticket, "SLA Zone", "red", "dmoore")
        await o.poll()
        assert await audit(o) == [f"owed {ticket}"]
        assert await audit(o) == [f"owed {ticket}"]
        assert (await going(o))[0].times == 2
        monkeypatch.undo()
        await o.later(seconds=1)
        assert await audit(o) == []


async def test_more_than_the_limit_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(tmp_path) as (o, _):
        c = o.connection
        full = c.psa.quota()
        monkeypatch.setattr(c.psa, "quota", lambda: replace(full, used_last_minute=full.limit + 2, left=0))
        assert await audit(o) == ["quota"]
        monkeypatch.undo()
        assert await audit(o) == []
