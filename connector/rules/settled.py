"""Verdicts that are final stay with the rules that made them.

A policy edited today must not rewrite what was kept or missed last month: reports, credits and people
rely on it. So a clock that had ended under other rules keeps its verdict and their digest. Clocks that
still run follow the rules in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connector.model import BucketClock, BucketName, Timeline
from connector.rules.facts import SAME_STEP
from connector.rules.story import STATE_EVENTS

Verdicts = Mapping[BucketName, BucketClock]
"""The clocks of an earlier assessment, each with the digest of its rules in `policy`."""


def settled(
    before: Verdicts, clocks: dict[BucketName, BucketClock], known: Timeline, opened_at: datetime, digest: str
) -> list[str]:
    """Put back into `clocks` what was final under other rules; tells so, one finding a line.

    A verdict is judged again, under the rules in force, once the ticket was reopened since or a fact
    came late that belongs before the verdict.
    """
    kept: dict[str, list[str]] = {}
    findings: list[str] = []
    again = "resolution" in before and clocks["resolution"].reopened > before["resolution"].reopened
    for name, old in before.items():
        if old.done_at is None or old.state not in ("met", "missed") or old.policy == digest:
            continue
        if name not in clocks:  # the rating that opened it counts no more
            continue
        if again and name in ("update", "resolution"):
            continue
        if _same_story(name, old, clocks[name], known, opened_at):
            clocks[name] = old
            kept.setdefault(old.policy, []).append(name)
        else:
            findings.append(f"{name} had ended, but a fact that came late changed its story: judged again")
    told = [
        f"{', '.join(names)} ended under other rules and kept their verdict ({policy[:19]})"
        for policy, names in kept.items()
    ]
    return told + findings


def _same_story(
    name: BucketName, old: BucketClock, new: BucketClock, known: Timeline, opened_at: datetime
) -> bool:
    """Whether the event that ended it is still there, with as many facts before it."""
    if old.event is None or old.done_at is None:
        return new.done_at == old.done_at
    if old.event >= len(known):
        return False
    event = known[old.event]
    away = abs(max(event.at, opened_at) - old.done_at)
    by_field = name in ("update", "resolution") and isinstance(event, STATE_EVENTS)
    return away <= SAME_STEP if by_field else not away
