"""A write that waits for its turn hides what was done meanwhile: only what can be sent now is looked at."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from connector.daemon import write
from connector.daemon.observe import Seen
from connector.psa.port import Written
from connector.psa.quota import Budget, Budgeted
from connector.simulator import utcnow
from connector.store import outbox, reasons, tickets
from connector.store.outbox import Owed
from tests.kit import Office, Tap, office


async def desk(o: Office, number: int) -> tuple[list[Owed], Seen]:
    """So many tickets at rest, each of which is owed a new `why`."""
    await o.start()
    ids = [str(o.world.open_ticket("Acme Dental", "Printer down", text="It is out.")) for _ in range(number)]
    await o.settle()
    async with o.connector.store.begin() as tx:
        for ticket_id in ids:
            await outbox.owe(tx, "main", ticket_id, {"why": "new"}, "because", utcnow())
        debts = await outbox.of(tx, "main", ids)
        return [debts[ticket_id] for ticket_id in ids], Seen(o.world.now(), await reasons.find(tx, "main"))


def leave(o: Office, left: int, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """So many requests may be sent now. Returns the pauses that were made, each of which lasts a minute."""
    psa, pauses = o.connection.psa, list[float]()
    assert isinstance(psa, Budgeted)
    budget: Budget = psa.budget
    budget.assume(psa.quota().left - left)

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        monkeypatch.setattr(budget, "_clock", lambda: time.monotonic() + 61.0 * len(pauses))

    monkeypatch.setattr(budget, "_sleep", pause)
    assert budget.at_once == left
    return pauses


async def test_no_more_is_looked_at_than_can_be_written_at_once(
    tmp_path: Path, openapi_tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, tap=openapi_tap, requests_per_minute=200) as o:
        debts, seen = await desk(o, 6)
        pauses = leave(o, 7, monkeypatch)
        assert await write.write_owed(o.connection, debts, utcnow(), seen) == 3
        assert pauses == []
        async with o.connector.store.read() as tx:
            left = await outbox.of(tx, "main", [item.ticket_id for item in debts])
        assert {key: item.attempts for key, item in left.items()} == {d.ticket_id: 0 for d in debts[3:]}


async def test_where_there_is_no_room_one_is_looked_at_when_the_wait_is_over(
    tmp_path: Path, openapi_tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it was read a moment ago, which would do if it could be written at once."""
    async with office(tmp_path, tap=openapi_tap, requests_per_minute=200) as o:
        debts, seen = await desk(o, 2)
        ids = [item.ticket_id for item in debts]
        async with o.connector.store.read() as tx:
            rows = await tickets.load(tx, "main", ids)
        seen.alone |= {i: Written(flags=row.flags, version=row.version) for i, row in rows.items()}
        asked, read = list[tuple[bool, list[str]]](), o.connection.psa.read_flags
        pauses = leave(o, 0, monkeypatch)

        async def reading(wanted: Sequence[str]) -> dict[str, Written]:
            found = dict(await read(wanted))
            asked.append((bool(pauses), list(wanted)))
            return found

        monkeypatch.setattr(o.connection.psa, "read_flags", reading)
        assert await write.write_owed(o.connection, debts, utcnow(), seen) == 1
        assert asked == [(True, ids[:1])] * 2, "looked at after the wait, and read back"
        asked.clear()
        assert await write.write_owed(o.connection, debts[1:], utcnow(), seen) == 1
        assert asked == [(True, ids[1:])], "read back only"
