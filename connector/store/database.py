"""What the store asks of a database, so that every subject is written once for SQLite and PostgreSQL."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

EXPECTED = (
    "store: expected an address like sqlite:///var/px.db or postgresql://HOST/DATABASE; in a password @ is "
    "written %40, / %2F and : %3A"
)

Trouble = Literal["locked", "passing"]
"""Somebody else holds what we need, or the database fails us for now: try again later."""


class Database(Protocol):
    """`name` is how errors call it, without any password. `shared`: other machines may write to it, too."""

    name: str
    shared: bool
    writer: AsyncEngine
    reader: AsyncEngine
    asker: AsyncEngine  # of questions that stand for themselves

    def writing(self, of: str) -> AbstractAsyncContextManager[AsyncConnection]:
        """A write transaction which nobody else has who asks for the same name; '' asks for none."""

    def single(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """For one statement that is a write transaction by itself."""

    def alone(self, what: str) -> AbstractAsyncContextManager[bool]:
        """Whether we are now the only one of all processes that does this; until the end of the block."""

    def trouble(self, error: Exception) -> Trouble | None:
        """What an error of a statement means; None if it is our own fault."""

    async def close(self) -> None: ...


def address(url: str) -> URL | None:
    """The parts of a store's address; None for what cannot be one. A password is never part of an error."""
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number
        return None
    return None if "@" in (found.host or "") else found  # of the password, else it would be shown as a host
