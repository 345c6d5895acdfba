"""A PSA that fails for weeks, or in one place for ever, is waited for and keeps nothing else waiting."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from connector.errors import Unavailable
from connector.store.schema import errands, outbox
from tests.integration.test_daemon_contract import fall, own, rated


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.daemon.supervisor.wait_s", lambda _failures: 0.01)


async def down(*_args: Any, **_more: Any) -> Any:
    raise Unavailable("the PSA does not answer")


async def test_what_was_tried_for_weeks_is_tried_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rated(tmp_path, "connectwise", monkeypatch) as (o, numbers):
        psa, store = o.connection.psa, o.connector.store
        kept = psa.open_ticket, psa.write
        psa.open_ticket = psa.write = down
        await fall(o, numbers)
        async with store.begin() as tx:
            for table in (errands, outbox):
                await tx.execute(update(table).values(attempts=2000, not_before=o.world.now()))
        told: list[str] = []
        for _ in range(8):
            await o.later(seconds=200)
            told.append(o.health.detail)
        assert not any("internal error" in detail for detail in told)
        psa.open_ticket, psa.write = kept
        await o.later(minutes=40)
        assert len(own(o)) == 4
        assert o.flags(numbers[0])["px"] == "50 % (n 12)"


async def test_a_company_that_never_answers_keeps_nothing_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rated(tmp_path, "connectwise", monkeypatch) as (o, numbers):
        asked: list[Any] = []

        async def never(company: str) -> Any:
            asked.append(o.world.now())
            raise Unavailable("500 for this company only")

        o.connection.psa.read_company = never
        await fall(o, numbers)
        await o.later(minutes=60)
        assert len(own(o)) == 4
        assert o.health.state == "ok"
        assert len(asked) > 1
        waits = [later - before for before, later in pairwise(asked)]
        assert min(waits) >= timedelta(minutes=15)
