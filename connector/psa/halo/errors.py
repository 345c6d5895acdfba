"""The words in a Halo error body: it has no fixed shape, and is sometimes no JSON at all.

Seen: a plain string, `{"error": "x"}`, `{"error": {"error_description": "x"}}`, `{"ClassName", "Message"}`,
`{"resultCode", "errorMessage"}`, one unknown key, and a proxy's HTML. Source: facts §8.
"""

from __future__ import annotations

import json
from typing import Any

_NAMES = ("error_description", "errorMessage", "Message", "message", "error", "resultCode", "ClassName")
_DEEP = 4


def explain(body: bytes) -> str:
    """What went wrong, in Halo's words; '' where the body says nothing a person could read."""
    try:
        text = body.decode("utf-8-sig", "replace").strip()
        found = json.loads(text)
    except (ValueError, RecursionError):
        return "" if text.startswith("<") else text[:1000]
    return _words(found, _DEEP)


def _words(found: Any, deep: int) -> str:
    if isinstance(found, list):
        found = found[0] if len(found) == 1 else {}
    if isinstance(found, str):
        return found.strip()
    if not isinstance(found, dict) or not deep:
        return ""
    named = [_words(found[name], deep - 1) for name in _NAMES if found.get(name)]
    if not named and len(found) == 1:
        named = [_words(value, deep - 1) for value in found.values()]
    return "; ".join(dict.fromkeys(word for word in named if word))
