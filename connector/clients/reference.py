"""A JSON Schema of ours as tables for people: every key, what may be written, its default, what it does.

A page written by hand forgets the key somebody adds; one made from the models cannot. Each key has an
anchor, its whole path (`#px.target`), so other pages can point at it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import TypeAdapter

from connector.clients.forms import Day, IntervalText, Minutes, Seconds, Share
from connector.clients.parts import Slug

Schema = Mapping[str, Any]
_FORMS: Sequence[tuple[Any, str]] = (
    *((form, "duration") for form in (Minutes, Seconds)),
    *((IntervalText, "hours"), (Day, "date"), (Share, "points"), (Slug, "short name")),
)
_SCHEMAS = [(TypeAdapter(form).json_schema(), word) for form, word in _FORMS]
_WRITTEN = {schema["pattern"]: word for schema, word in _SCHEMAS}
_USUAL = [schema.get("examples") for schema, _ in _SCHEMAS]
_HEAD = ("| key | may be | as shipped | what it does |", "|---|---|---|---|")
_PLAIN = re.compile(r"[A-Za-z][\w ()/.>%@'-]*", re.ASCII)
_WORDS_OF_YAML = ("null", "true", "false", "yes", "no", "on", "off")
_LONG = 90
MISSING = object()


def flow(value: Any) -> str:
    """A value as somebody would write it in one of our files, on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        if '"' in value and "'" not in value:
            return f"'{value}'"
        plain = re.fullmatch(r"\d+[a-z]\w*|\d{4}-\d\d-\d\d|\d+/\d+", value) or _PLAIN.fullmatch(value)
        return value if plain and value not in _WORDS_OF_YAML else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a schema is told. `prefix`: of its anchors. `places`: what stands for a key of one's own, by path.

    `told`: parts that are told elsewhere, by name, with their anchors. `more`: a sentence by path.
    `unsaid`: what a part's keys are where they are not written, other than null.
    """

    prefix: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    unsaid: Mapping[str, str] = field(default_factory=dict)


Below = list[tuple[str, Schema]]


class Reference:
    """The tables of one schema. `defaults`: what holds where nothing is written, None: the schema's own."""

    def __init__(self, schema: Schema, layout: Layout, defaults: Mapping[str, Any] | None = None) -> None:
        self._parts: Schema = schema.get("$defs", {})
        self._layout, self._defaults = layout, defaults
        self._told = dict(layout.told)

    def tables(self, part: Schema, path: str = "", keys: Iterable[str] | None = None) -> Iterator[str]:
        """The table of a mapping, `keys` of it or all, and then those of the mappings in it."""
        below: Below = []
        rows = [
            self._row(key, f"{path}.{key}".lstrip("."), part["properties"][key], below)
            for key in (part["properties"] if keys is None else keys)
        ]
        yield "\n".join([*_HEAD, *rows, ""])
        for where, inner in below:
            yield self.heading(where, f"{_sentence(inner)}.".lstrip("."))
            yield from self.tables(inner, where)

    def heading(self, where: str, said: str = "") -> str:
        """The heading of a mapping's table, with its anchor."""
        told = " ".join(filter(None, (said, self._layout.more.get(where, ""))))
        return f'<a id="{self._anchor(where)}.keys"></a>\n\n### {where}\n' + (f"\n{told}\n" if told else "")

    def _anchor(self, path: str) -> str:
        return f"{self._layout.prefix}{path}".replace("[]", ".item")

    def _row(self, key: str, where: str, one: Schema, below: Below) -> str:
        examples = [] if one.get("examples") in _USUAL else one.get("examples", [])[:2]
        said = [_sentence(one) or _sentence(self._part_of(one))]
        said += [f"Example: {'; '.join(f'`{flow(example)}`' for example in examples)}"] * bool(examples)
        cells = (
            f'<a id="{self._anchor(where)}"></a>`{key}`',
            self._kind(one, where, below),
            self._shipped(one, where),
            ". ".join(said),
        )
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    def _part_of(self, one: Schema) -> Schema:
        for choice in (one, *one.get("anyOf", ())):
            if "$ref" in choice:
                return cast(Schema, self._parts[_name(choice)])
        return {}

    def _shipped(self, one: Schema, where: str) -> str:
        """What holds where the key is not written."""
        if unsaid := self._layout.unsaid.get(where.rpartition(".")[0]):
            return unsaid
        value = one.get("default", MISSING)
        if self._defaults is not None and "[]" not in where:
            value = _found(self._defaults, where, value)
        if value is MISSING:
            return "**needed**"
        if isinstance(value, Mapping) and ("$ref" in one or "properties" in one):
            return "see there"
        text = flow(value)
        return f"`{text}`" if len(text) <= _LONG else f"{len(value)}, see `defaults.yaml`"

    def _kind(self, one: Schema, where: str, below: Below) -> str:
        """What may be written, in words; mappings in it are put on `below`."""
        if "$ref" in one:
            return self._mapping(_name(one), self._parts[_name(one)], where, below)
        if "anyOf" in one:
            kinds = [self._kind(choice, where, below) for choice in one["anyOf"]]
            return " or ".join(dict.fromkeys(kinds))
        if "oneOf" in one:
            return "keys of its vendor"
        if words := one.get("enum") or [one["const"] for _ in ("const",) if "const" in one]:
            return " · ".join(f"`{word}`" for word in words)
        if one.get("type") == "array":
            return "list: " + self._kind(one["items"], f"{where}[]", below)
        if one.get("type") == "object" and "properties" in one:
            value = self._kind(next(iter(one["properties"].values())), where, below)
            return f"{self._mapping(str([*one['properties']]), one, where, below)}: {value}"
        if one.get("type") == "object":
            place = self._layout.places.get(where, "NAME")
            inner = one.get("additionalProperties") or next(iter(one["patternProperties"].values()))
            return f"{place}: " + self._kind(inner, f"{where}.{place}", below)
        return _scalar(one)

    def _mapping(self, name: str, part: Schema, where: str, below: Below) -> str:
        if name not in self._told:
            self._told[name] = f"{self._anchor(where)}.keys"
            below.append((where, part))
        anchor = self._told[name]
        return f"[{'keys' if '.' in anchor else name.lower()}](#{anchor})"


def _name(ref: Schema) -> str:
    return str(ref["$ref"]).rpartition("/")[2]


def _sentence(one: Schema) -> str:
    """What it says of itself, without the full stop."""
    return " ".join(str(one.get("description", "")).split()).rstrip(".")


def _found(values: Any, where: str, otherwise: Any) -> Any:
    for key in where.split("."):
        if not isinstance(values, Mapping) or key not in values:
            return otherwise
        values = values[key]
    return values


def _bounds(one: Schema) -> str:
    least = one.get("minimum", one.get("exclusiveMinimum"))
    most = one.get("maximum", one.get("exclusiveMaximum"))
    if least is None or most is None:
        return ""
    above = "above " if "exclusiveMinimum" in one else ""
    below = "below " if "exclusiveMaximum" in one else ""
    return f", {above}{least:,g} to {below}{most:,.12g}"


def _scalar(one: Schema) -> str:
    kind, pattern = one.get("type"), one.get("pattern", "")
    if kind == "boolean":
        return "`true` · `false`"
    if kind in ("integer", "number"):
        return ("whole number" if kind == "integer" else "number") + _bounds(one)
    if isinstance(kind, list):
        return "name"
    return "`null`" if kind == "null" else _WRITTEN.get(pattern, "text")
