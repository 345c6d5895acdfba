"""What can be seen of one ticket at one moment, and what has moved between two looks at it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Literal

from connector.errors import NotFound
from connector.model import NOBODY, Event, Message, Ticket
from connector.psa.checkup import Examined
from connector.psa.port import Psa, Snapshot
from connector.psa.whole import Whole

SHOWN = 80
"""Characters of a value or a text that are shown."""

Kind = Literal["customer", "wrote", "note", "status", "field", "editor"]
"""`customer`: a message to the customer went out. `wrote`: the customer did. `editor`: another came last."""

_LOOKS_AFTER = frozenset(field.name for field in fields(Ticket)) - {"psa", "url", "id"}


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that is not as it was, in words."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One look. `fields`: every field by name, or the ticket's few where the adapter shows no more."""

    snapshot: Snapshot
    messages: Mapping[str, Message]
    fields: Mapping[str, str]


async def look(psa: Psa, ticket_id: str) -> Sight:
    """Read a ticket with its timeline. NotFound if it is not there; raises what the adapter raises."""
    batch = await psa.observe([ticket_id])
    found = [snapshot for snapshot in batch.snapshots if snapshot.ticket.id == ticket_id]
    if not found:
        raise NotFound(f"the PSA has no ticket {ticket_id}, or our API user may not see it")
    said = {event.key: event for of, event in batch.events if of == ticket_id and isinstance(event, Message)}
    checkup = psa.checkup if isinstance(psa, Examined) else None
    whole = await checkup.record(ticket_id) if isinstance(checkup, Whole) else _few(found[0])
    return Sight(snapshot=found[0], messages=said, fields=whole)


def sees_all(psa: Psa) -> bool:
    """Whether every field of a ticket is looked at."""
    return isinstance(psa, Examined) and isinstance(psa.checkup, Whole)


def _few(snapshot: Snapshot) -> dict[str, str]:
    ticket = {name: str(getattr(snapshot.ticket, name) or "") for name in _LOOKS_AFTER}
    flags = {str(flag): value for flag, value in snapshot.flags.items()}
    return {**ticket, **snapshot.fields, **flags}


def moved(before: Sight, after: Sight, but: Collection[str] = ()) -> list[Move]:
    """What moved, but for fields of these names."""
    return [*_said(before, after), *_changed(before.fields, after.fields, but), *_edited(after)]


def differing(before: Sight, after: Sight) -> frozenset[str]:
    """Names of the fields that are not the same."""
    return frozenset(name for name, _, _ in _pairs(before.fields, after.fields))


def _said(before: Sight, after: Sight) -> Iterator[Move]:
    for key, message in after.messages.items():
        if key in before.messages:
            continue
        kinds: dict[str, Kind] = {"out": "customer", "in": "wrote", "internal": "note"}
        who = _name(message)
        text = cut(message.text or message.subject or "no text")
        yield Move(kinds[message.direction], f"{message.channel} by {who}: {text}")


def _changed(before: Mapping[str, str], after: Mapping[str, str], but: Collection[str]) -> Iterator[Move]:
    named = {name for name, _, _ in _pairs(before, after)}
    for name, was, is_ in _pairs(before, after):
        spoken = {name.removesuffix("id") + "name", name.removesuffix("_id")} - {name}
        if name in but or (name.endswith("id") and spoken & named):
            continue
        kind: Kind = "status" if name.casefold().startswith("status") else "field"
        yield Move(kind, f"{name}: {cut(was)} → {cut(is_)}")


def _pairs(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    names = sorted({*before, *after})
    pairs = [(name, before.get(name, ""), after.get(name, "")) for name in names]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _edited(after: Sight) -> Iterator[Move]:
    editor = after.snapshot.editor
    if editor != NOBODY and "self" not in editor.marks:
        yield Move(
            "editor", f"last changed by {editor.name or editor.id or 'somebody'} ({editor.kind}), not by us"
        )


def ours(after: Sight) -> bool:
    """Whether the PSA says that we touched it last."""
    return "self" in after.snapshot.editor.marks


def cut(text: str) -> str:
    """One short line of a text, in quotes.

    >>> cut(" a\\n b ")
    "'a b'"
    """
    line = " ".join(text.split())
    return f"'{line if len(line) <= SHOWN else line[: SHOWN - 1] + '…'}'"


def _name(event: Event) -> str:
    return event.actor.name or event.actor.id or event.actor.kind
