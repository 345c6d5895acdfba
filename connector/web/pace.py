"""How often somebody may knock: so many times a minute, whoever they are, in memory that does not grow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
REMEMBERED = 10_000  # names at once; beyond that everybody begins anew


class Pace:
    """`most` times a minute for each name."""

    def __init__(self, now: Callable[[], datetime], most: int) -> None:
        self._now, self._most = now, most
        self._since = now()
        self._times: dict[str, int] = {}

    def may(self, name: str) -> bool:
        """Whether `name` may once more in this minute; it then counts."""
        now = self._now()
        if now - self._since >= MINUTE or now < self._since or len(self._times) >= REMEMBERED:
            self._since, self._times = now, {}
        times = self._times.get(name, 0)
        if times >= self._most:
            return False
        self._times[name] = times + 1
        return True
