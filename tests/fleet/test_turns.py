"""Turns of a fleet: what is due is turned by somebody, once, and the flags stand in the PSA."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.daemon.fleet import turning
from connector.daemon.fleet.fenced import Superseded
from connector.daemon.fleet.permits import FIRST, MORE
from connector.daemon.fleet.worker import Worker
from connector.psa.port import Hint
from connector.store import connections, inbox
from tests.fleet.kit import Place, place, until
from tests.kit import client_file, write_client


async def caught_up(worker: Worker, here: Place, name: str = "main") -> None:
    """Turn by hand until there is nothing left to do at this instant."""
    await worker._prepare()
    for _ in range(12):
        await worker.turner.turn(name, "slow")
        row = await here.row(name)
        if row["due_at"] > here.now():
            return
    raise AssertionError(row)


def sent(here: Place, name: str = "main") -> int:
    return here.worlds[name].requests.total()


async def test_a_worker_reads_a_psa_judges_it_and_writes_the_flags(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here:
        ticket = here.open_ticket()
        async with here.worker():
            zone = await until(lambda: here.worlds["main"].field(ticket, "SLA Zone"), "a flag")
            assert zone == "green"
            row = await until(lambda: here.settled(), "nothing left to do")
        assert (row["lane"], row["health"]["state"], row["sending"]) == ("fast", "ok", 0)
        assert row["cost"]["requests"] > 0


async def test_the_next_worker_goes_on_where_the_last_one_was(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one, here.resting() as other:
        here.open_ticket()
        await caught_up(one, here)
        before = await here.row()
        await other.turner.turn("main", "fast")
        assert (await here.row())["fence"] == before["fence"], "nothing was due, so nothing was turned"
        here.later(seconds=61)
        await other.turner.turn("main", "fast")
        after = await here.row()
        assert after["fence"] == before["fence"] + 1
        assert after["home"] == other.presence.name
        assert after["health"]["turns"] == before["health"]["turns"] + 1
        assert after["quota"]["requests_total"] > before["quota"]["requests_total"]
        assert after["memory"]["turn"]["rules_seen"] == one.rules.book.digest


async def test_who_comes_back_after_its_turn_was_given_away_keeps_and_sends_nothing_more(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as frozen, here.resting() as other:
        await caught_up(frozen, here)
        here.open_ticket()
        here.later(seconds=61)
        thaw, began = asyncio.Event(), asyncio.Event()
        real = turning.take_turn

        async def slowly(c: Any) -> Any:
            if c.store is frozen.cast.enter("main")[1]:
                began.set()
                await thaw.wait()
            return await real(c)

        monkeypatch.setattr(turning, "take_turn", slowly)
        sleeping = asyncio.create_task(frozen.turner.turn("main", "slow"))
        await began.wait()
        await other.turner.turn("main", "slow")
        row = await here.row()
        writes = len(here.worlds["main"].writes)
        assert writes > 0
        thaw.set()
        await sleeping
        assert await here.row() == row
        assert len(here.worlds["main"].writes) == writes
        _, store = frozen.cast.enter("main")
        with pytest.raises(Superseded):
            async with store.begin():
                raise AssertionError("it may not write")


async def test_what_a_killed_turn_may_have_sent_is_counted_by_the_next(
    tmp_path: Path, postgres_url: str
) -> None:
    async with place(tmp_path, postgres_url, requests_per_minute=1000) as here, here.resting() as worker:
        await caught_up(worker, here)
        here.later(seconds=61)
        async with worker.store.begin() as tx:
            killed = await connections.take(tx, "main", FIRST, here.now())
            assert killed is not None
            assert await connections.permit(tx, "main", killed.fence, MORE)
        await worker.turner.turn("main", "fast")
        row = await here.row()
        assert row["quota"]["used_last_minute"] >= FIRST + MORE
        assert row["sending"] == 0


async def test_the_429_one_worker_heard_holds_back_the_next(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one, here.resting() as other:
        await caught_up(one, here)
        here.later(seconds=61)
        here.sims["main"].faults.update({"throttle_next": 50, "retry_after": 90})
        await one.turner.turn("main", "fast")
        row = await here.row()
        assert row["lane"] == "held"
        assert row["health"]["detail"] == "the PSA asks us to slow down"
        assert row["memory"]["budget"]["throttled"] > 0
        heard = sent(here)
        async with other.store.begin() as tx:
            await inbox.put(tx, "main", [Hint(ticket_id="1")], here.now())
        await other.turner.turn("main", "fast")
        await other.turner.turn("main", "slow")
        assert sent(here) == heard, "a webhook does not cut the pause short"


async def test_a_turn_that_takes_long_leaves_the_fast_lane_and_comes_back(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as worker:
        await caught_up(worker, here)
        here.later(seconds=61)
        monkeypatch.setattr(turning, "FAST_S", 0.05)
        here.sims["main"].faults.latency = 200
        await worker.turner.turn("main", "fast")
        row = await here.row()
        assert (row["lane"], row["due_at"], row["health"]["state"]) == ("slow", here.now(), "ok")
        fence = row["fence"]
        await worker.turner.turn("main", "fast")
        assert (await here.row())["fence"] == fence, "it is for the slow lane now"
        here.sims["main"].faults.latency = 0
        await worker.turner.turn("main", "slow")
        assert (await here.row())["lane"] == "fast"


async def test_a_refused_login_stops_the_connection_for_all_workers(
    tmp_path: Path, postgres_url: str
) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one:
        await one._prepare()
        here.secret("private_key", "wrong")
        async with here.resting() as worker:
            await worker.turner.turn("main", "slow")
            row = await here.row()
            assert (row["lane"], row["health"]["state"]) == ("held", "stopped")
            heard = sent(here)
            await worker.turner.turn("main", "slow")
            async with here.resting() as other:
                await other._prepare()
                await other.turner.turn("main", "slow")
            assert sent(here) == heard, "the same login is not tried again"
        here.secret("private_key", here.sims["main"].credentials.private_key)
        async with here.resting() as other:
            await other._prepare()
            await other.turner.turn("main", "slow")
        assert (await here.row())["health"]["state"] == "ok"


async def test_a_missing_secret_is_shown_and_stops_nobody_else(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here:
        (here.folder / "main-client_id").unlink()
        async with here.resting() as worker:
            await worker._prepare()
            await worker.turner.turn("main", "slow")
            row = await here.row()
            assert (row["lane"], row["health"]["state"]) == ("held", "stopped")
            assert "client_id" in row["health"]["detail"]


async def test_changed_rules_reach_a_worker_that_has_not_looked_yet(
    tmp_path: Path, postgres_url: str
) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one, here.resting() as other:
        here.open_ticket()
        await caught_up(one, here)
        rules = client_file("Acme Dental", "main", targets={"*": {"response": "2h"}})
        write_client(here.folder, {**rules, "client": "Acme of main"}, "acme-main")
        assert await one.rules.reload()
        here.later(seconds=61)
        await one.turner.turn("main", "fast")
        here.later(seconds=61)
        await other.turner.turn("main", "fast")
        assert other.rules.book.digest == one.rules.book.digest


async def test_a_defect_of_ours_is_shown_and_tried_again_later(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as worker:
        await caught_up(worker, here)
        here.later(seconds=61)

        async def fails(_: object) -> None:
            raise ZeroDivisionError("secret words")

        with monkeypatch.context() as broken, capture_logs() as logs:
            broken.setattr(turning, "take_turn", fails)
            await worker.turner.turn("main", "fast")
        row = await here.row()
        assert [one["event"] for one in logs if one.get("exc_info")] == ["turn failed"]
        assert (row["lane"], row["health"]["detail"]) == ("held", "internal error: ZeroDivisionError")
        assert row["due_at"] > here.now()
        here.later(seconds=5)
        await worker.turner.turn("main", "slow")
        assert (await here.row())["health"]["state"] == "ok"
