"""A ticket log as parts to be judged, and what must be known of it before: its end and its stock texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from connector import ticketlog
from connector.history.backtest.crew import PART, Part
from connector.model import Ticket, Timeline
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.templates import Sighting, gathered, sightings


@dataclass(frozen=True, slots=True)
class Outline:
    """`lines` of the log; `last`: its latest fact up to now, None when it has none."""

    lines: int
    last: datetime | None
    learnt: Learnt


def outline(log: Path, now: datetime, seen: Callable[[int], None] = lambda lines: None) -> Outline:
    """Read it once. Nobody knows how its open tickets went on after the last fact that it tells."""
    last: datetime | None = None
    lines = 0

    def read() -> Iterator[Sighting]:
        nonlocal last, lines
        for _, item in ticketlog.read_log(log):
            lines += 1
            if lines % PART == 0:
                seen(lines)
            if isinstance(item, ValueError):
                continue
            last = max((at for at in (last, *_instants(*item)) if at and at <= now), default=last)
            yield from sightings(item[0].id, item[1])

    learnt = Learnt(gathered(read()))
    return Outline(lines, last, learnt)


def _instants(ticket: Ticket, timeline: Timeline) -> Iterator[datetime]:
    yield ticket.opened_at
    yield from (at for at in (ticket.resolved_at, ticket.closed_at) if at)
    yield from (event.at for event in timeline)


def parts(log: Path) -> Iterator[Part]:
    """The lines, PART at a time, as they are: whoever judges them reads them."""
    lines = ticketlog.read_lines(log)
    while some := tuple(islice(lines, PART)):
        yield Part(some)
