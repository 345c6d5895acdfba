"""What was promised from when, and how far a clock has come under it.

A ticket has one row of promises, or one for each priority and client it has had if the policy counts
changes from the change on. The share used of one promise is what is used of the next.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from connector.model import BucketClock, BucketName, ClientChange, PriorityChange, Ticket
from connector.rules.course import Course
from connector.rules.facts import Facts
from connector.rules.meter import Meter
from connector.rules.policy import Policy, Target
from connector.rules.story import Story

Row: TypeAlias = tuple[datetime, Target | None]
"""From this instant on, these were the promises."""


def promises(
    ticket: Ticket, story: Story, facts: Facts, policy: Policy, former: Mapping[str, Policy]
) -> list[Row]:
    """Which targets held from when. `former`: policies of clients it may have had, by casefolded name."""
    ahead = story.first(PriorityChange) if story.ahead else None
    current = ahead.from_ if ahead else ticket.priority
    if policy.on_priority_change == "retroactive":
        return [(ticket.opened_at, policy.target(current))]
    steps = [event for event in facts.changes if isinstance(event, PriorityChange)]
    moves = [event for event in facts.changes if isinstance(event, ClientChange)]
    priority = steps[0].from_ if steps else current
    rules = former.get(moves[0].from_.casefold(), policy) if moves else policy
    rows = [(ticket.opened_at, rules.target(priority))]
    for event in facts.changes:
        if isinstance(event, ClientChange):
            rules = policy if event is moves[-1] else former.get(event.to.casefold(), policy)
        else:
            priority = current if event is steps[-1] else event.to
        rows.append((max(event.at, ticket.opened_at), rules.target(priority)))
    return rows


class Reader:
    """Reads courses off one ticket's facts under a list of promises."""

    __slots__ = ("_calendar", "_facts", "_halted", "_held", "_pausing", "_rows", "course")

    def __init__(self, facts: Facts, rows: Sequence[Row], policy: Policy) -> None:
        self._facts, self._rows = facts, rows
        self._calendar = policy.calendar  # of what has no promise
        self._pausing = policy.pausing
        self._held: dict[int, Meter] = {}  # by row: clocks that pause
        self._halted = self._held if facts.halts is facts.holds else {}  # and those that only end
        self.course = self._stretch if len(rows) == 1 else self._over_changes

    def _over_changes(self, bucket: BucketName, start: datetime, end: datetime) -> Course:
        """Read a clock from start to end; the share used is kept over a change of the promise."""
        rows = self._rows
        index = bisect_right(rows, start, key=_begin) - 1
        share, missed_at = 0.0, None
        while index + 1 < len(rows) and rows[index + 1][0] <= end:
            until = rows[index + 1][0]
            before = self._stretch(bucket, start, until, index, share, missed_at)
            share = before.used / before.target if before.target else share
            start, missed_at, index = until, before.missed_at, index + 1
        return self._stretch(bucket, start, end, index, share, missed_at)

    def _stretch(
        self,
        bucket: BucketName,
        start: datetime,
        end: datetime,
        index: int = 0,
        share: float = 0.0,
        missed_at: datetime | None = None,
    ) -> Course:
        """Read on under one row of promises, of which a share is used and which may be missed already."""
        row = self._rows[index][1]
        meters = self._held if bucket in self._pausing else self._halted
        meter = meters.get(index) or self._meter(row, index, meters)
        zero = meter.used(start)
        used = meter.used(end) - zero
        target = row.micros.get(bucket, 0) if row else 0
        if not target:
            return Course(meter, zero, 0, used, missed_at)
        if share:
            before = round(share * target)
            zero -= before
            used += before
        if used >= target and missed_at is None:
            ran_out = meter.when(zero + target)
            if ran_out and ran_out < end:
                missed_at = max(start, ran_out)
        return Course(meter, zero, target, used, missed_at)

    def _meter(self, row: Target | None, index: int, meters: dict[int, Meter]) -> Meter:
        """One meter serves all rows of the same calendar."""
        calendar = row.calendar if row else self._calendar
        for meter in meters.values():
            if meter.calendar is calendar:
                break
        else:
            meter = Meter(calendar, self._facts.holds if meters is self._held else self._facts.halts)
        meters[index] = meter
        return meter


def _begin(row: Row) -> datetime:
    return row[0]


def told_changes(
    clocks: Mapping[BucketName, BucketClock], facts: Facts, policy: Policy, former: Mapping[str, Policy]
) -> list[str]:
    """Findings about what was promised and is not any more."""
    if not facts.changes:
        return []
    return [*_moved(facts, policy, former), *_overdue_by_change(clocks, facts, policy)]


def _moved(facts: Facts, policy: Policy, former: Mapping[str, Policy]) -> Iterator[str]:
    """What a change of client did to the promises."""
    moves = [event for event in facts.changes if isinstance(event, ClientChange)]
    if not moves:
        return
    was = moves[-1].from_ or "another client"
    held = policy.on_priority_change == "from_change" and all(e.from_.casefold() in former for e in moves)
    since = "from the change on" if held else "from the opening on"
    yield f"client changed from {was} to {moves[-1].to}: judged by the promises to {policy.client} {since}"


def _overdue_by_change(
    clocks: Mapping[BucketName, BucketClock], facts: Facts, policy: Policy
) -> Iterator[str]:
    """Promises that the last change of priority broke at the moment it was made."""
    if policy.on_priority_change == "from_change":
        return
    change = next((event for event in reversed(facts.changes) if isinstance(event, PriorityChange)), None)
    if change is None:
        return
    before = Reader(facts, [(facts.opened_at, policy.target(change.from_))], policy)
    for bucket, clock in clocks.items():
        if bucket != "update" and clock.missed_at and clock.missed_at < change.at:
            end = min(change.at, clock.done_at or change.at)
            course = before.course(bucket, facts.opened_at, end)
            if not course.target or course.used < course.target:
                yield f"{bucket} was overdue at once when the priority became {change.to}"
