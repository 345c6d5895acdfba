"""The time line of a ticket card: the PSA's clock and the felt one beside each other, as places. Pure.

Nothing is judged here: clocks and verdicts are the assessment's, and every mark leads to the line of the
story that says why. What it looks like is `timeline_svg`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connector.history.explain import Line, local
from connector.model import (
    Appointment,
    Assessment,
    BucketClock,
    Event,
    Message,
    MessageVerdict,
    PriorityChange,
    Rating,
    Ticket,
)
from connector.rules.lines import zone_named
from connector.rules.policy import Policy
from connector.rules.worktime import WorkCalendar
from connector.web.axis import Axis
from connector.web.lanes import Ground, Promise, promises
from connector.web.marks import Fact, Mark, arranged

TEXT = 220
"""Characters of a mark's words; the line it leads to has them all."""
ROWS = ("the customer", "the desk to the customer", "inside the PSA")


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Places are 0..1 of the axis. `now`: None where all of it lies in the past."""

    axis: Axis
    rows: tuple[tuple[str, tuple[Mark, ...]], ...]
    promises: tuple[Promise, ...]
    now: float | None


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
    on = Ground(axis, calendar, policy.calendar.timezone, min(now.astimezone(UTC), axis.until))
    return TimeLine(
        axis=axis,
        rows=tuple((name, arranged(facts)) for name, facts in _facts(story, answer, on).items()),
        promises=tuple(promises(answer, ticket, on)),
        now=axis.place(now) if now <= axis.until else None,
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


def _facts(story: Sequence[Line], answer: Assessment, on: Ground) -> Mapping[str, list[Fact]]:
    """By row, every line of the story."""
    rows: dict[str, list[Fact]] = {name: [] for name in ROWS}
    verdicts = {verdict.event: verdict for verdict in answer.messages}
    for number, line in enumerate(story):
        verdict = None if line.event is None else verdicts.get(line.event)
        row, kind = _row(line, None if line.event is None else answer.timeline[line.event], verdict)
        told = f"{local(line.at, on.zone)} {line.what}" + (f": {line.verdict}" if line.verdict else "")
        text = told if len(told) <= TEXT else told[: TEXT - 1] + "…"
        rows[row].append(Fact(on.axis.place(line.at), kind, number, text))
    return rows


def _row(line: Line, event: Event | None, verdict: MessageVerdict | None) -> tuple[str, str]:
    """In which row a line belongs, and its shape."""
    customer, desk, inside = ROWS
    match event:
        case Message():
            return _said(event, verdict)
        case Rating():
            return customer, "rated"
        case Appointment():
            return desk, "appointment"
        case PriorityChange():
            return inside, "priority"
        case None:
            return (inside, "foreseen") if line.verdict else (customer, "opened")
    return inside, "change"


def _said(message: Message, verdict: MessageVerdict | None) -> tuple[str, str]:
    customer, desk, inside = ROWS
    machine = verdict is not None and verdict.cause == "automated"
    if message.direction == "internal":
        return inside, "internal"
    if message.direction == "in":
        return customer, "machine" if machine else "wrote"
    if verdict is not None and verdict.counts:
        return desk, "counted"
    return desk, "machine" if machine else "not"
