"""Says the same thing at most once a minute: strangers knocking at the door must not fill the disk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

PAUSE = timedelta(minutes=1)
LIMIT = 100  # different things remembered; a stranger who varies the words gets silence, not memory


class Seldom:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._said: dict[str, datetime] = {}

    def may_say(self, what: str) -> bool:
        """True if `what` was not said within the last minute; it then counts as said now."""
        now = self._now()
        if what in self._said and now - self._said[what] < PAUSE:
            return False
        self._said = {key: at for key, at in self._said.items() if now - at < PAUSE}
        if len(self._said) >= LIMIT:
            return False
        self._said[what] = now
        return True
