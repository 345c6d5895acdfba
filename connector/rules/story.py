"""One ticket's facts in one order, each told once, whatever order they arrived in.

PSAs deliver the same fact twice, late, and several in one second. The clocks may not depend on any of
that, so everything downstream reads this story and never the raw timeline.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter, lt
from typing import Any, TypeAlias, TypeVar

from connector.model import (
    Appointment,
    Assignment,
    ClientChange,
    Close,
    Event,
    Message,
    PriorityChange,
    Rating,
    Reopen,
    StatusChange,
    Timeline,
)

StateEvent: TypeAlias = StatusChange | Close | Reopen
STATE_EVENTS = (StatusChange, Close, Reopen)
_E = TypeVar("_E", bound=Event)

_KINDS = (
    PriorityChange,
    ClientChange,
    Assignment,
    Message,
    Appointment,
    StatusChange,
    Close,
    Reopen,
    Rating,
)
_RANK = {kind: rank for rank, kind in enumerate(_KINDS)}
"""Within one second: first what the promise is, then what was said, then what state that led to."""

_at, _key = attrgetter("at"), attrgetter("key")
_NO_KEY = frozenset([""])


class Ordered(tuple[Event, ...]):
    """A timeline as `ordered` left it: whoever asks about many instants need not have it sorted each time."""

    __slots__ = ()


@dataclass(slots=True)
class Story:
    """`known`: what has happened up to the instant asked about. `ahead`: facts dated later."""

    known: Timeline
    ahead: Timeline

    @property
    def all(self) -> Timeline:
        return self.known + self.ahead if self.ahead else self.known

    @property
    def states(self) -> list[tuple[int, StateEvent]]:
        """All changes of state, each with its index."""
        return [
            (index, event)
            for index, event in enumerate(self.all)
            if not isinstance(event, Message) and isinstance(event, STATE_EVENTS)
        ]

    def first(self, kind: type[_E]) -> _E | None:
        """The earliest fact of this kind that is still ahead."""
        return next((event for event in self.ahead if isinstance(event, kind)), None)


def tell(timeline: Sequence[Event], now: datetime) -> Story:
    """The timeline in canonical order without repetitions, cut at `now` (which still belongs to it).

    ValueError if an event's instant has no offset.
    """
    try:
        events = timeline if isinstance(timeline, Ordered) else _ordered(timeline)
        if not events or events[-1].at <= now:
            return Story(events, ())
        cut = bisect_right(events, now, key=_at)
    except TypeError as error:
        raise _naive(timeline) or error from error
    return Story(events[:cut], events[cut:])


def ordered(timeline: Sequence[Event]) -> Ordered:
    """In canonical order without repetitions. ValueError if an event's instant has no offset."""
    try:
        return Ordered(_ordered(timeline))
    except TypeError as error:
        raise _naive(timeline) or error from error


def _naive(timeline: Sequence[Event]) -> ValueError | None:
    """What is wrong with instants that cannot be compared."""
    found = next((event.at for event in timeline if event.at.tzinfo is None), None)
    return ValueError(f"{found.isoformat()} has no time zone; give an aware datetime") if found else None


def _ordered(timeline: Sequence[Event]) -> Timeline:
    """By time; facts of the same instant by kind, key and content, state changes so that they chain."""
    times = [*map(_at, timeline)]
    if all(map(lt, times, times[1:])):
        return tuple(_once(timeline))
    events = sorted(timeline, key=_at)
    ordered: list[Event] = []
    status = ""
    for _, same in groupby(events, key=_at):
        group = list(same)
        if len(group) > 1:
            group = _chained(_distinct(group), status)
        ordered += group
        status = next((e.to for e in reversed(group) if isinstance(e, STATE_EVENTS)), status)
    return tuple(_once(ordered))


def _distinct(group: Iterable[Event]) -> list[Event]:
    """One instant's facts in canonical order; what has no key and says the same is the same."""
    named: dict[tuple[int, str], list[Event]] = {}
    for event in group:
        named.setdefault((_RANK[type(event)], event.key), []).append(event)
    told: list[Event] = []
    for name in sorted(named):
        alike = named[name]
        if len(alike) > 1:
            contents = {_content(event): event for event in alike}
            alike = [contents[content] for content in sorted(contents)]
        told += alike
    return told


def _content(event: Event) -> str:
    values: list[Any] = []
    for name in type(event).__slots__:
        if name != "at":
            value = getattr(event, name)
            values.append(sorted(value.items()) if name == "headers" else value)
    return repr(values)


def _chained(group: list[Event], status: str) -> list[Event]:
    """Put state changes of one instant so that each starts from the status the one before left."""
    states = [event for event in group if isinstance(event, STATE_EVENTS)]
    if len(states) < 2:
        return group
    reached = {event.to.casefold() for event in states}
    queue = deque(sorted(states, key=lambda event: event.from_.casefold() in reached))  # beginnings first
    waiting: dict[str, deque[StateEvent]] = {}
    for event in queue:
        waiting.setdefault(event.from_.casefold(), deque()).append(event)
    chain: list[StateEvent] = []
    taken: set[int] = set()
    while len(chain) < len(states):
        source = (status and waiting.get(status.casefold())) or queue
        event = source.popleft()
        if id(event) not in taken:
            taken.add(id(event))
            chain.append(event)
            status = event.to
    rest = [event for event in group if not isinstance(event, STATE_EVENTS)]
    cut = sum(_RANK[type(event)] < _RANK[StatusChange] for event in rest)
    return [*rest[:cut], *chain, *rest[cut:]]


def _once(events: Sequence[Event]) -> Sequence[Event]:
    """The same key of the same kind is the same fact: the earliest stays."""
    keys = [*map(_key, events)]
    if len(keys) - keys.count("") == len({*keys} - _NO_KEY):
        return events
    seen: set[tuple[type[Event], str]] = set()
    kept = []
    for event in events:
        name = (type(event), event.key)
        if not event.key or name not in seen:
            seen.add(name)
            kept.append(event)
    return kept
