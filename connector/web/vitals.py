"""The numbers that alerts are made of: what will be trouble if nobody looks (deploy/prometheus/rules.yml)."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from prometheus_client import ProcessCollector
from prometheus_client.core import Metric
from sqlalchemy.ext.asyncio import AsyncConnection

from connector import __version__
from connector.daemon.health import Health, State
from connector.psa.port import QuotaState
from connector.store import errands, vitals
from connector.store.vitals import Room
from connector.web.families import Sample, by_name, gauge


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the store says, by connection: the oldest webhook that waits, the next timer, (owed, dead)
    errands; and how much room there is."""

    oldest: Mapping[str, datetime]
    due: Mapping[str, datetime]
    errands: Mapping[str, tuple[int, int]]
    room: Room


async def read(tx: AsyncConnection, names: Sequence[str]) -> Vitals:
    """Raises what the store raises."""
    return Vitals(
        oldest=await vitals.oldest_waiting(tx),
        due=await vitals.next_due(tx, names),
        errands=await errands.counts(tx),
        room=await vitals.room(tx),
    )


def of_the_store(found: Vitals, health: Health, now: datetime) -> Iterator[Metric]:
    names = list(health.connections)
    ages = {name: _age(found.oldest.get(name), now) for name in names}
    yield by_name(gauge, "px_inbox_oldest_seconds", "how long the oldest webhook has waited", ages)
    late = {name: _age(found.due.get(name), now) for name in names}
    yield by_name(gauge, "px_timer_late_seconds", "how late the most overdue timer is", late)
    dead = {name: float(found.errands.get(name, (0, 0))[1]) for name in names}
    yield by_name(gauge, "px_errands_dead", "tickets and notes of ours the PSA refused", dead)
    yield gauge("px_store_bytes", "what the database takes", (), [((), float(found.room.taken))])
    if found.room.free is not None:
        yield gauge("px_disk_free_bytes", "free where the database is", (), [((), float(found.room.free))])


def of_the_hooks(heard: Mapping[str, datetime], health: Health, since: datetime, now: datetime) -> Metric:
    """`heard` by this process, which listens `since` then: the store would have to look through a week."""
    silent = {
        name: _age(heard.get(name, since), now) for name, one in health.connections.items() if one.webhook
    }
    return by_name(gauge, "px_webhook_silent_seconds", "since a webhook came, where one is set up", silent)


def of_the_connections(health: Health) -> Iterator[Metric]:
    states, named = get_args(State), health.connections.items()
    rows: list[Sample] = [((name, s), float(one.state == s)) for name, one in named for s in states]
    yield gauge("px_connection_state", "1 for the state it is in", ("connection", "state"), rows)
    backfilling = {name: float(one.backfilling) for name, one in named}
    yield by_name(gauge, "px_connection_backfilling", "1 until the PSA is read to its end", backfilling)
    held = {name: float(bool(one.held)) for name, one in named}
    yield by_name(gauge, "px_connection_held", "1 while writes wait for a canary", held)
    errors: list[Sample] = [((), float(len(health.config_errors)))]
    yield gauge("px_config_errors", "errors in the clients' files", (), errors)


def of_the_quotas(quotas: Mapping[str, QuotaState]) -> Iterator[Metric]:
    limits = {name: float(quota.limit) for name, quota in quotas.items()}
    yield by_name(gauge, "px_quota_limit", "requests our share holds in its window", limits)
    left = {name: float(quota.left) for name, quota in quotas.items()}
    yield by_name(gauge, "px_quota_left", "requests left of it now", left)


def of_the_process() -> Iterator[Metric]:
    """Version, memory, files and start; nothing but the version where the system does not tell (Windows)."""
    info = [((__version__, platform.python_version()), 1.0)]
    yield gauge("px_build_info", "1; what runs", ("version", "python"), info)
    yield from ProcessCollector(registry=None).collect()


def _age(at: datetime | None, now: datetime) -> float:
    """Seconds since, 0 for never and for what is still to come."""
    return max(0.0, (now - at).total_seconds()) if at is not None else 0.0
