"""The chance that a promise will be missed, in its first honest form.

It is the share of the promise's working time that is used up: nothing is learnt from anybody's past. On
a real queue this ranks well (AUC .72 over all open tickets, ServiceNow log) but it is no probability:
0.5 does not mean that every second such ticket is missed, and two tickets at the same share look alike.
It is also what a learnt model has to beat, and falls back to.
"""

from __future__ import annotations

from connector.model import BucketClock


def chance(clock: BucketClock) -> float:
    """0..1 for a running or paused clock; 1 once missed; 0 if met, not started or without target."""
    if clock.state == "missed":
        return 1.0
    if clock.state not in ("running", "paused") or clock.target_min is None:
        return 0.0
    if clock.target_min <= 0:
        return 1.0
    return min(1.0, max(0.0, clock.elapsed_min / clock.target_min))
