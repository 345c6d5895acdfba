"""What people promised in words, and where clocks stopped: as a person reads it.

The quoted words come first, always: whoever doubts a verdict must see what was said. Nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass

from connector.history.explain import local
from connector.model import Assessment, Commitment, CommitmentKind, StopFinding
from connector.rules.lines import span
from connector.rules.stopclock import WHY

KINDS: dict[CommitmentKind, str] = {
    "call": "a call",
    "update": "news",
    "visit": "a visit",
    "fix": "that it works",
    "unspecified": "that something is done",
}


@dataclass(frozen=True, slots=True)
class Promised:
    """One promise: the words, of what, by whom, when it was said and due, how it stands, and why."""

    quote: str
    what: str
    who: str
    said: str
    due: str
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """One finding of the stop-clock audit: when, what was seen, the working time at stake, why it matters."""

    at: str
    until: str
    text: str
    stake: str
    who: str
    why: str


def promised(assessment: Assessment) -> list[Promised]:
    """The dated promises in people's messages, in the order they fall due; times are the client's own."""
    return [_promised(one, assessment) for one in assessment.commitments]


def stopped(assessment: Assessment) -> list[Stopped]:
    """What the stop-clock audit saw, earliest first; times are the client's own."""
    return [_stopped(one, assessment) for one in assessment.stops]


def _promised(one: Commitment, assessment: Assessment) -> Promised:
    zone = assessment.timezone
    return Promised(
        quote=one.quote,
        what=KINDS[one.kind],
        who=f"{_who(one.event, assessment)}{', for the desk' if one.desk else ''}",
        said=local(one.said_at, zone),
        due=local(one.due_at, zone),
        state=one.state,
        why=one.why
        or (f"{_who(one.done_event, assessment)}, {local(one.done_at, zone)}" if one.done_at else ""),
    )


def _stopped(one: StopFinding, assessment: Assessment) -> Stopped:
    zone = assessment.timezone
    return Stopped(
        at=local(one.at, zone),
        until=local(one.until, zone) if one.until else "",
        text=one.text,
        stake=span(one.minutes),
        who=_who(one.event, assessment),
        why=WHY[one.rule],
    )


def _who(event: int | None, assessment: Assessment) -> str:
    """Who did it, as far as the PSA tells."""
    if event is None:
        return "resolved"
    actor = assessment.timeline[event].actor
    return actor.name or actor.id or "somebody"
