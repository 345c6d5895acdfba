"""The engine that spreads turns over workers: procrastinate, and the only place that knows it.

A job is a turn of one connection; it names nothing else and nothing is lost with it. `lock` lets one turn of
a connection run at a time, `queueing_lock` lets one more wait. Nothing is ever scheduled here: a job that
waits for an instant would keep one that is urgent waiting, too. Jobs are deleted when they end.

A queue for each lane, and one for each lane and worker: the worker that had a connection's last turn has its
adapter ready. What waits there too long is moved to the lane's own queue, where anybody takes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status
from psycopg import AsyncConnection
from psycopg import Error as PsycopgError
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import make_url

from connector.errors import Unavailable

log = structlog.get_logger(__name__)

SCHEMA = "px_engine"
"""The engine's tables have a schema of their own: dropping it loses nothing but a second."""
TASK = "turn"
LANES = ("fast", "slow")
HOOK, TIMER = 10, 0
"""Priorities: what somebody waits for, and what is only due."""
HEARTBEAT_S = 3.0
DEAD_S = 12.0
"""A worker silent for so long is dead, and its jobs are free."""
GONE_S = 4.5
"""The same where it is no longer connected."""
POLL_S = 2.0
"""Seconds between looks at the queues where no notification came."""
_LOCK = 0x70780002
_APPLICATION = "px-engine "

_MOVE = """
WITH waiting AS (
    SELECT j.id, e.at, NOT split_part(j.queue_name, '.', 2) = ANY(%(homes)s) AS orphan,
        CASE WHEN j.queue_name LIKE 'slow.%%' THEN %(slow)s WHEN j.priority > %(timer)s THEN %(heard)s
            ELSE %(due)s END AS patience
    FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
    WHERE j.status = 'todo' AND position('.' in j.queue_name) > 0
), late AS (
    SELECT id FROM waiting WHERE NOT orphan AND at < now() - make_interval(secs => patience)
    ORDER BY at + make_interval(secs => patience), id LIMIT %(most)s
), moved AS (
    UPDATE procrastinate_jobs j SET queue_name = split_part(queue_name, '.', 1)
    WHERE j.status = 'todo' AND (
        j.id IN (SELECT id FROM waiting WHERE orphan) OR j.id IN (SELECT id FROM late)
    )
    RETURNING j.queue_name, j.id
), told AS (
    SELECT pg_notify(
        'procrastinate_queue_v1#' || queue_name,
        json_build_object('type', 'job_inserted', 'job_id', min(id))::text
    ) FROM moved GROUP BY queue_name
)
SELECT (SELECT count(*) FROM moved) AS number, (SELECT count(*) FROM told) AS queues
"""
MOST = 2
"""Turns taken from living workers at a time: to begin elsewhere costs as much as several turns, and a fleet
that is behind would fall further behind by it."""

Run = Callable[[str, str], Awaitable[None]]
"""(connection, lane): one turn."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A turn to be made. `home`: the worker that should have it, '' if any."""

    conn: str
    lane: str
    home: str = ""
    priority: int = TIMER

    @property
    def queue(self) -> str:
        return queue(self.lane, self.home)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a turn waits for the worker that had the last one: somebody waits for it; it is only due;
    it is of the slow lane."""

    heard: float
    due: float
    slow: float


def queue(lane: str, home: str = "") -> str:
    """Names of queues end up in names of channels, which PostgreSQL cuts at 63 bytes."""
    return f"{lane}.{home}" if home else lane


class Engine:
    """Use `async with`. Everything raises Unavailable where the database does not answer.

    `name` of the process: whoever is killed is no longer connected, which is seen at once.
    """

    def __init__(self, url: str, name: str = "", *, pool: int = 3) -> None:
        logging.getLogger("procrastinate").setLevel(logging.ERROR)  # what fails is told by the turn itself
        self._connector = PsycopgConnector(
            conninfo=make_url(url).set(drivername="postgresql").render_as_string(hide_password=False),
            kwargs={"options": f"-c search_path={SCHEMA}", "application_name": _APPLICATION + name},
            configure=_one_by_one,
            min_size=1,
            max_size=pool,
            timeout=10.0,
            pool_factory=_pool,
        )
        self.app = App(connector=self._connector)
        self._run: Run | None = None
        self.app.task(name=TASK, pass_context=True)(self._turn)

    async def __aenter__(self) -> Engine:
        with _trouble():
            await self.app.open_async()
            await self._prepare()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.app.close_async()

    async def _prepare(self) -> None:
        """Make the engine's own tables, once for all."""
        async with self._connector.pool.connection() as session, session.transaction():
            await session.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            found = await session.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.procrastinate_jobs",))
            row = await found.fetchone()
            if row is None or row[0] is None:
                await session.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
                await session.execute(self.app.schema_manager.get_schema())

    async def defer(self, wanted: Sequence[Wanted]) -> int:
        """Have these turns made; how many were not waiting yet. What waits already is hurried if need be."""
        if not wanted:
            return 0
        jobs = [_job(one) for one in wanted]
        with _trouble():
            with contextlib.suppress(AlreadyEnqueued):
                await self.app.job_manager.batch_defer_jobs_async(jobs)
                return len(jobs)
            new = 0
            for job, one in zip(jobs, wanted, strict=True):
                try:
                    await self.app.job_manager.defer_job_async(job)
                    new += 1
                except AlreadyEnqueued:
                    if one.priority > TIMER:
                        await self._hurry(one)
            return new

    async def _hurry(self, one: Wanted) -> None:
        await self._connector.execute_query_async(
            "UPDATE procrastinate_jobs SET priority = %(priority)s "
            "WHERE queueing_lock = %(conn)s AND status = 'todo' AND priority < %(priority)s",
            priority=one.priority,
            conn=one.conn,
        )

    async def free(self, gone: Collection[str] = ()) -> list[str]:
        """End the jobs of dead workers; the connections they were for.

        `gone`: workers that are no longer connected. What waited for one of them was taken by it.
        Ended, not tried again: another job of the same connection may be waiting already.
        """
        freed = []
        with _trouble():
            stalled = await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_S)
            found = {job.id: job for job in stalled}
            if gone:
                silent = await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=GONE_S)
                found |= {job.id: job for job in silent if job.queue.partition(".")[2] in gone}
            for job in found.values():
                assert job.id is not None
                assert job.lock is not None
                with contextlib.suppress(ConnectorException):  # it ended by itself after all
                    await self.app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, True)
                    freed.append(job.lock)
            await self.app.job_manager.prune_stalled_workers(10 * DEAD_S)
        return freed

    async def connected(self) -> set[str]:
        """Names of the processes that are connected now."""
        query = (
            "SELECT DISTINCT application_name AS name FROM pg_stat_activity "
            "WHERE datname = current_database() AND starts_with(application_name, %(ours)s)"
        )
        with _trouble():
            rows = await self._connector.execute_query_all_async(query, ours=_APPLICATION)
        return {row["name"].removeprefix(_APPLICATION) for row in rows}

    async def move(self, homes: Iterable[str], patience: Patience) -> int:
        """Let anybody have what waits for its own worker longer than that, or for one not in `homes`."""
        given = {**asdict(patience), "timer": TIMER, "most": MOST, "homes": list(homes)}
        with _trouble():
            row = await self._connector.execute_query_one_async(_MOVE, **given)
        return int(row["number"])

    async def work(self, home: str, run: Run, slots: dict[str, int], farewell_s: float) -> None:
        """Take turns until cancelled; those under way then have `farewell_s` seconds.

        Each lane has slots of its own, so that what is slow never takes one from what is quick. Where the
        database goes away, we go on when it is back.
        """
        self._run = run
        async with asyncio.TaskGroup() as group:
            for lane, number in slots.items():
                group.create_task(self._lane(lane, home, number, farewell_s), name=f"lane {lane}")

    async def _lane(self, lane: str, home: str, slots: int, farewell_s: float) -> None:
        while True:
            try:
                await self.app.run_worker_async(
                    queues=[queue(lane), queue(lane, home)],
                    name=f"{home}.{lane}",
                    concurrency=slots,
                    fetch_job_polling_interval=POLL_S,
                    abort_job_polling_interval=3600.0,
                    shutdown_graceful_timeout=farewell_s,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT_S,
                    stalled_worker_timeout=10 * DEAD_S,
                )
            except (ConnectorException, PsycopgError) as error:
                log.warning("the engine is away; trying again", lane=lane, reason=str(error)[:256])
            await asyncio.sleep(1.0)

    async def _turn(self, context: Any, connection: str) -> None:
        assert self._run is not None
        await self._run(connection, context.job.queue.partition(".")[0])


def _job(one: Wanted) -> Job:
    return Job(
        queue=one.queue,
        task_name=TASK,
        task_kwargs={"connection": one.conn},
        lock=one.conn,
        queueing_lock=one.conn,
        priority=one.priority,
    )


async def _one_by_one(session: AsyncConnection[Any]) -> None:
    """All the engine does is single statements: no transaction around each."""
    await session.set_autocommit(True)


def _pool(**given: Any) -> AsyncConnectionPool:
    """Without a question before each use: what finds its connection dead is tried again anyway."""
    return AsyncConnectionPool(**given | {"check": None})


@contextlib.contextmanager
def _trouble() -> Any:
    try:
        yield
    except AlreadyEnqueued:
        raise
    except (ConnectorException, PsycopgError) as error:
        raise Unavailable(f"the engine's database: {error}") from error
