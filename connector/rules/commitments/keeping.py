"""What became of each promise: kept, late, forgotten, withdrawn, or still open.

A promise is kept by what a person does, never by a status or a machine. Doubt is in favour of the desk:
whatever looks like the promised act counts, a quarter of an hour late is in time, and a resolution makes
every other promise needless.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from connector.model import (
    Appointment,
    Commitment,
    CommitmentKind,
    CommitmentState,
    Event,
    Message,
    MessageVerdict,
)
from connector.rules.commitments.reading import Promise, read
from connector.rules.facts import Facts
from connector.rules.story import STATE_EVENTS
from connector.rules.worktime import WorkCalendar

TOLERANCE = timedelta(minutes=15)
"""Nobody's watch is more exact: done this much after the time told is in time."""
_MOST = 100
"""Promises of one ticket that are followed: the last ones."""

_SAID: Mapping[CommitmentKind, re.Pattern[str]] = {
    "call": re.compile(
        r"\b(?:called|(?:our|the|your|this|phone)\s+call|(?:tried|trying)\s+to\s+(?:call|reach)|phoned|rang|rung|spoke|spoken|talked|voice\s?mail|on\s+the\s+phone|over\s+the\s+phone|"
        r"discussed|telefonier\w*|angerufen|telefonat|telefonisch|gesprochen|erreicht)\b",
        re.IGNORECASE,
    ),
    "visit": re.compile(
        r"\b(?:on[\s-]?site|visit(?:ed)?|attended|came\s+(?:by|over|out|in)|been\s+(?:with|at|to)|your\s+office|"
        r"vor\s+ort|besuch\w*|vorbei)\b",
        re.IGNORECASE,
    ),
    "fix": re.compile(
        r"\b(?:fixed|resolved|solved|repaired|replaced|restored|sorted|completed|installed|deployed|patched|done|"
        r"working\s+(?:again|now)|up\s+and\s+running|back\s+(?:up|online)|behoben|gelöst|erledigt|repariert|"
        r"ausgetauscht|funktioniert\s+wieder)\b",
        re.IGNORECASE,
    ),
}
_WORK = ("phone", "visit", "time_entry")

Act = tuple[datetime, int]
Made = tuple[int, datetime, Promise]
"""The message that made a promise, when, and the promise."""
_KINDS: tuple[CommitmentKind, ...] = ("call", "update", "visit", "fix", "unspecified")


def commitments(
    facts: Facts, known: Sequence[Event], calendar: WorkCalendar, grace_min: float, now: datetime
) -> tuple[Commitment, ...]:
    """The promises of a ticket as they stand at `now`, in the order they fall due.

    `known` is the timeline that `facts` were read off. `grace_min`: working minutes after the time told
    from which a promise nobody has kept is forgotten.
    """
    said = facts.promising[-_MOST:]
    made = [(index, at, promise) for index, at, own in said for promise in read(own, at, calendar)][-_MOST:]
    if not made:
        return ()
    acts = _acts(facts, known)
    ends = sorted({mark[0] for mark in (facts.first_resolved, facts.resolved) if mark})
    met = [event for event in known if isinstance(event, Appointment)]
    found = [
        _judged(one, _Later(made, met, number), acts[one[2].kind], ends, (calendar, grace_min), now)
        for number, one in enumerate(made)
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.event, one.kind)))


# ── what people did ───────────────────────────────────────────────────────────────────────────


def _acts(facts: Facts, known: Sequence[Event]) -> dict[CommitmentKind, list[Act]]:
    """What could keep each kind of promise, earliest first."""
    acts: dict[CommitmentKind, list[Act]] = {kind: [] for kind in _KINDS}
    judged = {verdict.event: verdict for verdict in facts.verdicts}
    for index, event in enumerate(known):
        if isinstance(event, Message):
            for kind in _keeps(event, judged[index]):
                acts[kind].append((max(event.at, facts.opened_at), index))
        elif isinstance(event, STATE_EVENTS) and event.actor.kind == "staff":
            acts["unspecified"].append((max(event.at, facts.opened_at), index))
    return acts


def _keeps(message: Message, verdict: MessageVerdict) -> Iterator[CommitmentKind]:
    """The kinds of promise a message may be the keeping of."""
    spoken = message.channel in ("phone", "visit")
    if message.direction == "in":
        if spoken:
            yield from ("call", "update")  # they talked, whoever rang
        return
    if verdict.cause == "automated" or verdict.content in ("absence", "bounce", "empty"):
        return
    yield "unspecified"
    if message.direction == "out" or spoken:
        yield "update"
    if message.channel in _WORK or _tells(message, "call"):
        yield "call"
    if message.channel in ("visit", "time_entry") or _tells(message, "visit"):
        yield "visit"
    if _tells(message, "fix"):
        yield "fix"


def _tells(message: Message, kind: CommitmentKind) -> bool:
    return message.text is not None and _SAID[kind].search(message.text) is not None


# ── what became of a promise ──────────────────────────────────────────────────────────────────


class _Later:
    """What moves a promise: a later one of its kind, or a date agreed on."""

    __slots__ = ("_made", "_met", "_number")

    def __init__(self, made: Sequence[Made], met: Sequence[Appointment], number: int) -> None:
        self._made, self._met, self._number = made, met, number

    def moved(self) -> tuple[datetime, str] | None:
        """When it was moved, and to what; None if it was not, or too late."""
        index, said_at, promise = self._made[self._number]
        until = promise.due_at + TOLERANCE
        for other, at, later in self._made[self._number + 1 :]:
            if at > until:
                break
            if other != index and later.kind == promise.kind and later.due_at > promise.due_at:
                return at, f"moved by a later promise: “{later.quote}”"
        if promise.kind in ("call", "visit"):
            for one in self._met:
                if said_at < one.at <= until and one.starts_at and one.starts_at > promise.due_at:
                    return one.at, "moved to an appointment"
        return None


def _judged(
    made: Made,
    later: _Later,
    acts: Sequence[Act],
    ends: Sequence[datetime],
    over_after: tuple[WorkCalendar, float],
    now: datetime,
) -> Commitment:
    """A promise as it stands. `over_after`: how much working time makes an overdue one forgotten."""
    index, at, promise = made
    state, done_at, done_event, why = _ended(made, later, acts, ends)
    until = promise.due_at + TOLERANCE
    if state == "open" and now > until:
        calendar, grace_min = over_after
        over = calendar.between(promise.due_at, now) >= timedelta(minutes=grace_min)
        state, why = ("forgotten" if over else "late"), "nothing seen yet that keeps it"
    return Commitment(
        event=index,
        quote=promise.quote,
        kind=promise.kind,
        desk=promise.desk,
        said_at=at,
        due_at=promise.due_at,
        state=state,
        done_at=done_at,
        done_event=done_event,
        why=why,
    )


def _ended(
    made: Made, later: _Later, acts: Sequence[Act], ends: Sequence[datetime]
) -> tuple[CommitmentState, datetime | None, int | None, str]:
    """What ended a promise first: an act that keeps it, a resolution, or a later word."""
    index, at, promise = made
    number = bisect_right(acts, index, key=lambda act: act[1])
    done_at, done_event = acts[number] if number < len(acts) else (None, None)
    why = ""
    end = next((one for one in ends if one > at), None)
    if end is not None and (done_at is None or end < done_at):
        done_at, done_event = end, None
        why = "" if promise.kind == "fix" else "resolved, so nothing was left to do"
    moved = later.moved()
    if moved and (done_at is None or moved[0] < done_at):
        return "withdrawn", moved[0], None, moved[1]
    if done_at is None:
        return "open", None, None, ""
    if done_at > promise.due_at + TOLERANCE:
        return "late", done_at, done_event, why
    return ("withdrawn" if why else "kept"), done_at, done_event, why
