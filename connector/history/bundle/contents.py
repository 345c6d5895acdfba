"""What goes into the file for whoever helps, each part by itself: one that cannot be had says why, in a word.

The store is only counted, and left alone where a newer version would have to change it first.
"""

from __future__ import annotations

import platform
import re
import sqlite3
import sys
from collections import deque
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

import connector
from connector.clients import load_clients
from connector.errors import ConfigError, ConfigErrors, ConnectorError
from connector.history.bundle import mask
from connector.settings import Settings
from connector.store import vitals
from connector.store.schema import metadata as tables
from connector.store.store import Store, is_there
from connector.store.whole import revisions

LINES = 20_000
"""Of a log, the last ones."""

_LONGEST = 65_536  # characters of a line that are looked at
_SAID = re.compile(r'log\.\w+\(\s*(?:[^"()]*?,\s*)?"([^"]+)"')
_STATED = ("conn", "state")


def versions() -> dict[str, Any]:
    """What runs, on what: the packages this one needs, and those of its extras that are there."""
    names = {re.split(r"[\s\[<>=!~;]", need)[0] for need in metadata.requires("px-connector") or ()}
    return {
        "px-connector": connector.__version__,
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: _version(name) for name in sorted(names)},
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def checks(config_dir: Path, settings: Settings | None, wrong: Sequence[ConfigError]) -> dict[str, Any]:
    """What `check` and doctor find in the files alone; a client's file goes by a number, not by its name."""
    found: dict[str, Any] = {"connector.yaml": [_problem(error, {}) for error in wrong]}
    try:
        book = load_clients(config_dir)
    except ConfigErrors as error:
        return {**found, "clients": [_problem(one, {}) for one in error.errors]}
    paths = sorted((config_dir / "clients").glob("*.y*ml"))
    files = {str(path): f"clients/{number}" for number, path in enumerate(paths, 1)}
    errors, secrets = list(book.errors), []
    if settings is not None:
        errors += book.unknown_connections(settings.connections.keys())
        errors += book.unknown_channels(settings.notify.channels.keys())
        secrets = [*settings.missing_secrets(), *settings.exposed_secrets()]
    return {
        **found,
        "files": len(files),
        "clients": len(book.policies),
        "errors": [_problem(error, files) for error in errors],
        "warnings": [_problem(error, files) for error in book.warnings],
        "secrets": [_problem(error, files) for error in secrets],
    }


def _problem(error: ConfigError, files: dict[str, str]) -> dict[str, Any]:
    name = Path(str(error.file)).name if error.file else ""
    file = name if name in ("connector.yaml", "defaults.yaml") else files.get(str(error.file), "another")
    return {"file": file, "line": error.line, "column": error.column, "says": mask.words(error.message)}


async def store(url: str) -> dict[str, Any]:
    """How much is in it: rows by table, by connection and state, and the room it takes."""
    kind = url.partition(":")[0]
    if not is_there(url):
        return {"kind": kind, "trouble": "there is none yet"}
    try:
        state = await revisions.state(url)
        found: dict[str, Any] = {"kind": kind, "tables": state.found, "needed": state.known}
        if not state.current:
            return found
        opened = await Store.open(url)
        try:
            async with opened.read() as tx:
                room = await vitals.room(tx)
                rows = {table.name: await _count(tx, table) for table in tables.sorted_tables}
        finally:
            await opened.close()
    except ConnectorError as error:
        return {"kind": kind, "trouble": mask.words(str(error))}
    return {**found, "bytes": room.taken, "free": room.free, "rows": rows}


async def _count(tx: AsyncConnection, table: Any) -> Any:
    by = [table.c[name] for name in _STATED if name in table.c]
    rows = await tx.execute(select(*by, func.count()).select_from(table).group_by(*by).order_by(*by))
    return {" ".join(map(str, row[:-1])) or "all": row[-1] for row in rows}


def log(file: Path) -> tuple[list[dict[str, Any]], int]:
    """The last lines of our log that are in JSON, masked; and how many others there were. Raises OSError."""
    with file.open(encoding="utf-8", errors="replace") as stream:
        last = deque((line[:_LONGEST] for line in stream), maxlen=LINES)
    rows = [mask.log_line(line, events()) for line in last]
    kept = [row for row in rows if row is not None]
    return kept, len(rows) - len(kept)


@cache
def events() -> frozenset[str]:
    """Every message our source writes into the log."""
    sources = Path(connector.__file__).parent.rglob("*.py")
    return frozenset(event for file in sources for event in _SAID.findall(file.read_text("utf-8")))
