"""Calendars that are written as differences, spelt out: from a date on, and for one priority.

A change names only what is new; everything else is as before it. A priority's calendar names only what
differs from the client's. Both are laid over as nodes, so that every mistake keeps its place.
"""

from __future__ import annotations

from connector.clients.layers import laid_over
from connector.clients.nodes import Node

_AT = ("calendar",)


def spelt_out(tree: Node) -> Node:
    """The same file with every calendar in it whole. What cannot be understood stays as it is.

    Without a client's calendar and its zone there is nothing to differ from: the differences are left
    out, and are looked at when those are there.
    """
    calendar = tree.find(["calendar"])
    if calendar is None or not isinstance(calendar.value, dict):
        return tree
    known = calendar.find(["timezone"]) is not None
    whole = _changes(calendar) if known else _with(calendar, "from", Node({}))
    tree = _with(tree, "calendar", whole)
    rows = tree.find(["targets"])
    for name, row in rows.value.items() if rows and isinstance(rows.value, dict) else ():
        own = row.find(["calendar"])
        if rows and own and own.value is not None:
            rows = _with(rows, name, _with(row, "calendar", _row(calendar, own) if known else Node(None)))
    return _with(tree, "targets", rows) if rows else tree


def _row(calendar: Node, own: Node) -> Node:
    if own.value == "24x7":
        own = Node({"week": own}, own.file, own.place, {"week": own.place})
    return _changes(laid_over(calendar, own, _AT))


def _changes(calendar: Node) -> Node:
    """The calendar with every one of its changes laid over the one before."""
    changes = calendar.find(["from"])
    if not isinstance(calendar.value, dict) or changes is None or not isinstance(changes.value, dict):
        return calendar
    before = Node({key: value for key, value in calendar.value.items() if key != "from"}, calendar.file)
    before.keys, before.place = calendar.keys, calendar.place
    for day, change in sorted(changes.value.items()):
        if isinstance(change.value, dict):
            before = laid_over(before, change, _AT)
            changes = _with(changes, day, before)
    return _with(calendar, "from", changes)


def _with(node: Node, key: str, value: Node) -> Node:
    assert isinstance(node.value, dict)
    return Node({**node.value, key: value}, node.file, node.place, node.keys)
