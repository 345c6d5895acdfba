"""Autotask's filters: what a client may ask, and what happens when it asks wrongly.

Known traps, on purpose: an operator that does not exist is ignored, so the filter lets everything
through; unknown fields, more than 500 ORs and a second user-defined field are a 500.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from connector.simulator.autotask.entity import Entity, Field, Hints, Udf
from connector.simulator.autotask.errors import refused, unable_to_find

MAX_OR = 500
Test = Callable[[Any], bool]
_GROUPS = ("and", "or")
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda has, want: has > want,
    "gte": lambda has, want: has >= want,
    "lt": lambda has, want: has < want,
    "lte": lambda has, want: has <= want,
}
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "beginswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}


def compiled(entity: Entity, given: Any) -> Test:
    """A test for records of `entity` from the value of "filter"; ApiError as the vendor would refuse it."""
    if not isinstance(given, list) or not given:
        raise refused("A filter is required to query this entity.")
    if _ors(given) > MAX_OR:
        raise refused("Queries are limited to 500 or fewer 'OR' conditions.")
    if len(_udf_names(given)) > 1:
        raise refused("You can only query by one user-defined field at a time.")
    return _all([_node(entity, item) for item in given])


def _low(node: Any) -> dict[str, Any]:
    """An item with the names of its keys in lower case."""
    if not isinstance(node, dict):
        raise refused("A filter must be an object with op, field and value.")
    return {str(key).casefold(): value for key, value in node.items()}


def _op(item: dict[str, Any]) -> str:
    return str(item.get("op", "")).casefold()


def _items(item: dict[str, Any]) -> list[Any]:
    found = item.get("items")
    return found if isinstance(found, list) else []


def _ors(nodes: list[Any]) -> int:
    count = 0
    for node in nodes:
        item = _low(node)
        if _op(item) == "or":
            count += len(_items(item))
        if _op(item) in ("in", "notin") and isinstance(item.get("value"), list):
            count += len(item["value"])
        count += _ors(_items(item))
    return count


def _udf_names(nodes: list[Any]) -> set[str]:
    names: set[str] = set()
    for node in nodes:
        item = _low(node)
        if item.get("udf") is True:
            names.add(str(item.get("field")))
        names |= _udf_names(_items(item))
    return names


def _all(tests: list[Test]) -> Test:
    return lambda row: all(test(row) for test in tests)


def _any(tests: list[Test]) -> Test:
    return lambda row: any(test(row) for test in tests)


def _node(entity: Entity, node: Any) -> Test:
    item = _low(node)
    op = _op(item)
    if op in _GROUPS:
        tests = [_node(entity, one) for one in _items(item)]
        return (_any if op == "or" else _all)(tests)
    name = str(item.get("field", ""))
    read, kind = _reader(entity, name, item.get("udf") is True)
    return _test(op, read, kind, name, item.get("value"))


def _reader(entity: Entity, name: str, udf: bool) -> tuple[Callable[[Any], Any], str]:
    if udf:
        found = _udf(entity, name)
        return lambda row: entity.udf_value(row, found), "string"
    field = entity.find(name)
    if field is None or not field.queryable:
        raise unable_to_find(name, entity.singular)
    return field.read, field.kind


def _udf(entity: Entity, name: str) -> Udf:
    for one in entity.udfs():
        if one.name.casefold() == name.casefold():
            return one
    raise unable_to_find(name, entity.singular)


def _test(op: str, read: Callable[[Any], Any], kind: str, name: str, value: Any) -> Test:
    if op == "exist":
        return lambda row: read(row) not in (None, "")
    if op == "notexist":
        return lambda row: read(row) in (None, "")
    if op in ("in", "notin"):
        if not isinstance(value, list):
            raise refused(f"The value of {name} must be an array.")
        wanted = {converted(one, kind, name) for one in value}
        return lambda row: (_plain(read(row)) in wanted) == (op == "in")
    if op in ("eq", "noteq"):
        want = converted(value, kind, name)
        return lambda row: (_plain(read(row)) == want) == (op == "eq")
    if op in _ORDER:
        want, compare = converted(value, kind, name), _ORDER[op]
        return lambda row: (has := _plain(read(row))) is not None and compare(has, want)
    if op in _TEXT:
        part, finds = str(value).casefold(), _TEXT[op]
        return lambda row: finds(str(read(row) or "").casefold(), part)
    return lambda _row: True


def _plain(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def converted(value: Any, kind: str, name: str) -> Any:
    """A filter's value as the field's kind; a truth must be a JSON truth, a number may be text."""
    try:
        if kind == "boolean" or isinstance(value, bool):
            if kind != "boolean" or not isinstance(value, bool):
                raise ValueError(value)
            return value
        if kind in ("integer", "long"):
            return int(value)
        if kind == "double":
            return float(value)
        if kind == "datetime":
            at = datetime.fromisoformat(str(value))
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (TypeError, ValueError):
        raise refused(f"Unable to convert [{str(value)[:40]}] to {kind} (field:{name}).") from None
    return None if value is None else str(value).casefold()


# ── what spares looking at every record ───────────────────────────────────────────────────────────


def hints(entity: Entity, given: list[Any]) -> Hints:
    """What follows from a filter that compiled."""
    after, tickets = -1, None
    for node in given:
        item = _low(node)
        for one in [_low(each) for each in _items(item)] if _op(item) == "and" else [item]:
            field = entity.find(str(one.get("field", "")))
            if field is None or one.get("udf") is True:
                continue
            if field.name == "id":
                after = max(after, _after(one))
            names_ticket = field.name in ("ticketID", "id" if entity.name == "Tickets" else "")
            wanted = _wanted(one) if names_ticket else None
            if wanted is not None:
                tickets = wanted if tickets is None else tickets & wanted
    return Hints(after, _since(entity, {"op": "and", "items": given}), tickets)


def _after(item: dict[str, Any]) -> int:
    op = _op(item)
    return int(item["value"]) - (op != "gt") if op in ("gt", "gte", "eq") else -1


def _wanted(item: dict[str, Any]) -> frozenset[int] | None:
    if _op(item) == "eq":
        return frozenset([int(item["value"])])
    return frozenset(int(one) for one in item["value"]) if _op(item) == "in" else None


def _since(entity: Entity, node: Any) -> datetime | None:
    """No record that was last changed before this can pass, None if any may."""
    item = _low(node)
    bounds = [_since(entity, one) for one in _items(item)]
    if _op(item) == "and":
        known = [bound for bound in bounds if bound is not None]
        return max(known) if known else None
    if _op(item) == "or":
        return min((b for b in bounds if b is not None), default=None) if None not in bounds else None
    field: Field | None = entity.find(str(item.get("field", "")))
    if field is None or item.get("udf") is True or field.name not in entity.stamps:
        return None
    if _op(item) not in ("gt", "gte", "eq"):
        return None
    bound: datetime = converted(item.get("value"), "datetime", field.name)
    return bound
