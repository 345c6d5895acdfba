"""SQLite files with their tables already in them: making the tables is most of what a new store costs.

The tables are made once for each test process, by the same code that makes them in a new file.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Collection
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine

from connector.store import migrate, sqlite

really_prepared = sqlite._prepared


def with_tables(url: URL, clean_up: ExitStack) -> Path:
    """In the place of the store's own: a file that would be empty gets the tables at once."""
    file = really_prepared(url, clean_up)
    if not file.exists() or not file.stat().st_size:
        file.touch(mode=0o600)
        file.write_bytes(_template())
    return file


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "px.db")
        engine = create_engine(f"sqlite:///{file}")
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        with engine.begin() as tx:
            migrate.prepare(tx, str(file))
        engine.dispose()
        return file.read_bytes()


async def connecting_is_over(before: Collection[threading.Thread]) -> None:
    """A connection to SQLite that could not be made ends by itself, later; it must not outlive the loop.

    `before`: threads that were there before the test; those of a fixture of the whole session never end.
    """
    for thread in threading.enumerate():
        if thread not in before and "connection_worker" in thread.name:
            await asyncio.to_thread(thread.join, 5)


@pytest.fixture
def empty_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that wants to see the tables made."""
    monkeypatch.setattr(sqlite, "_prepared", really_prepared)
