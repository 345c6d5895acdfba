"""User-defined fields: what a flag's value looks like in a field of each type, and which field a flag uses.

Fields are written by their name and found by label or name (facts §5). All values travel as text. What a
type cannot hold exactly is cut in one known way, so that what was written compares equal to what is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from connector.errors import Rejected
from connector.psa import kinds
from connector.psa.autotask.picklists import Choice, choices
from connector.psa.kinds import FieldKind
from connector.psa.refusals import out_of_reach, twins, wrong_type
from connector.psa.values import Json, number, text

Kind = Literal["text", "whole", "number", "date", "list"]
_KINDS: Mapping[str, Kind] = {
    "string": "text",
    "text": "text",
    "integer": "whole",
    "int": "whole",
    "long": "whole",
    "short": "whole",
    "number": "number",
    "numeric": "number",
    "decimal": "number",
    "double": "number",
    "float": "number",
    "date": "date",
    "datetime": "date",
}
_PLAIN: Mapping[Kind, kinds.Kind] = {"date": "date", "list": "list"}
_LEADING_NUMBER = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)")
_HIDDEN = re.compile("[\u200b\u200e\u200f\ufeff]")


F = TypeVar("F", bound=str)
"""Flags of tickets, or of companies."""


@dataclass(frozen=True, slots=True)
class Field:
    """A user-defined field of tickets. `length` 0 is not known."""

    name: str
    label: str = ""
    kind: Kind = "text"
    length: int = 0
    options: tuple[Choice, ...] = ()


def encode(field: Field, value: str) -> str | None:
    """What is sent for a flag's text; None empties the field. Rejected if the field cannot hold it.

    A list of yes and no stands for a checkbox, which the API does not have: there nothing is No.
    """
    said = _clean(value)
    if not said:
        return _no(field)
    if field.kind == "list":
        return _option(field, said)
    if field.kind in ("whole", "number"):
        found = _LEADING_NUMBER.match(said)
        if not found:
            raise Rejected(f"the field {field.label!r} takes numbers, not {said[:40]!r}")
        return _plain(float(found[1]) if field.kind == "number" else round(float(found[1])))
    if field.kind == "date":
        try:
            return f"{datetime.fromisoformat(said).date().isoformat()}T00:00:00Z"
        except ValueError as error:
            raise Rejected(f"the field {field.label!r} takes dates, not {said[:40]!r}") from error
    most = field.length or len(said)
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def decode(field: Field, value: Any) -> str:
    """A field's value as a flag's text: '' when empty, a list's label, the day of a date."""
    if value is None or isinstance(value, dict | list):
        return ""
    said = _clean(str(value))
    if field.kind == "list":
        return (
            ""
            if said == _no(field)
            else next((_clean(c.label) for c in field.options if c.value == said), said)
        )
    if field.kind == "date":
        return said[:10]
    if field.kind in ("whole", "number"):
        try:
            return _plain(float(said))
        except ValueError:
            return said
    return said


def kind_of(field: Field) -> FieldKind:
    """What a field can hold."""
    kind: kinds.Kind = "number" if field.kind in ("whole", "number") else _PLAIN.get(field.kind, "text")
    options = tuple(_clean(choice.label) for choice in field.options)
    return FieldKind(caption=field.label or field.name, kind=kind, length=field.length, options=options)


def from_definition(row: Json) -> Field | str:
    """A row of `entityInformation/userDefinedFields`, or why it cannot carry a flag."""
    name, label = text(row, "name"), text(row, "label") or text(row, "name")
    kind = text(row, "type") or text(row, "dataType")
    if row.get("isReference") is True or kind.casefold() not in _KINDS:
        named = "reference" if row.get("isReference") is True else kind or "unknown"
        return wrong_type(label, named, "Text, Number, Date or a list of one choice")
    if row.get("isReadOnly") is True:
        return out_of_reach(label, "may only be read through the API")
    if row.get("isPickList") is True:
        return Field(name, label, "list", options=tuple(c for c in choices(row) if c.active))
    return Field(name, label, _KINDS[kind.casefold()], int(number(row, "length")))


def user_fields(row: Json) -> dict[str, Any]:
    """A ticket's user-defined fields by name; they are left out where no ticket has a value (facts §5)."""
    found = row.get("userDefinedFields")
    listed = found if isinstance(found, list) else []
    return {text(item, "name"): item.get("value") for item in listed if isinstance(item, Mapping)}


@dataclass(frozen=True, slots=True)
class Binding(Generic[F]):
    """Which fields each flag uses. Every ticket has every field, so where clients name different captions
    for a flag, all of them show it."""

    fields: Mapping[F, tuple[Field, ...]] = field(default_factory=dict)

    def values(self, flags: Mapping[F, str]) -> dict[str, str | None]:
        """Field name and value for each flag that has a field. Rejected if one cannot hold it."""
        return {f.name: encode(f, flags[flag]) for flag in flags for f in self.fields.get(flag, ())}

    def observed(self, row: Json) -> dict[F, str]:
        """The flags as a ticket's fields show them; fields that disagree show both values."""
        values = user_fields(row)
        return {flag: _agreed(decode(f, values.get(f.name)) for f in fs) for flag, fs in self.fields.items()}

    def shown(self, flags: Mapping[F, str]) -> dict[F, str]:
        """How these values will read back; a value that cannot be held stays as it is."""
        bound = {flag: self.fields[flag] for flag in flags if self.fields.get(flag)}
        return {flag: _agreed(_round_trip(f, flags[flag]) for f in fs) for flag, fs in bound.items()}


@dataclass(slots=True)
class Bound(Generic[F]):
    """The outcome of binding captions: the binding, what is not there, and what cannot be used and why."""

    binding: Binding[F]
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def bind(
    captions: Mapping[F, frozenset[str]], definitions: Iterable[Json], pins: Mapping[str, str]
) -> Bound[F]:
    """Captions to fields, by label or name; a pinned name wins. A caption of two fields is refused."""
    rows = list(definitions)
    pinned = {caption.casefold(): name for caption, name in pins.items()}
    outcome: Bound[F] = Bound(Binding())
    bound: dict[F, tuple[Field, ...]] = {}
    for flag, names in captions.items():
        found = [
            _find(name, rows, pinned.get(name.casefold(), ""), outcome)
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

    def read(self, row: Json) -> dict[str, str]:
        """What they show on a ticket; '' where they are empty."""
        values = user_fields(row)
        return {caption: decode(found, values.get(found.name)) for caption, found in self.fields.items()}


def watch(
    captions: Iterable[str], definitions: Iterable[Json], pins: Mapping[str, str]
) -> tuple[Watch, list[str]]:
    """Captions to fields, and what a person should know: which of them cannot be read."""
    rows = list(definitions)
    outcome: Bound[Any] = Bound(Binding())
    pinned = {caption.casefold(): name for caption, name in pins.items()}
    found = {name: _find(name, rows, pinned.get(name.casefold(), ""), outcome) for name in sorted(captions)}
    notes = [f"the PSA has no ticket field {name!r}: no rating is read from it" for name in outcome.missing]
    return Watch({name: one for name, one in found.items() if one is not None}), [*outcome.notes, *notes]


def _find(caption: str, rows: list[Json], pin: str, outcome: Bound[Any]) -> Field | None:
    wanted = (pin or caption).casefold()
    names = ("name",) if pin else ("label", "name")
    same = [row for row in rows if wanted in {text(row, name).casefold() for name in names}]
    if len(same) > 1:
        outcome.notes.append(twins(caption, ", ".join(text(row, "name") for row in same), "name"))
    elif same:
        found = from_definition(same[0])
        if isinstance(found, Field):
            return found
        outcome.notes.append(found)
    else:
        outcome.missing.append(caption)
    return None


def _round_trip(field: Field, value: str) -> str:
    try:
        return decode(field, encode(field, value))
    except Rejected:
        return value


def _agreed(values: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(values))


def _option(field: Field, said: str) -> str:
    for choice in field.options:
        if said.casefold() in (_clean(choice.label).casefold(), choice.value.casefold()):
            return choice.value
    known = ", ".join(choice.label for choice in field.options)[:120]
    raise Rejected(f"the list {field.label!r} has no value {said[:40]!r}; it has: {known}")


def _no(field: Field) -> str | None:
    """The value that means no in a list of yes and no; None for any other field."""
    values = {_clean(choice.label).casefold(): choice.value for choice in field.options}
    return values["no"] if values.keys() == {"yes", "no"} else None


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(round(value, 6))


def _clean(value: str) -> str:
    """One line without hidden marks."""
    return " ".join(_HIDDEN.sub("", value).split())
