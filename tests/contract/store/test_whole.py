"""Every row of every table, from either kind of store into either kind: backed up, restored and copied."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import ConfigError, Unavailable
from connector.history.erasure.erase import erase
from connector.store import audit
from connector.store.audit import Doer
from connector.store.store import Store
from connector.store.whole import revisions, rows
from connector.store.whole.backup import backup
from connector.store.whole.copy import copy_between
from connector.store.whole.restore import restore

from .conftest import IMPLEMENTATIONS, opened
from .filling import ROWS, fill
from .makers import at
from .test_audit import deed


@pytest.fixture(params=sorted(IMPLEMENTATIONS))
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "other").mkdir()
    with IMPLEMENTATIONS[request.param](tmp_path / "other") as url:
        yield url


async def hashes(url: str) -> dict[str, tuple[int, str]]:
    async with opened(url) as store, store.read() as tx:
        found = {one.name: await rows.digest(tx, one) for one in rows.tables()}
    return {name: (digest.rows, digest.hex) for name, digest in found.items()}


async def filled(url: str) -> dict[str, tuple[int, str]]:
    async with opened(url) as store, store.begin() as tx:
        await fill(tx)
    return await hashes(url)


async def test_a_copy_has_every_row_and_counts_on(address: str, other: str) -> None:
    before, told = await filled(address), []
    assert {number for number, _ in before.values()} == {ROWS}
    copied = await copy_between(address, other, lambda *what: told.append(what))
    assert {one.table: (one.rows, one.hash) for one in copied} == before
    assert told[:2] == [(copied[0].table, 0, ROWS), (copied[0].table, ROWS, ROWS)]
    async with opened(other) as target, target.begin() as tx:
        await audit.add(tx, deed(1))
        assert (await audit.latest(tx, 1))[0].at == at(1), "the next number is the highest"
        await tx.rollback()
    assert await hashes(other) == before


async def test_a_target_that_holds_anything_is_left_alone(other: str, tmp_path: Path) -> None:
    await filled(address := f"sqlite:///{tmp_path}/px.db")
    async with opened(other) as target, target.begin() as tx:
        await audit.add(tx, deed(1))
    before = await hashes(other)
    with pytest.raises(ConfigError, match="not empty, there are rows in audit"):
        await copy_between(address, other)
    assert await hashes(other) == before


async def test_rows_that_arrive_changed_are_not_kept(
    other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(address := f"sqlite:///{tmp_path}/px.db")
    put = rows.put

    async def one_less(tx: AsyncConnection, one: rows.Plain, page: list[rows.Row]) -> None:
        await put(tx, one, page[1:] if one.name == "history" else page)

    monkeypatch.setattr(rows, "put", one_less)
    with pytest.raises(Unavailable, match=f"history: {ROWS} rows were sent and {ROWS - 1} arrived"):
        await copy_between(address, other)
    assert {number for number, _ in (await hashes(other)).values()} == {0}


async def test_pages_follow_the_key(store: Store) -> None:
    async with store.begin() as tx:
        await fill(tx)
        await fill(tx, ROWS)
        for one in rows.tables():
            paged = [row async for page in rows.pages(tx, one, 3) for row in page]
            assert len(paged) == len(set(paged)) == 2 * ROWS
            keys = [[str(part).encode() for part in one.key_of(row)] for row in paged if not one.counter]
            assert keys == sorted(keys)


async def test_backed_up_and_restored_it_is_the_same(address: str, other: str, tmp_path: Path) -> None:
    before, file = await filled(address), tmp_path / "px-backup.db"
    async with opened(address):
        made = await backup(address, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (made.bytes, len(made.sha256), made.revision) == (file.stat().st_size, 64, revisions.REVISION)
    assert [one for one in os.listdir(tmp_path) if "px-backup" in one or one.startswith(".px")] == [file.name]
    assert await restore(file, other) == revisions.State(made.revision)
    assert await hashes(other) == before
    with pytest.raises(ConfigError, match="is there already"):
        await backup(address, file)


async def test_what_is_written_meanwhile_is_not_in_it(address: str, tmp_path: Path) -> None:
    before, file = await filled(address), tmp_path / "px-backup.db"
    async with opened(address) as store, store.begin() as tx:
        await fill(tx, ROWS)
        await backup(address, file)
        await tx.rollback()
    assert await hashes(f"sqlite:///{file}") == before


async def test_a_store_that_holds_anything_is_not_restored_over(address: str, tmp_path: Path) -> None:
    before, file = await filled(address), tmp_path / "px-backup.db"
    await backup(address, file)
    with pytest.raises(ConfigError, match="not empty"):
        await restore(file, address)
    assert await hashes(address) == before


async def test_a_store_in_use_is_not_filled(other: str, tmp_path: Path) -> None:
    file = tmp_path / "px-backup.db"
    await (await Store.open(f"sqlite:///{tmp_path}/source.db")).close()
    await backup(f"sqlite:///{tmp_path}/source.db", file)
    async with opened(other):
        with pytest.raises(ConfigError, match=r"stop (it|the daemon) first"):
            await restore(file, other)
        with pytest.raises(ConfigError, match=r"stop (it|the daemon) first"):
            await copy_between(f"sqlite:///{tmp_path}/source.db", other)
    await restore(file, other)


async def test_a_daemon_started_meanwhile_keeps_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(source := f"sqlite:///{tmp_path}/source.db")
    await backup(source, tmp_path / "px-backup.db")
    url, shutil_copy = f"sqlite:///{tmp_path}/target.db", shutil.copyfile

    def meanwhile(source: Path, target: Path) -> None:
        shutil_copy(source, target)
        shutil_copy(tmp_path / "source.db", tmp_path / "target.db")

    monkeypatch.setattr(shutil, "copyfile", meanwhile)
    with pytest.raises(ConfigError, match="not empty"):
        await restore(tmp_path / "px-backup.db", url)


def marked(file: Path, revision: str) -> Path:
    with sqlite3.connect(file) as db:
        db.execute("update alembic_version set version_num = ?", (revision,))
    db.close()
    return file


async def test_a_newer_backup_a_damaged_and_a_foreign_one_are_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/target/px.db"
    source = f"sqlite:///{tmp_path}/source.db"
    await filled(source)
    await backup(source, tmp_path / "newer.db")
    with pytest.raises(ConfigError, match=r"made by a newer version .*9000.*: install that one"):
        await restore(marked(tmp_path / "newer.db", "9000"), url)
    await backup(source, tmp_path / "damaged.db")
    whole = (tmp_path / "damaged.db").read_bytes()
    middle = len(whole) // 2
    (tmp_path / "damaged.db").write_bytes(whole[:middle] + b"\xff" * 9000 + whole[middle + 9000 :])
    with pytest.raises(ConfigError, match=r"damaged|not a sound SQLite file"):
        await restore(tmp_path / "damaged.db", url)
    (tmp_path / "text.db").write_text("client: Acme\n" * 500)
    with pytest.raises(ConfigError, match="not a sound SQLite file"):
        await restore(tmp_path / "text.db", url)
    with sqlite3.connect(tmp_path / "theirs.db") as db:
        db.execute("create table wp_posts (id integer)")
    db.close()
    with pytest.raises(ConfigError, match="not a store of px-connector"):
        await restore(tmp_path / "theirs.db", url)
    with pytest.raises(ConfigError, match="is no file"):
        await restore(tmp_path / "nowhere.db", url)
    assert not (tmp_path / "target").exists()


async def test_a_backup_does_not_bring_the_store_up_to_date(tmp_path: Path) -> None:
    """It is made before an upgrade: the version that runs on it must find what it left."""
    url, old = f"sqlite:///{tmp_path}/px.db", f"{int(revisions.REVISION) - 1:04}"
    await (await Store.open(url)).close()
    marked(tmp_path / "px.db", old)
    assert (await backup(url, tmp_path / "px-backup.db")).revision == old
    assert (await revisions.state(url)).missing == [revisions.REVISION]


async def test_an_empty_and_a_current_store_are_told_apart(address: str) -> None:
    if address.startswith("sqlite"):
        assert await revisions.state(address) == revisions.State("")
    assert (await revisions.bring_up(address)).current
    found = await revisions.state(address)
    assert (found.current, found.newer, found.missing) == (True, False, [])


async def test_a_store_of_another_version_is_not_touched(tmp_path: Path) -> None:
    """Neither brought up to date nor filled; and no database of somebody else's."""
    await filled(source := f"sqlite:///{tmp_path}/source.db")
    await backup(source, tmp_path / "px-backup.db")
    await filled(old := f"sqlite:///{tmp_path}/old.db")
    marked(tmp_path / "old.db", "0008")
    with pytest.raises(ConfigError, match="not empty"):
        await restore(tmp_path / "px-backup.db", old)
    with pytest.raises(ConfigError, match=r"tables of another version \(0008\)"):
        await copy_between(source, old)
    assert (await revisions.state(old)).found == "0008"
    with sqlite3.connect(tmp_path / "theirs.db") as db:
        db.execute("create table wp_posts (id integer)")
    db.close()
    theirs = f"sqlite:///{tmp_path}/theirs.db"
    with pytest.raises(ConfigError, match="not a store of px-connector"):
        await copy_between(source, theirs)
    with pytest.raises(ConfigError, match="not a store of px-connector"):
        await restore(tmp_path / "px-backup.db", theirs)


async def test_what_a_newer_version_keeps_is_not_left_behind(address: str, tmp_path: Path) -> None:
    """The hashes would be the same on both sides, for they are of the tables this version knows."""
    await filled(address)
    target, file = f"sqlite:///{tmp_path}/moved.db", tmp_path / "moved.db"
    async with opened(address) as store, store.begin() as tx:
        await tx.execute(text("update alembic_version set version_num = '9000'"))
    with pytest.raises(ConfigError, match="do it with the version that made them"):
        await copy_between(address, target)
    with pytest.raises(ConfigError, match="do it with the version that made them"):
        await erase(address, "main", "17", Doer(name="dana", role="command line"), at(1), dry=True)
    assert not file.exists()
    assert (await revisions.state(address)).usable
    async with opened(address) as store, store.begin() as tx:
        await tx.execute(text("update schema_floor set oldest = '8999'"))
    assert not (await revisions.state(address)).usable


async def test_nothing_is_copied_from_nowhere(other: str, tmp_path: Path) -> None:
    """A wrong address would make an empty store there, and all hashes would be the same."""
    with pytest.raises(ConfigError, match="there is no store at this address"):
        await copy_between(f"sqlite:///{tmp_path}/typo.db", other)
    assert not (tmp_path / "typo.db").exists()


@pytest.mark.parametrize(
    "url",
    [
        *("", "px.db", "mysql://u:hunter2@host/db", "sqlite://", "sqlite://host/px.db"),
        *(
            "postgresql://u:hunter2@host:54x2/db",
            "postgresql://u:pa@hunter2@host/db",
            "postgresql://u@[::1/db",
        ),
    ],
)
async def test_other_addresses_are_refused_without_showing_them(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected an address like") as caught:
        await copy_between(f"sqlite:///{tmp_path}/px.db", url)
    assert "hunter2" not in str(caught.value)
