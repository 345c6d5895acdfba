"""A connection's health as JSON: workers leave it in the store; pages, metrics and notices read it there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from connector.daemon.health import ConnectionHealth
from connector.psa.port import QuotaState

_OWN = frozenset({"name", "vendor"})  # of the settings
_NAMES = tuple(one.name for one in fields(ConnectionHealth) if one.name not in _OWN)
_INSTANTS = frozenset(one.name for one in fields(ConnectionHealth) if "datetime" in str(one.type))
_TUPLES = frozenset(one.name for one in fields(ConnectionHealth) if str(one.type).startswith("tuple"))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a turn costs, as sliding means: seconds, milliseconds in the store, requests."""

    turn_s: float = 0.0
    db_ms: float = 0.0
    requests: float = 0.0

    def after(self, turn_s: float, db_ms: float, requests: float, share: float = 0.2) -> Cost:
        """With one more turn; the first counts whole."""
        if self == Cost():
            return Cost(turn_s, db_ms, requests)
        mix = ((self.turn_s, turn_s), (self.db_ms, db_ms), (self.requests, requests))
        return Cost(*(round(old + share * (new - old), 4) for old, new in mix))


@dataclass(frozen=True, slots=True)
class Report:
    """What the store says of a connection beside its health. `quota`: None before its first turn."""

    quota: QuotaState | None = None
    cost: Cost = Cost()


def dump(health: ConnectionHealth, quota: QuotaState, cost: Cost) -> str:
    """As JSON; instants with their offset."""
    told: dict[str, Any] = {name: getattr(health, name) for name in _NAMES}
    told |= {name: at.isoformat() for name in _INSTANTS if (at := told[name]) is not None}
    return json.dumps({"health": told, "quota": asdict(quota), "cost": asdict(cost)})


def restore(health: ConnectionHealth, text: str) -> Report:
    """Bring `health` to what was told; what an older version did not tell stays as it is."""
    said: Mapping[str, Any] = json.loads(text)
    for name, value in said.get("health", {}).items():
        if name not in _NAMES:
            continue
        setattr(health, name, _read(name, value))
    quota, cost = said.get("quota"), said.get("cost")
    return Report(QuotaState(**quota) if quota else None, Cost(**cost) if cost else Cost())


def _read(name: str, value: Any) -> Any:
    if name in _INSTANTS:
        return None if value is None else datetime.fromisoformat(value)
    return tuple(value) if name in _TUPLES else value


def stopped(text: str, detail: str, at: datetime) -> str:
    """The same health, of a connection that cannot be made and waits for a person."""
    said: dict[str, Any] = json.loads(text)
    health = said.setdefault("health", {})
    if health.get("state") != "stopped":
        health["since"] = at.isoformat()
    health |= {"state": "stopped", "detail": detail}
    return json.dumps(said)
