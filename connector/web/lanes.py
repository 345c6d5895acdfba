"""The lanes of a time line: the clock of the PSA and the felt one of every promise, on one axis. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from connector.history.explain import BUCKET_WORDS, duration, local
from connector.model import Assessment, BucketClock, BucketName, Rating, Ticket
from connector.rules.lines import times
from connector.rules.worktime import WorkCalendar
from connector.web.axis import Axis


@dataclass(frozen=True, slots=True)
class Ground:
    """What is drawn on: the axis, the calendar of the promises, the client's time zone, and now."""

    axis: Axis
    calendar: WorkCalendar
    zone: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a lane. `kind`: told (by the PSA), ran, late, paused, or ahead (until it is due)."""

    since: float
    until: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One clock of one promise. `who`: psa or felt. `ends`: where it ended, None while it has not."""

    who: str
    words: str
    bars: tuple[Bar, ...]
    ends: float | None
    due: float | None = None
    due_text: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    bucket: BucketName
    words: str
    lanes: tuple[Lane, ...]


def promises(answer: Assessment, ticket: Ticket, on: Ground) -> Iterator[Promise]:
    """The lanes of every promise that has a clock, in the order of the buckets."""
    says = answer.psa
    told: dict[BucketName, tuple[datetime | None, str, str]] = {
        "response": (says.response_at, "responded", "not responded yet"),
        "resplan": (says.resplan_at, "plan made", "no plan yet"),
        "resolution": (says.resolved_at, "resolved", "not resolved yet"),
    }
    for bucket, clock in answer.buckets.items():
        if clock.state == "none" and clock.done_at is None:
            continue
        lanes = [_felt(bucket, clock, answer, ticket, on)]
        if bucket in told:
            lanes.insert(0, _told(*told[bucket], ticket.opened_at, on))
        target = f"promised {duration(clock.target_min)}" if clock.target_min else "no target"
        yield Promise(bucket, f"{BUCKET_WORDS[bucket]}, {target}", tuple(lanes))


def _told(at: datetime | None, word: str, not_yet: str, opened: datetime, on: Ground) -> Lane:
    if at is None or at > on.now:
        return Lane("psa", not_yet, (), None)
    took = max(0.0, on.calendar.between(opened, at).total_seconds() / 60)
    words = f"{word} after {duration(took)}"
    end = on.axis.place(at)
    return Lane("psa", words, (Bar(0.0, end, "told", words),), end)


def _felt(bucket: BucketName, clock: BucketClock, answer: Assessment, ticket: Ticket, on: Ground) -> Lane:
    words = felt_words(bucket, clock)
    start = _start(bucket, clock, answer, ticket, on.now)
    if start is None:
        return Lane("felt", words, (), None)
    end = max(start, clock.done_at or on.now)
    bars = [
        Bar(on.axis.place(a), on.axis.place(b), kind, f"{kind} {_span(a, b, on.zone)}")
        for a, b, kind in _stretches(start, end, clock)
    ]
    due = clock.due_at
    if clock.done_at is None and due is not None and due > on.now:
        last = on.axis.place(due)
        bars.append(Bar(on.axis.place(on.now), last, "ahead", f"due {local(due, on.zone)}"))
    return Lane(
        "felt",
        words,
        tuple(bars),
        None if clock.done_at is None else on.axis.place(clock.done_at),
        on.axis.place(due) if due is not None and start <= due <= on.axis.until else None,
        f"due {local(due, on.zone)}",
    )


def _span(since: datetime, until: datetime, zone: str) -> str:
    return f"{local(since, zone)} to {local(until, zone, since)}"


def _start(
    bucket: BucketName, clock: BucketClock, answer: Assessment, ticket: Ticket, now: datetime
) -> datetime | None:
    """When a clock began: with the opening, the last answer before its end, or the unhappy rating."""
    end = clock.done_at or now
    if bucket == "update":
        counted = (verdict.event for verdict in answer.messages if verdict.counts)
        return max((at for n in counted if (at := answer.timeline[n].at) < end), default=None)
    if bucket == "followup":
        rated = (event.at for event in answer.timeline if isinstance(event, Rating))
        return max((at for at in rated if at < end), default=None)
    return ticket.opened_at


def felt_words(bucket: BucketName, clock: BucketClock) -> str:
    """How a clock stands, with what is left of its promise, in working time."""
    used, target = clock.elapsed_min, clock.target_min
    late = f", {duration(used - target)} late" if target and used - target >= 1 else ""
    if clock.done_at is not None and bucket == "update":
        return f"kept informed, late {times(clock.missed_times)}" if clock.missed_times else "kept informed"
    if clock.done_at is not None:
        return f"after {duration(used)}{late}"
    if clock.state == "waiting":
        return "not begun"
    if clock.state == "missed" and bucket == "update":
        return f"no news for {duration(used)}{late}"
    if clock.state == "missed":
        return f"not yet, after {duration(used)}{late}"
    left = f", {duration(max(0.0, target - used))} left" if target else ""
    return f"{duration(used)} used{left}" + (", stands still" if clock.state == "paused" else "")


def _stretches(
    start: datetime, end: datetime, clock: BucketClock
) -> Iterator[tuple[datetime, datetime, str]]:
    """The clock's life from start to end, cut at its pauses and where it ran out of time."""
    edges = {start, end}
    pauses = [(max(a, start), min(b or end, end)) for a, b in clock.pauses]
    edges.update(edge for a, b in pauses if a < b for edge in (a, b))
    if clock.missed_at is not None and start < clock.missed_at < end:
        edges.add(clock.missed_at)
    order = sorted(edges)
    for a, b in pairwise(order):
        if any(since <= a and b <= until for since, until in pauses):
            yield a, b, "paused"
        else:
            yield a, b, "late" if clock.missed_at is not None and a >= clock.missed_at else "ran"
