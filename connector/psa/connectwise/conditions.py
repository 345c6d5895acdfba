"""ConnectWise's query language, built from typed parts so that a value can never become syntax.

Strings stand in double quotes, `[x]` in them is written `[[]x]`, dates are UTC in brackets with `Z` and
whole seconds (an offset or a fraction is misread by the server). Source: facts §3, §4.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import quote_plus

Value = str | int | float | bool | datetime | None
_FIELD = re.compile(r"[A-Za-z_]\w*(?:/\w+)*\Z")
ROOM = 1500
"""Encoded characters one condition may have: 1,700 for the URL less host, path and other parameters."""


class Condition(str):
    """A finished condition. Only this module makes them."""

    __slots__ = ()


def literal(value: Value) -> str:
    """A value as the query language writes it. ValueError for a datetime without zone."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a condition needs an aware datetime")
        return f"[{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}]"
    if isinstance(value, str):
        escaped = re.sub(r"\[", "[[]", value.replace("\\", "\\\\").replace('"', '\\"'))
        return f'"{escaped}"'
    return repr(value)


def eq(field: str, value: Value) -> Condition:
    return _compare(field, "=", value)


def contains(field: str, value: str) -> Condition:
    """Texts with this in them."""
    return _compare(field, "contains", value)


def gt(field: str, value: Value) -> Condition:
    return _compare(field, ">", value)


def in_(field: str, values: Iterable[Value]) -> Condition:
    return Condition(f"{_name(field)} in ({','.join(literal(v) for v in values)})")


def and_(*parts: Condition) -> Condition:
    return _join(" and ", parts)


def or_(*parts: Condition) -> Condition:
    return _join(" or ", parts)


def split_in(field: str, values: Iterable[Value], room: int = ROOM) -> Iterator[list[Value]]:
    """The values in groups whose `in` condition fits into `room` characters of a URL."""
    group: list[Value] = []
    start = used = len(quote_plus(f"{_name(field)} in ()"))
    for value in values:
        cost = len(quote_plus(literal(value) + ","))
        if group and used + cost > room:
            yield group
            group, used = [], start
        group.append(value)
        used += cost
    if group:
        yield group


def _name(field: str) -> str:
    if not _FIELD.match(field):
        raise ValueError(f"not a field name: {field!r}")
    return field


def _compare(field: str, operator: str, value: Value) -> Condition:
    return Condition(f"{_name(field)} {operator} {literal(value)}")


def _join(word: str, parts: tuple[Condition, ...]) -> Condition:
    if len(parts) == 1:
        return parts[0]
    return Condition("(" + word.join(parts) + ")")
