"""How far one clock has come: working time used of a promise, and what follows from that.

Everything a clock shows (state, zone, due, next change) is read off two numbers, the time used and the
time promised, both in whole microseconds, so that no two of them can disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connector.model import ClockState, Zone
from connector.rules.meter import Meter
from connector.rules.policy import Zones
from connector.rules.worktime import MINUTE


@dataclass(slots=True)
class Course:
    """A clock read from its start to its end, in microseconds of the promise in force at the end.

    `zero` is the meter's reading at which nothing of the promise was used. `target` 0: no promise.
    `missed_at` is set by the reader once the target ran out before the end. `stand` names the rest of a
    clock that is open.
    """

    meter: Meter
    zero: int
    target: int
    used: int
    missed_at: datetime | None
    state: ClockState = field(init=False)
    due_at: datetime | None = field(init=False)

    def stand(self, now: datetime) -> None:
        """Name the state of a clock that is open at `now`: at the target it has missed.

        A clock that stands still cannot miss, and has no due date until it goes on.
        """
        self.state, self.due_at = "none", None
        if not self.target:
            return
        stands = self.meter.stands
        if self.missed_at is None and not stands and self.used >= self.target:
            self.missed_at = now  # the reader has looked at all that lies before
        if not stands:
            self.due_at = self.missed_at or self.meter.when(self.zero + self.target)
        self.state = "missed" if self.missed_at else "paused" if stands else "running"

    def zone(self, zones: Zones) -> Zone:
        """By the share used; told once it is known how it stands."""
        if self.state == "missed":
            return "red"
        if self.state not in ("running", "paused"):
            return "green"
        yellow, orange, red = edges(self.target, zones)
        if self.used < yellow:
            return "green"
        if self.used < orange:
            return "yellow"
        return "orange" if self.used < red else "red"

    def next_change(self, zones: Zones) -> datetime | None:
        """When the zone changes by itself; None if it cannot."""
        if self.state != "running":
            return None
        limits = edges(self.target, zones)
        edge = next((edge for edge in limits if edge > self.used), self.target)
        return self.due_at if edge == self.target else self.meter.when(self.zero + edge)


def edges(target: int, zones: Zones) -> tuple[int, int, int]:
    """Microseconds used at which yellow, orange and red begin; never in another order."""
    left = round(zones.orange_when_left * MINUTE)
    orange = min(round(zones.orange / 100 * target), target - left, target)
    return min(round(zones.yellow / 100 * target), orange), orange, target
