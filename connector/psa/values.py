"""Reading a PSA's JSON without trusting it: fields may be missing, null, renamed or nonsense.

Servers omit empty fields or send null, as they please (ConnectWise facts §3.6); a date without a zone is
UTC on all of them.
"""

from __future__ import annotations

import math
from collections import UserDict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

MAX_TEXT = 100_000
"""Characters of a text that are kept; a longer one (a pasted log, an inline image) is cut."""

_YEARS = range(1990, 2101)
_NOTHING: Mapping[str, Any] = {}
Json = Mapping[str, Any]


class Unreadable(ValueError):
    """A row lacks what makes it a fact: says which field and what was found."""


class TooDeep(UserDict[str, Any]):
    """The plain values of a row that was nested deeper than any PSA nests: enough to set it aside by name.

    It is no dict, so who reads records takes it for none.
    """


def part(row: Json, *names: str) -> Json:
    """A nested object such as `status` or `_info`; an empty one if it is missing or something else."""
    for name in names:
        found = row.get(name)
        row = found if isinstance(found, Mapping) else _NOTHING
    return row


def text(row: Json, name: str) -> str:
    """A string field, fit for any store: no NUL, no lone surrogates, at most MAX_TEXT characters."""
    found = row.get(name)
    if found is None or isinstance(found, dict | list):
        return ""
    value = found if isinstance(found, str) else str(found)
    value = value[:MAX_TEXT]
    if "\0" in value:
        value = value.replace("\0", "")
    if not value.isascii():
        value = value.encode("utf-8", "replace").decode("utf-8")
    return value


def number(row: Json, name: str) -> float:
    """A number field; 0 if it is missing or no finite number."""
    found = row.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return 0.0
    try:
        return float(found) if math.isfinite(found) else 0.0
    except OverflowError:  # a whole number beyond all floats
        return 0.0


def whole(row: Json, name: str) -> int | None:
    """A whole number, such as another record's id; None for anything else."""
    found = row.get(name)
    return found if type(found) is int else None


def flag(row: Json, name: str) -> bool:
    return row.get(name) is True


def key(row: Json) -> int:
    """The row's own id. Unreadable if it has none."""
    found = row.get("id")
    if type(found) is not int or found <= 0:
        raise Unreadable(f"id: a number was expected, not {found!r:.40}")
    return found


def numbered(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """The rows that are records: objects with a number of their own."""
    return [row for row in rows if isinstance(row, dict) and type(row.get("id")) is int]


def is_id(value: str) -> bool:
    """Whether this can be the id of a record: a positive number of at most ten digits."""
    return value.isascii() and value.isdecimal() and len(value) <= 10


def instant(row: Json, name: str) -> datetime | None:
    """A date as an aware UTC instant; None if it is missing, unreadable or impossible."""
    found = row.get(name)
    if not isinstance(found, str) or len(found) < 10:
        return None
    try:
        at = datetime.fromisoformat(found)
    except ValueError:
        try:
            at = datetime.fromisoformat(found.replace(" ", ""))  # "2002-08-20T18: 04: 26Z" has been seen
        except ValueError:
            return None
    if at.year not in _YEARS:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def first_instant(*candidates: tuple[Json, str]) -> datetime:
    """The first readable date of these fields. Unreadable if there is none."""
    for row, name in candidates:
        at = instant(row, name)
        if at is not None:
            return at
    seen = ", ".join(f"{name}={row.get(name)!r:.30}" for row, name in candidates)
    raise Unreadable(f"no possible date in {seen}")
