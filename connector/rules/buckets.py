"""The four clocks: what was promised, what was used of it, and when the answer changes by itself.

Semantics line by line, with a worked example, are in docs/clocks.md. A clock reads a `Meter` (working
time less standstill) between its start and its end; everything else here is naming the result. The words
for people are `lines.why`, made when somebody reads them. Clocks are made by position: naming a dozen
arguments costs more than all the rest of making one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from connector.model import BucketClock, BucketName, ClockState
from connector.rules.course import Course
from connector.rules.facts import Facts, Mark
from connector.rules.lines import standstill
from connector.rules.meter import Stop
from connector.rules.policy import Policy
from connector.rules.promises import Reader, Row
from connector.rules.worktime import MINUTE


class Clocks:
    """The clocks of one ticket at one instant. `next_at`: when the first zone changes by itself."""

    __slots__ = ("_facts", "_first_done", "_now", "_read", "_rows", "_zones", "clocks", "next_at")

    def __init__(self, facts: Facts, rows: Sequence[Row], policy: Policy, now: datetime) -> None:
        self._facts, self._rows, self._zones, self._now = facts, rows, policy.zones, now
        self._read = Reader(facts, rows, policy).course
        self.next_at: datetime | None = None
        first = facts.first_resolved
        self._first_done = first[0] if first else None
        self.clocks: dict[BucketName, BucketClock] = {
            "response": self._plain("response", facts.answers[0] if facts.answers else None),
            "resplan": self._plain("resplan", facts.engaged),
            "update": self._update(),
            "resolution": self._plain(
                "resolution", first if policy.resolution.reopened == "stays_met" else facts.resolved
            ),
        }

    # ── the four ──────────────────────────────────────────────────────────────────────────────

    def _plain(self, bucket: BucketName, done: Mark | None) -> BucketClock:
        """A clock that starts at the opening and ends once."""
        start = self._facts.opened_at
        if done is None:
            return self._open(bucket, start, self._read(bucket, start, self._now), 0)
        course = self._read(bucket, start, done[0])
        return self._done(bucket, start, course, done, course.missed_at, 0)

    def _update(self) -> BucketClock:
        """A row of promises, each from one word to the customer to the next; all must be kept."""
        done = self._facts.resolved
        news = [at for at, _ in self._facts.answers if done is None or at <= done[0]]
        if not news:
            return self._silent()
        late = [missed for a, b in pairwise(news) if (missed := self._read("update", a, b).missed_at)]
        course = self._read("update", news[-1], done[0] if done else self._now)
        if done is None:
            return self._open("update", news[-1], course, len(late))
        late += [course.missed_at] if course.missed_at else []
        return self._done("update", news[-1], course, done, late[-1] if late else None, len(late))

    def _silent(self) -> BucketClock:
        """Nobody has said a word yet that later news could follow."""
        row = self._rows[-1][1]
        minutes = row.minutes.get("update", 0.0) if row else 0.0
        state: ClockState = "waiting" if minutes > 0 else "none"
        return BucketClock(state=state, target_min=minutes if minutes > 0 else None)

    # ── how they are read ─────────────────────────────────────────────────────────────────────

    def _done(
        self,
        bucket: BucketName,
        start: datetime,
        course: Course,
        done: Mark,
        missed_at: datetime | None,
        missed_times: int,
    ) -> BucketClock:
        """The clock as it ended. What was left of its time then tells when it was due."""
        done_at, target, meter = done[0], course.target, course.meter
        stops, resolution = meter.stops, bucket == "resolution"
        due_at = course.missed_at or (meter.due(course.zero + target, done_at) if target else None)
        return BucketClock(
            "missed" if missed_at else "met" if target else "none",
            "red" if missed_at else "green",
            target / MINUTE if target else None,
            course.used / MINUTE,
            due_at,
            done_at,
            missed_at,
            done[1],
            "",
            _until(stops, start, done_at) if stops and stops[0][0] < done_at else (),
            self._first_done if resolution else None,
            self._facts.reopened if resolution else 0,
            missed_times,
        )

    def _open(self, bucket: BucketName, start: datetime, course: Course, late: int) -> BucketClock:
        """The clock as it stands, and when its zone changes by itself. `late`: promises missed before."""
        course.stand(self._now)
        resolution = bucket == "resolution"
        change = course.next_change(self._zones)
        if change is not None and (self.next_at is None or change < self.next_at):
            self.next_at = change
        stops = course.meter.stops
        return BucketClock(
            course.state,
            course.zone(self._zones),
            course.target / MINUTE if course.target else None,
            course.used / MINUTE,
            course.due_at,
            None,
            course.missed_at,
            None,
            standstill(bucket, self._facts) if course.meter.stands else "",
            tuple(stop for stop in stops if stop[1] is None or stop[1] > start) if stops else (),
            self._first_done if resolution else None,
            self._facts.reopened if resolution else 0,
            late + (bucket == "update" and course.missed_at is not None),
        )


def _until(stops: Sequence[Stop], start: datetime, done: datetime) -> tuple[Stop, ...]:
    """The standstills between start and end of a clock."""
    return tuple(
        (begin, end if end is not None and end < done else done)
        for begin, end in stops
        if begin < done and (end is None or end > start)
    )
