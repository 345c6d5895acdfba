"""How far a PSA's clock is from ours: changes are stamped with its own time, and windows opened with ours.

Every answer tells the time, so a clock that is put right or goes wrong while we run is noticed by the next
one. A PSA that is behind is read further back; one that is ahead needs nothing, since no window has an end.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

LEAST, MOST = timedelta(seconds=2), timedelta(hours=1)
"""Less is the answer's way to us; more is a clock that tells nothing."""
TOLD = timedelta(minutes=1)


@lru_cache(maxsize=64)
def _told(date: str) -> datetime:
    """The instant of a header, which many answers have in common."""
    return parsedate_to_datetime(date)


class ServerClock:
    """How far the PSA's clock is `behind` ours, negative if ahead; nothing until it is heard."""

    def __init__(self) -> None:
        self.behind = timedelta(0)

    def hear(self, headers: Mapping[str, str], now: datetime) -> None:
        """An answer with these headers has come. One out of a cache, or without a date, tells nothing."""
        try:
            at = _told(headers.get("date") or "")
        except ValueError:
            return
        if "age" not in headers:
            self.behind = now - at.replace(tzinfo=at.tzinfo or UTC)

    @property
    def allowance(self) -> timedelta:
        """How much further back to read so that nothing the PSA has stamped is missed."""
        return self.behind if LEAST < self.behind <= MOST else timedelta(0)

    def notes(self) -> list[str]:
        """What a person should know, if anything."""
        if abs(self.behind) <= TOLD:
            return []
        way = "behind" if self.behind > timedelta(0) else "ahead of"
        return [
            f"the PSA's clock is {abs(self.behind) / timedelta(minutes=1):.0f} min {way} ours: "
            "times it has stamped are off by as much; set the clock that is wrong"
        ]
