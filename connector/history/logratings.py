"""What every line of a ticket log is judged with, read ahead: the order of the lines does not matter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connector import ticketlog
from connector.model import Message, Ticket
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.templates import Sighting, gathered, sightings
from connector.rules.policy import Policy
from connector.rules.ratings import Admitted, admit


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating of a ticket that came in by `channel`, and what became of it."""

    ticket: Ticket
    channel: str
    row: Admitted


@dataclass(frozen=True, slots=True)
class Ahead:
    """The ratings of the log, earliest first, and sentences used more than once."""

    rated: list[Rated]
    learnt: Learnt


def read_ahead(log: Path, rules: Policy, now: datetime) -> Ahead:
    """What is known at `now`. Lines with neither ratings nor texts cost next to nothing."""
    rated: list[Rated] = []

    def seen() -> Iterator[Sighting]:
        for _, line in ticketlog.read_lines(log):
            if isinstance(line, str) and ('"rating' in line or ('"text"' in line and '"out"' in line)):
                try:
                    ticket, timeline = ticketlog.ticket_from_json(json.loads(line))
                except (ValueError, RecursionError):
                    continue
                known = [event for event in timeline if event.at <= now]
                came = (e.channel for e in known if isinstance(e, Message) and e.direction == "in")
                channel = next(came, "")
                rated.extend(Rated(ticket, channel, row) for row in admit(known, rules))
                yield from sightings(ticket.id, timeline)

    lines = gathered(seen())
    rated.sort(key=lambda one: (one.row.rating.at, one.ticket.id, one.row.key))
    return Ahead(rated, Learnt(lines))
