"""The board: what a dispatcher looks at. Worst tickets first, above them whether it can be trusted.

It is read from the store at every request, so it needs no state of its own and two processes would
show the same.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from connector.daemon.health import ConnectionHealth, Health
from connector.model import BucketName, Zone
from connector.store import board as stored
from connector.store import errands, outbox, quarantine
from connector.store.store import Store
from connector.web.deps import STORE_TROUBLE, WebDeps
from connector.web.filters import Filters
from connector.web.pages import page
from connector.web.seldom import Seldom

log = structlog.get_logger(__name__)

ROWS = 500
OLD = timedelta(minutes=10)  # without a turn; a healthy connection turns at every poll
STATE_MARKS = {"starting": "○", "ok": "●", "degraded": "▲", "stopped": "■"}
TROUBLE = "The store does not answer, so no ticket can be shown. The log says why."


@dataclass(frozen=True, slots=True)
class StripItem:
    """One connection in the strip on top."""

    health: ConnectionHealth
    mark: str
    old: bool
    owed: int
    dead: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What the store says, read in one snapshot."""

    rows: list[stored.BoardRow]
    total: int
    counts: Mapping[tuple[BucketName, Zone], int]
    outbox: Mapping[str, tuple[int, int]]
    quarantined: int


NOTHING = Contents([], 0, {}, {}, 0)


class Board:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._seldom = Seldom(deps.now)

    async def whole(self, request: Request) -> Response:
        """GET /: the page."""
        return await self._answer("board.html", request)

    async def fragment(self, request: Request) -> Response:
        """GET /board/fragment: the part that changes, for the script."""
        return await self._answer("fragment.html", request)

    async def _answer(self, template: str, request: Request) -> Response:
        filters = Filters.of(request.query_params)
        health = self._deps.health
        tag = version(health)  # before reading: whoever compares it later reads again rather than not
        contents = await self._read(filters)
        now = self._deps.now()
        values = _values(contents or NOTHING, filters, health, now)
        return await asyncio.to_thread(  # hundreds of rows take a while, and webhooks must not wait for them
            page,
            template,
            status=200 if contents else 503,
            title=self._deps.title,
            page="board",
            version=tag,
            trouble="" if contents else TROUBLE,
            **values,
        )

    async def _read(self, filters: Filters) -> Contents | None:
        """None when the store fails: the strip is then shown without tickets."""
        try:
            return await read(self._deps.store, filters)
        except STORE_TROUBLE as error:
            if self._seldom.may_say(str(error)):
                log.error("board not read", error=str(error)[:256])
            return None


async def read(store: Store, filters: Filters) -> Contents:
    """Raises what the store raises."""
    async with store.read() as tx:
        return Contents(
            rows=await stored.board(tx, limit=ROWS, only=filters.only()),
            total=await stored.total(tx, filters.only()),
            counts=await stored.zone_counts(tx, filters.without_zone().only()),
            outbox=_together(await outbox.counts(tx), await errands.counts(tx)),
            quarantined=sum((await quarantine.counts(tx)).values()),
        )


def _together(
    flags: Mapping[str, tuple[int, int]], tickets: Mapping[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    """(owed, dead) by connection, of flags and of tickets and notes of ours."""
    pairs = {conn: (flags.get(conn, (0, 0)), tickets.get(conn, (0, 0))) for conn in {*flags, *tickets}}
    return {conn: (one[0] + other[0], one[1] + other[1]) for conn, (one, other) in pairs.items()}


def version(health: Health) -> str:
    """Changes whenever a connection has turned or its state has, which is when the board can change."""
    state = repr((sorted(health.connections.items()), health.config_errors))
    return hashlib.blake2s(state.encode(errors="replace"), digest_size=6).hexdigest()


def _values(contents: Contents, filters: Filters, health: Health, now: datetime) -> dict[str, Any]:
    strip = []
    for name, state in sorted(health.connections.items()):
        owed, dead = contents.outbox.get(name, (0, 0))
        old = state.last_turn is None or now - state.last_turn > OLD
        settled = state.state != "starting"
        strip.append(StripItem(state, STATE_MARKS[state.state], old and settled, owed, dead))
    return {
        "now": now,
        "filters": filters,
        "config_errors": health.errors(),
        "strip": strip,
        "rows": contents.rows,
        "total": contents.total,
        "more": contents.total - len(contents.rows),
        "counts": contents.counts,
        "dead": sum(dead for _, dead in contents.outbox.values()),
        "quarantined": contents.quarantined,
    }
