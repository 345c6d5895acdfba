"""What the tables' definitions share: the metadata they stand in, and the usual columns."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, true

from connector.store.sql import Text

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"},
)


def counter() -> Column[int]:
    """`id`, given by the database."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def text(name: str) -> Column[str]:
    """Text that is always there, '' if it says nothing."""
    return Column(name, Text, nullable=False)


def only(table: Table, name: str, *columns: str, where: str) -> None:
    """An index over the rows where a boolean column is true: as small as the work that is waiting."""
    flag = table.c[where]
    Index(
        name,
        *(table.c[column] for column in columns),
        sqlite_where=flag == true(),  # SQLite uses it only for the very words of the query
        postgresql_where=flag,
    )
