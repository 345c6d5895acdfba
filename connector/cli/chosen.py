"""Which of the connections a command is for: all of them, or the one a person named."""

from __future__ import annotations

from collections.abc import Iterable

import typer


def chosen(named: str | None, known: Iterable[str]) -> list[str]:
    """The names, in order. Ends the command with 2 if there is none of that name."""
    known = list(known)
    if named is not None and named not in known:
        raise typer.BadParameter(
            f"no connection {named!r} in connector.yaml; known: {', '.join(known)}", param_hint="--connection"
        )
    return [named] if named is not None else known
