"""When a desk really works, hour by hour of the week, read off what its people did.

Office hours are what was agreed; this is what happens. Four hours left on a Tuesday morning and four left
over a weekend are not the same chance, whatever calendar the promise counts in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import accumulate

HOURS = 168
"""Hours of a week, from Monday 00:00 UTC."""

_MONDAY = datetime(1970, 1, 5, tzinfo=UTC).timestamp()
_WEEK = HOURS * 3600


class Pace:
    """`shares`: how busy each hour of the week is, 1 being the week's mean. Immutable.

    ValueError: not 168 numbers, a negative one, or none above zero.
    """

    __slots__ = ("_before", "shares")

    def __init__(self, shares: Sequence[float]) -> None:
        if len(shares) != HOURS or min(shares) < 0 or not sum(shares) > 0:
            raise ValueError("a pace is 168 numbers, none below zero and not all zero")
        mean = sum(shares) / HOURS
        self.shares = tuple(share / mean for share in shares)
        self._before = [0.0, *accumulate(self.shares)]

    @classmethod
    def of(cls, moments: Iterable[datetime]) -> Pace:
        """From the instants at which staff did something; one imagined instant an hour smooths it."""
        counts = [1.0] * HOURS
        for moment in moments:
            counts[hour_of_week(moment)] += 1
        return cls(counts)

    def busy(self, start: float, end: float) -> float:
        """Busy hours between two timestamps (seconds): an hour of the mean counts 1. Negative backwards."""
        return self._until(end) - self._until(start)

    def _until(self, moment: float) -> float:
        weeks, rest = divmod(moment - _MONDAY, _WEEK)
        hour, part = divmod(rest / 3600, 1)
        return weeks * HOURS + self._before[int(hour)] + part * self.shares[int(hour)]


def hour_of_week(moment: datetime) -> int:
    utc = moment.astimezone(UTC)
    return utc.weekday() * 24 + utc.hour
