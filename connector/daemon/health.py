"""How each connection is doing, said once: a log line on every change of state and on no other occasion.

A PSA that is down for a day must not write a day of log lines; the board and the metrics read the
same values at any time.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import structlog

State = Literal["starting", "ok", "degraded", "stopped"]
log = structlog.get_logger(__name__)

_LEVELS: dict[State, int] = {
    "ok": logging.INFO,
    "starting": logging.INFO,
    "degraded": logging.WARNING,
    "stopped": logging.ERROR,
}


@dataclass(slots=True, kw_only=True)
class ConnectionHealth:
    """One connection's state. `stopped` needs a person; `degraded` mends itself."""

    name: str
    vendor: str
    state: State = "starting"
    detail: str = ""
    since: datetime | None = None
    last_turn: datetime | None = None
    last_poll: datetime | None = None  # every stream read to its end
    backfilling: bool = True
    webhook: str = ""  # what the last check of our webhook found
    notes: tuple[str, ...] = ()
    watches: bool = False  # nothing is written: what is owed would be
    held: str = ""  # why nothing is written though the settings say so
    waived: str = ""  # why it writes without a canary, where a person has said so
    turns: int = 0
    decided: int = 0  # commits of a turn that changed what there is to see
    observed: int = 0  # tickets observed
    assessed: int = 0  # assessments made
    written: int = 0  # tickets whose flags were written


@dataclass(slots=True)
class Health:
    """Every connection's health, and the trouble with the files if there is any."""

    connections: dict[str, ConnectionHealth] = field(default_factory=dict)
    config_errors: tuple[str, ...] = ()

    def add(self, name: str, vendor: str, at: datetime) -> ConnectionHealth:
        health = ConnectionHealth(name=name, vendor=vendor, since=at)
        self.connections[name] = health
        return health

    def report(self, name: str, state: State, detail: str, at: datetime) -> None:
        """Set a connection's state; logs only when it is another one.

        The detail of an outage names whichever request failed last, so it changes all the time.
        """
        health = self.connections[name]
        health.detail = detail
        if health.state == state:
            return
        health.state, health.since = state, at
        log.log(_LEVELS[state], "connection", connection=name, state=state, detail=detail)

    def in_short(self) -> str:
        """How many connections are in which state, and which are in trouble."""
        found = list(self.connections.values())
        counts = [f"{n} {state}" for state in _LEVELS if (n := sum(c.state == state for c in found))]
        bad = [c.name for c in found if c.state in ("degraded", "stopped")]
        return ", ".join(counts) + (f" ({', '.join(bad[:8])}{' …' if len(bad) > 8 else ''})" if bad else "")

    def errors(self) -> tuple[str, ...]:
        """What a person must mend in the files, or do: wrong files, and connections whose writes are held."""
        held = tuple(c.held for c in self.connections.values() if c.held)
        return self.config_errors + held

    def ready(self) -> bool:
        """Every connection has turned at least once, or has been stopped for a person to look at."""
        return all(c.last_turn is not None or c.state == "stopped" for c in self.connections.values())
