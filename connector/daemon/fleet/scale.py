"""What a fleet needs, on paper: the cost of a turn times the connections, and which part gives out first.

The cost is that of the fleet at work where there is one; else what a bench has measured on two cores. It is
arithmetic, not a promise: what nobody has measured is what happens beyond one database server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from connector.store.workers import Process

BUSY = 0.6
"""Of a core or a slot: more than this in the mean, and a busy minute waits."""
CORE_MS = 1000.0
ENGINE_JOBS = 400.0
"""Jobs a second one database hands out with procrastinate 3.10; measured 250 to 480 on two shared cores."""
COMMITS_PER_TURN = 6.0
"""Of an idle turn: the job asked for, fetched and ended; the turn taken, made and handed on."""
COMMITS = 3000.0
"""Commits a second of one server with a disk that keeps its word (NVMe); a slow disk does a tenth of it."""
SLOTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Of one connection. `turns_per_minute` includes those that webhooks ask for."""

    turns_per_minute: float
    turn_s: float
    worker_ms: float  # CPU of a worker for a turn
    database_ms: float  # CPU of the database for a turn
    requests_per_turn: float
    stored_mb: float
    held_mb: float  # of a worker's memory
    source: str


BENCH = Costs(
    turns_per_minute=1.8,
    turn_s=0.15,
    worker_ms=19.0,
    database_ms=6.3,
    requests_per_turn=5.0,
    stored_mb=3.0,
    held_mb=1.5,
    source="a bench: 2,000 connections, 20 webhooks a second, 4 workers and all else on 2 busy cores",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """`limits`: what part of each thing is used in one fleet; `bottleneck` is the largest, which gives out
    first. `fleets`: of how many, each with a database of its own, the numbers before are the sum."""

    connections: int
    fleets: int
    turns_per_second: float
    worker_cores: float
    workers: int
    worker_memory_mb: float
    database_cores: float
    commits_per_second: float
    stored_gb: float
    requests_per_second: float
    limits: Mapping[str, float]
    bottleneck: str


def measured(
    costs: Costs, processes: Sequence[Process], turns: Sequence[Mapping[str, Any]], stored: int
) -> Costs:
    """`costs`, with what a fleet at work tells: its processes, each connection's turns, its bytes."""
    workers = [one.said for one in processes if one.kind == "worker" and one.said.get("turns", 0) > 0]
    made = sum(one["turns"] for one in workers)
    known = [one for one in turns if one.get("turn_s")]
    if made < 100 or not known:
        return costs
    newest = max(one.at for one in processes)
    alive_s = sum((newest - datetime.fromisoformat(one["since"])).total_seconds() for one in workers)
    mean_s = alive_s / len(workers)
    return Costs(
        turns_per_minute=made / max(1.0, mean_s) * 60 / len(known),
        turn_s=_mean(known, "turn_s"),
        worker_ms=sum(one["cpu_s"] for one in workers) * 1000 / made,
        database_ms=costs.database_ms,
        requests_per_turn=_mean(known, "requests"),
        stored_mb=stored / 1e6 / len(known),
        held_mb=costs.held_mb,
        source=f"the fleet at work: {made} turns of {len(known)} connections by {len(workers)} workers",
    )


def need(connections: int, costs: Costs) -> Need:
    """What so many connections take. Within one fleet as long as no limit is passed, else in several."""
    fleets = max(1, ceil(max(_limits(connections, costs).values()) / BUSY))
    limits = _limits(connections / fleets, costs)
    rate = connections * costs.turns_per_minute / 60
    cores = rate * costs.worker_ms / CORE_MS
    slots = rate * costs.turn_s / BUSY
    workers = max(fleets, ceil(cores / BUSY), ceil(slots / SLOTS))
    return Need(
        connections=connections,
        fleets=fleets,
        turns_per_second=rate,
        worker_cores=cores / BUSY,
        workers=workers,
        worker_memory_mb=150 + connections / workers * costs.held_mb,
        database_cores=rate * costs.database_ms / CORE_MS / BUSY,
        commits_per_second=rate * COMMITS_PER_TURN,
        stored_gb=connections * costs.stored_mb / 1000,
        requests_per_second=rate * costs.requests_per_turn,
        limits=limits,
        bottleneck=max(limits, key=lambda name: limits[name]),
    )


def _limits(connections: float, costs: Costs) -> dict[str, float]:
    """The share of what one database can do that so many connections use."""
    rate = connections * costs.turns_per_minute / 60
    return {
        "the engine's jobs": rate / ENGINE_JOBS,
        "the database's commits": rate * COMMITS_PER_TURN / COMMITS,
        "32 cores of the database": rate * costs.database_ms / CORE_MS / 32,
    }


def _mean(rows: Sequence[Mapping[str, Any]], name: str) -> float:
    return sum(float(row[name]) for row in rows) / len(rows)
