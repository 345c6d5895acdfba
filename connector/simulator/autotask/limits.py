"""Autotask's limits: the tenant's pool of requests, waiting imposed near its end, threads, locked users.

The pool is 10,000 requests in a rolling hour over all integrations together. The hour is the world's, so
that a day played in seconds meets the limits of a day. From half of it every call waits half a second,
from three quarters a whole one. A fourth call at once to one endpoint is refused.
"""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime, timedelta

from connector.simulator.faults import Faults
from connector.simulator.world import World

POOL, MINUTES = 10_000, 60
THREADS = 3
LOCKED_AFTER = 5  # wrong secrets; the vendor does not say how many


class Pool:
    """Requests of the last hour. `delays` in seconds from 50 % and from 75 % of the pool."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.world, self.faults = world, faults
        self.delays = (0.5, 1.0)
        self._at: deque[datetime] = deque()

    def used(self) -> int:
        oldest = self.world.now() - timedelta(minutes=MINUTES)
        while self._at and self._at[0] <= oldest:
            self._at.popleft()
        return len(self._at) + self.faults.quota_used

    def take(self) -> bool:
        """Count a request; False when the pool is empty, which is not counted."""
        if self.used() >= POOL:
            return False
        self._at.append(self.world.now())
        return True

    def delay(self) -> float:
        share = self.used() / POOL
        return self.delays[1] if share > 0.75 else self.delays[0] if share >= 0.5 else 0.0


class Threads:
    """Calls under way by integration code and endpoint."""

    def __init__(self) -> None:
        self._busy: Counter[tuple[str, str]] = Counter()
        self.most = 0

    def enter(self, key: tuple[str, str]) -> bool:
        self._busy[key] += 1
        self.most = max(self.most, self._busy[key])
        return self._busy[key] <= THREADS

    def leave(self, key: tuple[str, str]) -> None:
        self._busy[key] -= 1


class Locks:
    """Users with wrong secrets in a row. A locked one stays out, with the right secret, too."""

    def __init__(self) -> None:
        self.wrong: Counter[str] = Counter()

    def locked(self, user: str) -> bool:
        return self.wrong[user] >= LOCKED_AFTER

    def failed(self, user: str) -> None:
        self.wrong[user] += 1

    def entered(self, user: str) -> None:
        self.wrong[user] = 0
