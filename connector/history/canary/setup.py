"""What a canary stands for: where writes go, whose they are, and which fields they go to.

The PSA is not asked: a daemon must know whether it may write before it has reached anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.clients.captions import on_tickets
from connector.rules.policy import Policy
from connector.settings import Connection
from connector.settings.canary import stands_for


class Keys:
    """What a connection's canary stands for, by key. `known` once it was asked for, or told.

    It is asked for only where a canary counts: each secret is hashed, some 40 ms on purpose. ConfigError if
    one cannot be read.
    """

    def __init__(self, settings: Connection) -> None:
        self._settings = settings
        self.known: Mapping[str, str] | None = None

    def __call__(self) -> Mapping[str, str]:
        if self.known is None:
            self.known = stands_for(self._settings)
        return self.known


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """One connection as its settings have it. `waived`: why it needs no canary, '' if it does."""

    write_back: bool
    waived: str
    keys: Keys

    @classmethod
    def of(cls, settings: Connection) -> Setup:
        waived = settings.canary.waived if settings.canary else ""
        return cls(write_back=settings.write_back, waived=waived, keys=Keys(settings))

    def whole(self, policies: Iterable[Policy]) -> dict[str, Any]:
        """As it is kept with a canary."""
        return {"keys": dict(self.keys()), "captions": captions(policies)}


def captions(policies: Iterable[Policy]) -> list[str]:
    """Every field of a ticket that carries a flag, as "flag: caption", sorted."""
    wanted = on_tickets(policies)
    return sorted(f"{flag}: {caption}" for flag, named in wanted.items() for caption in named)


def changed(kept: Mapping[str, Any], now: Mapping[str, Any]) -> Sequence[str]:
    """What is no longer as it was, in words; a field less is no change."""
    before, after = kept.get("keys", {}), now["keys"]
    keys = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
    new = [one for one in now["captions"] if one not in kept.get("captions", ())]
    return [f"`{key}` has another value" for key in keys] + [f"the field of '{one}' is new" for one in new]
