"""Who is due is turned, the longest waiting first, by one dispatcher at a time; the engine holds no truth."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from connector.app import Connector
from connector.daemon.fleet.engine import HOOK, TIMER, Engine, Patience, Wanted
from connector.daemon.fleet.presence import Presence
from connector.errors import ConfigError
from connector.psa.port import Hint
from connector.store import connections, inbox, workers
from connector.store.store import Store
from tests.fleet.kit import Place, place, until

JOBS = "SELECT queueing_lock, queue_name, priority, status FROM px_engine.procrastinate_jobs ORDER BY id"
NAMES = ("a", "b", "c")


async def waiting(store: Store) -> list[tuple[str, str, int, str]]:
    """The engine's jobs: connection, queue, priority, status."""
    async with store.read() as tx:
        rows = (await tx.exec_driver_sql(JOBS)).all()
    return [(row[0], row[1], row[2], str(row[3])) for row in rows]


async def left(here: Place, store: Store, name: str, lane: connections.Lane, minutes: float) -> None:
    """As a turn would have left it, due so many minutes from now."""
    async with store.begin() as tx:
        await connections.ensure(tx, [name], here.now())
        taken = await connections.take(tx, name, 0, here.now() + timedelta(days=1))
        assert taken is not None
        await connections.hand_on(
            tx,
            name,
            taken.fence,
            due_at=here.now() + timedelta(minutes=minutes),
            lane=lane,
            home="somebody",
            at=here.now(),
            memory="{}",
            health="{}",
        )


async def test_what_is_due_is_asked_for_once_the_longest_waiting_first(
    tmp_path: Path, postgres_url: str
) -> None:
    async with place(tmp_path, postgres_url, NAMES) as here, here.resting() as one, here.resting() as other:
        await left(here, one.store, "a", "fast", -1)
        await left(here, one.store, "b", "slow", -2)
        await left(here, one.store, "c", "fast", 5)
        await left(here, one.store, "gone-from-the-settings", "fast", -9)
        assert await one.dispatcher.look() == 2
        assert await waiting(one.store) == [("b", "slow", TIMER, "todo"), ("a", "fast", TIMER, "todo")]
        assert await other.dispatcher.look() == 0
        here.later(minutes=6)
        assert await other.dispatcher.look() == 1


async def test_a_webhook_goes_before_timers_but_hurries_nobody_who_waits_out_trouble(
    tmp_path: Path, postgres_url: str
) -> None:
    async with place(tmp_path, postgres_url, NAMES) as here, here.resting() as one:
        await left(here, one.store, "a", "fast", 5)
        await left(here, one.store, "b", "held", 5)
        async with one.store.begin() as tx:
            for name in ("a", "b"):
                await inbox.put(tx, name, [Hint(ticket_id="1")], here.now())
        await one.dispatcher.look()
        assert await waiting(one.store) == [("a", "fast", HOOK, "todo")]


async def test_what_waits_already_is_hurried_and_not_doubled(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one:
        assert await one.engine.defer([Wanted("x", "fast"), Wanted("y", "slow")]) == 2
        assert await one.engine.defer([Wanted("x", "fast", priority=HOOK), Wanted("z", "fast")]) == 1
        found = await waiting(one.store)
        assert found == [
            ("x", "fast", HOOK, "todo"),
            ("y", "slow", TIMER, "todo"),
            ("z", "fast", TIMER, "todo"),
        ]


async def test_what_waits_too_long_for_its_own_worker_is_anybodys(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one:

        async def moved(heard: float, due: float) -> list[str]:
            await one.engine.move(["busy"], Patience(heard=heard, due=due, slow=3600))
            return [queue for _, queue, _, _ in await waiting(one.store)]

        wanted = [Wanted("x", "fast", "busy"), Wanted("y", "slow", "dead"), Wanted("z", "fast", "busy", HOOK)]
        await one.engine.defer(wanted)
        assert await moved(3600, 3600) == ["fast.busy", "slow", "fast.busy"]
        assert await moved(0, 3600) == ["fast.busy", "slow", "fast"]
        assert await moved(0, 0) == ["fast", "slow", "fast"]


async def test_what_waits_for_a_worker_that_was_killed_is_anybodys_at_once(
    tmp_path: Path, postgres_url: str
) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one:
        async with here.resting() as other:
            await other.presence.say()
            await one.presence.say()
            await one.engine.defer([Wanted("x", "fast", other.presence.name)])
            await one.dispatcher.look()
            assert [queue for _, queue, _, _ in await waiting(one.store)] == [f"fast.{other.presence.name}"]
        assert one.presence.workers == [other.presence.name], "it has not taken its leave"
        await one.dispatcher.look()
        assert [queue for _, queue, _, _ in await waiting(one.store)] == ["fast"]


async def test_a_turn_is_freed_sooner_where_its_worker_is_no_longer_connected(
    tmp_path: Path, postgres_url: str
) -> None:
    """One that is only late in saying that it is alive keeps its turn for as long as ever."""
    async with place(tmp_path, postgres_url) as here, here.resting() as one:
        await one._prepare()
        manager = one.engine.app.job_manager
        for conn, home in (("a", "killed"), ("b", "late")):
            await one.engine.defer([Wanted(conn, "fast", home)])
            number = await manager.register_worker()
            assert await manager.fetch_job([f"fast.{home}"], number) is not None
        async with one.store.begin() as tx:
            silent = "UPDATE px_engine.procrastinate_workers SET last_heartbeat = now() - interval '6 s'"
            await tx.exec_driver_sql(silent)
        assert await one.engine.free() == []
        assert await one.engine.free({"killed"}) == ["a"]


async def test_a_dead_workers_turn_is_freed_while_another_waits_behind_it(
    tmp_path: Path, postgres_url: str
) -> None:
    async with place(tmp_path, postgres_url) as here, here.resting() as one:
        await one._prepare()
        await one.engine.defer([Wanted("main", "slow")])
        manager = one.engine.app.job_manager
        dead = await manager.register_worker()
        assert await manager.fetch_job(["slow"], dead) is not None
        await one.engine.defer([Wanted("main", "slow")])
        living = await manager.register_worker()
        assert await manager.fetch_job(["slow"], living) is None
        assert await one.engine.free() == []
        async with one.store.begin() as tx:
            silent = f"UPDATE px_engine.procrastinate_workers SET last_heartbeat = now() - interval '1 minute' WHERE id = {dead}"  # noqa: E501
            await tx.exec_driver_sql(silent)
        assert await one.engine.free() == ["main"]
        again = await manager.fetch_job(["slow"], living)
        assert again is not None
        assert again.lock == "main"


async def test_dropping_the_engines_tables_loses_nothing(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here:
        ticket = here.open_ticket()
        async with here.resting() as one:
            await one._prepare()
            await one.dispatcher.look()
            async with one.store.begin() as tx:
                await tx.exec_driver_sql("DROP SCHEMA px_engine CASCADE")
        async with here.worker():
            await until(lambda: here.worlds["main"].field(ticket, "SLA Zone"), "a flag")


async def test_many_start_on_an_empty_database_at_the_same_time(postgres_url: str) -> None:
    async with AsyncExitStack() as stack:
        engines = await asyncio.gather(
            *(stack.enter_async_context(Engine(postgres_url)) for _ in range(3)),
        )
        assert await engines[-1].defer([Wanted("x", "fast")]) == 1


@pytest.mark.parametrize(("first", "second"), [("run", "worker"), ("web", "run")])
async def test_run_and_a_fleet_never_work_side_by_side(
    tmp_path: Path, postgres_url: str, first: str, second: str
) -> None:
    async with place(tmp_path, postgres_url) as here, here.store() as store:
        there = Presence(store, first, here.now, name="there")  # type: ignore[arg-type]
        await there.enter()
        late = Presence(store, second, here.now, name="late")  # type: ignore[arg-type]
        with pytest.raises(ConfigError, match="stop"):
            await late.enter()
        async with store.read() as tx:
            assert [one.name for one in await workers.every(tx)] == ["there"]
        here.later(seconds=20)
        await late.enter()


async def test_workers_and_web_replicas_know_each_other(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here, here.store() as store:
        one, web = Presence(store, "worker", here.now), Presence(store, "web", here.now)
        await one.enter()
        await web.enter()
        assert web.workers == [one.name]
        await one.leave()
        await web.say()
        assert web.workers == []


async def test_run_works_alone_on_a_shared_database(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here:
        door = here.settings.web.model_copy(update={"port": 0})
        settings = here.settings.model_copy(update={"web": door})
        one, other = [await Connector.build(settings, here.folder, now=here.now) for _ in range(2)]
        work = asyncio.create_task(one.serve())
        ticket = here.open_ticket()
        await until(lambda: here.worlds["main"].field(ticket, "SLA Zone"), "a flag")
        with pytest.raises(ConfigError, match="another `px-connector run`"):
            await other.serve()
        async with here.resting() as worker:
            with pytest.raises(ConfigError, match="stop it first"):
                await worker.run(asyncio.Event())
        one.stop()
        await work
        async with here.worker():
            await until(lambda: here.settled(), "the fleet at work where run was")
