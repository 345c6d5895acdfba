"""Where two policies disagree about a ticket, and why, in the words both give for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any

from connector.history.backtest.replay import Replay
from connector.model import CLOCKS, Assessment, BucketClock, BucketName, Ticket
from connector.rules.lines import why, zone_named
from connector.ticketlog import iso

LISTED = 20
"""Tickets told one by one: those with most breaches changed, then with most alerts, then the oldest."""

_NONE = BucketClock(state="none")


@dataclass(frozen=True, slots=True)
class Told:
    """What one policy says about one bucket of a ticket."""

    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A ticket whose verdict is another one. `verdicts`: bucket, the one compared with, the one judged."""

    order: tuple[int, int, str, str]
    id: str
    client: str
    opened_at: str
    alerts: tuple[int, int]
    verdicts: tuple[tuple[str, Told, Told], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "client": self.client,
            "opened_at": self.opened_at,
            "alerts": {"against": self.alerts[0], "policy": self.alerts[1]},
            "verdicts": [
                {"bucket": bucket, "against": _told(before), "policy": _told(after)}
                for bucket, before, after in self.verdicts
            ],
        }


def _told(one: Told) -> dict[str, str]:
    return {"state": one.state, "why": one.why}


@dataclass(slots=True)
class Changes:
    """`moves`: by bucket and the two states. `first`: the LISTED ones, in their order."""

    tickets: int = 0
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    first: list[Changed] = field(default_factory=list)

    def add(self, ticket: Ticket, against: Replay, policy: Replay) -> None:
        differing = _differing(against.final, policy.final)
        if not differing:
            return
        self.tickets += 1
        self.moves.update((bucket, before.state, after.state) for bucket, before, after in differing)
        breaches = sum("missed" in (before.state, after.state) for _, before, after in differing)
        alerts = (against.alerts, policy.alerts)
        opened = iso(ticket.opened_at) or ""
        order = (-breaches, -abs(alerts[0] - alerts[1]), opened, ticket.id)
        self._keep([Changed(order, ticket.id, ticket.client, opened, alerts, differing)])

    def merge(self, other: Changes) -> None:
        self.tickets += other.tickets
        self.moves.update(other.moves)
        self._keep(other.first)

    def _keep(self, more: list[Changed]) -> None:
        self.first = nsmallest(LISTED, [*self.first, *more], key=lambda one: one.order)

    def to_json(self) -> dict[str, Any]:
        return {
            "tickets": self.tickets,
            "moves": [
                {"bucket": bucket, "against": before, "policy": after, "tickets": count}
                for (bucket, before, after), count in sorted(self.moves.items())
            ],
            "first": [one.to_json() for one in self.first],
        }


def _differing(before: Assessment, after: Assessment) -> tuple[tuple[str, Told, Told], ...]:
    if before.excluded and after.excluded:
        return ()
    pairs = ((name, _say(before, name), _say(after, name)) for name in CLOCKS)
    return tuple(pair for pair in pairs if _differ(pair[1].state, pair[2].state))


def _differ(before: str, after: str) -> bool:
    return before != after and not {before, after} <= {"apart", "none"}


def _say(answer: Assessment, name: BucketName) -> Told:
    if answer.excluded:
        return Told("apart", answer.excluded)
    clock = answer.buckets.get(name, _NONE)
    return Told(clock.state, why(name, clock, answer.timeline, zone_named(answer.timezone)))
