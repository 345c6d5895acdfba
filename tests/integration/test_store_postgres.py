"""The store on a real PostgreSQL: what its contract does not say because a file has nothing like it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, create_engine, inspect, make_url, text

from connector.clients import ClientBook
from connector.errors import ConfigError, Unavailable
from connector.history.lint import ask
from connector.history.lint.report import Looked
from connector.store import cursors, migrate, postgres, sql
from connector.store.schema import REVISION, metadata
from connector.store.store import Store
from connector.store.whole.backup import backup
from connector.store.whole.copy import copy_between
from tests.postgres import address, database

T0 = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[Store]:
    opened = await Store.open(postgres_url)
    yield opened
    await opened.close()


def _shape(url: str) -> dict[str, object]:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1))
    with engine.connect() as tx:
        found = inspect(tx)
        shape: dict[str, object] = {}
        for table in found.get_table_names():
            columns = [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)]
            shape[table] = sorted(columns)
            shape[f"{table} key"] = found.get_pk_constraint(table)["constrained_columns"]
            indexes = [(i["name"], i["column_names"], i["unique"]) for i in found.get_indexes(table)]
            shape[f"{table} indexes"] = sorted(indexes, key=str)
    engine.dispose()
    return shape


def _ask(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(text(statement).text.encode())


async def test_the_migrations_make_what_an_empty_database_gets() -> None:
    with database(empty=True) as fresh, database(empty=True) as migrated:
        await (await Store.open(fresh)).close()
        engine = create_engine(migrated.replace("postgresql:", "postgresql+psycopg:", 1))
        with engine.begin() as tx:
            migrate.upgrade(tx, REVISION)
        engine.dispose()
        made = _shape(fresh)
        assert made == _shape(migrated)
        assert set(metadata.tables) <= set(made)


async def test_many_may_open_an_empty_database_at_once() -> None:
    with database(empty=True) as url:
        stores = await asyncio.gather(*(Store.open(url) for _ in range(5)))
        await asyncio.gather(*(store.close() for store in stores))


async def test_text_sorts_by_its_bytes(store: Store) -> None:
    names = ["b", "B", "a", "Z", "ä", "z", "_"]
    async with store.begin() as tx:
        for name in names:
            await cursors.put(tx, "main", name, {}, T0)
    async with store.read() as tx:
        found = list(await tx.scalars(text("select name from cursors order by name")))
    assert found == sorted(names)


async def test_what_belongs_to_different_connections_is_written_side_by_side(store: Store) -> None:
    async with store.begin(of="one") as tx:
        await cursors.put(tx, "one", "n", {}, T0)
        async with store.begin(of="other") as beside:
            await cursors.put(beside, "other", "n", {}, T0)
        async with store.begin() as beside:
            await cursors.put(beside, "third", "n", {}, T0)


async def test_a_database_that_went_away_is_unavailable_and_comes_back(store: Store) -> None:
    with pytest.raises(Unavailable, match=r"postgresql://"):
        async with store.begin() as tx:
            await tx.execute(text("select pg_terminate_backend(pg_backend_pid())"))
    async with store.begin() as tx:
        await cursors.put(tx, "main", "n", {}, T0)


async def test_who_holds_a_connection_for_too_long_is_waited_for_only_so_long(
    store: Store,
) -> None:
    async with store.begin(of="main"):
        with pytest.raises(Unavailable, match="lock timeout"):
            await _impatient(store)


async def _impatient(store: Store) -> None:
    async with store.begin() as tx:
        await tx.execute(text("set local lock_timeout = '50ms'"))
        await sql.hold(tx, "main")


async def test_only_one_process_does_a_thing_alone(store: Store, postgres_url: str) -> None:
    other = await Store.open(postgres_url)
    async with store.alone("run") as first, other.alone("run") as second, other.alone("tidy") as third:
        assert (first, second, third) == (True, False, True)
    async with other.alone("run") as again:
        assert again
    await other.close()


async def test_a_newer_database_is_used_while_it_has_what_we_need(postgres_url: str) -> None:
    _ask(postgres_url, "update alembic_version set version_num = '9000'")
    await (await Store.open(postgres_url)).close()
    _ask(postgres_url, "update schema_floor set oldest = '8999'")
    with pytest.raises(ConfigError, match="made by a newer version"):
        await Store.open(postgres_url)


async def test_the_database_of_something_else_is_refused() -> None:
    with database(empty=True) as url:
        _ask(url, "create table procrastinate_jobs (id int)")
        await (await Store.open(url)).close()
    with database(empty=True) as url:
        _ask(url, "create table wp_posts (id int)")
        with pytest.raises(ConfigError, match="holds other tables"):
            await Store.open(url)


@pytest.mark.parametrize(
    "url", [address("nosuch"), "postgresql://127.0.0.1:1/px"], ids=["no database", "no server"]
)
async def test_what_cannot_be_reached_is_unavailable(url: str) -> None:
    with pytest.raises(Unavailable, match="postgresql://"):
        await Store.open(url)


async def test_a_password_is_in_no_message() -> None:
    with pytest.raises(Unavailable) as caught:
        await Store.open("postgresql://px:hunter2@127.0.0.1:1/px")
    assert "hunter2" not in str(caught.value)


async def test_what_takes_long_is_given_the_time(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole store is copied, and an index made, in more time than a turn may take."""
    filled = f"sqlite:///{tmp_path}/px.db"
    source = await Store.open(filled)
    async with source.begin() as tx:
        await cursors.put(tx, "main", "x", {}, T0)
    await source.close()
    hasty = "-c idle_in_transaction_session_timeout=400ms -c statement_timeout=400ms"
    monkeypatch.setattr(postgres, "_OPTIONS", hasty)
    create = migrate.create

    def slowly(connection: Connection, name: str) -> None:
        connection.execute(text("select pg_sleep(0.6)"))
        create(connection, name)

    def pause(table: str, done: int, of: int) -> None:
        if table == "cursors" and not done:
            time.sleep(0.6)

    monkeypatch.setattr(migrate, "create", slowly)
    copied = await copy_between(filled, postgres_url, pause)
    assert {one.table: one.rows for one in copied}["cursors"] == 1
    await backup(postgres_url, tmp_path / "back.db", pause)


async def test_a_post_migration_is_given_the_time_but_waits_for_no_lock_for_ever(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await Store.open(postgres_url)).close()
    _ask(postgres_url, "update schema_floor set oldest = '0001'")
    _ask(postgres_url, "update alembic_version set version_num = '0001'")
    hasty = "-c idle_in_transaction_session_timeout=400ms -c statement_timeout=400ms -c lock_timeout=100ms"
    monkeypatch.setattr(postgres, "_OPTIONS", hasty)
    statement = "select pg_sleep(0.6)"

    def slowly(connection: Connection, to: str) -> None:
        connection.execute(text(statement))
        time.sleep(0.6)
        connection.execute(text("update alembic_version set version_num = :to"), {"to": REVISION})

    monkeypatch.setattr(migrate, "upgrade", slowly)
    store = Store(postgres.Postgres(make_url(postgres_url)))
    async with store.begin(of="migrate") as tx:
        await tx.run_sync(migrate.finish)
        assert await tx.run_sync(migrate.floor) == REVISION
    statement = "alter table tickets drop column version"
    with psycopg.connect(postgres_url) as other:
        other.execute(b"select * from tickets")
        with pytest.raises(Unavailable, match="lock timeout"):
            async with store.begin(of="migrate") as tx:
                await tx.run_sync(migrate.finish)
    await store.close()


async def test_who_was_frozen_in_a_transaction_has_lost_it_and_may_try_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await Store.open(postgres_url)).close()
    monkeypatch.setattr(postgres, "_OPTIONS", "-c idle_in_transaction_session_timeout=400ms")
    store = await Store.open(postgres_url)

    async def frozen() -> None:
        async with store.begin(of="main") as tx:
            await asyncio.sleep(0.8)
            await cursors.put(tx, "main", "x", {}, T0)

    with pytest.raises(Unavailable, match="idle-in-transaction"):
        await frozen()
    async with store.begin(of="main") as tx:
        assert await cursors.get(tx, "main", "x") is None
    await store.close()


async def test_lint_looks_into_the_past_in_a_server_too(store: Store, postgres_url: str) -> None:
    seen = Looked(vendor="connectwise", policies=(), today=T0.date())
    await ask._store("main", ClientBook(), postgres_url, T0, seen)
    assert seen.not_made == {"history": "the store has no ticket of a client of this connection"}
