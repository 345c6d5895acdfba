"""The escape hatch of a client's rules: an expression in CEL over a message, checked when it is read.

CEL has no loops, no side effects and regular expressions in linear time, and the compiler knows every key
and its type, so a slip of the pen is an error of the file, not a rule that never holds. The library is an
extra: most clients need none of this.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from connector.clients.problems import suggestion
from connector.rules.authorship.counting import NOTE_FIELDS
from connector.rules.policy import Note

EXTRA = "px-connector[expressions]"

_PREFIX = re.compile(r"^[A-Z_]+: (?:ERROR: )?")
_PLACE = re.compile(r"<input>:(\d+):(\d+): ([^\n]*)")
_UNKNOWN = re.compile(r"undeclared reference to 'note\.?(\w*)'")


def compiled(source: str) -> Callable[[Note], bool | None]:
    """The expression as a function of a note: true, false, or None where it cannot be worked out.

    Raises ValueError if the extra is not installed, or with what is wrong with the expression and where.
    """
    environment, expression = _environment(), None
    try:
        expression = environment.compile(source)
    except RuntimeError as error:
        raise ValueError(_told(str(error))) from None
    if expression.return_type().name() != "BOOL":
        raise ValueError(f"expected true or false of it, not {expression.return_type().name().lower()}")
    for blank in (True, False):
        value = expression.eval(data=_bound(_sample(blank)))
        if value.type().name() != "BOOL":
            raise ValueError(f"cannot be worked out: {_PREFIX.sub('', str(value.value()))}")
    return lambda note: _value(expression, note)


@lru_cache(maxsize=1)
def _environment() -> Any:
    try:
        from cel_expr_python import cel
    except ImportError:
        raise ValueError(f"`when` needs an extra that is not installed: pip install '{EXTRA}'") from None
    types = {str: cel.Type.STRING, int: cel.Type.INT, bool: cel.Type.BOOL}
    return cel.NewEnv(variables={f"note.{name}": types[kind] for name, kind in NOTE_FIELDS.items()})


def _value(expression: Any, note: Note) -> bool | None:
    found = expression.eval(data=_bound(note)).value()
    return found if isinstance(found, bool) else None


def _bound(note: Note) -> dict[str, str | int | bool]:
    """The names an expression knows; text without halves of characters, which CEL does not take."""
    return {
        f"note.{name}": value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in note.items()
    }


def _sample(blank: bool) -> Note:
    """A note to try an expression on, with nothing or with something under every key."""
    return {name: kind() if blank else kind("1") for name, kind in NOTE_FIELDS.items()}


def _told(error: str) -> str:
    """The compiler's first complaint, with its place in the expression."""
    found = _PLACE.search(error)
    if found is None:
        return _PREFIX.sub("", error).partition("\n")[0]
    line, column, what = found.groups()
    unknown = _UNKNOWN.search(what)
    if unknown:
        known = suggestion(unknown[1], NOTE_FIELDS) or f"; known: {', '.join(NOTE_FIELDS)}"
        what = f"note has no {unknown[1]!r}{known}"
    elif what.startswith("found no matching overload"):
        _, operator, _, kinds, *_ = what.split("'")
        what = f"{operator.strip('_')} cannot be used with {kinds}"
    where = f"character {column}" if line == "1" else f"line {line}, character {column}"
    return f"{where} of the expression: {what}"
