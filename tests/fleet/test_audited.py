"""Audits in a fleet: made beside the turns by whichever worker has them, and handed on like the rest."""

from __future__ import annotations

from pathlib import Path

from connector.daemon.auditor.state import PROCESS, State, state_of
from connector.history.invariants.words import INVARIANTS
from connector.store import audited, breaches, cursors, history
from connector.store.history import Change
from connector.store.store import Store
from tests.fleet.kit import Place, place
from tests.fleet.test_turns import caught_up


async def state(store: Store, here: Place) -> State:
    async with store.read() as tx:
        return state_of(await cursors.get(tx, "main", audited.STATE), here.now())


async def test_what_one_worker_began_the_other_audits(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one, here.resting() as other:
        ticket = str(here.open_ticket())
        await caught_up(one, here)
        first = await state(one.store, here)
        assert (first.at, first.sampled, first.process) == (here.now(), 1, PROCESS)
        wrong = Change(flag="zone", old="green", new="green", reason="late", at=here.now())
        async with one.store.begin(of="main") as tx:
            await history.record(tx, "main", ticket, [wrong])
        here.later(minutes=5)
        await other.turner.turn("main", "slow")
        assert (await state(other.store, here)).at == first.at, "not again so soon, whoever turns"
        here.later(minutes=6)
        await other.turner.turn("main", "slow")
        async with other.store.read() as tx:
            assert await breaches.counts(tx) == {("main", "double_write"): 1}
        last = await state(other.store, here)
        assert last.tickets == 2
        assert set(last.checks) == set(INVARIANTS)
