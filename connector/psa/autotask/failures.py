"""What Autotask means by a failure: nearly everything that is refused comes as 500, told apart by its text.

A wrong value, a missing right and a broken server share one status; the words in `errors` say which it is
(facts §7; texts seen on live tenants). What the words do not say stays what the status says.
"""

from __future__ import annotations

import json

from connector.errors import ConnectorError, ContractViolation, Rejected, Throttled
from connector.psa.transport import Forbidden

_THREADS = ("thread threshold", "itgenatr005", "request threshold", "requests per hour")
_LIMIT = ("threshold", "exceed")  # in whatever words: the one for the hour's requests was never recorded
_RIGHTS = ("adequate permission", "not authorized", "access denied", "do not have permission")
_FRAMEWORK = "Message: "
_PASSING = ("timeout", "timed out", "deadlock", "try again", "unexpected error", "internal server error")


def explain(body: bytes) -> str:
    """The words of `{"errors": […]}`; those of the framework's `{"Message": "…"}` with that name before them,
    because they say nothing about what was asked. '' for any other body."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(found, dict):
        return ""
    errors = found.get("errors")
    words = [str(one) for one in errors if one] if isinstance(errors, list) else []
    said = found.get("Message") or found.get("message")
    return "; ".join(words) or (f"{_FRAMEWORK}{said}" if said else "")


def classify(status: int, method: str, words: str) -> type[ConnectorError] | None:
    """The error that a failed request is; None where the status alone says it.

    A 500 with words is for good: repeating it changes nothing. Without words, or with those of a server in
    trouble, it passes.
    """
    said = words.casefold()
    if any(text in said for text in _THREADS) or all(text in said for text in _LIMIT):
        return Throttled
    if status != 500 or not said or words.startswith(_FRAMEWORK) or any(text in said for text in _PASSING):
        return None
    if any(text in said for text in _RIGHTS):
        return Forbidden
    return ContractViolation if method == "GET" else Rejected
