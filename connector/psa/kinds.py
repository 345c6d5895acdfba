"""What the fields bound to flags can hold, in words that mean the same on every PSA.

A field of a wrong type refuses a flag, or takes it and cannot be sorted by it; only an adapter sees which
type it is. `doctor` judges it: see history/doctor/fitting.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from connector.model import FlagName

Kind = Literal["text", "number", "date", "yes_no", "list"]
F = TypeVar("F")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldKind:
    """`length`: characters of a text, 0 if not known. `options`: of a list, as people see them.

    `listed`: False where the PSA says that its lists do not offer the field as a column.
    """

    caption: str
    kind: Kind
    length: int = 0
    options: tuple[str, ...] = ()
    listed: bool = True


def kinds(
    fields: Mapping[FlagName, Sequence[F]], of: Callable[[F], FieldKind]
) -> dict[FlagName, tuple[FieldKind, ...]]:
    """The kinds of a binding's fields, by flag."""
    return {flag: tuple(of(one) for one in bound) for flag, bound in fields.items()}
