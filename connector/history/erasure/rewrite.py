"""What becomes of a row, of whatever table, when a person's data goes: the row with less in it, or itself.

Three kinds of columns are known by name; every other text is ours, or a stranger's, and is searched for names
and addresses. So a table added tomorrow is searched too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from connector.history.erasure.person import Person
from connector.rules.erasing import ERASED, Eraser, lasting, without_quotes
from connector.store import events, sql
from connector.ticketlog import event_from_json, event_to_json, ticket_from_json, ticket_to_json

LEFT_ALONE = ("connections", "cursors", "erased", "inbox", "sendings", "template_lines")
"""Tables without anybody's words: places, marks, numbers. What a start has read is forgotten as a whole."""

_JSON = ("doc", "flags", "payload", "said")
SEARCHED_BY = (
    "conn",
    "client",
    "id",
    "key",
    "kind",
    "state",
    "mark",
    "policy",
    "channel",
    "event",
    "zone",
    "link",
)
"""Columns rows are found by: no words of anybody's."""

_QUOTE = 4  # characters from which on a quotation is taken to be theirs

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rewriter:
    """`near`: the person's tickets and those they wrote on."""

    person: Person
    eraser: Eraser
    near: frozenset[str]

    @classmethod
    def of(cls, person: Person, eraser: Eraser) -> Rewriter:
        return cls(person, eraser, frozenset(person.near))

    def row(self, table: str, row: Mapping[str, Any]) -> Row:
        """The row as it is kept. Its key changes where the person's id or an erased text is part of it."""
        ticket = row["id" if table == "tickets" else "ticket_id"] if _has_ticket(table, row) else ""
        whole, near = ticket in self.person.tickets, ticket in self.near
        special = _SPECIAL.get(table)
        kept = dict(row)
        for name, value in row.items():
            if isinstance(value, str) and value and name not in SEARCHED_BY:
                kept[name] = self._column(name, value, whole=whole, near=near)
        if special:
            special(self, row, kept, whole)
        return kept

    def _column(self, name: str, value: str, *, whole: bool, near: bool) -> str:
        if name in ("contact", "about"):
            return self._contact(value)
        if name in _JSON:
            try:
                body = json.loads(value)
            except ValueError:
                return self._prose(value, near)
            changed = self._walk(body, whole, near)
            return sql.dump(changed) if changed != body else value
        if whole and name in ("summary", "body"):
            return ERASED
        return self._prose(value, near)

    def _walk(self, value: Any, whole: bool, near: bool) -> Any:
        if isinstance(value, str):
            return self._prose(value, near)
        if isinstance(value, list):
            return [self._walk(one, whole, near) for one in value]
        if not isinstance(value, dict):
            return value
        if near and {"rule", "field", "text"} <= value.keys():
            return {**value, "text": ""}  # the words by which a message was judged
        kept = {name: self._walk(one, whole, near) for name, one in value.items()}
        for name, goes in (("quote", near), ("summary", whole)):
            if goes and value.get(name):
                kept[name] = ERASED
        return kept

    def _prose(self, text: str, near: bool) -> str:
        if not near and self.person.said:
            text = without_quotes(text, self._theirs)
        return self.eraser.prose(text, whole=near)

    def _theirs(self, quoted: str) -> bool:
        return len(quoted) >= _QUOTE and any(said.startswith(quoted) for said in self.person.said)

    def _contact(self, value: str) -> str:
        """An id, or what ends with one: `annual:2026:Acme:ann@acme.example`."""
        if self.eraser.knows(value):
            return self.eraser.nameless(value)
        start, colon, end = value.rpartition(":")
        return f"{start}{colon}{self.eraser.nameless(end)}" if self.eraser.knows(end) else value


def _has_ticket(table: str, row: Mapping[str, Any]) -> bool:
    return table == "tickets" or "ticket_id" in row


def _ticket(self: Rewriter, row: Mapping[str, Any], kept: Row, whole: bool) -> None:
    with suppress(ValueError):  # one that nobody can read was searched as text
        ticket, _ = ticket_from_json(json.loads(row["doc"]))
        kept["doc"] = sql.dump(ticket_to_json(self.eraser.ticket(ticket)))


def _event(self: Rewriter, row: Mapping[str, Any], kept: Row, whole: bool) -> None:
    with suppress(ValueError):
        event = self.eraser.event(event_from_json(json.loads(row["doc"])), whole=whole)
        kept["doc"] = sql.canonical(event_to_json(event))
        if kept["doc"] != row["doc"]:
            kept["key"] = events.key_of(event, kept["doc"])


def _rating(self: Rewriter, row: Mapping[str, Any], kept: Row, whole: bool) -> None:
    theirs = whole or kept["contact"] != row["contact"]
    with suppress(ValueError):
        event = self.eraser.event(event_from_json(json.loads(row["doc"])), whole=theirs)
        kept["doc"] = sql.canonical(event_to_json(event))
    kept["key"] = lasting(row["key"]) if theirs and kept["doc"] != row["doc"] else row["key"]


def _unread(self: Rewriter, row: Mapping[str, Any], kept: Row, whole: bool) -> None:
    if self.eraser.told_of(row["body"]):  # whose ticket it is nobody knows, so better all of it
        kept["body"] = ERASED


_SPECIAL: dict[str, Callable[[Rewriter, Mapping[str, Any], Row, bool], None]] = {
    "tickets": _ticket,
    "events": _event,
    "ratings": _rating,
    "quarantine": _unread,
}
