"""From what pydantic finds to what a person reads: file, line, column, what was expected instead.

All errors of a file are told together. `echo` says whether a wrong value may be repeated: in a client's
file it helps, in the daemon's settings it might be a secret in the wrong place.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from rapidfuzz import fuzz, process

from connector.clients.nodes import Loc, Node
from connector.errors import ConfigError

_EXPECTED = {
    "bool_type": "expected true or false",
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "list_type": "expected a list, like [one, two]",
    "dict_type": "expected keys and values",
    "model_type": "expected keys and values",
    "model_attributes_type": "expected keys and values",
}


def suggestion(word: str, known: Iterable[str]) -> str:
    """ "; did you mean 'x'?" for the nearest known word, "" when none is near."""
    best = process.extractOne(word, sorted(known), scorer=fuzz.ratio, score_cutoff=65)
    return f"; did you mean {best[0]!r}?" if best else ""


def problems(
    error: ValidationError,
    tree: Node,
    model: type[BaseModel],
    *,
    at: Loc = (),
    whose: str = "",
    echo: bool = True,
) -> list[ConfigError]:
    """Every finding of `error` at its place in `tree`, in reading order.

    `at` is where in the tree the model's part begins; `whose` says of a missing or an unknown key what it
    is a key of.
    """
    findings = error.errors(include_url=False)
    return in_reading_order(_problem(one, tree, model, tuple(at), whose, echo) for one in findings)


def in_reading_order(found: Iterable[ConfigError]) -> list[ConfigError]:
    return sorted(found, key=lambda one: (str(one.file), one.line, one.column))


def _problem(
    details: Any, tree: Node, model: type[BaseModel], at: tuple[str | int, ...], whose: str, echo: bool
) -> ConfigError:
    inner: tuple[str | int, ...] = details["loc"]
    at_key = bool(inner) and inner[-1] == "[key]"
    if at_key:
        inner = inner[:-1]
    kind, loc = details["type"], (*at, *inner)
    if kind == "missing":
        return tree.error(f"{'.'.join(map(str, loc))!r} is missing{whose}", loc, own=True)
    if kind == "extra_forbidden":
        known = _keys_at(model, inner[:-1])
        hint = suggestion(str(loc[-1]), known) or f"; known here: {', '.join(known)}"
        of = whose if len(inner) == 1 else ""
        return tree.error(f"unknown key {str(loc[-1])!r}{of}{hint}", loc, key=True)
    return tree.error(_message(kind, details, echo), loc, key=at_key)


def _message(kind: str, details: Any, echo: bool) -> str:
    given = details["input"]
    if kind == "value_error":
        return str(details["ctx"]["error"])
    if kind == "literal_error":
        expected = f"expected {details['ctx']['expected']}"
        if not isinstance(given, str) or not echo:
            return expected
        hint = suggestion(given, re.findall("'([^']*)'", expected))
        return f"{expected}, not {given!r}{hint}"
    message = _EXPECTED.get(kind) or details["msg"].replace("Input should be", "must be")
    if given is None:
        return f"nothing is written here: {message}"
    if kind == "string_type" and isinstance(given, (int, float)):
        return f"{message}: put it in quotes"
    if kind == "bool_type" and given in ("yes", "no", "on", "off"):
        return f"{message}, not {given!r}"
    return f"{message}, not {given!r}" if echo and isinstance(given, (int, float)) else message


def _keys_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The keys that the model knows at this path."""
    here: Any = model
    for step in loc:
        here = _inside(here, step)
    here = _bare(here)
    return list(_written(here)) if isinstance(here, type) and issubclass(here, BaseModel) else []


def _written(model: type[BaseModel]) -> dict[str, Any]:
    """The model's fields by the key people write."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _inside(annotation: Any, step: str | int) -> Any:
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        found = _written(annotation).get(str(step))
        return found.annotation if found else None
    args = get_args(annotation)
    return args[-1] if args else None


def _bare(annotation: Any) -> Any:
    """The annotation without Annotated and without `| None`."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
        else:
            return annotation
