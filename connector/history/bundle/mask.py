"""Makes things fit to be handed on: only what is known to be harmless is let through. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from connector.settings.secret import Secret

_PLAIN_KEYS = frozenset({"vendor", "api_version"})
"""Settings whose text is one of a few words, though their type does not say so."""

_LOGGED = frozenset({"connection", "level", "timestamp", "state", "feature", "kind", "number", "result"})
"""Keys of a log line whose text is ours: a name from connector.yaml, or a word of our own."""

_WORD = re.compile(r"[a-z0-9TZ_.:+-]{1,40}")

_QUOTED = re.compile(
    r"(?<!\w)'(?:[^'\\]|\\.)*'|(?<!\w)\"(?:[^\"\\]|\\.)*\"|`[^`]*`", re.DOTALL
)  # as repr writes it; an apostrophe opens nothing
_TELLING = re.compile(r"\S*[A-Z0-9@/\\_]\S*|\S*[^\x00-\x7f]\S*")  # a name, a number, an address
_FRAME = re.compile(r'^ +File "[^"]*?((?:connector|site-packages)/[\w/.-]+)", line (\d+), in (\S+)$')
_KIND = re.compile(r"^(?:\w+\.)*(\w*(?:Error|Exception|Refused|Failed|Violation|Throttled|Unavailable))\b")


def words(text: str) -> str:
    """What a message says without what it says it of: quoted text, names, numbers and addresses are dots."""
    return _TELLING.sub("…", _QUOTED.sub("…", text))


def settings(model: BaseModel) -> dict[str, Any]:
    """The keys of a settings object: numbers and switches as they are, of a text only how long it is."""
    fields = type(model).model_fields
    return {
        key: _setting(key, getattr(model, key), _is_choice(field.annotation)) for key, field in fields.items()
    }


def _setting(key: str, value: Any, choice: bool) -> Any:
    if isinstance(value, Secret):
        return {"stands in": next(k for k in ("file", "env", "credential") if getattr(value, k))}
    if isinstance(value, BaseModel):
        return settings(value)
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value if choice or key in _PLAIN_KEYS else f"text of {len(value)} characters"
    if isinstance(value, Mapping):
        return [_setting(key, one, False) for one in value.values()]
    if isinstance(value, Iterable):
        return [_setting(key, one, False) for one in value]
    return type(value).__name__


def _is_choice(annotation: Any) -> bool:
    """Whether a text of this type is one of a few words of ours."""
    parts = get_args(annotation)
    return get_origin(annotation) is Literal or any(_is_choice(part) for part in parts)


def log_line(line: str, events: Collection[str]) -> dict[str, Any] | None:
    """A line of our log in JSON with what is known to be ours; None for anything else.

    `events` are the messages the program knows. Of other texts only the length stays, of a trace the places
    in the source and the kind of error.
    """
    try:
        row = json.loads(line)
    except ValueError:
        return None
    if not isinstance(row, dict) or str(row.get("event")) not in events:
        return None
    kept: dict[str, Any] = {}
    for key, value in row.items():
        if key == "exception":
            kept[key] = trace(str(value))
        elif value is None or isinstance(value, bool | int | float) or _is_ours(key, str(value)):
            kept[key] = value
        else:
            kept[key] = f"text of {len(str(value))} characters"
    return kept


def _is_ours(key: str, text: str) -> bool:
    """Whether this may be told: a message of ours, a ticket's number, or a word under a key of ours."""
    if key == "ticket":
        return text.isdecimal()
    return key == "event" or (key in _LOGGED and bool(_WORD.fullmatch(text)))


def trace(text: str) -> list[str]:
    """Of a traceback the places in our source and in libraries, and the kinds of error; no message."""
    found = []
    for line in text.splitlines():
        if place := _FRAME.match(line):
            found.append(f"{place[1]}:{place[2]} {place[3]}")
        elif kind := _KIND.match(line):
            found.append(kind[1])
    return found
