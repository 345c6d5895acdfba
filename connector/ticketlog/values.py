"""Values as JSON holds them: read with a complaint that names the key, so that a person can mend the line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

YEARS = range(1990, 2101)
"""Outside these a date is a typing error or a vendor's sentinel, not an instant."""


def instant(value: object, key: str = "at") -> datetime:
    """An aware UTC datetime from ISO 8601 text with offset; ValueError names `key` otherwise."""
    if not isinstance(value, str):
        raise ValueError(f"{key}: expected ISO 8601 text with an offset, got {short(value)}")
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{key}: expected ISO 8601 text with an offset, got {short(value)}") from None
    if at.tzinfo is None:
        raise ValueError(f"{key}: {value!r} has no offset; write 'Z' for UTC")
    if at.year not in YEARS:
        raise ValueError(f"{key}: {value!r} is not between {YEARS.start} and {YEARS.stop - 1}")
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def iso(at: datetime | None) -> str | None:
    """UTC text with `Z`; fractions only when there are any."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def short(value: object) -> str:
    """A value as it stands in a complaint: at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def maybe_instant(body: Mapping[str, Any], key: str) -> datetime | None:
    """None where there is none, or an empty text."""
    value = body.get(key)
    return None if value is None or value == "" else instant(value, key)


def text_of(body: Mapping[str, Any], key: str) -> str:
    """Text, a number as text, '' where there is none."""
    value = body.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    raise ValueError(f"{key}: expected text, got {short(value)}")


def number_of(body: Mapping[str, Any], key: str) -> float | None:
    """A finite number, None where there is none."""
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or abs(value) > 1e15:
        raise ValueError(f"{key}: expected a number, got {short(value)}")
    return float(value)


def one_of(body: Mapping[str, Any], key: str, allowed: frozenset[str], default: str) -> Any:
    """One of the allowed words; `default` where the key is missing."""
    value = body.get(key, default)
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{key}: expected one of {', '.join(sorted(allowed))}, got {short(value)}")
    return value


def object_of(value: object, key: str) -> Mapping[str, Any]:
    """A JSON object; ValueError names `key` for anything else."""
    if not isinstance(value, dict):
        raise ValueError(f"{key}: expected an object, got {short(value)}")
    return value
