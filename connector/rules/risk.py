"""The chance that a promise will be missed: learnt from the desk's own past, or else the share used up.

A `Model` is a handful of plain numbers, made by `learning.py` from tickets whose end is known and kept as
JSON. It asks first how many of the hours in which this desk really works are left, and how fast the group
that has the ticket now usually finishes; the rest is detail. Where there is no model for a promise, the
share of its working time that is used stands in: it ranks a queue well but is no probability.
docs/risk.md has the figures.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import Any

from connector.model import Assignment, BucketClock, BucketName, Event, Message, PriorityChange, Ticket
from connector.rules.logistic import probability
from connector.rules.pace import Pace
from connector.rules.worktime import WorkCalendar

FEATURES = (
    "share",  # of the promise's working time used, 0..1
    "left",  # log of the busy hours left until it is due
    "speed",  # log of how much faster the group now holding it finishes than the desk as a whole
    "speed_left",  # both together: a fast group's hours are worth more
    "priority",  # like speed, by priority
    "idle",  # log of the busy hours since anything happened to it
    "waiting",  # 1 if the clock stands still
    "untouched",  # 1 if no person of the desk has done anything to it
    "moves",  # log of how often it went from group to group
)
LEARNT: tuple[BucketName, ...] = ("response", "resplan", "resolution")
"""Promises with one end. The update promise begins anew with every update: for it the share stands."""

LOOKS = 12
"""Instants per promise, evenly over its working time, at which it is looked at."""

_at = attrgetter("at")
_LEAST_LEFT = 0.05
_SURE = 0.999


@dataclass(frozen=True, slots=True)
class Standing:
    """What a ticket's timeline says at an instant. `touched_at`: the last thing that happened to it."""

    group: str
    priority: str  # casefolded
    moves: int
    touched_at: datetime
    untouched: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One promise of one ticket at the instant `now`: all that its chance is judged by."""

    standing: Standing
    share: float  # of its working time used, 0..1
    waiting: bool
    now: datetime
    due: datetime  # when it is due, or would be if it went on now


@dataclass(frozen=True, slots=True)
class BucketModel:
    """What was learnt about one promise. `coefficients`: the intercept, then one for each of FEATURES.

    `tickets` it was learnt from, and how many of them were `missed`. `speeds` by group and `priorities`:
    log of the rate of finishing per busy hour, relative to all; unknown ones are 0.
    """

    tickets: int
    missed: int
    coefficients: tuple[float, ...]
    speeds: Mapping[str, float]
    priorities: Mapping[str, float]

    @property
    def base(self) -> float:
        """The share of tickets that were missed."""
        return self.missed / self.tickets


@dataclass(frozen=True, slots=True)
class Model:
    """What a connection's own tickets taught, as of `learnt_at`. Buckets without enough of them lack."""

    learnt_at: datetime
    pace: Pace
    buckets: Mapping[BucketName, BucketModel]

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, six digits of each."""
        return {
            "learnt_at": self.learnt_at.isoformat(),
            "features": list(FEATURES),
            "pace": [round(share, 4) for share in self.pace.shares],
            "buckets": {
                name: {
                    "tickets": one.tickets,
                    "missed": one.missed,
                    "coefficients": [_six(number) for number in one.coefficients],
                    "speeds": {group: _six(speed) for group, speed in one.speeds.items()},
                    "priorities": {name: _six(speed) for name, speed in one.priorities.items()},
                }
                for name, one in self.buckets.items()
            },
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Model:
        """ValueError if it is not one, or was learnt with other features."""
        try:
            if tuple(value["features"]) != FEATURES:
                raise ValueError("a model of other features; learn again")
            buckets = {name: _bucket(one) for name, one in value["buckets"].items()}
            return cls(datetime.fromisoformat(value["learnt_at"]), Pace(value["pace"]), buckets)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a risk model: {error!r:.80}") from error


def standing(ticket: Ticket, timeline: Sequence[Event], now: datetime) -> Standing:
    """Read an ordered timeline up to `now`. Later facts only tell what they changed: what was so before."""
    known = timeline[: bisect_right(timeline, now, key=_at)]
    groups = [event.to for event in known if isinstance(event, Assignment) and event.what == "group"]
    group, priority = ticket.group, ticket.priority
    for event in reversed(timeline[len(known) :]):
        if isinstance(event, PriorityChange):
            priority = event.from_
        elif isinstance(event, Assignment) and event.what == "group":
            group = event.from_
    return Standing(
        group=groups[-1] if groups else group,
        priority=priority.casefold(),
        moves=sum(old != new for old, new in pairwise(groups)),
        touched_at=max(ticket.opened_at, known[-1].at) if known else ticket.opened_at,
        untouched=not any(map(_by_desk, known)),
    )


def case(clock: BucketClock, at: Standing, calendar: WorkCalendar, now: datetime) -> Case:
    """The case of a running or paused clock with a target, counted in `calendar`."""
    target = clock.target_min or 0.0
    due = clock.due_at or calendar.add(now, timedelta(minutes=max(0.0, target - clock.elapsed_min)))
    return Case(at, chance(clock), clock.state == "paused", now, due)


def features(one: Case, model: BucketModel, pace: Pace) -> tuple[float, ...]:
    """The numbers of FEATURES."""
    at, now = one.standing, one.now.timestamp()
    left = math.log(max(_LEAST_LEFT, pace.busy(now, one.due.timestamp())))
    speed = model.speeds.get(at.group, 0.0)
    return (
        one.share,
        left,
        speed,
        speed * left,
        model.priorities.get(at.priority, 0.0),
        math.log1p(max(0.0, pace.busy(at.touched_at.timestamp(), now))),
        float(one.waiting),
        float(at.untouched),
        math.log1p(at.moves),
    )


def chance(clock: BucketClock, numbers: Sequence[float] = (), model: BucketModel | None = None) -> float:
    """0..1 for a running or paused clock; 1 once missed; 0 if met, not started or without target.

    With a model and the clock's `features` it is a probability, else the share of the promise used.
    """
    if clock.state == "missed":
        return 1.0
    if clock.state not in ("running", "paused") or clock.target_min is None:
        return 0.0
    if clock.target_min <= 0:
        return 1.0
    if model is None:
        return min(1.0, max(0.0, clock.elapsed_min / clock.target_min))
    first, *slopes = model.coefficients
    score = first + sum(b * x for b, x in zip(slopes, numbers, strict=True))
    return min(_SURE, max(1 - _SURE, probability(score)))


def chances(
    clocks: Mapping[BucketName, BucketClock],
    ticket: Ticket,
    timeline: Sequence[Event],
    calendar: WorkCalendar,
    now: datetime,
    model: Model | None,
) -> dict[BucketName, float]:
    """The chance of each of these clocks, by name; `timeline` ordered, `calendar` that of the promises."""
    found: dict[BucketName, float] = {}
    at: Standing | None = None
    for name, clock in clocks.items():
        learnt = model.buckets.get(name) if model else None
        if model is None or learnt is None or clock.state not in ("running", "paused"):
            found[name] = chance(clock)
            continue
        at = at or standing(ticket, timeline, now)
        found[name] = chance(clock, features(case(clock, at, calendar, now), learnt, model.pace), learnt)
    return found


def _by_desk(event: Event) -> bool:
    return event.actor.kind == "staff" and not (isinstance(event, Message) and event.direction == "in")


def _bucket(value: Mapping[str, Any]) -> BucketModel:
    coefficients = tuple(map(float, value["coefficients"]))
    if len(coefficients) != len(FEATURES) + 1 or not all(map(math.isfinite, coefficients)):
        raise ValueError("a coefficient for each feature and one more was expected")
    return BucketModel(
        tickets=max(1, int(value["tickets"])),
        missed=int(value["missed"]),
        coefficients=coefficients,
        speeds={str(group): float(speed) for group, speed in value["speeds"].items()},
        priorities={str(name): float(speed) for name, speed in value["priorities"].items()},
    )


def _six(number: float) -> float:
    return float(f"{number:.6g}")
