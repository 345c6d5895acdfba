"""What happened while nobody looked: each PSA tells another part of it, and only that makes a difference."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connector.model import Assessment, Event, PriorityChange, StatusChange
from connector.rules.assess import assess
from tests.simulation.canonical import canonical
from tests.simulation.differences import (
    AUTOTASK,
    CLOSED,
    CONNECTWISE,
    HALO,
    IF_UNHAPPY,
    OTHER_LIVES,
    PSAS,
    found,
    spots,
)
from tests.simulation.lives import slots
from tests.simulation.watched import Day, read_once, watched

CHANGES = (StatusChange, PriorityChange)
Change = tuple[str, str, str]
"""Kind, old and new, in the words of the pretend MSP."""

Tells = Callable[[Day, str, Change], bool]


def nothing(_day: Day, _ticket: str, _change: Change) -> bool:
    return False


def everything(_day: Day, _ticket: str, _change: Change) -> bool:
    return True


def of_open_ones(day: Day, ticket: str, _change: Change) -> bool:
    return not day.tickets[ticket].closed


def statuses_and_of_open_ones(day: Day, ticket: str, change: Change) -> bool:
    return change[0] == "Status" or not day.tickets[ticket].closed


READINGS: dict[str, tuple[Callable[..., Awaitable[Day]], Mapping[str, Tells]]] = {
    "a first reading": (
        read_once,
        {CONNECTWISE: nothing, AUTOTASK: of_open_ones, HALO: statuses_and_of_open_ones},
    ),
    "looking once an hour": (
        partial(watched, every=timedelta(hours=1)),
        {CONNECTWISE: nothing, AUTOTASK: nothing, HALO: everything},
    ),
    "away for three hours": (
        partial(watched, every=timedelta(hours=3)),
        {CONNECTWISE: nothing, AUTOTASK: everything, HALO: everything},
    ),
}


@pytest.mark.parametrize("how", READINGS)
async def test_untold_changes(tmp_path: Path, how: str) -> None:
    read, tells = READINGS[how]
    days = [await read(psa, tmp_path / psa, partial(slots, seed=3), tickets=6) for psa in PSAS]
    for day in days:
        for ticket in day.told:
            wanted = [c for c in happened(day, ticket) if tells[day.psa](day, ticket, c)]
            assert told(day, ticket) == wanted, (day.psa, ticket)
    assert found(spots(judged(days, with_history=True))) - IF_UNHAPPY == OTHER_LIVES
    with pytest.raises(AssertionError, match=r"resolution\.spent"):
        found(spots(judged(days, with_history=False)))


def happened(day: Day, ticket: str) -> list[Change]:
    """Every change of status and priority there was, in the PSA's own words for closed."""
    lines = [
        line for line in day.happened if str(line.ticket) == ticket and line.kind in ("Status", "Priority")
    ]
    own = {name: CLOSED[day.psa][-1 if name == "Merged" else 0] for name in (">Closed", "Merged")}
    return [(x.kind, own.get(x.old, x.old), own.get(x.new, x.new)) for x in lines if x.old != x.new]


def told(day: Day, ticket: str) -> list[Change]:
    """Every change that the PSA itself tells; "seen" are those found by looking twice."""
    kinds = {StatusChange: "Status", PriorityChange: "Priority"}
    found = [e for e in day.told[ticket].timeline if isinstance(e, CHANGES) and not e.key.startswith("seen:")]
    return [(kinds[type(e)], e.from_, e.to) for e in found]


def judged(days: list[Day], *, with_history: bool) -> dict[str, dict[str, dict[str, str]]]:
    """Assessments of what is known alone, as they stand or with all of the history for everybody."""
    _, autotask, halo = days
    shared: dict[str, list[Event]] = {}
    for ticket in halo.told if with_history else ():
        shared[ticket] = [e for e in halo.told[ticket].timeline if isinstance(e, StatusChange)]
        shared[ticket] += [e for e in autotask.told[ticket].timeline if isinstance(e, PriorityChange)]
    return {
        day.psa: {
            ticket: canonical(day.tickets[ticket], judge(day, ticket, shared.get(ticket)))
            for ticket in day.told
        }
        for day in days
    }


def judge(day: Day, ticket: str, history: list[Event] | None) -> Assessment:
    timeline = list(day.told[ticket].timeline)
    if history is not None:
        kept = [event for event in timeline if not isinstance(event, CHANGES)]
        timeline = kept + [_in_words_of(day, ticket, event) for event in history]
    return assess(day.tickets[ticket], timeline, day.policies[ticket], day.told[ticket].at)


def _in_words_of(day: Day, ticket: str, event: Any) -> Event:
    """Halo's word for closed is not everybody's."""
    if not isinstance(event, StatusChange):
        return event
    own = CLOSED[day.psa][-1 if day.tickets[ticket].merged_into else 0]
    words = {CLOSED[HALO][0]: own}
    return replace(event, from_=words.get(event.from_, event.from_), to=words.get(event.to, event.to))
