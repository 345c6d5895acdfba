"""How far the auditor is with a connection: plain JSON in the store, so that any process can go on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.history.invariants.words import Invariant
from connector.ticketlog import instant, iso
from connector.ticketlog.values import maybe_instant

PROCESS = secrets.token_hex(4)
"""Requests are counted by process, so a count of another one says nothing here."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A ticket whose flags in the PSA were wrong at `since`: what they should have been."""

    since: datetime
    flags: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class State:
    """`first_at`: since when this connection is audited; older history is not. `working_since`: since when
    every audit has found it at work; None while it is not. `judged`: tickets that were asked to be judged
    again, and when. `judge`: this version and the rules in force, since `judge_at`. Of `process`: `requests`
    as of the last audit, at `clock` of its own, and the highest `limit` seen."""

    first_at: datetime
    at: datetime | None = None
    working_since: datetime | None = None
    sampled: int = 0
    tickets: int = 0
    checks: dict[Invariant, int] = field(default_factory=dict)
    suspects: dict[str, Suspect] = field(default_factory=dict)
    judged: dict[str, datetime] = field(default_factory=dict)
    tidied_at: datetime | None = None
    judge: str = ""
    judge_at: datetime | None = None
    process: str = ""
    requests: int = 0
    limit: int = 0
    clock: float = 0.0

    def begin_anew(self, now: datetime) -> None:
        """Forget everything but what was counted."""
        self.first_at, self.at, self.working_since, self.tidied_at = now, None, None, None
        self.suspects, self.judged, self.judge = {}, {}, ""

    def count(self, *invariants: Invariant) -> None:
        for name in invariants:
            self.checks[name] = self.checks.get(name, 0) + 1

    def to_json(self) -> dict[str, Any]:
        return {
            "first_at": iso(self.first_at),
            "at": iso(self.at),
            "working_since": iso(self.working_since),
            "sampled": self.sampled,
            "tickets": self.tickets,
            "checks": self.checks,
            "suspects": {
                ticket: {"since": iso(one.since), "flags": dict(one.flags)}
                for ticket, one in self.suspects.items()
            },
            "judged": {ticket: iso(at) for ticket, at in self.judged.items()},
            "tidied_at": iso(self.tidied_at),
            "judge": self.judge,
            "judge_at": iso(self.judge_at),
            "process": self.process,
            "requests": self.requests,
            "limit": self.limit,
            "clock": self.clock,
        }


def state_of(body: Mapping[str, Any] | None, now: datetime) -> State:
    """The state of this JSON; a fresh one from `now` on where there is none, or another version's."""
    try:
        return State(first_at=now) if body is None else _read(body)
    except (KeyError, TypeError, ValueError, AttributeError):
        return State(first_at=now)


def _read(body: Mapping[str, Any]) -> State:
    return State(
        first_at=instant(body["first_at"]),
        at=maybe_instant(body, "at"),
        working_since=maybe_instant(body, "working_since"),
        sampled=body["sampled"],
        tickets=body["tickets"],
        checks=dict(body["checks"]),
        suspects={
            ticket: Suspect(instant(one["since"]), one["flags"]) for ticket, one in body["suspects"].items()
        },
        judged={ticket: instant(at) for ticket, at in body["judged"].items()},
        tidied_at=maybe_instant(body, "tidied_at"),
        judge=body["judge"],
        judge_at=maybe_instant(body, "judge_at"),
        process=body["process"],
        requests=body["requests"],
        limit=body["limit"],
        clock=body["clock"],
    )
