"""Decides whether a request is refused before it is looked at: limits, storms and server errors."""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from typing import Literal

from connector.simulator.faults import Faults


class Gate:
    """One per simulated server. The limit counts real seconds, as the vendor's does.

    `refused`: how many were turned away by a "storm", by being "broken", and for being over the "limit".
    """

    def __init__(self, faults: Faults, dice: random.Random) -> None:
        self.faults, self._dice = faults, dice
        self._recent: deque[float] = deque()
        self.refused: Counter[str] = Counter()

    def refuses(self) -> Literal["throttled", "broken", ""]:
        faults = self.faults
        if self._over_limit():
            self.refused["limit"] += 1
            return "throttled"
        if self._dice.random() < faults.throttle or faults.throttle_next > 0:
            faults.throttle_next = max(0, faults.throttle_next - 1)
            self.refused["storm"] += 1
            return "throttled"
        if self._dice.random() < faults.errors or faults.errors_next > 0:
            faults.errors_next = max(0, faults.errors_next - 1)
            self.refused["broken"] += 1
            return "broken"
        return ""

    def _over_limit(self) -> bool:
        """Refused requests do not count against the limit."""
        limit, now = self.faults.limit_per_minute, time.monotonic()
        while self._recent and self._recent[0] < now - 60:
            self._recent.popleft()
        if limit and len(self._recent) >= limit:
            return True
        self._recent.append(now)
        return False
