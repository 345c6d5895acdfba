"""How instants, ages and addresses are written on a page. Pure; used as filters by the templates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from markupsafe import Markup

from connector.model import Zone

MARKS: dict[Zone, str] = {"green": "●", "yellow": "▲", "orange": "◆", "red": "■"}
"""A shape for every zone, so that colour is never the only sign."""

CHARS = 300
"""Of one cell of a card."""


_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def upright(value: object) -> object:
    """Text without the marks that turn the direction of what stands beside it; anything else as it is."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isascii():
        return value
    return value.translate(_TURNING)


def bucket(name: str) -> str:
    """A bucket's name as people read it."""
    return "follow-up" if name == "followup" else name


def iso(at: datetime) -> str:
    """`2026-11-21T14:05:00Z`."""
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def short(at: datetime, now: datetime) -> str:
    """The UTC time of day, with the day when it is not today's."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    if at.date() == now.date():
        return f"{at:%H:%M}"
    return f"{at.day} {at:%b %H:%M}" if at.year == now.year else f"{at.day} {at:%b %Y %H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """`12 s ago`; `now` for what is not past."""
    return f"{span(now - at)} ago" if at < now else "now"


def until(due: datetime, now: datetime) -> str:
    """`in 42 min` or `5 h over`."""
    return f"in {span(due - now)}" if due >= now else f"{span(now - due)} over"


def minutes(due: datetime, now: datetime) -> str:
    """Whole minutes left, as a number: `42`, or `−1 205` when it is over. As in board.js."""
    left = int((due - now).total_seconds() // 60)
    return f"{left:,}".replace("-", "−").replace(",", "\u202f")


def span(length: timedelta) -> str:
    """A length of time in its largest unit that keeps two digits useful: s, min, h or d."""
    seconds = int(length.total_seconds())
    for unit, size, up_to in (("s", 1, 90), ("min", 60, 90 * 60), ("h", 3600, 48 * 3600)):
        if seconds < up_to:
            return f"{seconds // size} {unit}"
    return f"{seconds // 86400} d"


def cut(text: str) -> str:
    """At most CHARS characters; names and summaries are as long as somebody made them."""
    return text if len(text) <= CHARS else text[: CHARS - 1] + "…"


def card(connection: str, ticket_id: str) -> str:
    """Address of a ticket's card, beside the board."""
    return "ticket?" + urlencode({"connection": connection, "id": ticket_id})


def client_page(name: str) -> str:
    """Address of a client's page, beside the board."""
    return "client?" + urlencode({"name": name})
