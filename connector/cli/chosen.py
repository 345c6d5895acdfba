"""What `doctor` and `lint` share: which connections they are for, and how much they found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from connector.history.doctor import Finding


def chosen(named: str | None, known: Iterable[str]) -> list[str]:
    """The names, in order. Ends the command with 2 if there is none of that name."""
    known = list(known)
    if named is not None and named not in known:
        raise typer.BadParameter(
            f"no connection {named!r} in connector.yaml; known: {', '.join(known)}", param_hint="--connection"
        )
    return [named] if named is not None else known


def tally(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 note`, the worst first; '' of nothing."""
    count: Counter[str] = Counter(one.severity for one in findings)
    worst_first = ("error", "warning", "note")
    return ", ".join(f"{count[name]} {name}{'s' * (count[name] != 1)}" for name in worst_first if count[name])
