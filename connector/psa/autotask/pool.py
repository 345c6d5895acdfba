"""Our part of the requests that all integrations of a database share, and what is left of it.

10,000 in a rolling hour for the whole database; from half of it on every answer is made slower, above it
all of them are shut out (facts §6). So we take a share, watch what everybody uses together, and give way
before the half is reached: an add-on must never be why another integration stands still.
"""

from __future__ import annotations

from dataclasses import dataclass

from connector.psa.autotask.config import DATABASE_LIMIT
from connector.psa.values import Json, number

HOUR_S = 3600.0
WATCH_S = 90.0  # the question counts too, and has a thread limit of its own
PENALTY = 0.5  # of the threshold: from here on answers are delayed
KEEP_CLEAR = 0.45  # where we want everybody together to stay
LEAST = 0.01  # of the threshold: what we take even then, to hear of webhooks and write what is owed
FULL = 0.95  # of the threshold: nothing at all is sent
REST_S = 300.0  # how long then
MOST = 1_000_000.0  # requests an hour: a greater threshold is a slip of the server


@dataclass(frozen=True, slots=True)
class Usage:
    """What everybody has used of the database's hour."""

    threshold: float
    used: float

    @property
    def full(self) -> bool:
        return self.used >= FULL * self.threshold

    @property
    def slow(self) -> bool:
        return self.used >= PENALTY * self.threshold


def usage(row: Json) -> Usage:
    """An answer of `ThresholdInformation`."""
    said = (number(row, name) for name in ("externalRequestThreshold", "currentTimeframeRequestCount"))
    threshold, used = (min(max(0.0, one), MOST) for one in said)
    return Usage(threshold or DATABASE_LIMIT, used)


def per_minute(share: float, seen: Usage, ours: int) -> float:
    """Requests a minute we may make, on average: our share in per cent, less if others are busy.

    `ours`: how many of the used ones were ours, as far as we know.
    """
    others = max(0.0, seen.used - ours)
    room = max(KEEP_CLEAR * seen.threshold - others, LEAST * seen.threshold)
    return min(share / 100 * seen.threshold, room) / 60


def least_per_minute(share: float, seen: Usage) -> float:
    """Requests a minute we make even where the others have left nothing of the hour."""
    return min(share / 100, LEAST) * seen.threshold / 60
