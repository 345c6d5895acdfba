"""Custom fields: what a flag's value looks like in a field of each type, and which field a flag uses.

Fields are bound by id, because a caption need not be unique (facts §5.3, §5.4). What a type cannot hold
exactly is cut in one known way, so that what was written compares equal to what is read back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from connector.errors import Rejected
from connector.psa.kinds import FieldKind, Kind
from connector.psa.refusals import out_of_reach, twins, wrong_type
from connector.psa.values import Json, text

TEXT_LIMITS = {"Text": 100, "TextArea": 1000, "Hyperlink": 1000, "PhoneNumber": 100, "IPAddress": 100}
_NUMBERS = ("Number", "Percent", "Currency")
_UNUSABLE = ("Button", "Password")
_YES, _NO = ("yes", "true", "1", "on"), ("", "no", "false", "0", "off")
_HIDDEN = re.compile("[\u200b\u200e\u200f\ufeff]")  # seen in values typed or pasted by people
_LEADING_NUMBER = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)")
TICKET_SCREEN = "sr100"


F = TypeVar("F", bound=str)
"""Flags of tickets, or of companies."""


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field of tickets. `options` are the values a list takes, empty if unknown. `listed`: it may be
    a column of a list view; True where that is not known."""

    id: int
    caption: str
    type: str = "Text"
    entry: str = "EntryField"
    decimals: int = 0
    options: tuple[str, ...] = ()
    listed: bool = True

    def item(self, value: Any) -> dict[str, Any]:
        """The field with a value, as an item of a ticket's `customFields`."""
        return {
            "id": self.id,
            "caption": self.caption,
            "type": self.type,
            "entryMethod": self.entry,
            "numberOfDecimals": self.decimals,
            "value": value,
        }


def encode(field: Field, value: str) -> Any:
    """The JSON value for a flag's text. Rejected if the field cannot hold it."""
    text = _clean(value)
    if field.type == "Checkbox":
        if text.casefold() in _YES + _NO:
            return text.casefold() in _YES
        raise Rejected(f"the checkbox {field.caption!r} cannot hold {text[:40]!r}: only Yes or No")
    if not text:
        return None
    if field.entry in ("List", "Option"):
        return _option(field, text)
    if field.type in _NUMBERS:
        found = _LEADING_NUMBER.match(text)
        if not found:
            raise Rejected(f"the field {field.caption!r} takes numbers, not {text[:40]!r}")
        number = round(float(found[1]), field.decimals)
        return int(number) if number.is_integer() else number
    if field.type == "Date":
        return _day(field, text) + "T00:00:00Z"
    limit = TEXT_LIMITS.get(field.type, 100)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def decode(field: Field, value: Any) -> str:
    """A field's JSON value as a flag's text: '' when empty, 'Yes' or '' for a checkbox, the day of a date."""
    if field.type == "Checkbox":
        return "Yes" if str(value).casefold() in _YES else ""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    found = _clean(str(value))
    return found[:10] if field.type == "Date" else found


def kind_of(field: Field) -> FieldKind:
    """What a field can hold."""
    kind: Kind = "text"
    if field.type == "Checkbox":
        kind = "yes_no"
    elif field.entry in ("List", "Option"):
        kind = "list"
    elif field.type in _NUMBERS:
        kind = "number"
    elif field.type == "Date":
        kind = "date"
    length = TEXT_LIMITS.get(field.type, 100) if kind == "text" else 0
    return FieldKind(
        caption=field.caption, kind=kind, length=length, options=field.options, listed=field.listed
    )


def from_definition(row: Json) -> Field | None:
    """A row of `system/userDefinedFields`."""
    options = row.get("options")
    listed = [o for o in options if isinstance(o, Mapping)] if isinstance(options, list) else []
    values = tuple(text(o, "optionValue") for o in listed if o.get("inactiveFlag") is not True)
    return _field(row, "fieldTypeIdentifier", "entryTypeIdentifier", "numberDecimals", values)


def from_value(row: Json) -> Field | None:
    """An item of a ticket's `customFields`, where the definitions may not be read."""
    return _field(row, "type", "entryMethod", "numberOfDecimals", ())


def custom_fields(row: Json) -> list[Json]:
    """A ticket's `customFields`, those that say which field they are; empty if there are none."""
    found = row.get("customFields")
    listed = [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []
    return [item for item in listed if type(item.get("id")) is int]


@dataclass(frozen=True, slots=True)
class Binding(Generic[F]):
    """Which fields each flag uses, in order of preference: clients may name different captions."""

    fields: Mapping[F, tuple[Field, ...]] = field(default_factory=dict)

    def own_ids(self) -> frozenset[int]:
        return frozenset(bound.id for fields in self.fields.values() for bound in fields)

    def values(self, flags: Mapping[F, str], custom: list[Json] | None) -> dict[Field, Any]:
        """Field and JSON value of each flag with a field on this ticket. Rejected if one cannot hold it."""
        there = None if custom is None else {item.get("id") for item in custom}
        chosen = {flag: self._pick(flag, there) for flag in flags}
        return {bound: encode(bound, flags[flag]) for flag, bound in chosen.items() if bound is not None}

    def observed(self, custom: list[Json]) -> dict[F, str]:
        """The flags as a ticket's custom fields show them."""
        by_id = {item.get("id"): item.get("value") for item in custom}
        found: dict[F, str] = {}
        for flag in self.fields:
            bound = self._pick(flag, set(by_id))
            if bound is not None:
                found[flag] = decode(bound, by_id[bound.id])
        return found

    def shown(self, flags: Mapping[F, str]) -> dict[F, str]:
        """How these values will read back; a value that cannot be held stays as it is."""
        found: dict[F, str] = {}
        for flag, value in flags.items():
            bound = self._pick(flag, None)
            if bound is None:
                continue
            try:
                found[flag] = decode(bound, encode(bound, value))
            except Rejected:
                found[flag] = value
        return found

    def _pick(self, flag: F, there: set[Any] | None) -> Field | None:
        return next((f for f in self.fields.get(flag, ()) if there is None or f.id in there), None)


@dataclass(slots=True)
class Bound(Generic[F]):
    """The outcome of binding captions: the binding, what is not there, and what cannot be used and why."""

    binding: Binding[F]
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def bind(
    captions: Mapping[F, frozenset[str]],
    definitions: Iterable[tuple[Field, str]],
    pins: Mapping[str, int],
) -> Bound[F]:
    """Captions to fields. `definitions` are fields with their screen ('' if unknown); a pinned id wins.

    A caption that two ticket fields carry is refused: writing into the wrong one is worse than not writing.
    """
    known = list(definitions)
    pinned = {caption.casefold(): field_id for caption, field_id in pins.items()}
    outcome: Bound[F] = Bound(Binding())
    bound: dict[F, tuple[Field, ...]] = {}
    for flag, names in captions.items():
        found = [
            _find(name, known, pinned.get(name.casefold()), outcome)
            for name in sorted(names, key=str.casefold)
        ]
        fields = tuple(f for f in found if f is not None)
        if fields:
            bound[flag] = fields
    outcome.binding = Binding(bound)
    return outcome


@dataclass(frozen=True, slots=True)
class Watch:
    """Fields that others write and we only read, by the caption they were asked for by."""

    fields: Mapping[str, Field] = field(default_factory=dict)

    def read(self, custom: list[Json]) -> dict[str, str]:
        """What they show on a ticket; '' where it has none of that kind."""
        by_id = {item.get("id"): item.get("value") for item in custom}
        return {caption: decode(found, by_id.get(found.id)) for caption, found in self.fields.items()}


def watch(
    captions: Iterable[str], definitions: Iterable[tuple[Field, str]], pins: Mapping[str, int]
) -> tuple[Watch, list[str]]:
    """Captions to fields, and what a person should know: which of them cannot be read."""
    known = list(definitions)
    outcome: Bound[Any] = Bound(Binding())
    pinned = {caption.casefold(): field_id for caption, field_id in pins.items()}
    found = {name: _find(name, known, pinned.get(name.casefold()), outcome) for name in sorted(captions)}
    notes = [f"the PSA has no ticket field {name!r}: no rating is read from it" for name in outcome.missing]
    return Watch({name: one for name, one in found.items() if one is not None}), [*outcome.notes, *notes]


def _find(caption: str, known: list[tuple[Field, str]], pin: int | None, outcome: Bound[Any]) -> Field | None:
    if pin is not None:
        return _usable(caption, next((f for f, _ in known if f.id == pin), Field(pin, caption)), outcome)
    same = [(f, screen) for f, screen in known if f.caption.casefold() == caption.casefold()]
    on_tickets = [f for f, screen in same if screen == TICKET_SCREEN] or [
        f for f, screen in same if not screen
    ]
    if len(on_tickets) > 1:
        outcome.notes.append(twins(caption, ", ".join(str(f.id) for f in on_tickets), "id"))
    elif on_tickets:
        return _usable(caption, on_tickets[0], outcome)
    elif same:
        outcome.notes.append(out_of_reach(caption, f"is not a field of service tickets ({same[0][1]})"))
    else:
        outcome.missing.append(caption)
    return None


def _usable(caption: str, found: Field, outcome: Bound[Any]) -> Field | None:
    if found.type not in _UNUSABLE:
        return found
    outcome.notes.append(wrong_type(caption, found.type, "Text, Number or Checkbox"))
    return None


def _field(row: Json, kind: str, entry: str, decimals: str, options: tuple[str, ...]) -> Field | None:
    found, places = row.get("id"), row.get(decimals)
    if type(found) is not int or not text(row, "caption"):
        return None
    return Field(
        found,
        _clean(text(row, "caption")),
        text(row, kind) or "Text",
        text(row, entry) or "EntryField",
        places if type(places) is int else 0,
        options,
        row.get("listViewFlag") is not False,
    )


def _option(field: Field, value: str) -> str:
    if not field.options:
        return value
    for option in field.options:
        if _clean(option).casefold() == value.casefold():
            return option
    known = ", ".join(field.options)[:120]
    raise Rejected(f"the list {field.caption!r} has no option {value[:40]!r}; it has: {known}")


def _day(field: Field, value: str) -> str:
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError as error:
        raise Rejected(f"the field {field.caption!r} takes dates, not {value[:40]!r}") from error


def _clean(value: str) -> str:
    """One line without hidden marks: the server turns line breaks into spaces anyway (facts §3.4)."""
    return " ".join(_HIDDEN.sub("", value).split())
