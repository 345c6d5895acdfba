"""The disk under the database: real SQLite on a real file, which can be full, locked, moved away, or copied.

Waiting ten real seconds for a lock would only cost time, so a connection gives up at once here. A crash is a
copy of the file and its log between two statements, which is what the kernel would have kept of them.
"""

from __future__ import annotations

import shutil
import sqlite3
import weakref
from pathlib import Path
from typing import Any

import aiosqlite.core
import pytest

NO_LIMIT = 1 << 30
PARTS = ("", "-wal", "-shm")


class _Watched(sqlite3.Connection):
    """A connection that can be found again, and finds no file while it is away."""

    disk: Disk

    def cursor(self, *given: Any) -> Any:
        if self.disk.moved:
            error = sqlite3.OperationalError("unable to open database file")
            error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
            raise error
        return super().cursor(*given)


class Disk:
    """`file` is the database in use. Open it as `connect` while the patch is in force."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.copies = folder, 0
        self.file = folder / "px-0.db"
        self.full = self.moved = False
        self._locker: sqlite3.Connection | None = None
        self._open: weakref.WeakSet[_Watched] = weakref.WeakSet()

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"

    @property
    def where(self) -> Path:
        """Where the file really is."""
        return Path(f"{self.file}.away") if self.moved else self.file

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Have every connection of this process made here."""
        patch.setattr(aiosqlite.core, "sqlite3", _Module(self))

    def connect(self, path: str, **given: Any) -> sqlite3.Connection:
        made: _Watched = sqlite3.connect(path, **{**given, "timeout": 0, "factory": _Watched})
        made.disk = self
        self._open.add(made)
        if self.full:
            made.execute("PRAGMA max_page_count = 1")
        return made

    # ── what befalls it ───────────────────────────────────────────────────────────────────────

    def fill(self, full: bool) -> None:
        """Full: the file cannot grow by a single page."""
        self.full = full
        for one in list(self._open):
            try:
                one.execute(f"PRAGMA max_page_count = {1 if full else NO_LIMIT}")
            except sqlite3.Error:
                continue  # closed, or in the middle of something

    def lock(self, locked: bool) -> None:
        """Somebody else, a backup program say, holds the writer's lock."""
        if locked and self._locker is None:
            self._locker = sqlite3.connect(self.file, isolation_level=None, timeout=0)
            try:
                self._locker.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:  # our own daemon is writing
                self._locker.close()
                self._locker = None
        elif not locked and self._locker is not None:
            self._locker.close()
            self._locker = None

    def move(self, away: bool) -> None:
        """The file is not where it was; or it is back. Linux would go on with the file that was opened; a
        share that is unmounted does not, so whoever asks meanwhile finds none."""
        if away == self.moved:
            return
        self.moved = away
        for part in PARTS:
            here, there = Path(f"{self.file}{part}"), Path(f"{self.file}.away{part}")
            source, target = (here, there) if away else (there, here)
            if source.exists():
                source.replace(target)

    def mend(self) -> None:
        self.fill(False)
        self.lock(False)
        self.move(False)

    def crash(self) -> Path:
        """From now on `file` is what was on the disk at this instant; returns the old one."""
        old, self.copies = self.file, self.copies + 1
        self.file = self.folder / f"px-{self.copies}.db"
        for part in ("", "-wal"):
            source = Path(f"{old}{part}")
            if source.exists():
                shutil.copyfile(source, f"{self.file}{part}")
        return old


def remove(file: Path) -> None:
    for part in PARTS:
        Path(f"{file}{part}").unlink(missing_ok=True)


class _Module:
    """sqlite3 with another `connect`."""

    def __init__(self, disk: Disk) -> None:
        self.connect = disk.connect

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlite3, name)
