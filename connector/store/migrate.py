"""Brings a database to the tables this version knows.

Alembic takes seconds to import, and the daemon should poll within two: so an up-to-date database is
recognised by one SELECT, an empty one gets its tables straight from `schema`, and Alembic is
imported only when an older database must really change.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, insert, inspect, select

from connector.errors import ConfigError
from connector.store.schema import REVISION, alembic_version, metadata

MIGRATIONS = Path(__file__).parent / "migrations"


def revision(connection: Connection) -> str | None:
    """The migration the database is at; '' before the first one; None if it has never seen Alembic."""
    if not inspect(connection).has_table(alembic_version.name):
        return None
    return connection.scalar(select(alembic_version.c.version_num)) or ""


def is_current(connection: Connection) -> bool:
    return revision(connection) == REVISION


def prepare(connection: Connection, file: str) -> None:
    """Make the database current, within the caller's write transaction. `file` names it in errors.

    Raises ConfigError if it was made by a newer version, or holds the tables of something else.
    """
    found = revision(connection)
    if found == REVISION:
        return
    if found is None:
        create(connection, file)
    elif found == "" or (found.isdecimal() and found < REVISION):
        upgrade(connection)
    else:
        raise ConfigError(
            f"made by a newer version of px-connector (tables {found}, this version knows {REVISION}): "
            "install that version again, or name another file",
            file=file,
        )


def create(connection: Connection, file: str) -> None:
    """All tables in an empty database, marked as current."""
    strangers = inspect(connection).get_table_names()
    if strangers:
        raise ConfigError(f"holds other tables ({strangers[0]}): name a file of its own", file=file)
    metadata.create_all(connection)
    connection.execute(insert(alembic_version).values(version_num=REVISION))


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing, in the transaction that is already open."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
