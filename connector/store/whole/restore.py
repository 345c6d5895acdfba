"""Restore: an empty store is filled from a backup; one that holds anything is never touched."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from connector.errors import ConfigError
from connector.store.schema_running import REVISION
from connector.store.store import Store
from connector.store.whole import sqlitefile
from connector.store.whole.copy import Told, copy_between, quiet
from connector.store.whole.revisions import State


async def restore(file: Path, url: str, told: Told = quiet) -> State:
    """Fill the empty store of this address from a backup; what the tables of the backup were at.

    Older tables are brought up to date on the way. ConfigError if the file is damaged or of a newer version,
    or the store holds anything or is in use.
    """
    was = State(await asyncio.to_thread(sqlitefile.looked_over, file))
    if was.newer:
        raise ConfigError(
            "was made by a newer version of px-connector "
            f"(tables {was.found}, this version knows {REVISION}): install that one and restore with it",
            file=file,
        )
    target = sqlitefile.file_of(url)
    if target is None:
        with TemporaryDirectory(prefix="px-") as folder:
            part = await _brought_up(file, Path(folder) / "px.db")
            await copy_between(f"sqlite:///{part}", url, told)
        return was
    await asyncio.to_thread(_must_be_empty, target)
    with TemporaryDirectory(prefix=".px-", dir=target.parent) as folder:
        part = await _brought_up(file, Path(folder) / "px.db")
        await asyncio.to_thread(_must_be_empty, target)  # it took a while: a daemon may have been started
        await asyncio.to_thread(_put_in_place, part, target)
    return was


async def _brought_up(file: Path, part: Path) -> Path:
    """A copy of the backup with the tables of this version."""
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    await asyncio.to_thread(shutil.copyfile, file, part)
    await (await Store.open(f"sqlite:///{part}")).close()
    return part


def _must_be_empty(target: Path) -> None:
    """ConfigError if it holds anything or somebody has it open; its folder is made if need be."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", file=target) from error
    used = sqlitefile.first_used(target) if sqlitefile.revision(target) else ""
    if used:
        raise ConfigError(
            f"the store is not empty, there are rows in {used}: stop the daemon and move the file away first",
            file=target,
        )
    if target.exists() and sqlitefile.in_use(target):
        raise ConfigError("is in use: stop the daemon first", file=target)


def _put_in_place(part: Path, target: Path) -> None:
    for left in ("-wal", "-shm"):
        target.with_name(target.name + left).unlink(missing_ok=True)
    sqlitefile.settle(part, target)
