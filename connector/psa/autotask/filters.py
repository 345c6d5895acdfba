"""Autotask's query filters, built from typed parts so that a value can never become syntax.

An operator that the server does not know is ignored by it, and everything comes back (facts §3): so there
is no way to name one here but the functions below, and none of them takes an operator from outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, get_args

Scalar = str | int | float | bool | datetime
Op = Literal[
    "eq", "noteq", "gt", "gte", "lt", "lte", "beginsWith", "endsWith", "contains", "exist", "notExist",
    "in", "notIn", "and", "or",
]  # fmt: skip
OPERATORS: frozenset[str] = frozenset(get_args(Op))
"""All that the vendor has; `notExist`, never `noteExist` (facts §3)."""

MOST = 500
"""Values an `in` may have: all alternatives of a query together are limited to it (facts §3)."""

_FIELD = re.compile(r"[A-Za-z]\w*\Z")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filter:
    """A finished filter; `alternatives` counts what the vendor's limit counts. Made by this module only."""

    item: dict[str, Any]
    alternatives: int = 0


def literal(value: Scalar) -> str | int | float | bool:
    """A value as the JSON has it: dates in UTC with `Z`. ValueError for a datetime without zone."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a filter needs an aware datetime")
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value


def eq(field: str, value: Scalar) -> Filter:
    return _compare("eq", field, value)


def noteq(field: str, value: Scalar) -> Filter:
    return _compare("noteq", field, value)


def gt(field: str, value: Scalar) -> Filter:
    return _compare("gt", field, value)


def gte(field: str, value: Scalar) -> Filter:
    return _compare("gte", field, value)


def begins_with(field: str, value: str) -> Filter:
    return _compare("beginsWith", field, value)


def contains(field: str, value: str) -> Filter:
    return _compare("contains", field, value)


def exist(field: str) -> Filter:
    return Filter({"op": _op("exist"), "field": _name(field)})


def in_(field: str, values: Sequence[Scalar]) -> Filter:
    """One of these values. ValueError for none or for more than `MOST`."""
    if not 0 < len(values) <= MOST:
        raise ValueError(f"an `in` takes 1 to {MOST} values, not {len(values)}")
    return Filter(
        {"op": _op("in"), "field": _name(field), "value": [literal(v) for v in values]}, len(values)
    )


def and_(*parts: Filter) -> Filter:
    return _group("and", parts, 0)


def or_(*parts: Filter) -> Filter:
    return _group("or", parts, len(parts))


def split(values: Iterable[T], size: int = MOST) -> Iterator[list[T]]:
    """The values in groups that fit into one `in`."""
    group: list[T] = []
    for value in values:
        group.append(value)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def query(where: Filter, *, after: int = 0, size: int = MOST, fields: Sequence[str] = ()) -> dict[str, Any]:
    """The body of `POST /{entity}/query`: rows behind the id `after`, which is how pages are turned.

    `fields` must name `id` where a second page may follow. ValueError if the filter asks for more
    alternatives than the vendor allows.
    """
    if where.alternatives > MOST:
        raise ValueError(f"{where.alternatives} alternatives in one query, and {MOST} are the most")
    if fields and "id" not in fields:
        raise ValueError("without its id a row cannot be paged by")
    whole = and_(where, gt("id", after)) if after else where
    body: dict[str, Any] = {"maxRecords": max(1, min(size, MOST)), "filter": [whole.item]}
    return body | ({"includeFields": [_name(name) for name in fields]} if fields else {})


def _op(name: Op) -> str:
    if name not in OPERATORS:
        raise ValueError(f"no operator of Autotask's: {name!r}")
    return name


def _name(field: str) -> str:
    if not _FIELD.match(field):
        raise ValueError(f"not a field name: {field!r}")
    return field


def _compare(op: Op, field: str, value: Scalar) -> Filter:
    return Filter({"op": _op(op), "field": _name(field), "value": literal(value)})


def _group(op: Op, parts: Sequence[Filter], own: int) -> Filter:
    if len(parts) == 1:
        return parts[0]
    items = [part.item for part in parts]
    return Filter({"op": _op(op), "items": items}, own + sum(part.alternatives for part in parts))
