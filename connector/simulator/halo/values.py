"""How Halo writes values: instants in UTC without a Z, dates that mean "none", hours as decimals.

The number of digits after the second varies from value to value, as it does on live servers; here the
digits are all zero, so that an instant is the same in every dialect of the world.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

NEVER = ("1899-12-30T00:00:00", "1900-01-01T00:00:00")
"""Both mean that there is no date."""


def stamp(at: datetime | None, place: int = 0) -> str:
    """An instant in Halo's words; `place` varies the number of digits, 0 to 7, and how "none" is said."""
    if at is None:
        return NEVER[place % 2]
    digits = place % 8
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}" + (f".{'0' * digits}" if digits else "")


def instant(text: str) -> datetime | None:
    """What a client wrote, UTC where it names no offset; None if it is no date and so is ignored."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def hours(minutes: float) -> float:
    """Minutes as decimal hours: a quarter of an hour is 0.25."""
    return round(minutes / 60, 4)


def guid(kind: str, number: int) -> str:
    """The same made-up GUID for the same record in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}:{number}"))


def truth(text: str) -> bool:
    return text.strip().casefold() in ("true", "1")


def whole(given: Any) -> int | None:
    """A whole number, given as a number or as text; None otherwise."""
    if isinstance(given, bool):
        return None
    try:
        return int(given)
    except (TypeError, ValueError, OverflowError):
        return None


def numbers(text: str) -> frozenset[int]:
    """The numbers of a comma separated list; what is none is left out."""
    return frozenset(n for n in (whole(part.strip()) for part in text.split(",")) if n is not None)
