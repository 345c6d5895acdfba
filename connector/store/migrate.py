"""Brings a database to the tables this version knows.

Alembic takes seconds to import, and the daemon should poll within two: so an up-to-date database is
recognised by two SELECTs, an empty one gets its tables straight from `schema`, and Alembic is imported only
when an older database must really change.

Every migration up to REVISION only adds, so that the version before goes on working on the new tables while
a fleet is upgraded, and after a roll-back. What takes something away comes after REVISION and is run by a
person, by `finish`, once no older version is left; it raises the floor, below which versions are refused.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, delete, insert, inspect, select

from connector.errors import ConfigError
from connector.store.schema import REVISION, alembic_version, metadata
from connector.store.schema_running import schema_floor
from connector.store.sql import UNHURRIED

MIGRATIONS = Path(__file__).parent / "migrations"
FIRST = "0001"
_ENGINE = "procrastinate_"
"""Tables of the engine that spreads the work over a fleet; they may be there before ours."""


def revision(connection: Connection) -> str | None:
    """The migration the database is at; '' before the first one; None if it has never seen Alembic."""
    if not inspect(connection).has_table(alembic_version.name):
        return None
    return connection.scalar(select(alembic_version.c.version_num)) or ""


def floor(connection: Connection) -> str:
    """The least a version must know to use the database."""
    if not inspect(connection).has_table(schema_floor.name):
        return FIRST
    return connection.scalar(select(schema_floor.c.oldest)) or FIRST


def is_current(connection: Connection) -> bool:
    """Whether this version can use the database as it is: nothing it needs is missing or gone."""
    found = revision(connection)
    if found == REVISION:
        return True
    return bool(found) and str(found).isdecimal() and str(found) > REVISION and floor(connection) <= REVISION


def prepare(connection: Connection, name: str) -> None:
    """Make the database current, within the caller's write transaction. `name` names it in errors.

    Raises ConfigError if it was made by a newer version that this one cannot stand beside, or holds the
    tables of something else.
    """
    if is_current(connection):
        return
    _take_time(connection)
    found = revision(connection)
    if found is None:
        create(connection, name)
    elif found == "" or (found.isdecimal() and found < REVISION):
        upgrade(connection, REVISION)
    else:
        raise ConfigError(
            f"made by a newer version of px-connector (tables {found}, this version knows {REVISION}): "
            "install that version again, or name another file",
            file=name,
        )


def create(connection: Connection, name: str) -> None:
    """All tables in an empty database, marked as current."""
    strangers = [one for one in inspect(connection).get_table_names() if not one.startswith(_ENGINE)]
    if strangers:
        raise ConfigError(f"holds other tables ({strangers[0]}): name a file of its own", file=name)
    metadata.create_all(connection)
    connection.execute(insert(alembic_version).values(version_num=REVISION))
    connection.execute(insert(schema_floor).values(oldest=FIRST))


def finish(connection: Connection) -> None:
    """Take away what only older versions needed, within the caller's write transaction of "migrate".

    Versions that needed it are refused from now on.
    """
    _take_time(connection)
    upgrade(connection, "head")
    connection.execute(delete(schema_floor))
    connection.execute(insert(schema_floor).values(oldest=REVISION))


def _take_time(connection: Connection) -> None:
    """An index of a large table, or a column taken out of one, may last; a lock is waited for as ever."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(UNHURRIED)


def upgrade(connection: Connection, to: str) -> None:
    """Run the migrations that are missing up to `to`, in the transaction that is already open."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
