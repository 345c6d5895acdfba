"""Which rows of a list match the conditions, at the cost of what is shown.

Usual conditions (`id > n`, `id in (…)`, `lastUpdated > [t]`) are answered from an index; everything
else is filtered row by row. A page of 100,000 tickets therefore costs what it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector.simulator.connectwise.conditions import (
    EVERYTHING,
    All,
    AnyOf,
    Getter,
    Node,
    Stamp,
    Test,
    compile_node,
)
from connector.simulator.connectwise.errors import bad_condition
from connector.simulator.rows import Rows

INFO_NAMES = frozenset({"lastupdated", "updatedby", "dateentered", "enteredby"})
_SUB_NAMES = frozenset({"id", "name", "identifier", "summary", "sort", "level"}) | INFO_NAMES


class Listing:
    """What a list endpoint can serve: its rows, how they look and which names can be asked for.

    `rows` is an indexed table or a function giving finished JSON objects; `fast` reads common paths
    without building the JSON; `index` finds the few rows that belong to a number.
    """

    def __init__(
        self,
        rows: Rows[Any] | Callable[[], Iterable[dict[str, Any]]],
        shape: Callable[[Any], dict[str, Any]],
        names: Iterable[str],
        fast: Mapping[str, Getter] | None = None,
        index: Mapping[str, Callable[[int], Iterable[Any]]] | None = None,
        pageable_forward: bool = True,
    ) -> None:
        self.rows, self.shape = rows, shape
        self.names = {name.casefold(): name for name in names}
        self.fast = {path.casefold(): read for path, read in (fast or {}).items()}
        self.index = {path.casefold(): rows for path, rows in (index or {}).items()}
        self.pageable_forward = pageable_forward
        self.finish: Callable[[dict[str, Any]], Any] = lambda record: record
        self.kept: tuple[Any, list[Any]] | None = None

    def getter(self, path: str) -> Getter:
        """How to read this path from a row; 400 when the list has no such field."""
        folded = path.casefold()
        if folded in self.fast:
            return self.fast[folded]
        head, *rest = folded.split("/")
        if head in INFO_NAMES and not rest and head not in self.names:
            head, rest = "_info", [head]
        if (head not in self.names and head != "_info") or any(part not in _SUB_NAMES for part in rest):
            raise bad_condition(f"The field '{path}' cannot be used in conditions")
        return lambda row: _walk(self.shape(row), [head, *rest])


def _walk(value: Any, path: list[str]) -> Any:
    for part in path:
        if not isinstance(value, dict):
            return None
        value = next((item for name, item in value.items() if name.casefold() == part), None)
    return Stamp(value) if isinstance(value, str) and _is_instant(path[-1]) else value


def _is_instant(name: str) -> bool:
    return (name in INFO_NAMES and "by" not in name) or "date" in name or name.startswith("time")


# ── the index ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Query:
    """The three kinds of conditions. The last two ask for one item of a list inside the row."""

    where: Node = EVERYTHING
    child: Node = EVERYTHING
    custom: Node = EVERYTHING


@dataclass
class Plan:
    """What the conditions say that an index can use."""

    ids: frozenset[int] | None = None
    above: int = 0
    low: datetime | None = None
    high: datetime | None = None
    indexed: tuple[str, frozenset[int]] | None = None


def plan_of(node: Node, listing: Listing) -> Plan:
    plan = Plan()
    for test in _necessary(node):
        name = test.path.casefold()
        if name == "id":
            _plan_id(plan, test)
        elif name in listing.index and test.op in ("=", "in"):
            plan.indexed = (name, _whole_numbers(test))
        elif name in ("lastupdated", "_info/lastupdated") and isinstance(test.value, Stamp):
            at = datetime.fromisoformat(test.value)
            if test.op in (">", ">=", "="):
                plan.low = max(plan.low or at, at)
            if test.op in ("<", "<=", "="):
                plan.high = min(plan.high or at, at)
    return plan


def _plan_id(plan: Plan, test: Test) -> None:
    if test.op in ("=", "in"):
        ids = _whole_numbers(test)
        plan.ids = ids if plan.ids is None else plan.ids & ids
    elif test.op in (">", ">=") and isinstance(test.value, int):
        plan.above = max(plan.above, test.value - (test.op == ">="))


def _whole_numbers(test: Test) -> frozenset[int]:
    given = test.value if isinstance(test.value, tuple) else (test.value,)
    return frozenset(int(item) for item in given if isinstance(item, int | float))


def _necessary(node: Node) -> Iterator[Test]:
    """The plain tests that every match must pass."""
    if isinstance(node, Test) and not node.negated:
        yield node
    elif isinstance(node, All):
        for part in node.parts:
            yield from _necessary(part)


def _item_matcher(node: Node, list_name: str) -> Callable[[dict[str, Any]], bool]:
    """Does any item of the record's list match? Paths may repeat the list's name or leave it out."""

    def getter(path: str) -> Getter:
        parts = path.casefold().split("/")
        if parts[0] == list_name.casefold():
            parts = parts[1:]
        return lambda item: _walk(item, parts)

    match = compile_node(node, getter)
    return lambda record: any(match(item) for item in record.get(list_name, ()))


def _heads(node: Node) -> set[str]:
    if isinstance(node, Test):
        return {node.path.partition("/")[0].casefold()}
    parts = node.parts if isinstance(node, All | AnyOf) else (node.part,)
    return {head for part in parts for head in _heads(part)}


class Finder:
    """Runs the conditions of one request over a listing, in order of id."""

    def __init__(self, listing: Listing, query: Query, lag: timedelta, now: datetime) -> None:
        self.listing, self.query = listing, query
        self.plan = plan_of(query.where, listing)
        self.match = compile_node(query.where, listing.getter)
        self.inner = self._inner(query)
        rows = listing.rows
        self.past = rows.past(now - lag) if lag and isinstance(rows, Rows) else {}

    def _inner(self, query: Query) -> list[Callable[[dict[str, Any]], bool]]:
        matchers = []
        if query.child != EVERYTHING:
            heads = _heads(query.child)
            names = [name for name in self.listing.names.values() if name.casefold() in heads]
            if len(heads) != 1 or not names:
                raise bad_condition("childConditions need one list of this record")
            matchers.append(_item_matcher(query.child, names[0]))
        if query.custom != EVERYTHING:
            matchers.append(_item_matcher(query.custom, "customFields"))
        return matchers

    def _matches(self, row: Any) -> bool:
        if not self.match(row):
            return False
        return not self.inner or all(inner(self.listing.shape(row)) for inner in self.inner)

    def after(self, row_id: int) -> Iterator[Any]:
        """Matching rows with a greater id."""
        above = max(row_id, self.plan.above)
        found = (row for row in self._candidates(above) if self._matches(row))
        if not self.past:
            return found
        fresh = [row for row in found if row.id not in self.past]
        old = [row for row in self.past.values() if row and row.id > above and self._matches(row)]
        return iter(sorted(fresh + old, key=lambda row: int(row.id)))

    def _candidates(self, above: int) -> Iterator[Any]:
        rows, plan = self.listing.rows, self.plan
        if not isinstance(rows, Rows):
            made = sorted(rows(), key=lambda row: int(row.get("id", 0)))
            return (row for row in made if row.get("id", 1) > above)
        if plan.ids is not None:
            return (rows.by_id[i] for i in sorted(plan.ids) if i > above and i in rows.by_id)
        if plan.indexed is not None:
            name, numbers = plan.indexed
            some = [row for number in numbers for row in self.listing.index[name](number) if row.id > above]
            return iter(sorted(some, key=lambda row: int(row.id)))
        first, last = rows.updated(plan.low, plan.high)
        if last - first < len(rows) // 4:
            return (row for row in rows.between(first, last) if row.id > above)
        return rows.after(above)

    def all(self, order: str = "") -> list[Any]:
        """Every matching row in this order; kept until something changes, for whoever turns the pages."""
        rows = self.listing.rows
        if not isinstance(rows, Rows) or self.past:
            return _ordered(list(self.after(-1)), order, self.listing)
        key = (rows.revision, self.query, order)
        if self.listing.kept is None or self.listing.kept[0] != key:
            self.listing.kept = (key, _ordered(list(self.after(-1)), order, self.listing))
        return self.listing.kept[1]


def _ordered(rows: list[Any], order: str, listing: Listing) -> list[Any]:
    """Sorted by `orderBy`; missing values come first."""
    for part in reversed([p for p in order.split(",") if p.strip()]):
        path, _, direction = part.strip().partition(" ")
        keyed = [(value is not None, value, row) for row, value in _values(rows, listing.getter(path))]
        keyed.sort(key=lambda item: item[:2] if item[0] else (False,))
        rows = [row for _, _, row in keyed]
        if direction.strip().casefold() == "desc":
            rows.reverse()
    return rows


def _values(rows: list[Any], read: Getter) -> Iterator[tuple[Any, Any]]:
    return ((row, read(row)) for row in rows)
