"""Numbers for Prometheus, worked out when asked, from where they are true: so they cannot drift.

Labels are connections, channels, buckets, zones and outcomes only. Tickets and clients never become labels.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from connector.model import CLOCKS, ZONES, BucketName, Zone
from connector.rules.ratings import VERDICTS, Verdict
from connector.store import inbox, notices, outbox, quarantine, ratings
from connector.store.board import zones_of_each
from connector.store.store import Store
from connector.web import audits, vitals
from connector.web.deps import STORE_TROUBLE, WebDeps
from connector.web.families import Sample, by_name, counter, gauge
from connector.web.hooks import Hooks
from connector.web.seldom import Seldom
from connector.web.vitals import Vitals

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the store counts, by connection."""

    zones: Mapping[str, Mapping[tuple[BucketName, Zone], int]]
    inbox: Mapping[str, int]
    outbox: Mapping[str, tuple[int, int]]
    quarantined: Mapping[str, int]
    ratings: Mapping[tuple[str, Verdict], int]
    notices: Mapping[tuple[str, str], int]  # by channel and state
    vitals: Vitals
    audits: audits.Counted


class Metrics:
    def __init__(self, deps: WebDeps, hooks: Hooks) -> None:
        self._deps, self._hooks = deps, hooks
        self._seldom = Seldom(deps.now)
        self._since = deps.now()

    async def scrape(self, request: Request) -> Response:
        """GET /metrics. When the store fails, px_store_up is 0 and what is counted in it is left out."""
        families = []
        for family in self._families(await self._totals()):
            families.append(family)
            await asyncio.sleep(0)  # 2,000 connections have a lot to say; a webhook may come in between
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Once(families))
        text = await asyncio.to_thread(generate_latest, registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    def _families(self, totals: Totals | None) -> Iterator[Metric]:
        yield from self._of_the_store(totals)
        yield from self._of_the_connections()
        yield from self._of_the_quotas()
        yield from self._of_the_hooks()
        yield from vitals.of_the_process()

    async def _totals(self) -> Totals | None:
        try:
            return await count(self._deps.store, list(self._deps.health.connections), self._deps.now())
        except STORE_TROUBLE as error:
            if self._seldom.may_say(str(error)):
                log.error("metrics not read", error=str(error)[:256])
            return None

    def _of_the_store(self, totals: Totals | None) -> Iterator[Metric]:
        yield gauge("px_store_up", "1 while the store answers", (), [((), float(totals is not None))])
        if totals is None:
            return
        yield gauge(
            "px_tickets",
            "open tickets whose clock of this bucket is live, by zone",
            ("connection", "bucket", "zone"),
            [
                ((name, bucket, zone), cells.get((bucket, zone), 0))
                for name, cells in totals.zones.items()
                for bucket in CLOCKS
                for zone in ZONES
            ],
        )
        yield gauge(
            "px_ratings",
            "ratings in the ledger by what became of them",
            ("connection", "verdict"),
            [
                ((name, verdict), totals.ratings.get((name, verdict), 0))
                for name in totals.zones
                for verdict in VERDICTS
            ],
        )
        yield gauge(
            "px_notices",
            "notices of the last 90 days by what became of them",
            ("channel", "state"),
            [(key, float(number)) for key, number in sorted(totals.notices.items())],
        )
        for metric, words, values in (
            ("px_inbox_waiting", "webhooks not yet handled", totals.inbox),
            ("px_outbox_owed", "writes owed to the PSA", {n: owed for n, (owed, _) in totals.outbox.items()}),
            ("px_outbox_dead", "writes the PSA refused", {n: dead for n, (_, dead) in totals.outbox.items()}),
            ("px_quarantined", "things the PSA sent that were not understood", totals.quarantined),
        ):
            yield by_name(gauge, metric, words, {name: values.get(name, 0) for name in totals.zones})
        health, now = self._deps.health, self._deps.now()
        yield from vitals.of_the_store(totals.vitals, health, now)
        yield from audits.metrics(totals.audits, list(totals.zones))

    def _of_the_connections(self) -> Iterator[Metric]:
        states, now = self._deps.health.connections.values(), self._deps.now()
        up = {c.name: float(c.state == "ok") for c in states}
        ages = {c.name: (now - c.last_turn).total_seconds() for c in states if c.last_turn is not None}
        yield by_name(gauge, "px_connection_up", "1 while the connection works", up)
        yield by_name(gauge, "px_connection_last_turn_age_seconds", "since the last finished turn", ages)
        turns = {c.name: c.turns for c in states}
        yield by_name(counter, "px_turns", "finished turns", turns)
        observed = {c.name: c.observed for c in states}
        yield by_name(counter, "px_observed", "tickets observed", observed)
        assessed = {c.name: c.assessed for c in states}
        yield by_name(counter, "px_assessed", "assessments made", assessed)
        written = {c.name: c.written for c in states}
        yield by_name(counter, "px_written", "tickets whose flags were written", written)
        yield from vitals.of_the_connections(self._deps.health)

    def _of_the_quotas(self) -> Iterator[Metric]:
        quotas = {name: self._deps.quota(name) for name in self._deps.connections}
        sent = {name: quota.requests_total for name, quota in quotas.items()}
        yield by_name(counter, "px_requests", "requests sent to the PSA", sent)
        slowed = {name: quota.throttled_total for name, quota in quotas.items()}
        yield by_name(counter, "px_throttled", "requests the PSA asked to repeat later", slowed)
        yield from vitals.of_the_quotas(quotas)

    def _of_the_hooks(self) -> Iterator[Metric]:
        samples: list[Sample] = [(key, float(n)) for key, n in sorted(self._hooks.counts.items())]
        yield counter("px_hooks", "webhook deliveries by outcome", ("connection", "result"), samples)
        now = self._deps.now()
        yield vitals.of_the_hooks(self._hooks.heard, self._deps.health, self._since, now)


async def count(store: Store, names: Sequence[str], now: datetime) -> Totals:
    """Raises what the store raises."""
    async with store.read() as tx:
        zones = await zones_of_each(tx)
        return Totals(
            zones={name: zones.get(name, {}) for name in names},
            inbox=await inbox.waiting(tx),
            outbox=await outbox.counts(tx),
            quarantined=await quarantine.counts(tx),
            ratings=await ratings.counts(tx),
            notices=await notices.counts(tx),
            vitals=await vitals.read(tx, names),
            audits=await audits.count(tx, now),
        )


@dataclass(frozen=True, slots=True, eq=False)  # a registry keeps it by identity
class _Once(Collector):
    families: Sequence[Metric]

    def collect(self) -> Iterator[Metric]:
        return iter(self.families)
