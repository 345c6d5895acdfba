"""A ticket's history, read out of sentences: "Status changed from New to In Progress". Pure.

The audit trail is text made for people. A value may itself contain " to ", so the sentence is cut where
both sides are labels that the picklist has; where that leaves a doubt, nothing is claimed (facts §11).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from connector.model import Actor, Assignment, ClientChange, Event, PriorityChange, StatusChange
from connector.psa.autotask.mapping import Reader
from connector.psa.values import Json, Unreadable, first_instant, key, text

_CHANGE = re.compile(r"(?P<what>[^.;]{1,60}?) changed from (?P<rest>.+)", re.IGNORECASE)
_BETWEEN = " to "
_FIELDS = {
    "status": "status",
    "priority": "priority",
    "queue": "queueID",
    "primary resource": "person",
    "assigned resource": "person",
    "resource": "person",
    "company": "client",
    "account": "client",
    "organization": "client",
}


def changes(rows: Iterable[object], reader: Reader) -> list[Event]:
    """What a ticket's history tells of status, priority, queue, person and company; the rest is left out."""
    found: list[Event] = []
    for row in rows:
        if not isinstance(row, Mapping):
            continue
        try:
            found += _read(row, reader)
        except Unreadable:
            continue  # a line without a date tells nothing that a clock could use
    return found


def _read(row: Json, reader: Reader) -> Iterator[Event]:
    at, number = first_instant((row, "date")), key(row)
    actor = reader.people.actor(text(row, "resourceID"))
    for line in text(row, "detail").splitlines():
        told = _CHANGE.match(line.strip().removesuffix("."))
        what = _FIELDS.get(told["what"].strip().casefold(), "") if told else ""
        if not told or not what:
            continue
        cut = between(told["rest"], frozenset(reader.labels.labels(what)))
        if cut is not None:
            yield _event(what, at, f"history:{number}:{what}", actor, *cut)


def between(rest: str, labels: frozenset[str]) -> tuple[str, str] | None:
    """Old and new value of "A to B"; None where it could be cut in more than one way.

    >>> between("Wait to ship to Done", frozenset({"Wait to ship", "Done"}))
    ('Wait to ship', 'Done')
    """
    pieces = rest.split(_BETWEEN)
    cuts = [
        (_BETWEEN.join(pieces[:n]).strip(), _BETWEEN.join(pieces[n:]).strip()) for n in range(1, len(pieces))
    ]
    known = labels | {""}
    cleaned = [(_value(old), _value(new)) for old, new in cuts]
    for fits in (
        [cut for cut in cleaned if cut[0] in known and cut[1] in known],
        [cut for cut in cleaned if cut[1] in labels],
        cleaned,
    ):
        if fits:
            return fits[0] if len(fits) == 1 else None
    return None


def _value(said: str) -> str:
    return "" if said.casefold().startswith("[none") else said


def _event(what: str, at: datetime, name: str, actor: Actor, old: str, new: str) -> Event:
    if what == "status":
        return StatusChange(at=at, key=name, actor=actor, from_=old, to=new)
    if what == "priority":
        return PriorityChange(at=at, key=name, actor=actor, from_=old, to=new)
    if what == "client":
        return ClientChange(at=at, key=name, actor=actor, from_=old, to=new)
    return Assignment(
        at=at, key=name, actor=actor, what="group" if what == "queueID" else "person", from_=old, to=new
    )
