"""How long it took: by the clock the customers felt, and by the one the PSA tells. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from connector.history.statement.facts import Facts, TicketFact
from connector.history.statement.gaps import heard
from connector.model import BucketName

EDGES = (15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 1440.0)
"""Working minutes that part the bars of a distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """One clock, as the customers felt it or as the PSA tells it.

    `bars`: how many took up to each of EDGES, and how many longer; minutes are working minutes.
    """

    n: int
    median: float | None
    longest: float | None
    bars: tuple[int, ...]


def felt(counting: Sequence[TicketFact], facts: Facts) -> dict[BucketName, Waits]:
    """Of the clocks that ended in the month; only of the resolution where no messages are known."""
    buckets: tuple[BucketName, ...] = (
        ("response", "resplan", "resolution") if heard(facts) else ("resolution",)
    )
    return {
        bucket: _waits(
            [
                fact.clocks[bucket].elapsed_min
                for fact in counting
                if bucket in fact.clocks and facts.in_month(fact.clocks[bucket].done_at)
            ]
        )
        for bucket in buckets
    }


def told(counting: Sequence[TicketFact], facts: Facts) -> dict[BucketName, Waits]:
    """Of the PSA's own times in the month; clocks it says nothing of are not there."""
    times: dict[BucketName, Callable[[TicketFact], datetime | None]] = {
        "response": lambda fact: fact.psa.response_at,
        "resplan": lambda fact: fact.psa.resplan_at,
        "resolution": lambda fact: fact.psa.resolved_at,
    }
    found = {
        bucket: _waits(
            [
                fact.psa_minutes[bucket]
                for fact in counting
                if bucket in fact.psa_minutes and facts.in_month(at(fact))
            ]
        )
        for bucket, at in times.items()
    }
    return {bucket: waits for bucket, waits in found.items() if waits.n}


def _waits(minutes: Sequence[float]) -> Waits:
    bars = [0] * (len(EDGES) + 1)
    for one in minutes:
        bars[sum(one > edge for edge in EDGES)] += 1
    return Waits(
        n=len(minutes),
        median=median(minutes) if minutes else None,
        longest=max(minutes, default=None),
        bars=tuple(bars),
    )
