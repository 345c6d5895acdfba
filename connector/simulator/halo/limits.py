"""What Halo's service puts up with: so many requests in any five minutes, and one write at a time.

The window is counted on the world's clock, so that an hour of it can be tried in seconds. What came in
is counted whether or not a limit is set; a bench or test reads it afterwards.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)


class Limits:
    """`most`: the most requests that were let through in any five minutes; `writes_at_once`: ditto writes."""

    def __init__(self) -> None:
        self.most = 0
        self.writes_at_once = 0
        self._recent: deque[datetime] = deque()
        self._writing = 0

    def over(self, limit: int, now: datetime) -> bool:
        """Count a request, unless the window is full. Refused ones do not count; 0 is no limit."""
        recent = self._recent
        while recent and recent[0] <= now - WINDOW:
            recent.popleft()
        if 0 < limit <= len(recent):
            return True
        recent.append(now)
        self.most = max(self.most, len(recent))
        return False

    def write_begins(self) -> None:
        self._writing += 1
        self.writes_at_once = max(self.writes_at_once, self._writing)

    def write_ends(self) -> None:
        self._writing -= 1
