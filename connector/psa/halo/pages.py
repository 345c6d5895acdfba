"""Reading a list page by page although Halo lies about it. Pure.

A page holds at most 100 rows whatever is asked for, some lists ignore paging and send the first page for
ever, and rows leave an "open" list while it is read, which moves the others forward. So there are three
reasons to stop, none of them sums done with the size asked for, and one to go back. Source: facts §2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CAP = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading stands: the page to read next, rows read before it, and what the last page said."""

    number: int = 1
    read: int = 0
    first: int | None = None  # id of the last page's first row
    total: int | None = None  # record_count of the last page


def following(place: Place, rows: Sequence[Any], total: int | None) -> Place | None:
    """The place after this page; None at the end: an empty page, everything read, or the same page again.

    Where fewer records are left than a page ago, as many pages are read again as rows may have been missed.
    """
    first = _id(rows[0]) if rows else None
    if place.number > 1 and total is not None and place.total is not None and total < place.total:
        size = max(1, place.read // (place.number - 1))
        back = min(place.number - 1, math.ceil((place.total - total) / size))
        return Place(place.number - back, place.read - back * size, None, total)
    if not rows or repeats(place, rows):
        return None
    read = place.read + len(rows)
    if total is not None and read >= total:
        return None
    return Place(place.number + 1, read, first, total)


def repeats(place: Place, rows: Sequence[Any]) -> bool:
    """Whether this is the last page again: the list does not know of pages."""
    return place.first is not None and bool(rows) and _id(rows[0]) == place.first


def unwrap(found: Any, name: str) -> list[Any] | None:
    """The rows of an answer: a bare array, the list under `name`, or else under any name. None if none."""
    if isinstance(found, list):
        return found
    if not isinstance(found, Mapping):
        return [] if found is None else None
    if isinstance(found.get(name), list):
        return list(found[name])
    lists = [value for value in found.values() if isinstance(value, list)]
    if lists:
        return list(lists[0])
    return [] if "record_count" in found else None


def total_of(found: Any) -> int | None:
    """`record_count` of an answer; None where it has none."""
    count = found.get("record_count") if isinstance(found, Mapping) else None
    return count if type(count) is int and count >= 0 else None


def _id(row: Any) -> int | None:
    found = row.get("id") if isinstance(row, Mapping) else None
    return found if type(found) is int else None
