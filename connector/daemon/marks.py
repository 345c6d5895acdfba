"""What the last-updated marks of a PSA's tickets tell: which of two states is the later one.

A mark is kept as it came. One that is no instant tells nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from connector import ticketlog
from connector.psa.port import Snapshot
from connector.store.tickets import StoredTicket

INSTANT = timedelta(microseconds=1)

SETTLED = timedelta(seconds=2)
"""PSAs stamp whole seconds: a ticket read within this of its own stamp may have changed again under
the same stamp, so it is read once more."""


def mark(version: str) -> datetime | None:
    """The mark as an instant; None if it is none."""
    try:
        return ticketlog.instant(version)
    except ValueError:
        return None


def known_marks(stored: StoredTicket) -> tuple[str, str]:
    """Of its last reading, and of our own last write."""
    return stored.version, stored.own_version


def is_settled(stored: StoredTicket) -> bool:
    """Whether its last reading knows all that bears its mark. One with parts of a second bears one change."""
    at, read = mark(stored.version), stored.observed_at
    return at is None or at.microsecond > 0 or (read is not None and read >= at + SETTLED)


def is_older(now: Snapshot, before: StoredTicket) -> bool:
    """Lists of a PSA may lag behind: what is older than what we know is not news."""
    return now.updated_at is not None and any(
        now.updated_at < at for at in map(mark, known_marks(before)) if at
    )


def is_later(version: str, known: tuple[str, str]) -> bool:
    """Whether somebody has changed it since we knew it by these marks."""
    at, marks = mark(version), [found for found in map(mark, known) if found]
    return at is not None and bool(marks) and at > max(marks)


def just_before(version: str) -> str:
    """A mark that no ticket shows: what is older is no news, while this very version is still to be read."""
    at = mark(version)
    return "" if at is None else ticketlog.iso(at - INSTANT) or ""
