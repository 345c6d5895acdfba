"""A connection that goes to another worker: it is not looked over anew, and nothing is missed by that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from connector.daemon.fleet.permits import FIRST
from connector.daemon.fleet.worker import Worker
from connector.store import connections, starts
from connector.store.schema import assessments
from tests.fleet.kit import Place, place
from tests.fleet.test_turns import caught_up
from tests.kit import client_file, write_client

SET_UP = frozenset(
    ("GET", path)
    for path in (
        "/system/members",
        "/system/apiMembers",
        "/system/userDefinedFields",
        "/service/boards",
        "/service/priorities",
    )
)
NONE = frozenset[tuple[str, str]]()


async def elsewhere(
    here: Place, worker: Worker | None = None, *, after: timedelta = timedelta(seconds=61)
) -> frozenset[tuple[str, str]]:
    """A turn by a worker that has just come, or by this one; what it asked for of the PSA's set-up."""
    here.later(seconds=after.total_seconds())
    here.worlds["main"].requests.clear()
    if worker is None:
        async with here.resting() as other:
            await other.turner.turn("main", "fast")
    else:
        await worker.turner.turn("main", "fast")
    asked = here.worlds["main"].requests
    assert asked["GET", "/service/tickets"], "it was polled"
    return SET_UP & asked.keys()


async def test_who_takes_a_connection_over_logs_in_and_asks_for_nothing_that_is_known(
    tmp_path: Path, postgres_url: str
) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one:
        await caught_up(one, here)
        assert here.worlds["main"].requests.keys() >= SET_UP
        assert await elsewhere(here) == NONE
        assert here.worlds["main"].requests["GET", "/system/info"] == 1
        assert await elsewhere(here) == NONE, "nor the one after"
        health = await here.health()
        assert health["state"] == "ok"
        assert not [note for note in health["notes"] if "field" in note]


async def test_the_connection_writes_there_as_before(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one:
        await caught_up(one, here)
        ticket = here.open_ticket()
        assert await elsewhere(here) == NONE
        assert here.worlds["main"].field(ticket, "SLA Zone") == "green"


async def test_what_is_an_hour_old_is_asked_for_anew(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one:
        await caught_up(one, here)
        assert await elsewhere(here, after=starts.KEPT) == SET_UP
        assert await elsewhere(here) == NONE


async def test_where_a_field_is_missing_each_worker_looks_for_it(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one:
        rules = client_file("Acme Dental", "main", flags={"px": "No Such Field"})
        write_client(here.folder, {**rules, "client": "Acme of main"}, "acme-main")
        assert await one.rules.reload()
        await caught_up(one, here)
        assert await elsewhere(here) == SET_UP


async def test_changed_rules_have_the_set_up_looked_at_again(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one:
        await caught_up(one, here)
        rules = client_file("Acme Dental", "main", targets={"*": {"response": "2h"}})
        write_client(here.folder, {**rules, "client": "Acme of main"}, "acme-main")
        assert await one.rules.reload()
        assert await elsewhere(here, one) == SET_UP


@pytest.mark.parametrize("killed", [False, True], ids=["handed on", "killed"])
async def test_times_are_planned_anew_where_nobody_says_by_which_clock_they_were(
    tmp_path: Path, postgres_url: str, killed: bool
) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one:
        here.open_ticket()
        await caught_up(one, here)
        ahead = here.now() + timedelta(hours=1)
        async with one.store.begin() as tx:
            await tx.execute(update(assessments).values(at=ahead, next_at=ahead))
            if killed:
                assert await connections.take(tx, "main", FIRST, here.now() + timedelta(seconds=61))
        await elsewhere(here)
        async with one.store.read() as tx:
            (judged_at,) = (await tx.execute(select(assessments.c.at))).scalars()
        assert judged_at == (here.now() if killed else ahead)
