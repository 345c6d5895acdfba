"""Learning a risk model from a connection's own tickets, as if each had been watched while it was open.

Every ticket is looked at as it stood at several instants of its promise, evenly over the working time,
so that long ones are seen as often as a queue really holds them. What is learnt from is only what was
known at that instant; how it ended is taken only from tickets whose promise has run out by now, late or
not, because "finished already" alone would pick the quick ones.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zlib import crc32

from connector.model import Assessment, Assignment, BucketClock, BucketName, Event, Message, Ticket
from connector.rules.assess import assess
from connector.rules.authorship.judgement import NOTHING_LEARNT, Learnt
from connector.rules.cases import Cases
from connector.rules.logistic import fit
from connector.rules.pace import Pace
from connector.rules.policy import Policy
from connector.rules.risk import LEARNT, LOOKS, BucketModel, Model, case, features, standing
from connector.rules.story import tell
from connector.rules.worktime import WorkCalendar

FEWEST = 50
"""Tickets whose end is known, below which nothing is learnt about a promise."""

FEWEST_OF_A_KIND = 5
"""Missed ones, and kept ones, below which there is nothing to tell them apart by."""

MOST_ROWS = 20_000
"""Rows a promise is fitted from at most; more would cost seconds and change nothing."""

_STEADY = 10.0
"""A group's pace is trusted as much as everybody's once it has finished so many tickets."""


@dataclass(frozen=True, slots=True)
class _Stay:
    """A running promise in one group's hands, from one timestamp to another; `done`: it ended there."""

    group: str
    priority: str
    start: float
    end: float
    done: bool


class Learner:
    """Takes tickets one by one, keeps a few numbers of each, and makes the model at the end.

    >>> Learner(datetime.fromisoformat("2026-01-01T00:00:00+00:00")).model().buckets
    {}
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._staff: list[datetime] = []
        self._stays: dict[BucketName, list[_Stay]] = {name: [] for name in LEARNT}
        self._cases = {name: Cases() for name in LEARNT}
        self._ends: dict[BucketName, Counter[bool]] = {name: Counter() for name in LEARNT}

    def add(
        self, ticket: Ticket, timeline: Sequence[Event], policy: Policy, learnt: Learnt = NOTHING_LEARNT
    ) -> None:
        """Learn from a ticket under its policy; facts later than the learner's `now` are ignored.

        `learnt` as in `assess`. ValueError for dates that no calendar can answer for.
        """
        events = tell(timeline, self._now).known

        def judged(at: datetime) -> Assessment:
            return assess(ticket, events, policy, at, learnt=learnt)

        final = judged(self._now)
        row = policy.target(ticket.priority)
        if final.excluded or row is None or ticket.opened_at >= self._now:
            return
        self._staff += [event.at for event in events if _work(event)]
        for name in LEARNT:
            clock = final.buckets[name]
            if clock.target_min and (clock.done_at or clock.due_at or clock.missed_at):
                self._stays[name] += _stays(ticket, events, clock, self._now)
                for at in self._looks(name, ticket, row.calendar, clock):
                    then = judged(at).buckets[name]
                    if then.state in ("running", "paused"):
                        seen = case(then, standing(ticket, events, at), row.calendar, at)
                        self._cases[name].add(seen, clock.missed_at is not None)

    def _looks(
        self, name: BucketName, ticket: Ticket, calendar: WorkCalendar, clock: BucketClock
    ) -> Iterator[datetime]:
        """Several instants while the promise was open, if it is known how it ended."""
        target = timedelta(minutes=clock.target_min or 0.0)
        ends = [at for at in (clock.done_at, clock.missed_at) if at]
        if not ends or calendar.add(ticket.opened_at, target) > self._now:
            return
        self._ends[name][clock.missed_at is not None] += 1
        first = crc32(ticket.id.encode()) / 2**32  # not the same instants for all
        for look in range(3 * LOOKS):
            at = calendar.add(ticket.opened_at, target * ((look + first) / LOOKS))
            if at >= min(ends):
                return
            yield at

    def model(self) -> Model:
        """What was learnt. Promises with too few tickets are left out."""
        pace = Pace.of(self._staff)
        buckets = {
            name: _bucket(self._stays[name], cases, self._ends[name], pace)
            for name, cases in self._cases.items()
        }
        return Model(self._now, pace, {name: one for name, one in buckets.items() if one})


def _work(event: Event) -> bool:
    return event.actor.kind == "staff" and not (isinstance(event, Message) and event.direction == "in")


def _stays(ticket: Ticket, events: Sequence[Event], clock: BucketClock, now: datetime) -> Iterator[_Stay]:
    """Whose hands a promise was in, from the opening until it was done or `now`."""
    end = clock.done_at or now
    moves = [
        e for e in events if isinstance(e, Assignment) and e.what == "group" and ticket.opened_at < e.at < end
    ]
    marks = [ticket.opened_at, *(move.at for move in moves), end]
    for number, (start, until) in enumerate(pairwise(marks)):
        at = standing(ticket, events, start)
        done = clock.done_at is not None and number == len(moves)
        yield _Stay(at.group, at.priority, start.timestamp(), until.timestamp(), done)


def _bucket(stays: Sequence[_Stay], cases: Cases, ends: Counter[bool], pace: Pace) -> BucketModel | None:
    if ends.total() < FEWEST or min(ends[True], ends[False]) < FEWEST_OF_A_KIND:
        return None
    rows = list(cases.thinned(MOST_ROWS))
    if len({missed for _, missed in rows}) < 2:
        return None
    speeds = _speeds([(stay.group, stay) for stay in stays], pace)
    priorities = _speeds([(stay.priority, stay) for stay in stays], pace)
    blank = BucketModel(ends.total(), ends[True], (), speeds, priorities)
    numbers = [features(seen, blank, pace) for seen, _ in rows]
    found = fit(numbers, [missed for _, missed in rows])
    return BucketModel(blank.tickets, blank.missed, found, speeds, priorities)


def _speeds(stays: Sequence[tuple[str, _Stay]], pace: Pace) -> dict[str, float]:
    """How fast promises are done in each one's hands: log of the rate per busy hour, over that of all.

    Few tickets are pulled towards all. Unfinished stays count as the time they took so far. Some are
    done, and some took time: there are kept ones and missed ones.
    """
    hours: dict[str, float] = {}
    done: Counter[str] = Counter()
    for name, stay in stays:
        hours[name] = hours.get(name, 0.0) + pace.busy(stay.start, stay.end)
        done[name] += stay.done
    usual = done.total() / sum(hours.values())
    return {
        name: math.log((done[name] + _STEADY) / (hours[name] * usual + _STEADY)) for name in sorted(hours)
    }
