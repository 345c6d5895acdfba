"""Logs as files: lines in bounded memory, each broken one said instead of ending the run."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from connector.model import Ticket, Timeline
from connector.ticketlog.tickets import ticket_from_json

LINE_LIMIT = 64 * 1024 * 1024
"""Bytes of one line; a longer one is an error of that line, not of the run."""


def read_lines(path: Path) -> Iterator[tuple[int, str | ValueError]]:
    """The lines of a log (`.gz` allowed), numbered from 1; empty ones are passed over.

    A line that is not UTF-8 or is over LINE_LIMIT comes as the ValueError that says so. So does the place
    from which the file cannot be read on, which ends it: a disk's error, or what is no gzip after all.
    """
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opener(path, "rb") as file:
            for number, raw in enumerate(_raw_lines(file), 1):
                line = _decoded(raw)
                if line:
                    yield number, line
    except (OSError, EOFError, zlib.error) as error:
        yield number + 1, ValueError(f"the file cannot be read from here on: {error}")


def _raw_lines(file: Any) -> Iterator[bytes | None]:
    """Each line of a binary file; None for one that is too long."""
    while raw := file.readline(LINE_LIMIT + 1):
        if len(raw) <= LINE_LIMIT or raw.endswith(b"\n"):
            yield raw
            continue
        while (more := file.readline(LINE_LIMIT)) and not more.endswith(b"\n"):
            pass
        yield None


def _decoded(raw: bytes | None) -> str | ValueError:
    if raw is None:
        return ValueError(f"longer than {LINE_LIMIT // 1024 // 1024} MB")
    try:
        return raw.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        return ValueError(f"not UTF-8 at byte {error.start + 1}")


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
