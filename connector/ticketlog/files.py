"""Logs as files: lines in bounded memory, each broken one said instead of ending the run."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from connector.model import Ticket, Timeline
from connector.ticketlog.tickets import ticket_from_json

LINE_LIMIT = 64 * 1024 * 1024
"""Bytes of one line; a longer one is an error of that line, not of the run."""


def read_lines(path: Path) -> Iterator[tuple[int, str | ValueError]]:
    """The lines of a log (`.gz` allowed), numbered from 1; empty ones are passed over.

    A line that is not UTF-8 or is over LINE_LIMIT comes as the ValueError that says so.
    """
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        number = 0
        while raw := file.readline(LINE_LIMIT + 1):
            number += 1
            if len(raw) > LINE_LIMIT and not raw.endswith(b"\n"):
                while (more := file.readline(LINE_LIMIT)) and not more.endswith(b"\n"):
                    pass
                yield number, ValueError(f"longer than {LINE_LIMIT // 1024 // 1024} MB")
                continue
            try:
                line = raw.decode("utf-8").strip()
            except UnicodeDecodeError as error:
                yield number, ValueError(f"not UTF-8 at byte {error.start + 1}")
                continue
            if line:
                yield number, line


def read_json(path: Path) -> Iterator[tuple[int, Any]]:
    """Every line's JSON value, or the ValueError that says why there is none."""
    for number, line in read_lines(path):
        if isinstance(line, ValueError):
            yield number, line
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = str(error) if isinstance(error, ValueError) else "nested too deeply"
            yield number, ValueError(f"not JSON: {reason}")


def read_log(path: Path) -> Iterator[tuple[int, tuple[Ticket, Timeline] | ValueError]]:
    """Every ticket of a log with its line number, or the ValueError that says what is wrong with it."""
    for number, value in read_json(path):
        if isinstance(value, ValueError):
            yield number, value
            continue
        try:
            yield number, ticket_from_json(value)
        except ValueError as error:
            yield number, error
