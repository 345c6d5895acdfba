"""SQLite files as files: copied whole while others write, looked over, and known to be in nobody's hands.

Here the database is opened without `Store.open`: a backup before an upgrade must not upgrade what it saves,
and a file that may be broken must be looked at before it is trusted.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import exists, select, table

from connector.errors import ConfigError, Unavailable
from connector.store.database import address

_STEPS = 100_000  # of SQLite's machine, between two looks at how far it is
_WAIT = 10.0
_NOT_OURS = ("alembic_version", "schema_floor")  # the books of migrations

Told = Callable[[int, int], None]
"""Called with the bytes that are done, and about how many there will be."""


def quiet(done: int, of: int) -> None:
    """Tell nobody."""


def snapshot(source: Path, target: Path, told: Told = quiet) -> None:
    """Write what `source` holds at one instant to `target`, whoever else reads and writes meanwhile.

    By VACUUM INTO: unlike SQLite's backup call it never begins again because somebody wrote, and rows that
    were deleted do not come along. Raises ConfigError if `target` is there, Unavailable if it cannot be done.
    """
    part = target.with_name(target.name + ".part")
    must_be_new(target)
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(_reader(source)) as db:
            pages, page = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))

            def look() -> None:
                told(part.stat().st_size, pages * page)

            db.set_progress_handler(look, _STEPS)
            db.execute("VACUUM INTO ?", (str(part),))
        settle(part, target)
    except sqlite3.DatabaseError as error:
        raise Unavailable(f"{source}: {error}") from error
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", file=target) from error
    finally:
        part.unlink(missing_ok=True)


def must_be_new(file: Path) -> None:
    """ConfigError if it is there, or its folder is not."""
    if not file.parent.is_dir():
        raise ConfigError("there is no such folder", file=file.parent)
    if file.exists():
        raise ConfigError("is there already: name another file", file=file)


def settle(part: Path, target: Path) -> None:
    """Have a finished file on the disk for good, under its name."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(target)
    if os.name == "nt":
        return  # a folder cannot be opened there, and a rename is on the disk by itself
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def file_of(url: str) -> Path | None:
    """The file of a store's address; None if the store is no file."""
    parsed = address(url)
    if parsed is None:
        return None
    name = parsed.database
    ours = parsed.drivername == "sqlite" and not parsed.host
    return Path(name) if ours and name and name != ":memory:" else None


def revision(file: Path) -> str:
    """The revision of a store's file; '' if it has no tables yet. ConfigError for any other file."""
    return looked_over(file, whole=False) if file.is_file() and file.stat().st_size else ""


def floor(file: Path) -> str:
    """The least a version must know to use a store's file; '' if it does not say. ConfigError as above."""
    if not (file.is_file() and file.stat().st_size):
        return ""
    try:
        with closing(_reader(file)) as db:
            there = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_floor'").fetchone()
            row = there and db.execute("SELECT oldest FROM schema_floor").fetchone()
    except sqlite3.DatabaseError as error:
        raise ConfigError(f"is not a sound SQLite file: {error}", file=file) from error
    return str(row[0]) if row else ""


def looked_over(file: Path, *, whole: bool = True) -> str:
    """The revision of the tables in a sound file of ours. Raises ConfigError for any other file.

    `whole`: every page is read, so that damage is found wherever it is.
    """
    try:
        with closing(_reader(file)) as db:
            wrong = [row[0] for row in db.execute("PRAGMA integrity_check(3)")] if whole else ["ok"]
            if wrong != ["ok"]:
                raise ConfigError(f"is damaged: {'; '.join(wrong)}: take an older backup", file=file)
            there = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
            row = there and db.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise ConfigError(f"is not a sound SQLite file: {error}", file=file) from error
    if not row:
        raise ConfigError("is not a store of px-connector: it has no alembic_version", file=file)
    return str(row[0])


def first_used(file: Path) -> str:
    """The name of a table of ours that holds something; '' if none does. Nothing is brought up to date."""
    try:
        with closing(_reader(file)) as db:
            named = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            names = [row[0] for row in named if not row[0].startswith("sqlite_") and row[0] not in _NOT_OURS]
            looks = {name: str(select(exists().select_from(table(name)))) for name in names}
            used = (name for name, look in looks.items() if db.execute(look).fetchone()[0])
            return next(used, "")
    except sqlite3.DatabaseError as error:
        raise ConfigError(f"is not a sound SQLite file: {error}", file=file) from error


def as_one_file(file: Path) -> None:
    """Leave the write-ahead log, so that the file alone is everything."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as db:
        db.execute("PRAGMA journal_mode=DELETE")


def sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def in_use(file: Path) -> bool:
    """Whether anybody else has this database open: only who is alone may leave the write-ahead log."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=0.2)) as db:
        try:
            left = db.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
            db.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            return True
    return str(left) != "delete"


def rub_out(file: Path, wait: float = _WAIT) -> bool:
    """Have nothing left in the file and its log of what was deleted or replaced.

    False if somebody read all the while, so that the log could not be emptied. Unavailable if the disk is
    too full for a second copy, or somebody else writes.
    """
    uri = f"{file.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, timeout=wait, isolation_level=None)) as db:
        try:
            db.execute("VACUUM")
            busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError as error:
            raise Unavailable(f"{file}: {error}") from error
    return not busy


def _reader(file: Path) -> sqlite3.Connection:
    if not file.is_file():
        raise ConfigError("is no file", file=file)
    uri = f"{file.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, timeout=_WAIT, isolation_level=None)
