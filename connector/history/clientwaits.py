"""What a client's tickets went through: both clocks of every promise, and who is unhappy all the same. Pure.

Read from the assessments as they were kept, not judged again: ten thousand tickets are a page, not a job.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from statistics import median

from connector.model import BUCKETS, BucketName, Ticket
from connector.rules.assess import too_early
from connector.rules.policy import Policy
from connector.rules.worktime import MINUTE
from connector.store.clientpage import Known

TOLD: Mapping[BucketName, str] = {
    "response": "response_at",
    "resplan": "resplan_at",
    "resolution": "resolved_at",
}
"""The promises both clocks tell of, and the PSA's own time of each."""
POINTS = 120
"""Of a curve at most."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How long it took, in working minutes. `curve`: (minutes, share of the tickets done by then), rising."""

    n: int
    median: float | None
    ninety: float | None  # nine of ten were done by then
    longest: float | None
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Of `tickets` that count; `apart`: how many more do not. `kept` and `missed` promises by bucket.

    `melons`: whose promises were kept on paper while the customer was unhappy.
    """

    tickets: int
    apart: int
    felt: Mapping[BucketName, Spread]
    told: Mapping[BucketName, Spread]
    kept: Mapping[BucketName, int]
    missed: Mapping[BucketName, int]
    melons: tuple[Known, ...]


def waits(known: Iterable[Known], policy: Policy) -> Waits:
    """From the tickets of one client, in whatever order; watermelons keep it."""
    felt: dict[BucketName, list[float]] = {bucket: [] for bucket in TOLD}
    told: dict[BucketName, list[float]] = {bucket: [] for bucket in TOLD}
    states: Counter[tuple[BucketName, str]] = Counter()
    melons: list[Known] = []
    tickets = apart = 0
    for one in known:
        if one.melon:
            melons.append(one)
        if one.excluded or too_early(Ticket(id=one.id, opened_at=one.opened_at), policy):
            apart += 1
            continue
        tickets += 1
        for bucket, (state, took) in one.clocks.items():
            states[bucket, state] += 1
            if bucket in felt and took is not None:
                felt[bucket].append(took)
        for bucket, minutes in _psa_minutes(one, policy):
            told[bucket].append(minutes)
    return Waits(
        tickets=tickets,
        apart=apart,
        felt={bucket: spread(minutes) for bucket, minutes in felt.items()},
        told={bucket: spread(minutes) for bucket, minutes in told.items()},
        kept={bucket: states[bucket, "met"] for bucket in BUCKETS},
        missed={bucket: states[bucket, "missed"] for bucket in BUCKETS},
        melons=tuple(melons),
    )


def spread(minutes: Sequence[float]) -> Spread:
    """From any number of them.

    >>> spread([30, 10, 20]).curve
    ((10, 0.3333333333333333), (20, 0.6666666666666666), (30, 1.0))
    """
    ordered, n = sorted(minutes), len(minutes)
    if not n:
        return Spread(0, None, None, None, ())
    steps = range(n) if n <= POINTS else (round(step * (n - 1) / (POINTS - 1)) for step in range(POINTS))
    curve = {ordered[index]: bisect_right(ordered, ordered[index]) / n for index in steps}
    return Spread(n, median(ordered), ordered[ceil(0.9 * n) - 1], ordered[-1], tuple(curve.items()))


def _psa_minutes(one: Known, policy: Policy) -> Iterable[tuple[BucketName, float]]:
    target = policy.target(one.priority)
    calendar = policy.calendar if target is None else target.calendar
    begun = calendar.worked(one.opened_at)
    for bucket, name in TOLD.items():
        if text := one.says.get(name):
            worked = calendar.worked(datetime.fromisoformat(text)) - begun
            yield bucket, max(0.0, worked / MINUTE)
