"""Autotask's webhooks: what was registered, and the signed body each change makes.

A ticket's webhook fires when one of its subscribed fields changed, a note's when a note is made; nothing
tells of time entries. The body is JSON as .NET writes it, with quotes and other letters escaped, and the
signature is HMAC-SHA1 over exactly these bytes, in base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.simulator.autotask.entity import Entity, Json, udfs_of, wire
from connector.simulator.autotask.names import Names
from connector.simulator.autotask.notes import Notes
from connector.simulator.faults import Faults
from connector.simulator.hooks import Delivery, Habits
from connector.simulator.records import Change, Hook
from connector.simulator.world import World

_VERBS = {"added": "Create", "updated": "Update", "deleted": "Delete"}
_ESCAPED = re.compile(r"""\\u[0-9a-f]{4}|\\.|[&<>'+`]""")


@dataclass
class Part:
    """A field a webhook is for, or a resource it is not for."""

    id: int
    number: int
    subscribed: bool = True
    always: bool = False


@dataclass
class Callout:
    """A webhook. `entity` is Tickets or TicketNotes; `events` are Create, Update, Delete."""

    hook: Hook
    entity: str
    events: frozenset[str]
    deactivation_url: str
    mail: str = ""
    parts: dict[str, dict[int, Part]] = field(
        default_factory=lambda: {"Fields": {}, "UdfFields": {}, "ExcludedResources": {}}
    )
    sent: int = 0

    @property
    def ready(self) -> bool:
        return bool(self.parts["Fields"] or self.parts["UdfFields"])

    def numbers(self, kind: str) -> set[int]:
        return {part.number for part in self.parts[kind].values()}


@dataclass(frozen=True)
class Lost:
    """A delivery that was dropped after its last attempt."""

    id: int
    at: datetime
    payload: str
    number: int


def signature(secret: str, body: bytes) -> str:
    """The value of X-Hook-Signature."""
    return "sha1=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha1).digest()).decode()


def dotnet_json(value: Any) -> bytes:
    """JSON as System.Text.Json writes it: \\uXXXX in capitals for quotes, & < > ' + ` and all but ASCII."""

    def escape(match: re.Match[str]) -> str:
        text = match.group()
        if text == '\\"':
            return "\\u0022"
        if text.startswith("\\u"):
            return "\\u" + text[2:].upper()
        return text if text.startswith("\\") else f"\\u{ord(text):04X}"

    return _ESCAPED.sub(escape, json.dumps(value, separators=(",", ":"))).encode()


class Callouts:
    """The registered webhooks, and the changes turned into deliveries."""

    def __init__(self, world: World, names: Names, tickets: Entity, notes: Notes, faults: Faults) -> None:
        self.world, self.names, self.faults = world, names, faults
        self.entities = {"Tickets": tickets, "TicketNotes": notes.entity()}
        self.notes = notes
        self.all: dict[int, Callout] = {}
        self.lost: list[Lost] = []
        self._dice = random.Random(world.seed + 1)

    def habits(self) -> Habits:
        """10 s for an answer, 5 attempts 30 s apart, in order; off after 25 lost ones in a row."""
        return Habits(
            time_limit=10.0,
            repeat_after=(30.0,) * 4,
            repeats=lambda status: not 200 <= status < 300,
            off_at=25,
            in_order=True,
            given_up=self._given_up,
        )

    def deliveries(self, change: Change) -> list[Delivery]:
        """A delivery for each webhook that is for this change."""
        entity = {"ticket": "Tickets", "note": "TicketNotes"}.get(change.type)
        if entity is None or change.ticket is None or not self.all:
            return []
        event, person = _VERBS[change.action], self.names.resource_of(change.by)
        changed = self._changed(change)
        fired = []
        for callout in self.all.values():
            if callout.entity != entity or event not in callout.events or not callout.ready:
                continue
            if callout.hook.inactive or person in callout.numbers("ExcludedResources"):
                continue
            if self._shadowed(callout, event) or not self._concerned(callout, changed):
                continue
            fired.append(self._delivery(callout, change, event, person, changed))
        return fired

    def _shadowed(self, callout: Callout, event: str) -> bool:
        """An older webhook of the same address and events makes this one a duplicate that is not sent."""
        return any(
            other.hook.url == callout.hook.url and other.entity == callout.entity and event in other.events
            for other in self.all.values()
            if other.hook.id < callout.hook.id
        )

    # ── what changed ──────────────────────────────────────────────────────────────────────────

    def _changed(self, change: Change) -> set[str] | None:
        """Names of the fields that differ, None when the record is new or gone."""
        if change.type != "ticket" or change.action != "updated":
            return None
        before, after = self.world.tickets.before(change.id), change.ticket
        entity = self.entities["Tickets"]
        names = {f.name for f in entity.fields.values() if f.webhook and f.read(before) != f.read(after)}
        for old, new in zip(udfs_of(entity, before), udfs_of(entity, after), strict=True):
            if old != new:
                names.add(old["name"])
        return names

    def field_names(self, entity: str) -> dict[int, str]:
        """Numbers that `fieldID` may have, and the fields they stand for."""
        hooked = (one.name for one in self.entities[entity].fields.values() if one.webhook)
        return dict(enumerate(hooked, start=101 if entity == "Tickets" else 301))

    def part_names(self, callout: Callout, parts: Iterable[tuple[str, Part]]) -> set[str]:
        plain = self.field_names(callout.entity)
        udfs = {udf.number: udf.name for udf in self.entities[callout.entity].udfs()}
        tables = {"Fields": plain, "UdfFields": udfs}
        return {tables[kind][part.number] for kind, part in parts if part.number in tables[kind]}

    def _concerned(self, callout: Callout, changed: set[str] | None) -> bool:
        parts = [(kind, p) for kind in ("Fields", "UdfFields") for p in callout.parts[kind].values()]
        wanted = self.part_names(callout, (pair for pair in parts if pair[1].subscribed))
        return changed is None or bool(wanted & changed)

    # ── the body ──────────────────────────────────────────────────────────────────────────────

    def _delivery(
        self, callout: Callout, change: Change, event: str, person: int, changed: set[str] | None
    ) -> Delivery:
        callout.sent += 1
        body: Json = {
            "Action": event,
            "Guid": callout.hook.guid,
            "EntityType": self.entities[callout.entity].singular,
            "Id": change.id,
            "Fields": {} if event == "Delete" else self._fields(callout, change, changed),
            "EventTime": wire(self.world.now()),
            "SequenceNumber": callout.sent,
            "PersonID": person,
        }
        raw = dotnet_json(body)
        key = callout.hook.signing_key
        if self._dice.random() < self.faults.bad_signatures:
            key = "somebody else's key"
        headers = {"Content-Type": "application/json", "X-Hook-Signature": signature(key, raw)}
        return Delivery(callout.hook, callout.hook.url, raw, headers)

    def _fields(self, callout: Callout, change: Change, changed: set[str] | None) -> dict[str, str]:
        """Fields that are always shown, and the subscribed ones that changed; texts all."""
        parts = [(kind, p) for kind in ("Fields", "UdfFields") for p in callout.parts[kind].values()]
        shown = self.part_names(callout, (pair for pair in parts if pair[1].always))
        wanted = self.part_names(callout, (pair for pair in parts if pair[1].subscribed))
        shown |= wanted if changed is None else wanted & changed
        entity = self.entities[callout.entity]
        row: Any = change.ticket
        if change.type == "note":
            made = next(post for post in reversed(self.world.new_posts) if post.id == change.id)
            row = self.notes.note(made)
        values = {one.name: wire(one.read(row)) for one in entity.fields.values() if one.name in shown}
        values |= {u["name"]: u["value"] for u in udfs_of(entity, row) if u["name"] in shown}
        return {name[0].upper() + name[1:]: "" if v is None else str(v) for name, v in values.items()}

    def _given_up(self, delivery: Delivery, off: bool) -> Sequence[Delivery]:
        """Keep a record of what was lost; a webhook that was switched off says so to its other address."""
        callout = self.all.get(delivery.hook.id)
        if callout is None:
            return ()
        self.lost.append(Lost(len(self.lost) + 1, self.world.now(), delivery.body.decode(), callout.sent))
        if not off or not callout.deactivation_url:
            return ()
        body = {"Action": "Deactivated", "Guid": callout.hook.guid, "EventTime": wire(self.world.now())}
        headers = {"Content-Type": "application/json"}
        return (Delivery(callout.hook, callout.deactivation_url, dotnet_json(body), headers),)
