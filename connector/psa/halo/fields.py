"""Custom fields: what a flag's value looks like in a field of each type, and which field a flag uses.

Fields are bound by id. A field must be on a ticket type's field list to be settable, so the field a ticket
shows wins where clients name several. What a type cannot hold exactly is cut in one known way, so that what
was written compares equal to what is read back. Source: facts §7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from connector.errors import Rejected
from connector.psa.halo.values import ident
from connector.psa.kinds import FieldKind, Kind
from connector.psa.refusals import twins, wrong_type
from connector.psa.values import Json, number, text

TEXT, MEMO, SELECT, MULTI, DATE, CHECKBOX, RICH = 0, 1, 2, 3, 4, 6, 10
TYPES = (TEXT, MEMO, SELECT, MULTI, DATE, CHECKBOX, RICH)
_OTHER = {5: "time"}
LIMITS = {TEXT: 255, MEMO: 4000, RICH: 4000}
"""Characters, where a field names no limit of its own: less than any Halo is known to refuse."""

TICKETS = 1  # `usage` of a ticket's field, as far as is known
_YES, _NO = ("yes", "true", "1", "on"), ("", "no", "false", "0", "off")
_NUMBER = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)")


F = TypeVar("F", bound=str)
"""Flags of tickets, or of companies."""


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field. `options` are a list's values by id; `numeric`: it takes numbers only."""

    id: int
    caption: str
    type: int = TEXT
    limit: int = 0
    numeric: bool = False
    options: tuple[tuple[int, str], ...] = ()


def definition(row: Json) -> Field | None:
    """A row of `/FieldInfo`; None for one without id or name."""
    found, caption = ident(row, "id"), _clean(text(row, "label") or text(row, "name"))
    if not found or not caption:
        return None
    listed = row.get("values")
    options = [o for o in listed if isinstance(o, Mapping)] if isinstance(listed, list) else []
    values = tuple((ident(o, "id"), _clean(text(o, "name"))) for o in options if ident(o, "id"))
    kind = row.get("type")
    return Field(
        found,
        caption,
        kind if type(kind) is int else TEXT,
        int(number(row, "characterlimit")),
        bool(number(row, "inputtype")),
        values,
    )


def custom_fields(row: Json) -> list[Json]:
    """A ticket's `customfields`; empty if there are none."""
    found = row.get("customfields")
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def encode(field: Field, value: str) -> Any:
    """The JSON value for a flag's text. Rejected if the field cannot hold it."""
    words = _clean(value)
    if field.type == CHECKBOX:
        if words.casefold() in _YES + _NO:
            return words.casefold() in _YES
        raise Rejected(f"the checkbox {field.caption!r} cannot hold {words[:40]!r}: only Yes or No")
    if not words:
        return None if field.type in (SELECT, MULTI, DATE) else ""
    if field.type in (SELECT, MULTI):
        return _option(field, words)
    if field.type == DATE:
        return _day(field, words) + "T12:00:00"
    if field.numeric:
        found = _NUMBER.match(words)
        if not found:
            raise Rejected(f"the field {field.caption!r} takes numbers, not {words[:40]!r}")
        return found[1]
    limit = field.limit or LIMITS.get(field.type, LIMITS[TEXT])
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def kind_of(field: Field) -> FieldKind:
    """What a field can hold."""
    kinds: dict[int, Kind] = {CHECKBOX: "yes_no", SELECT: "list", MULTI: "list", DATE: "date"}
    kind = kinds.get(field.type, "number" if field.numeric else "text")
    length = (field.limit or LIMITS.get(field.type, LIMITS[TEXT])) if kind == "text" else 0
    options = tuple(name for _, name in field.options)
    return FieldKind(caption=field.caption, kind=kind, length=length, options=options)


def decode(field: Field, value: Any, display: str = "") -> str:
    """A field's JSON value as a flag's text: '' when empty, 'Yes' or '' for a checkbox, a date's day."""
    if field.type == CHECKBOX:
        return "Yes" if str(value).casefold() in _YES else ""
    if value is None or isinstance(value, dict | list):
        return ""
    if field.type in (SELECT, MULTI):
        names = dict(field.options)
        ids = [part.strip() for part in str(value).split(",")]
        known = [names[int(i)] for i in ids if i.isdecimal() and int(i) in names]
        return ", ".join(known) or _clean(display)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    found = _clean(str(value))
    if field.numeric and found.endswith(".0"):
        return found[:-2]
    if field.type == DATE:
        return "" if found[:4] <= "1980" else found[:10]
    return found


@dataclass(frozen=True, slots=True)
class Binding(Generic[F]):
    """Which fields each flag uses, in order of preference: clients may name different captions."""

    fields: Mapping[F, tuple[Field, ...]] = field(default_factory=dict)

    def ids(self) -> frozenset[int]:
        return frozenset(bound.id for fields in self.fields.values() for bound in fields)

    def values(self, flags: Mapping[F, str], custom: list[Json]) -> dict[int, Any]:
        """Field id and JSON value of each flag that has a field. Rejected if one cannot hold its value."""
        chosen = {flag: self._pick(flag, custom) for flag in flags}
        return {bound.id: encode(bound, flags[flag]) for flag, bound in chosen.items() if bound is not None}

    def observed(self, custom: list[Json]) -> dict[F, str]:
        """The flags as a ticket's custom fields show them; a field that is not shown is empty."""
        by_id = {ident(item, "id"): item for item in custom}
        found: dict[F, str] = {}
        for flag in self.fields:
            bound = self._pick(flag, custom)
            if bound is not None and bound.id in by_id:
                item = by_id[bound.id]
                found[flag] = decode(bound, item.get("value"), text(item, "display"))
        return found

    def shown(self, flags: Mapping[F, str]) -> dict[F, str]:
        """How these values will read back; a value that cannot be held stays as it is."""
        found: dict[F, str] = {}
        for flag, value in flags.items():
            bound = self._pick(flag, [])
            if bound is None:
                continue
            try:
                found[flag] = decode(bound, encode(bound, value))
            except Rejected:
                found[flag] = value
        return found

    def _pick(self, flag: F, custom: list[Json]) -> Field | None:
        """The first of a flag's fields that the ticket shows, else the first: empty ones may be left out."""
        there = {ident(item, "id") for item in custom}
        fields = self.fields.get(flag, ())
        return next((f for f in fields if f.id in there), fields[0] if fields else None)


@dataclass(slots=True)
class Bound(Generic[F]):
    """The outcome of binding captions: the binding, what is not there, and what cannot be used and why."""

    binding: Binding[F]
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def bind(captions: Mapping[F, frozenset[str]], rows: Iterable[Any], pins: Mapping[str, int]) -> Bound[F]:
    """Captions to fields of `/FieldInfo`, by label or name; a pinned id wins.

    A caption that two fields carry is refused: writing into the wrong one is worse than not writing.
    """
    known = [row for row in rows if isinstance(row, Mapping) and definition(row) is not None]
    pinned = {caption.casefold(): field_id for caption, field_id in pins.items()}
    outcome: Bound[F] = Bound(Binding())
    bound: dict[F, tuple[Field, ...]] = {}
    for flag, names in captions.items():
        wanted = sorted(names, key=str.casefold)
        found = [_find(name, known, pinned.get(name.casefold()), outcome) for name in wanted]
        fields = tuple(f for f in found if f is not None)
        if fields:
            bound[flag] = fields
    outcome.binding = Binding(bound)
    return outcome


@dataclass(frozen=True, slots=True)
class Watch:
    """Fields that others write and we only read, by the caption they were asked for by."""

    fields: Mapping[str, Field] = field(default_factory=dict)

    def ids(self) -> frozenset[int]:
        return frozenset(found.id for found in self.fields.values())

    def read(self, custom: list[Json]) -> dict[str, str]:
        """What they show on a ticket; '' where it shows none of that kind."""
        by_id = {ident(item, "id"): item for item in custom}
        shown = {caption: (found, by_id.get(found.id, {})) for caption, found in self.fields.items()}
        return {
            caption: decode(found, item.get("value"), text(item, "display"))
            for caption, (found, item) in shown.items()
        }


def watch(captions: Iterable[str], rows: Iterable[Any], pins: Mapping[str, int]) -> tuple[Watch, list[str]]:
    """Captions to fields, and what a person should know: which of them cannot be read."""
    known = [row for row in rows if isinstance(row, Mapping) and definition(row) is not None]
    pinned = {caption.casefold(): field_id for caption, field_id in pins.items()}
    outcome: Bound[Any] = Bound(Binding())
    found = {name: _find(name, known, pinned.get(name.casefold()), outcome) for name in sorted(captions)}
    notes = [f"the PSA has no ticket field {name!r}: no rating is read from it" for name in outcome.missing]
    return Watch({name: one for name, one in found.items() if one is not None}), [*outcome.notes, *notes]


def _find(caption: str, known: list[Json], pin: int | None, outcome: Bound[Any]) -> Field | None:
    if pin is not None:
        pinned = next((definition(row) for row in known if ident(row, "id") == pin), None)
        return _usable(caption, pinned or Field(pin, caption), outcome)
    wanted = caption.casefold()
    same = [row for row in known if _clean(text(row, "label")).casefold() == wanted] or [
        row for row in known if text(row, "name").casefold() == wanted
    ]
    of_tickets = [row for row in same if number(row, "usage") == TICKETS]
    same = of_tickets if len(same) > 1 and of_tickets else same
    if len(same) > 1:
        outcome.notes.append(twins(caption, ", ".join(text(row, "id") for row in same), "id"))
    elif same:
        return _usable(caption, definition(same[0]), outcome)
    else:
        outcome.missing.append(caption)
    return None


def _usable(caption: str, found: Field | None, outcome: Bound[Any]) -> Field | None:
    if found is not None and found.type in TYPES:
        return found
    kind = found.type if found is not None else 0
    outcome.notes.append(wrong_type(caption, _OTHER.get(kind, str(kind)), "text, number or checkbox"))
    return None


def _option(field: Field, value: str) -> Any:
    for number_, name in field.options:
        if name.casefold() == value.casefold():
            return str(number_) if field.type == MULTI else number_
    known = ", ".join(name for _, name in field.options)[:120]
    raise Rejected(f"the list {field.caption!r} has no option {value[:40]!r}; it has: {known or 'none'}")


def _day(field: Field, value: str) -> str:
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError as error:
        raise Rejected(f"the field {field.caption!r} takes dates, not {value[:40]!r}") from error


def _clean(value: str) -> str:
    return " ".join(value.replace("\u200b", "").replace("\ufeff", "").split())
