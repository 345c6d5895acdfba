"""Where output goes: results to stdout, progress and errors to stderr, so that pipes stay clean."""

from __future__ import annotations

import getpass
import json
import os
import sys
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from connector.errors import ConfigErrors, ConnectorError

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # of the direction text is read in
_CONTROLS = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160), *_TURNING), "\ufffd")


def printable(text: str) -> str:
    """Text from outside without control characters, so that nobody can write a terminal's commands."""
    return text.translate(_CONTROLS)


def safe(text: str) -> str:
    """Printable text for a place where markup is read: shown as it is written."""
    return escape(printable(text))


def print_json(value: Any) -> None:
    """One JSON document on one line of stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def complain(text: str) -> None:
    """An error a person reads, on stderr."""
    err.print(f"[red]error:[/red] {safe(text)}", soft_wrap=True)


def fail(error: ConnectorError | str) -> NoReturn:
    """Say what is wrong and end with 1."""
    if isinstance(error, ConfigErrors):
        for one in error.errors:
            complain(str(one))
    else:
        complain(str(error))
    raise typer.Exit(1)


def who() -> str:
    """Whoever types, by their user's name: for the audit."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have none
        return f"user {os.getuid()}"
