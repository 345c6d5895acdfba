"""Halo's audit of a ticket, which comes with the whole ticket if it is asked for; pure.

Nothing else tells when a priority was changed and by whom, nor a status that changed without an action. The
columns of a line are known, its words are not: a field may be called by its label or its column, and its
values may be names or numbers. Both are understood, and what is not is left out. Source: facts §11.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from connector.model import NOBODY, Actor, Event, PriorityChange, StatusChange
from connector.psa.halo.mapping import Reader
from connector.psa.halo.people import SYSTEM, UNASSIGNED
from connector.psa.halo.values import ident
from connector.psa.values import Json, instant, is_id, text

PREFIX = "audit:"
NEAR = timedelta(minutes=10)
"""An action's change of status and the audit's are the same one if they are no further apart."""

_STATUS, _PRIORITY = ("status", "statusid"), ("priority", "priorityid")


def is_shown(row: Json) -> bool:
    """Whether the answer for a whole ticket came with its audit, if only an empty one."""
    return isinstance(row.get("audit_log"), list)


def changes(row: Json, reader: Reader) -> list[Event]:
    """What the audit of a whole ticket tells of its priority and its status, in the order of time."""
    found = [event for line in _lines(row) if (event := _change(line, row, reader)) is not None]
    return sorted(found, key=lambda event: event.at)


def edits(row: Json, reader: Reader) -> list[tuple[datetime, Actor]]:
    """When a whole ticket was changed and by whom, whatever it was that changed."""
    dated = [(instant(line, "date"), author(line, reader)) for line in _lines(row)]
    return [(at, actor) for at, actor in dated if at is not None]


def untold(audited: Sequence[Event], told: Iterable[Event]) -> list[Event]:
    """Those that no action has told: an action says more of the same change."""
    unused = [event for event in told if isinstance(event, StatusChange)]
    left: list[Event] = []
    for event in audited:
        same = [
            one
            for one in unused
            if isinstance(event, StatusChange) and one.to == event.to and abs(one.at - event.at) <= NEAR
        ]
        if not same:
            left.append(event)
            continue
        unused.remove(min(same, key=lambda one: abs(one.at - event.at)))
    return left


def author(line: Json, reader: Reader) -> Actor:
    """Who made a change, by number: an agent, a customer, else Halo itself; `unknown` if nothing tells."""
    agent, user = ident(line, "agent_id"), ident(line, "user_id")
    if agent > UNASSIGNED:
        return reader.people.actor(agent)
    if user:
        return Actor("contact", id=str(user))
    return SYSTEM if "agent_id" in line or "user_id" in line else NOBODY


def _lines(row: Json) -> list[Json]:
    """The lines of this ticket's own audit."""
    listed: Any = row.get("audit_log")
    found = [line for line in listed if isinstance(line, dict)] if isinstance(listed, list) else []
    return [line for line in found if ident(line, "ticket_id") in (0, ident(row, "id"))]


def _change(line: Json, row: Json, reader: Reader) -> Event | None:
    """One line as a change; None if it is of another field, without a date, or not to be understood."""
    at = instant(line, "date")
    what = "".join(filter(str.isalnum, text(line, "value"))).casefold()
    if at is None or what not in _STATUS + _PRIORITY:
        return None
    is_status = what in _STATUS
    was, now = (_named(text(line, side), row, reader, is_status) for side in ("from", "to"))
    if not now or was == now:
        return None
    number = ident(line, "id")
    name = f"{PREFIX}{ident(row, 'id')}:{number or f'{at.isoformat()}:{now}'}"
    actor = author(line, reader)
    if is_status:
        return StatusChange(at=at, key=f"{name}:status", actor=actor, from_=was, to=now)
    return PriorityChange(at=at, key=f"{name}:priority", actor=actor, from_=was, to=now)


def _named(said: str, row: Json, reader: Reader, is_status: bool) -> str:
    """A value by its name; '' for a number that nothing is known by."""
    lookups = reader.lookups
    known = lookups.statuses.values() if is_status else lookups.priorities.values()
    if said in known or not is_id(said):
        return said
    if is_status:
        return lookups.status_of(int(said))
    return lookups.priorities.get((ident(row, "sla_id"), int(said)), "")
