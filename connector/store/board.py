"""What the board shows of every open ticket, read from columns so that no document has to be parsed.

A closed ticket is shown, too, as long as its unhappy customer waits for an answer. Those few are an arm of
their own in every question, so that an index can find them among all that was ever closed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, UnaryExpression, false, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import CLOCKS, ZONES, BucketName, ClockState, FlagName, Zone
from connector.store.schema import assessments, tickets

_SAME_TICKET = (assessments.c.conn == tickets.c.conn) & (assessments.c.ticket_id == tickets.c.id)


@dataclass(frozen=True, slots=True)
class BoardCell:
    """One bucket of one ticket. `live`: there is still something to do for this promise."""

    state: ClockState
    zone: Zone
    due_at: datetime | None
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One open ticket. `policy_client` is '' and `buckets` empty when no policy has judged it."""

    connection: str
    ticket_id: str
    client: str  # as the PSA names it
    policy_client: str
    summary: str
    group: str
    owner: str
    status: str
    priority: str
    url: str
    opened_at: datetime
    judged: bool
    buckets: Mapping[BucketName, BoardCell]
    worst: Zone | None  # over the live buckets
    due: datetime | None  # the nearest promise of the live buckets
    flags: Mapping[FlagName, str]  # desired

    @property
    def nearest(self) -> BucketName | None:
        """The live bucket that `due` belongs to, or where none has one, the first that is live."""
        live = [name for name, cell in self.buckets.items() if cell.live]
        return next((name for name in live if self.buckets[name].due_at == self.due), next(iter(live), None))


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFilter:
    """Which open tickets; '' does not restrict. `bucket`: its clock is live; `zone`: of that bucket, or
    without a bucket the worst one. A name that does not exist matches nothing."""

    connection: str = ""
    client: str = ""  # as the PSA names it
    group: str = ""  # board or queue
    owner: str = ""  # or NOBODY
    bucket: str = ""
    zone: str = ""


ALL = BoardFilter()
NOBODY = "-"
"""As an owner: tickets that have none."""

SORTS = ("left", "client", "ticket", "owner", "opened", *CLOCKS)
"""By what it can be sorted beside danger: nearest promise, names, number, age, a promise of its own."""

_PAIRS = [(bucket, zone) for bucket in CLOCKS for zone in ZONES]
_SCOPES = (tickets.c.is_open, ~tickets.c.is_open & ~tickets.c.gone & assessments.c.followup_live)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the open tickets can be filtered by, each in alphabetical order."""

    connections: tuple[str, ...]
    clients: tuple[str, ...]
    groups: tuple[str, ...]
    owners: tuple[str, ...]


async def board(
    tx: AsyncConnection, *, limit: int, offset: int = 0, only: BoardFilter = ALL, sort: str = ""
) -> list[BoardRow]:
    """What is open: worst zone first, then nearest promise; unjudged ones last.

    `sort` is one of SORTS, with `-` before it for the other way round; anything else sorts by danger. What
    has nothing to be sorted by stands last both ways.
    """
    arms = [
        select(*_COLUMNS).outerjoin(assessments, _SAME_TICKET).where(scope, *_conditions(only))
        for scope in _SCOPES
    ]
    every = union_all(*arms).subquery()
    query = select(every).order_by(*_order(every.c, sort)).limit(limit).offset(offset)
    return [_board_row(row) for row in await tx.execute(query)]


def _order(of: Any, sort: str) -> list[UnaryExpression[Any] | ColumnElement[Any]]:
    name, down = sort.removeprefix("-"), sort.startswith("-")
    by: list[ColumnElement[Any]] = []
    if name in ("client", "owner"):
        by = [func.nullif(func.lower(of[name]), "")]
    elif name == "ticket":
        by = [func.length(of.id), of.id]
    elif name == "opened":
        by = [of.opened_at]
    elif name == "left":
        by = [of.due]
    elif name in CLOCKS:
        by = [of[f"{name}_due"]]
    chosen = [(one.desc() if down else one.asc()).nulls_last() for one in by]
    return [*chosen, of.worst.desc().nulls_last(), of.due.asc().nulls_last(), of.conn, of.id]


async def choices(tx: AsyncConnection) -> Choices:
    """The names that open tickets carry."""

    async def named(column: Column[str]) -> tuple[str, ...]:
        found = await tx.scalars(select(column).where(tickets.c.is_open).distinct())
        return tuple(sorted((name for name in found if name), key=str.casefold))

    columns = (tickets.c.conn, tickets.c.client, tickets.c.group, tickets.c.owner)
    return Choices(*[await named(column) for column in columns])


async def total(tx: AsyncConnection, only: BoardFilter = ALL) -> int:
    """How many tickets the board has."""
    query = select(func.count()).select_from(tickets).outerjoin(assessments, _SAME_TICKET)
    return sum([int(await tx.scalar(query.where(scope, *_conditions(only))) or 0) for scope in _SCOPES])


async def zone_counts(tx: AsyncConnection, only: BoardFilter = ALL) -> dict[tuple[BucketName, Zone], int]:
    """How many live clocks of these tickets stand in each zone; pairs without any are left out."""
    query = select(*_numbers()).select_from(tickets).join(assessments, _SAME_TICKET)
    totals: Counter[tuple[BucketName, Zone]] = Counter()
    for scope in _SCOPES:
        row = (await tx.execute(query.where(scope, *_conditions(only)))).one()
        totals.update(dict(zip(_PAIRS, row, strict=True)))
    return {pair: number for pair, number in totals.items() if number}


async def zones_of_each(tx: AsyncConnection) -> dict[str, dict[tuple[BucketName, Zone], int]]:
    """The same of every ticket, by connection, in two statements however many connections there are."""
    query = select(tickets.c.conn, *_numbers()).select_from(tickets).join(assessments, _SAME_TICKET)
    totals: dict[str, Counter[tuple[BucketName, Zone]]] = {}
    for scope in _SCOPES:
        for conn, *row in await tx.execute(query.where(scope).group_by(tickets.c.conn)):
            totals.setdefault(conn, Counter()).update(dict(zip(_PAIRS, row, strict=True)))
    return {conn: {pair: n for pair, n in found.items() if n} for conn, found in totals.items()}


def _numbers() -> list[ColumnElement[int]]:
    return [
        func.count().filter(assessments.c[f"{bucket}_live"] & (assessments.c[f"{bucket}_zone"] == zone))
        for bucket, zone in _PAIRS
    ]


def _conditions(only: BoardFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if only.connection:
        where.append(tickets.c.conn == only.connection)
    if only.client:
        where.append(tickets.c.client == only.client)
    if only.group:
        where.append(tickets.c.group == only.group)
    if only.owner:
        where.append(tickets.c.owner == ("" if only.owner == NOBODY else only.owner))
    if only.bucket:
        known = only.bucket in CLOCKS
        where.append(assessments.c[f"{only.bucket}_live"] if known else false())
        if known and only.zone:
            where.append(assessments.c[f"{only.bucket}_zone"] == only.zone)
    elif only.zone:
        where.append(assessments.c.worst == ZONES.index(only.zone) if only.zone in ZONES else false())
    return where


_COLUMNS = (
    tickets.c.conn,
    tickets.c.id,
    tickets.c.client,
    tickets.c.summary,
    tickets.c.group,
    tickets.c.owner,
    tickets.c.status,
    tickets.c.priority,
    tickets.c.url,
    tickets.c.opened_at,
    assessments.c.client.label("policy_client"),
    assessments.c.worst,
    assessments.c.due,
    assessments.c.flags,
    *(assessments.c[f"{b}_{part}"] for b in CLOCKS for part in ("state", "zone", "due", "live")),
)
_FIXED = len(_COLUMNS) - 4 * len(CLOCKS)


def _board_row(row: Row[Any]) -> BoardRow:
    judged = row.policy_client is not None
    cells = {name: BoardCell(*row[_FIXED + 4 * i : _FIXED + 4 * i + 4]) for i, name in enumerate(CLOCKS)}
    return BoardRow(
        connection=row.conn,
        ticket_id=row.id,
        client=row.client,
        policy_client=row.policy_client or "",
        summary=row.summary,
        group=row.group,
        owner=row.owner,
        status=row.status,
        priority=row.priority,
        url=row.url,
        opened_at=row.opened_at,
        judged=judged,
        buckets=cells if judged else {},
        worst=None if row.worst is None else ZONES[row.worst],
        due=row.due,
        flags=json.loads(row.flags) if judged else {},
    )
