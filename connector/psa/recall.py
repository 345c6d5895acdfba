"""What a start has read of a PSA's set-up, so that the next one, elsewhere, need not ask again.

A worker that dies leaves hundreds of connections that others start within a minute, with dozens of requests
each. Only whole lists are kept (statuses, people, fields), never a ticket; and every start asks anew for what
shows that we are let in.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from connector.psa.values import TooDeep

Rows = list[Any]


class Recall:
    """Lists by what was asked for. `age_s`: seconds since an earlier start has read them."""

    def __init__(self, lists: Mapping[str, Rows] | None = None, age_s: float = 0.0) -> None:
        self.lists = dict(lists or {})
        self.earlier = bool(self.lists)  # there was an earlier start, and it missed nothing
        self.age_s = age_s
        self.asked = False  # for a list that was not known

    async def rows(self, key: str, read: Callable[[], Awaitable[Rows]]) -> Rows:
        """The list known by this key; else what `read` brings. Raises what that raises."""
        if key not in self.lists:
            self.lists[key] = await read()
            self.asked = True
        return self.lists[key]

    def kept(self) -> Mapping[str, Rows]:
        """The lists for a later start; none of them if a row came nested too deep, which no JSON holds."""
        odd = any(isinstance(row, TooDeep) for rows in self.lists.values() for row in rows)
        return {} if odd else self.lists


@runtime_checkable
class Recalling(Protocol):
    """An adapter whose start can do with what an earlier one has read."""

    def recall(self, recall: Recall) -> None:
        """Take what is known from there in the next `start`, and put there what it reads."""
        ...


async def listed(recall: Recall | None, key: str, read: Callable[[], Awaitable[Rows]]) -> Rows:
    """What `read` brings, or what is recalled instead."""
    return await (read() if recall is None else recall.rows(key, read))


def may_be_read(recall: Recall | None) -> bool:
    """Whether an earlier start has found that all may be read that it tried: no need to try again."""
    return recall is not None and recall.earlier


def read_at(recall: Recall | None) -> float:
    """When what is read now is from, by the monotonic clock."""
    return time.monotonic() - (0.0 if recall is None else recall.age_s)
