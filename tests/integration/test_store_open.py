"""Opening: new, current, older, newer and unusable files; and several processes at the same moment."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from connector.errors import ConfigError, Unavailable
from connector.model import Ticket
from connector.store import cursors, migrate, sqlite, tickets
from connector.store.schema import REVISION
from connector.store.store import Store
from connector.store.tickets import StoredTicket

pytestmark = pytest.mark.usefixtures("empty_files")

T0 = datetime(2026, 1, 5, tzinfo=UTC)


def _url(file: Path) -> str:
    return f"sqlite:///{file}"


async def _open_and_close(file: Path) -> None:
    await (await Store.open(_url(file))).close()


def _schema(file: Path) -> dict[str, list[Any]]:
    """Tables with their columns, and indexes: a column that came later stands elsewhere in the text."""
    with sqlite3.connect(file) as db:
        rows = db.execute("select type, name, sql from sqlite_master where sql is not null").fetchall()
        assert db.execute("select version_num from alembic_version").fetchall() == [(REVISION,)]
        columns = {
            name: sorted(column[1:] for column in db.execute(f"pragma table_info({name})"))
            for kind, name, _ in rows
            if kind == "table"
        }
    db.close()
    return columns | {name: [sql] for kind, name, sql in rows if kind != "table"}


async def test_a_fresh_file_has_what_the_migrations_make(tmp_path: Path) -> None:
    await _open_and_close(tmp_path / "fresh.db")
    engine = create_engine(_url(tmp_path / "migrated.db"))
    with engine.begin() as connection:
        migrate.upgrade(connection, REVISION)
    engine.dispose()
    fresh = _schema(tmp_path / "fresh.db")
    assert fresh == _schema(tmp_path / "migrated.db")
    assert {"tickets", "events", "ix_assessments_due"} <= set(fresh)


def test_the_newest_migration_is_the_one_the_schema_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


async def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "px.db"
    store = await Store.open(_url(file))
    async with store.begin() as tx:
        await cursors.put(tx, "main", "tickets", {"page": 3}, T0)
    await store.close()
    store = await Store.open(_url(file))
    async with store.read() as tx:
        assert await cursors.get(tx, "main", "tickets") == {"page": 3}
    await store.close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_relative_address_is_below_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await (await Store.open("sqlite:///var/px.db")).close()
    assert (tmp_path / "var" / "px.db").is_file()


async def test_a_private_one_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = tmp_path / "tmp"
    below.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(below))
    one, other = await Store.open("sqlite://"), await Store.open("sqlite://")
    async with one.begin() as tx:
        await cursors.put(tx, "main", "a", {}, T0)
    async with other.read() as tx:
        assert await cursors.get(tx, "main", "a") is None
    await one.close()
    await other.close()
    below.rmdir()


async def test_a_database_from_before_the_first_migration_is_upgraded(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as db:
        db.execute("create table alembic_version (version_num varchar(32) not null)")
    db.close()
    await _open_and_close(file)
    assert "tickets" in _schema(file)


async def test_a_failed_migration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half_way(connection: Connection, file: str) -> None:
        migrate.create(connection, file)
        raise ConfigError("no", file=file)

    monkeypatch.setattr(migrate, "prepare", half_way)
    with pytest.raises(ConfigError):
        await Store.open(_url(tmp_path / "px.db"))
    with sqlite3.connect(tmp_path / "px.db") as db:
        assert db.execute("select count(*) from sqlite_master").fetchone() == (0,)
    db.close()


async def test_a_newer_database_is_used_while_it_has_what_we_need(tmp_path: Path) -> None:
    file = tmp_path / "px.db"
    await _open_and_close(file)
    with sqlite3.connect(file) as db:
        db.execute("update alembic_version set version_num = '9000'")
    db.close()
    await _open_and_close(file)


@pytest.mark.parametrize("version", ["9000", "9999", "a1b2c3"])
async def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path, version: str) -> None:
    file = tmp_path / "px.db"
    await _open_and_close(file)
    with sqlite3.connect(file) as db:
        db.execute("update alembic_version set version_num = ?", (version,))
        db.execute("update schema_floor set oldest = '8999'")
    db.close()
    with pytest.raises(ConfigError, match="made by a newer version of px-connector") as caught:
        await Store.open(_url(file))
    assert caught.value.file == str(file)
    assert version in str(caught.value)


async def test_the_database_of_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "theirs.db"
    with sqlite3.connect(file) as db:
        db.execute("create table wp_posts (id integer)")
    db.close()
    with pytest.raises(ConfigError, match="holds other tables"):
        await Store.open(_url(file))


async def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "px.db"
    text.write_text("client: Acme\n" * 500)
    with pytest.raises(ConfigError, match="file is not a database"):
        await Store.open(_url(text))
    assert text.read_text().startswith("client: Acme")
    with pytest.raises(ConfigError, match="is not a file we may read and write"):
        await Store.open(_url(tmp_path))
    with pytest.raises(ConfigError, match="cannot make the database file"):
        await Store.open(_url(text / "below" / "px.db"))


@pytest.mark.parametrize(
    "url", ["", "px.db", "mysql://u:hunter2@host/db", "sqlite://host/px.db", "sqlite:///px.db?mode=ro"]
)
async def test_other_addresses_are_refused_without_showing_them(url: str) -> None:
    with pytest.raises(ConfigError, match=r"expected an address like sqlite:///var/px\.db") as caught:
        await Store.open(url)
    assert "hunter2" not in str(caught.value)


async def test_a_lock_held_by_another_process_is_waited_for_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    store = await Store.open(_url(tmp_path / "px.db"))
    other = sqlite3.connect(tmp_path / "px.db", isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(Unavailable, match="database is locked"):
        async with store.begin():
            pass
    async with store.read() as tx:
        assert await cursors.get(tx, "main", "a") is None
    other.execute("rollback")
    async with store.begin() as tx:
        await cursors.put(tx, "main", "a", {}, T0)
    other.close()
    await store.close()


async def test_a_cancelled_writer_lets_go_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even while its exception, and with it the statement it was in, is kept by somebody."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 2.0)
    store, kept = await Store.open(_url(tmp_path / "px.db")), []
    rows = [StoredTicket(ticket=Ticket(id=str(n), opened_at=T0), version="") for n in range(200)]

    async def write_for_ever() -> None:
        async with store.begin() as tx:
            while True:
                await tickets.put(tx, "main", rows)

    for moment in range(40):
        task = asyncio.create_task(write_for_ever())
        await asyncio.sleep(moment / 4000)
        task.cancel()
        kept += await asyncio.gather(task, return_exceptions=True)
        async with store.begin() as tx:
            assert await tickets.counts(tx) == {}
    assert {type(error) for error in kept} == {asyncio.CancelledError}
    await store.close()


_OPENER = """
import asyncio, os, sys
from datetime import datetime, UTC
from connector.store import cursors
from connector.store.store import Store

async def main(url, name):
    store = await Store.open(url)
    async with store.begin() as tx:
        await cursors.put(tx, name, "opened", {}, datetime(2026, 1, 5, tzinfo=UTC))
    await store.close()
"""

_AT_ONCE = """
children = []
for name in sys.argv[2:]:
    children.append(os.fork())
    if not children[-1]:
        asyncio.run(main(sys.argv[1], name))
        sys.exit()
sys.exit(any([os.waitpid(child, 0)[1] for child in children]))
"""

_TWICE = """
asyncio.run(main(sys.argv[1], "new"))
asyncio.run(main(sys.argv[1], "current"))
assert not [name for name in sys.modules if name.startswith("alembic")]
"""


async def _run(code: str, *arguments: str) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _OPENER + code, *arguments, stderr=subprocess.PIPE
    )
    _, errors = await child.communicate()
    assert child.returncode == 0, errors.decode()


async def test_processes_that_open_a_new_file_at_once(tmp_path: Path) -> None:
    file, names = tmp_path / "px.db", [f"p{n}" for n in range(6)]
    await _run(_AT_ONCE, _url(file), *names)
    store = await Store.open(_url(file))
    async with store.read() as tx:
        assert all([await cursors.get(tx, name, "opened") == {} for name in names])
    await store.close()


async def test_opening_does_not_import_alembic_unless_it_must(tmp_path: Path) -> None:
    await _run(_TWICE, _url(tmp_path / "px.db"))


async def test_a_copy_made_while_it_runs_is_a_whole_backup(tmp_path: Path) -> None:
    store = await Store.open(_url(tmp_path / "px.db"))
    async with store.begin() as tx:
        await cursors.put(tx, "main", "a", {"n": 1}, T0)
    async with store.begin() as tx:
        await cursors.put(tx, "main", "a", {"n": 2}, T0)
        source, target = sqlite3.connect(tmp_path / "px.db"), sqlite3.connect(tmp_path / "copy.db")
        source.backup(target)
        source.close()
        target.close()
    await store.close()
    copy = await Store.open(_url(tmp_path / "copy.db"))
    async with copy.read() as tx:
        assert await cursors.get(tx, "main", "a") == {"n": 1}
    await copy.close()
