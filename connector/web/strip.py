"""The connections in a strip: how each does, and whether what the board shows can be trusted.

What merely ticks, such as the instant of the last turn, is told apart from what means something: a board
must not be read again because a PSA was asked and had nothing to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from connector.daemon.health import ConnectionHealth, Health

OLD = timedelta(minutes=10)  # without a turn; a healthy connection turns at every poll
STATE_MARKS = {"starting": "○", "ok": "●", "degraded": "▲", "stopped": "■"}
_TICKS = {"last_turn", "last_poll", "turns", "observed", "assessed"}
_COUNTERS = {"decided", "written"}
_NAMES = tuple(field.name for field in fields(ConnectionHealth))
_HINTS = tuple(name for name in _NAMES if name not in _TICKS)
_SHOWN = tuple(name for name in _HINTS if name not in _COUNTERS)


@dataclass(frozen=True, slots=True)
class StripItem:
    """One connection. `owed`, `dead`: tickets, notes and flags not yet written, and refused ones."""

    health: ConnectionHealth
    mark: str
    old: bool
    owed: int
    dead: int


def strip(health: Health, outbox: Mapping[str, tuple[int, int]], now: datetime) -> list[StripItem]:
    """Every connection by name; `outbox` holds (owed, dead) of each."""
    return [
        StripItem(one, STATE_MARKS[one.state], is_old(one, now), *outbox.get(name, (0, 0)))
        for name, one in sorted(health.connections.items())
    ]


def is_old(one: ConnectionHealth, now: datetime) -> bool:
    """Whether what we know of this PSA is too old to go by."""
    return one.state != "starting" and (one.last_turn is None or now - one.last_turn > OLD)


def hint(health: Health, now: datetime) -> tuple[Any, ...]:
    """Another value whenever the board may have become another one."""
    return _of(health, now, _HINTS)


def shown(health: Health, now: datetime) -> tuple[Any, ...]:
    """Another value whenever the strip says something else than how long ago it was."""
    return _of(health, now, _SHOWN)


def _of(health: Health, now: datetime, names: tuple[str, ...]) -> tuple[Any, ...]:
    each = [
        (is_old(one, now), *(getattr(one, name) for name in names))
        for _, one in sorted(health.connections.items())
    ]
    return (health.config_errors, *each)
