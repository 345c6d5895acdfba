"""What a database is at and what this version needs, looked at without changing anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from connector.errors import ConfigError, Unavailable
from connector.store import migrate
from connector.store.database import EXPECTED, address
from connector.store.postgres import Postgres
from connector.store.schema_running import REVISION
from connector.store.store import Store
from connector.store.whole import sqlitefile


@dataclass(frozen=True, slots=True)
class State:
    """`found`: what the database is at, '' if it has no tables yet. `known`: what this version needs.

    `floor`: the least a version must know to use it.
    """

    found: str
    known: str = REVISION
    floor: str = ""

    @property
    def current(self) -> bool:
        return self.found == self.known

    @property
    def newer(self) -> bool:
        return bool(self.found) and not (self.found.isdecimal() and self.found <= self.known)

    @property
    def usable(self) -> bool:
        """Whether this version may work on it as it is."""
        return self.current or (self.newer and self.found.isdecimal() and self.floor <= self.known)

    @property
    def missing(self) -> list[str]:
        """The numbers of the migrations that are still to be run; empty for a new database."""
        if not self.found.isdecimal():
            return []
        return [f"{number:04}" for number in range(int(self.found) + 1, int(self.known) + 1)]


async def state(url: str) -> State:
    """Look at the store of this address.

    ConfigError if it cannot be used, Unavailable if it does not answer.
    """
    file = sqlitefile.file_of(url)
    if file is not None:
        return State(sqlitefile.revision(file), floor=sqlitefile.floor(file))
    database = Postgres(_of_a_server(url))
    try:
        async with database.reader.begin() as tx:
            found: str | None = await tx.run_sync(migrate.revision)
            return State(found or "", floor=await tx.run_sync(migrate.floor))
    except DBAPIError as error:
        reason = str(error.orig).strip()
        if database.trouble(error):
            raise Unavailable(f"{database.name}: {reason}") from error
        raise ConfigError(f"cannot be used as a database: {reason}", file=database.name) from error
    finally:
        await database.close()


async def must_be_known(url: str) -> None:
    """ConfigError where a newer version keeps what this one cannot see, so would leave out or leave behind;
    and where there is nothing at all, for then the address is wrong."""
    found = await state(url)
    if not found.found:
        raise ConfigError("there is no store at this address: see `store` in connector.yaml, or --from")
    if found.newer:
        raise ConfigError(
            f"the store's tables are {found.found}, this version knows {found.known} and would miss what is "
            "newer: do it with the version that made them"
        )


def _of_a_server(url: str) -> URL:
    parsed = address(url)
    if parsed is None or parsed.drivername.partition("+")[0] != "postgresql":
        raise ConfigError(EXPECTED)
    return parsed


async def bring_up(url: str) -> State:
    """Run what is missing; the state after it. A database of a newer version is refused as by the daemon."""
    await (await Store.open(url)).close()
    return await state(url)


def told(numbers: Sequence[str]) -> list[str]:
    """What these migrations do, a line each."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(migrate.MIGRATIONS))
    return [f"{number} {scripts.get_revision(number).doc.splitlines()[0]}" for number in numbers]
