"""How long the database takes for a turn: the time of its statements, counted where they are sent.

Whoever counts opens a `Meter`; statements of other turns beside it are not counted to it.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from connector.store.store import Store

_meter: ContextVar[Meter | None] = ContextVar("meter", default=None)


@dataclass(slots=True)
class Meter:
    """`db_ms`: milliseconds until the answers were there; `statements`: how many were sent."""

    db_ms: float = 0.0
    statements: int = 0
    _began: float = 0.0

    @classmethod
    def start(cls) -> Meter:
        """Count what this task sends from now on."""
        meter = cls()
        _meter.set(meter)
        return meter


def attach(store: Store) -> None:
    """Have the statements of this store counted."""
    engine = store.engine.sync_engine
    event.listen(engine, "before_cursor_execute", _before)
    event.listen(engine, "after_cursor_execute", _after)


def _before(*_: Any) -> None:
    meter = _meter.get()
    if meter is not None:
        meter._began = time.perf_counter()


def _after(*_: Any) -> None:
    meter = _meter.get()
    if meter is not None:
        meter.db_ms += (time.perf_counter() - meter._began) * 1000
        meter.statements += 1
