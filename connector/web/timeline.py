"""The time line of a ticket card: the PSA's clock and the felt one beside each other, as places. Pure.

Nothing is judged here: clocks and verdicts are the assessment's, and every mark leads to the line of the
story that says why. What it looks like is `timeline_svg`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from connector.history.explain import BUCKET_WORDS, Line, duration, local
from connector.model import (
    Appointment,
    Assessment,
    BucketClock,
    BucketName,
    Message,
    MessageVerdict,
    PriorityChange,
    Rating,
    Ticket,
)
from connector.rules.lines import times, zone_named
from connector.rules.policy import Policy
from connector.rules.worktime import WorkCalendar
from connector.web.axis import Axis
from connector.web.marks import Fact, Mark, arranged

TEXT = 220
"""Characters of a mark's words; the line it leads to has them all."""
ROWS = ("the customer", "the desk to the customer", "inside the PSA")


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


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Places are 0..1 of the axis. `now`: None where all of it lies in the past."""

    axis: Axis
    rows: tuple[tuple[str, tuple[Mark, ...]], ...]
    promises: tuple[Promise, ...]
    now: float | None
    zone: str


def layout(
    answer: Assessment, ticket: Ticket, policy: Policy, story: Sequence[Line], now: datetime
) -> TimeLine:
    """From an assessment and its story (`explain.lines`). ValueError where the calendar cannot tell.

    Working time is that of the calendar the ticket's promises run by, the times told are the client's own.
    """
    target = policy.target(ticket.priority)
    calendar = policy.calendar if target is None else target.calendar
    zone = zone_named(policy.calendar.timezone)
    until = _until(answer, ticket, story, calendar, now)
    axis = Axis(calendar, zone, ticket.opened_at, until)
    drawn = _Drawing(answer, ticket, axis, calendar, policy.calendar.timezone, now)
    return TimeLine(
        axis=axis,
        rows=tuple((name, arranged(facts)) for name, facts in drawn.facts(story).items()),
        promises=tuple(drawn.promises()),
        now=axis.place(now) if now <= axis.until else None,
        zone=policy.calendar.timezone,
    )


def _until(
    answer: Assessment, ticket: Ticket, story: Sequence[Line], calendar: WorkCalendar, now: datetime
) -> datetime:
    """Until now and the next promise ahead; those after it only if no more lies ahead than behind.

    Of a ticket that is over until its last fact.
    """
    ends = [line.at for line in story if line.at <= now]
    says = answer.psa
    ends += [at for at in (says.response_at, says.resplan_at, says.resolved_at) if at and at <= now]
    going = [clock for clock in answer.buckets.values() if _going(clock)]
    if not ticket.closed or going:
        dues = sorted(clock.due_at for clock in going if clock.due_at and clock.due_at > now)
        behind = calendar.between(ticket.opened_at, now)
        ends += [now, *dues[:1], *(due for due in dues if calendar.between(now, due) <= behind)]
    return max(ends, default=now)


def _going(clock: BucketClock) -> bool:
    return clock.done_at is None and clock.state in ("running", "paused", "missed")


class _Drawing:
    def __init__(
        self,
        answer: Assessment,
        ticket: Ticket,
        axis: Axis,
        calendar: WorkCalendar,
        zone: str,
        now: datetime,
    ) -> None:
        self._answer, self._ticket, self._axis, self._calendar = answer, ticket, axis, calendar
        self._zone = zone
        self._now = min(now.astimezone(UTC), axis.until)

    # ── what happened ─────────────────────────────────────────────────────────────────────────

    def facts(self, story: Sequence[Line]) -> Mapping[str, list[Fact]]:
        """By row, every line of the story."""
        rows: dict[str, list[Fact]] = {name: [] for name in ROWS}
        verdicts = {verdict.event: verdict for verdict in self._answer.messages}
        for number, line in enumerate(story):
            row, kind = self._row(line, verdicts)
            told = f"{local(line.at, self._zone)} {line.what}" + (f": {line.verdict}" if line.verdict else "")
            text = told if len(told) <= TEXT else told[: TEXT - 1] + "…"
            rows[row].append(Fact(self._axis.place(line.at), kind, number, text))
        return rows

    def _row(self, line: Line, verdicts: Mapping[int, MessageVerdict]) -> tuple[str, str]:
        customer, desk, inside = ROWS
        event = None if line.event is None else self._answer.timeline[line.event]
        match event:
            case Message():
                verdict = verdicts.get(line.event or 0)
                if event.direction == "internal":
                    return inside, "internal"
                machine = verdict is not None and verdict.cause == "automated"
                if event.direction == "in":
                    return customer, "machine" if machine else "wrote"
                if verdict is not None and verdict.counts:
                    return desk, "counted"
                return desk, "machine" if machine else "not"
            case Rating():
                return customer, "rated"
            case Appointment():
                return desk, "appointment"
            case PriorityChange():
                return inside, "priority"
            case None if line.verdict:
                return inside, "foreseen"
            case None:
                return customer, "opened"
        return inside, "change"

    # ── the clocks ────────────────────────────────────────────────────────────────────────────

    def promises(self) -> Iterator[Promise]:
        says = self._answer.psa
        told: dict[BucketName, tuple[datetime | None, str, str]] = {
            "response": (says.response_at, "responded", "not responded yet"),
            "resplan": (says.resplan_at, "plan made", "no plan yet"),
            "resolution": (says.resolved_at, "resolved", "not resolved yet"),
        }
        for bucket, clock in self._answer.buckets.items():
            if clock.state == "none" and clock.done_at is None:
                continue
            lanes = [self._felt(bucket, clock)]
            if bucket in told:
                lanes.insert(0, self._told(*told[bucket]))
            target = f"promised {duration(clock.target_min)}" if clock.target_min else "no target"
            yield Promise(bucket, f"{BUCKET_WORDS[bucket]}, {target}", tuple(lanes))

    def _told(self, at: datetime | None, word: str, not_yet: str) -> Lane:
        opened = self._ticket.opened_at
        if at is None or at > self._now:
            return Lane("psa", not_yet, (), None)
        took = max(0.0, self._calendar.between(opened, at).total_seconds() / 60)
        words = f"{word} after {duration(took)}"
        end = self._axis.place(at)
        return Lane("psa", words, (Bar(0.0, end, "told", f"the PSA says: {words}"),), end)

    def _felt(self, bucket: BucketName, clock: BucketClock) -> Lane:
        words = felt_words(bucket, clock)
        start = self._start(bucket, clock)
        if start is None:
            return Lane("felt", words, (), None)
        end = max(start, clock.done_at or self._now)
        bars = [
            Bar(self._axis.place(a), self._axis.place(b), kind, f"{kind} {self._span(a, b)}")
            for a, b, kind in _stretches(start, end, clock)
        ]
        due = clock.due_at
        if clock.done_at is None and due is not None and due > self._now:
            last = self._axis.place(due)
            bars.append(Bar(self._axis.place(self._now), last, "ahead", f"due {local(due, self._zone)}"))
        return Lane(
            "felt",
            words,
            tuple(bars),
            None if clock.done_at is None else self._axis.place(clock.done_at),
            self._axis.place(due) if due is not None and start <= due <= self._axis.until else None,
            f"due {local(due, self._zone)}",
        )

    def _span(self, since: datetime, until: datetime) -> str:
        return f"{local(since, self._zone)} to {local(until, self._zone, since)}"

    def _start(self, bucket: BucketName, clock: BucketClock) -> datetime | None:
        """When a clock began: with the opening, the last answer before its end, or the unhappy rating."""
        end = clock.done_at or self._now
        if bucket == "update":
            counted = (verdict.event for verdict in self._answer.messages if verdict.counts)
            return max((at for n in counted if (at := self._answer.timeline[n].at) < end), default=None)
        if bucket == "followup":
            rated = (event.at for event in self._answer.timeline if isinstance(event, Rating))
            return max((at for at in rated if at < end), default=None)
        return self._ticket.opened_at


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
