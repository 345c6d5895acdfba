"""Each migration only adds: the version before goes on reading and writing on the tables of the next.

Gone through step by step from the first one, as a version before it sees its tables: what it wrote stays, and
it can still write every row that it could.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Connection, Integer, MetaData, Table, UniqueConstraint, create_engine, select

from connector.store import migrate
from connector.store.schema_running import REVISION
from tests.postgres import database

KINDS: dict[str, Callable[[Path], AbstractContextManager[str]]] = {
    "sqlite": lambda folder: nullcontext(f"sqlite:///{folder}/px.db"),
    "postgresql": lambda folder: database(empty=True),
}
KEEPS_BOOKS = ("alembic_version", "schema_floor")
STEPS = [f"{number:04}" for number in range(1, int(REVISION) + 1)]


def seen(connection: Connection) -> dict[str, Table]:
    """The tables as they are now, but for those migrations keep for themselves."""
    found = MetaData()
    found.reflect(connection)
    return {name: table for name, table in found.tables.items() if name not in KEEPS_BOOKS}


def row(table: Table, number: int) -> dict[str, Any]:
    """A row with a value in every column."""
    values: dict[str, Any] = {}
    for column in table.c:
        if isinstance(column.type, Boolean):
            values[column.name] = number % 2 == 0
        else:
            values[column.name] = number if isinstance(column.type, Integer) else f"{column.name}{number}"
    return values


def kept(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return sorted((dict(one._mapping) for one in connection.execute(select(table))), key=str)


def unique(table: Table | None) -> set[tuple[str, ...]]:
    """What may stand in it once only, beside its key."""
    if table is None:
        return set()
    rules = [index.columns for index in table.indexes if index.unique]
    rules += [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    return {tuple(column.name for column in columns) for columns in rules}


def only_added(
    before: Table, rules: set[tuple[str, ...]], now: Table | None, rules_now: set[tuple[str, ...]]
) -> list[str]:
    """What the step did to a table that the version before would not bear."""
    if now is None:
        return [f"{before.name} is gone"]
    wrong = []
    for column in before.c:
        there = now.c.get(column.name)
        if there is None:
            wrong.append(f"{column} is gone")
        elif (str(there.type), there.nullable) != (str(column.type), column.nullable):
            wrong.append(f"{column} is another one now: {there.type}, nullable {there.nullable}")
    for column in now.c:
        if column.name not in before.c and not column.nullable and column.server_default is None:
            wrong.append(f"{column} must be given, and the version before does not know it")
    if [column.name for column in now.primary_key] != [column.name for column in before.primary_key]:
        wrong.append(f"{before.name} has another key")
    if rules_now - rules:
        wrong.append(f"{before.name} must be unique in more than before")
    return wrong


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_step_by_step(kind: str, tmp_path: Path) -> None:
    with KINDS[kind](tmp_path) as url:
        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1))
        with engine.begin() as connection:
            before = seen(connection)
            for number, step in enumerate(STEPS, 1):
                written = {name: kept(connection, table) for name, table in before.items()}
                migrate.upgrade(connection, step)
                after = seen(connection)
                for name, table in before.items():
                    now = after.get(name)
                    assert only_added(table, unique(table), now, unique(now)) == [], step
                    assert kept(connection, table) == written[name], step
                    connection.execute(table.insert(), row(table, number))
                before = after
        engine.dispose()


def test_what_takes_away_or_asks_for_more_is_found(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/px.db")
    with engine.begin() as connection:
        migrate.upgrade(connection, "0001")
        before = seen(connection)
        for change in (
            "alter table outbox drop column error",
            "alter table outbox add column lane text not null default ''",
            "create unique index one_since on outbox (since)",
            "alter table history rename to changes",
        ):
            connection.exec_driver_sql(change)
        after = seen(connection)
    wrong = []
    for name in ("outbox", "history"):
        now = after.get(name)
        wrong += only_added(before[name], unique(before[name]), now, unique(now))
    engine.dispose()
    assert wrong == ["outbox.error is gone", "outbox must be unique in more than before", "history is gone"]
