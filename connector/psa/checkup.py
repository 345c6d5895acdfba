"""What an adapter can tell a person who asks whether it is set up right, beyond what `start` found.

Apart from `Psa`, because the daemon never asks it and an adapter may do without: `doctor` then says what
it could not look at. Nothing here writes to the PSA.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol, runtime_checkable

from connector.psa.clocks import ServerClock
from connector.psa.features import Features

HookState = Literal["alive", "off", "incomplete", "missing"]
"""Of our webhook in the PSA. `incomplete`: it is there and on, and never told of what we must hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What all integrations together have used of the PSA's requests in its own window."""

    used: int
    limit: int
    minutes: int  # length of the window


class Checkup(Protocol):
    """Asked after `start`, whether or not that succeeded. Errors as of `Psa`."""

    def lacking(self) -> Mapping[str, str]:
        """What is switched off -> why, in the PSA's words: rights that are missing so far."""
        ...

    def behind(self) -> timedelta:
        """How far the PSA's clock is behind ours, by its last answer; negative if ahead."""
        ...

    def spent(self) -> Spent | None:
        """None where the PSA does not tell."""
        ...

    async def webhook(self, url: str) -> HookState:
        """How our webhook stands. Rejected or NotFound where it may not be looked at."""
        ...

    async def companies(self) -> Mapping[str, str]:
        """Every company's name by its id; empty where none may be read."""
        ...


@runtime_checkable
class Examined(Protocol):
    """An adapter with a checkup."""

    @property
    def checkup(self) -> Checkup: ...


class Basics:
    """What every vendor's checkup has in common."""

    def __init__(self, features: Features, clock: ServerClock) -> None:
        self._features, self._clock = features, clock

    def lacking(self) -> Mapping[str, str]:
        return dict(self._features.off)

    def behind(self) -> timedelta:
        return self._clock.behind

    def spent(self) -> Spent | None:
        return None
