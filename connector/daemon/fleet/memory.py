"""What one turn of a connection hands to the next, which another worker may take: plain JSON.

A new field of `Connection` must be decided upon here: carried, or not, and then why (a test asks). Carried is
what would otherwise be done again or left out; what is only quicker to have at hand stays where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connector.daemon.connection import Connection

INSTANTS = (
    "next_poll",
    "next_sweep",
    "next_hook_check",
    "next_tidy",
    "next_px",
    "next_companies",
    "next_tally",
    "next_audit",
    "turned_at",
    "first_run",
)
PLAIN = ("more_ratings", "rules_seen", "strays_after", "strays_under")
SETS = ("idle",)
MAPS = ("looked_for",)

LEFT_HERE: Mapping[str, str] = {
    **dict.fromkeys(
        ("name", "psa", "store", "health", "clients", "now", "poll_every", "sweep_every", "write_back"),
        "of the settings and of the process",
    ),
    **dict.fromkeys(
        ("gate", "fingerprint", "settings", "survey", "hook_url", "channels", "keep"),
        "of the settings and of the process",
    ),
    "facts": "the adapter's, which has bound its fields by them; each process reads them once",
    "started_under": "what this process's adapter was bound for",
    "held": "looked up in the store at each start, and again while it is so",
    "keep": "of the settings and of the process",
    "broken_off": "the worst is assumed where another worker has had the turn in between",
    "figures": "a cache; emptied when another worker has had the turn in between",
    "desk": "a cache; emptied when another worker has had the turn in between",
    "model": "in the store; read again when a newer one was learnt (`learnt_at`)",
    "unmatched": "so that a process says it once",
}


def dump(c: Connection) -> dict[str, Any]:
    """Everything of `c` that the next turn must know, as JSON can hold it."""
    kept: dict[str, Any] = {name: _iso(getattr(c, name)) for name in INSTANTS}
    kept |= {name: getattr(c, name) for name in PLAIN}
    kept |= {name: None if (of := getattr(c, name)) is None else sorted(of) for name in SETS}
    kept |= {name: dict(getattr(c, name)) for name in MAPS}
    return kept


def restore(c: Connection, kept: Mapping[str, Any]) -> None:
    """Bring `c` to what `dump` said. What an older version did not write stays as it is."""
    for name in INSTANTS:
        if name in kept:
            setattr(c, name, _instant(kept[name]))
    for name in PLAIN:
        if name in kept:
            setattr(c, name, kept[name])
    for name in SETS:
        if name in kept:
            setattr(c, name, None if kept[name] is None else frozenset(kept[name]))
    for name in MAPS:
        if name in kept:
            setattr(c, name, dict(kept[name]))


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
