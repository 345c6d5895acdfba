"""What a fleet's workers hand to each other: when a connection turns next, who may, and what it must know.

The fence counts the turns begun. Who begins one raises it, and who finds it raised by another has lost the
turn. `sending` counts the requests that the turn under way may have sent since it was last handed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BindParameter, Row, Update, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import sql
from connector.store.schema import inbox
from connector.store.schema_running import connections as table

Lane = Literal["fast", "slow", "held"]
"""`slow`: a back-fill, or a turn that took long. `held`: it waits out trouble, so no webhook hurries it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A turn that has begun. `sent`: requests an earlier turn may have sent that never handed on."""

    fence: int
    due_at: datetime
    lane: Lane
    home: str
    sent: int
    memory: str
    health: str


@dataclass(frozen=True, slots=True)
class Seen:
    """How a connection was left by its last turn."""

    conn: str
    due_at: datetime
    lane: Lane
    home: str
    turned_at: datetime | None
    health: str


async def ensure(tx: AsyncConnection, names: Iterable[str], at: datetime) -> None:
    """A row for each of these that has none yet, due at `at`, and slow: its tickets are still to be read."""
    rows = [
        {"conn": name, "due_at": at, "lane": "slow", "fence": 0, "memory": "{}", "health": "{}"}
        for name in names
    ]
    if rows:
        await tx.execute(sql.insert(tx.dialect.name, table).on_conflict_do_nothing(), rows)


_CONN: BindParameter[str] = bindparam("_conn")
_FENCE: BindParameter[int] = bindparam("_fence")


def _take(*, any_lane: bool) -> Update:
    heard = select(inbox.c.id).where(inbox.c.conn == _CONN, inbox.c.waiting).exists()
    hurried = (table.c.lane != "held") & heard
    mine = [table.c.conn == _CONN, (table.c.due_at <= bindparam("_now")) | hurried]
    if not any_lane:
        mine.append(table.c.lane == "fast")
    values = {"fence": table.c.fence + 1, "sending": table.c.sending + bindparam("_permits")}
    columns = (table.c[name] for name in ("fence", "due_at", "lane", "home", "sending", "memory", "health"))
    return update(table).where(*mine).values(values).returning(*columns)


_TAKE = {any_lane: _take(any_lane=any_lane) for any_lane in (True, False)}
"""Put together once, like all that a turn asks: it takes longer than to ask it."""


async def take(
    tx: AsyncConnection, conn: str, permits: int, now: datetime, *, any_lane: bool = True
) -> Taken | None:
    """Begin a turn that may send `permits` requests before it asks again.

    None if there is no such row, nothing is due and no webhook waits, or, unless `any_lane`, it belongs into
    the slow one. Raises the fence: whatever an earlier turn still wants to commit is refused from here on.
    """
    given = {"_conn": conn, "_now": now, "_permits": permits}
    row = (await tx.execute(_TAKE[any_lane], given)).one_or_none()
    if row is None:
        return None
    return Taken(row.fence, row.due_at, row.lane, row.home, row.sending - permits, row.memory, row.health)


async def look(tx: AsyncConnection, conn: str) -> Seen | None:
    """How the last turn left it; None if there is no such row."""
    row = (await tx.execute(select(*_SEEN).where(table.c.conn == conn))).one_or_none()
    return None if row is None else _seen(row)


async def permit(tx: AsyncConnection, conn: str, fence: int, more: int) -> bool:
    """The turn may send so many requests more; False if it is another's by now."""
    mine = (table.c.conn == conn, table.c.fence == fence)
    row = update(table).where(*mine).values(sending=table.c.sending + more)
    return (await tx.execute(row)).rowcount > 0


_OF_FENCE = select(table.c.fence).where(table.c.conn == _CONN)


async def fence(tx: AsyncConnection, conn: str) -> int:
    """How many turns of this connection have begun; -1 if there is no such connection."""
    found = await tx.scalar(_OF_FENCE, {"_conn": conn})
    return -1 if found is None else int(found)


_HANDED_ON = ("due_at", "lane", "home", "sending", "turned_at", "memory", "health")
_HAND_ON = (
    update(table)
    .where(table.c.conn == _CONN, table.c.fence == _FENCE)
    .values({name: bindparam(f"_{name}", type_=table.c[name].type) for name in _HANDED_ON})
)


async def hand_on(
    tx: AsyncConnection,
    conn: str,
    fence: int,
    *,
    due_at: datetime,
    lane: Lane,
    home: str,
    at: datetime,
    memory: str,
    health: str,
) -> bool:
    """End the turn; False, and nothing is changed, if it is another's by now."""
    given = {
        "_conn": conn,
        "_fence": fence,
        "_due_at": due_at,
        "_lane": lane,
        "_home": home,
        "_sending": 0,
        "_turned_at": at,
        "_memory": sql.clean(memory),
        "_health": sql.clean(health),
    }
    return (await tx.execute(_HAND_ON, given)).rowcount > 0


async def hurry(tx: AsyncConnection, names: Sequence[str], at: datetime, *, held: bool = False) -> None:
    """These are due at `at`; those that are held only where `held` says so."""
    for part in sql.parts(names):
        late = [table.c.conn.in_(part), table.c.due_at > at]
        if not held:
            late.append(table.c.lane != "held")
        await tx.execute(update(table).where(*late).values(due_at=at))


async def turned_since(tx: AsyncConnection, since: datetime | None) -> list[Seen]:
    """Connections whose last turn ended at or after `since`; all there are without."""
    query = select(*_SEEN)
    if since is not None:
        query = query.where(table.c.turned_at >= since)
    return [_seen(row) for row in await tx.execute(query)]


_SEEN = tuple(table.c[name] for name in ("conn", "due_at", "lane", "home", "turned_at", "health"))


def _seen(row: Row[Any]) -> Seen:
    return Seen(row.conn, row.due_at, row.lane, row.home, row.turned_at, row.health)


async def held(tx: AsyncConnection) -> list[str]:
    """Connections that wait out trouble, or for a person."""
    return list(await tx.scalars(select(table.c.conn).where(table.c.lane == "held").order_by(table.c.conn)))
