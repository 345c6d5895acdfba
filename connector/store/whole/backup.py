"""Backup: one SQLite file, whatever the store is, taken while the daemon runs.

A file of the same tables can be restored into either kind of store, by this version and by newer ones. A
backup never changes what it saves.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from connector.errors import ConfigError
from connector.store.schema_running import REVISION
from connector.store.whole import sqlitefile
from connector.store.whole.copy import Told, copy_between, quiet
from connector.store.whole.revisions import state


@dataclass(frozen=True, slots=True)
class Backup:
    """A file that was looked over: its size in bytes, its SHA-256, and the revision of its tables."""

    file: Path
    bytes: int
    sha256: str
    revision: str


async def backup(url: str, file: Path, told: Told = quiet) -> Backup:
    """Save the store of this address as it is at one instant into a new file that only we can read.

    ConfigError if the file is there, or the tables of a PostgreSQL store are not those of this version.
    """
    sqlitefile.must_be_new(file)
    source = sqlitefile.file_of(url)
    if source is not None:
        await asyncio.to_thread(sqlitefile.snapshot, source, file, _in_bytes(told))
    else:
        await _from_server(url, file, told)
    return await asyncio.to_thread(_looked_over, file)


def _looked_over(file: Path) -> Backup:
    revision = sqlitefile.looked_over(file)
    return Backup(file, file.stat().st_size, sqlitefile.sha256(file), revision)


async def _from_server(url: str, file: Path, told: Told) -> None:
    found = await state(url)
    if not found.current:
        raise ConfigError(
            f"the store's tables are at {found.found or 'nothing'}, this version knows {REVISION}: "
            "back up with the version that runs on them, or with pg_dump"
        )
    with TemporaryDirectory(prefix=".px-", dir=file.parent) as folder:
        part = Path(folder) / "px.db"
        await copy_between(url, f"sqlite:///{part}", told)
        await asyncio.to_thread(sqlitefile.as_one_file, part)
        await asyncio.to_thread(sqlitefile.settle, part, file)


def _in_bytes(told: Told) -> sqlitefile.Told:
    return lambda done, of: told("bytes", done, of)
