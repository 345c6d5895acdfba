"""The four clocks: what was promised, what was used of it, and when the answer changes by itself.

Semantics line by line, with a worked example, are in docs/clocks.md. A clock reads a `Meter` (working
time less standstill) between its start and its end; everything else here is naming the result.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TypeAlias

from connector.model import BucketClock, BucketName, ClockState, PriorityChange, Ticket, Timeline
from connector.rules.course import EPSILON, Course
from connector.rules.facts import Facts, Mark
from connector.rules.lines import done_line, open_line, zone_named
from connector.rules.meter import Meter, Stop
from connector.rules.policy import Policy, Target
from connector.rules.story import Story

Row: TypeAlias = tuple[datetime, Target | None]
"""From this instant on, these were the promises."""


def promises(ticket: Ticket, story: Story, policy: Policy) -> list[Row]:
    """Which targets held from when: one row, or one for each priority if the policy asks for it."""
    ahead = story.first(PriorityChange)
    current = ahead.from_ if ahead else ticket.priority
    changes: list[PriorityChange] = []
    if policy.on_priority_change == "from_change":
        changes = [event for event in story.known if isinstance(event, PriorityChange)]
    if not changes:
        return [(ticket.opened_at, policy.target(current))]
    names = [changes[0].from_, *(event.to for event in changes[:-1]), current]
    begins = [ticket.opened_at, *(max(event.at, ticket.opened_at) for event in changes)]
    return [(at, policy.target(name)) for at, name in zip(begins, names, strict=True)]


class Reader:
    """Reads courses off one ticket's facts under a list of promises."""

    __slots__ = ("_begins", "_facts", "_meters", "_pausing", "_policy", "rows")

    def __init__(self, facts: Facts, rows: Sequence[Row], policy: Policy) -> None:
        self._facts, self._policy, self.rows = facts, policy, rows
        self._begins = [at for at, _ in rows]
        self._meters: dict[tuple[int, int], Meter] = {}
        self._pausing = policy.pause.buckets
        if policy.update_runs == "always":
            self._pausing -= {"update"}

    def course(self, bucket: BucketName, start: datetime, end: datetime) -> Course:
        """Read a clock from start to end; the share used is kept over a change of the promise."""
        begins = self._begins
        index = bisect_right(begins, start) - 1 if len(begins) > 1 else 0
        course: Course | None = None
        while index + 1 < len(begins) and begins[index + 1] <= end:
            course = self._stretch(index, bucket, start, begins[index + 1], course)
            start, index = begins[index + 1], index + 1
        return self._stretch(index, bucket, start, end, course)

    def _stretch(
        self, index: int, bucket: BucketName, start: datetime, end: datetime, before: Course | None
    ) -> Course:
        """Read on under one row of promises."""
        row = self.rows[index][1]
        meter = self._meter(row, bucket)
        zero = meter.used(start)
        used = meter.used(end) - zero
        target = row.minutes.get(bucket, 0.0) * 60 if row else 0.0
        share, missed_at = (before.share, before.missed_at) if before else (0.0, None)
        if share and target:
            zero -= share * target
            used += share * target
        if target:
            share = used / target
            if missed_at is None and used > target + EPSILON:
                missed_at = meter.when(zero + target)
        return Course(meter, zero, target, used, share, missed_at)

    def stops(self, bucket: BucketName) -> list[Stop]:
        """When this clock stands still: while it is over, and in a pause status if the policy says so."""
        return self._facts.holds if bucket in self._pausing else self._facts.halts

    def _meter(self, row: Target | None, bucket: BucketName) -> Meter:
        calendar, stops = row.calendar if row else self._policy.calendar, self.stops(bucket)
        name = (id(calendar), id(stops))
        meter = self._meters.get(name)
        if meter is None:
            meter = self._meters[name] = Meter(calendar, stops)
        return meter


class Clocks:
    """The clocks of one ticket at one instant. `next_at`: when the first zone changes by itself."""

    def __init__(
        self, facts: Facts, rows: Sequence[Row], policy: Policy, known: Timeline, now: datetime
    ) -> None:
        self._facts, self._policy, self._known, self._now = facts, policy, known, now
        self._reader = Reader(facts, rows, policy)
        self._zone = zone_named(policy.calendar.timezone)
        self.next_at: datetime | None = None
        resolved = facts.first_resolved if policy.resolution.reopened == "stays_met" else facts.resolved
        self.clocks: dict[BucketName, BucketClock] = {
            "response": self._plain("response", facts.answers[0] if facts.answers else None),
            "resplan": self._plain("resplan", facts.engaged),
            "update": self._update(),
            "resolution": self._plain("resolution", resolved),
        }

    # ── the four ──────────────────────────────────────────────────────────────────────────────

    def _plain(self, bucket: BucketName, done: Mark | None) -> BucketClock:
        """A clock that starts at the opening and ends once."""
        start = self._facts.opened_at
        course = self._reader.course(bucket, start, done[0] if done else self._now)
        course.settle(self._now, done[0] if done else None)
        return self._clock(bucket, start, course, done)

    def _update(self) -> BucketClock:
        """A row of promises, each from one word to the customer to the next; all must be kept."""
        done = self._facts.resolved
        news = [at for at, _ in self._facts.answers if done is None or at <= done[0]]
        if not news:
            row = self._reader.rows[-1][1]
            minutes = row.minutes.get("update") if row else None
            state: ClockState = "waiting" if minutes else "none"
            return BucketClock(
                state=state, target_min=minutes, why="starts with the first answer that counts"
            )
        courses = [
            self._reader.course("update", a, b) for a, b in pairwise([*news, done[0] if done else self._now])
        ]
        course = courses[-1]
        course.settle(self._now, done[0] if done else None)
        late = [each.missed_at for each in courses if each.missed_at]
        course.missed_times = len(late)
        if done and late:
            course.state, course.missed_at = "missed", late[-1]
        return self._clock("update", news[-1], course, done)

    # ── how they are read ─────────────────────────────────────────────────────────────────────

    def _clock(self, bucket: BucketName, start: datetime, course: Course, done: Mark | None) -> BucketClock:
        """The clock as it is told, from a settled course."""
        facts, zones = self._facts, self._policy.zones
        if done:
            event = done[1]
            why = done_line(bucket, course, None if event is None else self._known[event], self._zone)
        else:
            event, why = None, open_line(bucket, course, facts, self._zone)
            change = course.next_change(zones)
            if change is not None and (self.next_at is None or change < self.next_at):
                self.next_at = change
        first = facts.first_resolved if bucket == "resolution" else None
        return BucketClock(
            state=course.state,
            zone=course.zone(zones),
            target_min=course.target / 60 if course.target else None,
            elapsed_min=course.used / 60,
            due_at=course.due_at,
            done_at=course.done_at,
            missed_at=course.missed_at,
            event=event,
            why=why,
            pauses=self._pauses(bucket, start, course.done_at),
            first_done_at=first[0] if first else None,
            reopened=facts.reopened if bucket == "resolution" else 0,
            missed_times=course.missed_times,
        )

    def _pauses(self, bucket: BucketName, start: datetime, done: datetime | None) -> tuple[Stop, ...]:
        """The standstills between start and end of a clock."""
        stops = self._reader.stops(bucket)
        if not stops or (done is not None and done <= stops[0][0]):
            return ()
        if done is None:
            return tuple(stop for stop in stops if stop[1] is None or stop[1] > start)
        return tuple(
            (begin, end if end is not None and end < done else done)
            for begin, end in stops
            if begin < done and (end is None or end > start)
        )


def overdue_by_change(
    clocks: Mapping[BucketName, BucketClock], facts: Facts, known: Timeline, policy: Policy
) -> Iterator[str]:
    """Promises that the last change of priority broke at the moment it was made, each as a finding."""
    change = next((event for event in reversed(known) if isinstance(event, PriorityChange)), None)
    if change is None or policy.on_priority_change == "from_change":
        return
    before = Reader(facts, [(facts.opened_at, policy.target(change.from_))], policy)
    for bucket, clock in clocks.items():
        if bucket != "update" and clock.missed_at and clock.missed_at < change.at:
            end = min(change.at, clock.done_at or change.at)
            course = before.course(bucket, facts.opened_at, end)
            if not course.target or course.used < course.target - EPSILON:
                yield f"{bucket} was overdue at once when the priority became {change.to}"
