"""What the audit knows of a ticket, and how it measures."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.model import BucketName, Event, MessageVerdict, PsaVerdict, Ticket
from connector.rules.facts import Facts, Mark
from connector.rules.policy import Policy, Target
from connector.rules.promises import Reader, Row
from connector.rules.worktime import MINUTE, WorkCalendar

NEAR = 30.0
"""Working minutes before a promise falls due that are "just before"; of a short promise its last quarter."""
AT_ONCE = timedelta(minutes=15)
"""What lies this close together is one step: an answer and its status, a slip of the hand and its repair."""
SOON = timedelta(hours=24)


@dataclass(slots=True)
class Scene:
    """One ticket as it stands at `now`. `former`: policies of clients it belonged to, by casefolded name."""

    ticket: Ticket
    facts: Facts
    known: Sequence[Event]
    rows: Sequence[Row]
    policy: Policy
    former: Mapping[str, Policy]
    psa: PsaVerdict
    now: datetime
    _readers: dict[int, Reader] = field(default_factory=dict)

    @property
    def calendar(self) -> WorkCalendar:
        target = self.rows[-1][1]
        return target.calendar if target else self.policy.calendar

    @property
    def verdicts(self) -> Sequence[MessageVerdict]:
        return self.facts.verdicts

    def minutes(self, start: datetime, end: datetime | None) -> float:
        """Working minutes from start to end, or to now; none where that is backwards."""
        end = end or self.now
        return (self.calendar.worked(end) - self.calendar.worked(start)) / MINUTE if end > start else 0.0

    def next_answer(self, after: datetime) -> datetime | None:
        answers = self.facts.answers
        number = bisect_right(answers, after, key=_at)
        return answers[number][0] if number < len(answers) else None

    def last_answer(self, until: datetime) -> datetime | None:
        answers = self.facts.answers
        number = bisect_right(answers, until, key=_at)
        return answers[number - 1][0] if number else None

    def done(self, bucket: BucketName) -> Mark | None:
        """What ended a promise for good, if anything did."""
        if bucket == "response":
            return self.facts.answers[0] if self.facts.answers else None
        return self.facts.engaged if bucket == "resplan" else self.facts.resolved

    def left(
        self, bucket: BucketName, at: datetime, target: Target | None = None
    ) -> tuple[float, float] | None:
        """Working minutes left of a promise at an instant, and the whole of it; None where none ran then.

        `target`: had this been promised all along; else what was.
        """
        done = self.done(bucket)
        if done is not None and done[0] <= at:
            return None
        start = self.facts.opened_at
        if bucket == "update":
            start = self.last_answer(at) or at
        if start >= at:
            return None
        course = self._reader(target).course(bucket, start, at)
        return ((course.target - course.used) / MINUTE, course.target / MINUTE) if course.target else None

    def _reader(self, target: Target | None) -> Reader:
        """A reader is kept, as it measures the standstills of a ticket once."""
        reader = self._readers.get(id(target))
        if reader is None:
            rows = [(self.facts.opened_at, target)] if target else self.rows
            reader = self._readers[id(target)] = Reader(self.facts, rows, self.policy)
        return reader


def _at(mark: Mark) -> datetime:
    return mark[0]


def near(left: float, whole: float) -> bool:
    """Whether so little of a promise was left that it was about to be broken, or was."""
    return left <= min(NEAR, whole / 4)


def promised(target: Target | None, bucket: BucketName) -> float:
    """Working minutes promised; infinity for no promise."""
    return target.minutes.get(bucket, float("inf")) if target else float("inf")
