"""Cases to learn from, in little room: each is looked at once, at the end, when all the others are known.

As objects a large desk's would take sixty megabytes once a day, and Python gives little of that back.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connector.rules.risk import Case, Standing

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WIDTH = 9


class Cases:
    """Cases, and whether their promise was missed, in the order they were added."""

    def __init__(self) -> None:
        self._whole, self._shares = array("q"), array("d")
        self._names: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._shares)

    def add(self, one: Case, missed: bool) -> None:
        """OverflowError for an instant that UTC has no date for."""
        at, names = one.standing, self._names
        whole = (
            names.setdefault(at.group, len(names)),
            names.setdefault(at.priority, len(names)),
            at.moves,
            _micros(at.touched_at),
            at.untouched,
            one.waiting,
            _micros(one.now),
            _micros(one.due),
            missed,
        )
        self._whole.extend(whole)
        self._shares.append(one.share)

    def thinned(self, most: int) -> Iterator[tuple[Case, bool]]:
        """Every n-th, so that there are `most` at most; instants are in UTC."""
        names = list(self._names)
        for row in range(0, len(self), max(1, math.ceil(len(self) / most))):
            group, priority, moves, touched, untouched, waiting, now, due, missed = self._whole[
                row * _WIDTH : (row + 1) * _WIDTH
            ]
            at = Standing(names[group], names[priority], moves, _instant(touched), bool(untouched))
            yield Case(at, self._shares[row], bool(waiting), _instant(now), _instant(due)), bool(missed)


def _micros(at: datetime) -> int:
    return (at.astimezone(UTC) - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
