"""Records in the order of id and of last update, so that pages of a 100,000-row list cost what they show.

A polled list is asked for in two ways: everything by id, or what changed since an instant. Both are a
bisection here. It also remembers what rows looked like a moment ago, to serve lists that lag behind.
"""

from __future__ import annotations

import copy
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Generic, Protocol, TypeVar


class Row(Protocol):
    id: int
    updated_at: datetime


R = TypeVar("R", bound=Row)
_REMEMBERED = 2_000


class Rows(Generic[R]):
    def __init__(self) -> None:
        self.by_id: dict[int, R] = {}
        self.revision = 0
        self._ids: list[int] = []
        self._stamps: list[tuple[datetime, int]] = []
        self._past: deque[tuple[datetime, int, R | None]] = deque(maxlen=_REMEMBERED)

    def __len__(self) -> int:
        return len(self.by_id)

    def load(self, rows: Iterable[R]) -> None:
        """Take many rows at once."""
        self.by_id.update((row.id, row) for row in rows)
        self._ids = sorted(self.by_id)
        self._stamps = sorted((row.updated_at, row.id) for row in self.by_id.values())
        self.revision += 1

    def add(self, row: R) -> None:
        self.by_id[row.id] = row
        insort(self._ids, row.id)
        insort(self._stamps, (row.updated_at, row.id))
        self._past.append((row.updated_at, row.id, None))
        self.revision += 1

    def change(self, row: R, at: datetime, apply: Callable[[R], None]) -> None:
        """Apply a change to a row and stamp it, keeping what it was."""
        self._past.append((at, row.id, copy.copy(row)))
        self._unstamp(row)
        apply(row)
        row.updated_at = at
        insort(self._stamps, (at, row.id))
        self.revision += 1

    def remove(self, row: R, at: datetime) -> None:
        self._past.append((at, row.id, copy.copy(row)))
        self._unstamp(row)
        del self._ids[bisect_left(self._ids, row.id)]
        del self.by_id[row.id]
        self.revision += 1

    def _unstamp(self, row: R) -> None:
        del self._stamps[bisect_left(self._stamps, (row.updated_at, row.id))]

    def after(self, row_id: int) -> Iterator[R]:
        """Rows with a greater id, in order of id."""
        for position in range(bisect_right(self._ids, row_id), len(self._ids)):
            yield self.by_id[self._ids[position]]

    def updated(self, low: datetime | None, high: datetime | None) -> tuple[int, int]:
        """Positions in the order of last update that hold `low <= updated_at <= high`."""
        first = bisect_left(self._stamps, (low, 0)) if low else 0
        last = bisect_right(self._stamps, (high, 1 << 60)) if high else len(self._stamps)
        return first, max(first, last)

    def between(self, first: int, last: int) -> list[R]:
        """The rows at these positions in the order of last update, sorted by id."""
        return [self.by_id[row_id] for row_id in sorted(row_id for _, row_id in self._stamps[first:last])]

    def before(self, row_id: int) -> R | None:
        """What the row was until its last change, where that is remembered."""
        return next((row for _, past_id, row in reversed(self._past) if past_id == row_id), None)

    def past(self, horizon: datetime) -> dict[int, R | None]:
        """What rows that changed after `horizon` were before it; None: they were not there."""
        before: dict[int, R | None] = {}
        for at, row_id, row in reversed(self._past):
            if at <= horizon:
                break
            before[row_id] = row
        return before
