"""A whole record of a PSA as plain text by name, so that two looks at it can be compared field by field.

A canary must see what it was not told to look for: a status, a due date, another integration's field. What
goes on by itself with time, and the mark of the last change, is left out: it differs at every look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

MAX_TEXT = 200
"""Characters of a value that are kept and compared."""

RESTLESS = re.compile(
    r"_info|_href|last_?(update|act|incoming|child|track|view|modif)|updated|elapsed|remaining|timeleft|percused"
    r"|minutes|hours$|ticketage|seenby|timestamp|^read$|unread|escalationlevel|waiting",
    re.IGNORECASE,
)
"""Names of what moves by itself on one PSA or another: ages, minutes used, marks of views and changes."""

_NAMES = ("caption", "label", "name")


@runtime_checkable
class Whole(Protocol):
    """A checkup that can show a whole ticket. `Checkup`s may do without."""

    async def record(self, ticket_id: str) -> Mapping[str, str]:
        """Every field of a ticket, by name, as `plain` tells it. NotFound if it is gone."""
        ...


def plain(row: Mapping[str, Any]) -> dict[str, str]:
    """Fields with a value, by the path of their names; custom ones by caption.

    >>> plain({"id": 7, "status": {"id": 2, "name": "New"}, "age": None, "lastUpdate": "x",
    ...        "customFields": [{"id": 3, "caption": "PX Why", "value": "late"}]})
    {'id': '7', 'status.id': '2', 'status.name': 'New', 'PX Why': 'late'}
    """
    return dict(_plain(row, ""))


def _plain(value: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not RESTLESS.search(str(key)):
                yield from _plain(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _custom(inner) if _is_custom(inner) else _plain(inner, f"{name}.{at}")
    elif value not in (None, ""):
        yield name, str(value)[:MAX_TEXT]


def _is_custom(item: object) -> bool:
    return isinstance(item, Mapping) and "value" in item and any(isinstance(item.get(n), str) for n in _NAMES)


def _custom(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    caption = next(item[name] for name in _NAMES if isinstance(item.get(name), str))
    return _plain(item["value"], caption)
