"""How far a PSA's clock is from ours: changes are stamped with its own time, and windows opened with ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def behind(date: str | None, now: datetime) -> timedelta:
    """How far the clock that wrote a `Date` header is behind `now`; nothing if it cannot be told."""
    try:
        at = parsedate_to_datetime(date or "")
    except ValueError:
        return timedelta(0)
    return now - at.replace(tzinfo=at.tzinfo or UTC)
