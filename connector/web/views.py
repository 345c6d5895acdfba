"""What the board says, read and rendered once for everybody who looks through the same filters.

A view is read again when the daemon has done something since, and is another *version* only when it says
something else. So a quiet desk costs nothing, however many look at it.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from connector.model import BucketName, Zone
from connector.store import board as stored
from connector.store import errands, outbox, quarantine
from connector.store.store import Store
from connector.web import strip
from connector.web.deps import STORE_TROUBLE, WebDeps
from connector.web.filters import Filters
from connector.web.seldom import Seldom

log = structlog.get_logger(__name__)

ROWS = 100  # of one page
KEPT = 100  # views in memory: as many different filters as people at once look through
SECONDS = 60.0  # after which a view is read again though nobody told of a change
BROKEN_SECONDS = 5.0  # the same while the store fails
BUSY = 0.5  # share of the time that may be spent reading, however much happens and however many look
TROUBLE = "The store does not answer, so no ticket can be shown. The log says why."


@dataclass(frozen=True, slots=True)
class Contents:
    """What the store says, read in one snapshot. `page` of `pages`, counted from 1."""

    rows: list[stored.BoardRow]
    total: int
    page: int
    pages: int
    counts: Mapping[tuple[BucketName, Zone], int]
    outbox: Mapping[str, tuple[int, int]]
    quarantined: int


NOTHING = Contents([], 0, 1, 1, {}, {}, 0)


@dataclass(slots=True)
class View:
    """The contents under some filters at `at`. `version` names what they say, `html` is made of them."""

    version: str
    contents: Contents
    trouble: str
    at: datetime
    hint: tuple[Any, ...] = field(repr=False)
    read: float  # by the monotonic clock
    took: float  # seconds
    html: dict[str, bytes] = field(default_factory=dict, repr=False)


class Views:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._seldom = Seldom(deps.now)
        self._kept: dict[Filters, View] = {}
        self._reading = asyncio.Lock()

    async def known(self, filters: Filters) -> View:
        """The view as it is, read only if something may have changed since it was."""
        if (view := self._current(filters)) is not None:
            return view
        async with self._reading:  # whoever waited for the same one finds it
            return self._current(filters) or await self.fresh(filters)

    async def fresh(self, filters: Filters) -> View:
        """The view, read now."""
        began = time.monotonic()
        hint = strip.hint(self._deps.health, self._deps.now())  # before reading: rather once too often
        contents = await self._read(filters)
        now = self._deps.now()
        told = repr((contents, strip.shown(self._deps.health, now))).encode(errors="replace")
        version = hashlib.blake2s(told, digest_size=8).hexdigest()
        trouble = "" if contents else TROUBLE
        read_at = time.monotonic()
        view = View(version, contents or NOTHING, trouble, now, hint, read_at, read_at - began)
        before = self._kept.pop(filters, None)
        if before is not None and before.version == version:
            view.html = before.html
        looked_at = [each for each in self._kept.items() if read_at - each[1].read < 2 * SECONDS]
        self._kept = dict(looked_at[1 - KEPT :])
        self._kept[filters] = view
        return view

    def _current(self, filters: Filters) -> View | None:
        view = self._kept.get(filters)
        if view is None:
            return None
        age = time.monotonic() - view.read
        if view.hint != strip.hint(self._deps.health, self._deps.now()):
            return view if age < self._rest(view) else None
        return view if age < (BROKEN_SECONDS if view.trouble else SECONDS) else None

    def _rest(self, view: View) -> float:
        """Seconds that a view is left alone though something happened: the others have their turn."""
        return view.took * len(self._kept) / BUSY

    async def _read(self, filters: Filters) -> Contents | None:
        """None when the store fails: the strip is then shown without tickets."""
        try:
            return await read(self._deps.store, filters)
        except STORE_TROUBLE as error:
            if self._seldom.may_say(str(error)):
                log.error("board not read", error=str(error)[:256])
            return None


async def read(store: Store, filters: Filters) -> Contents:
    """Raises what the store raises. A page beyond the last one is the last one."""
    only = filters.only()
    async with store.read() as tx:
        total = await stored.total(tx, only)
        pages = max(1, -(-total // ROWS))
        page = min(filters.number, pages)
        offset = (page - 1) * ROWS
        return Contents(
            rows=await stored.board(tx, limit=ROWS, offset=offset, only=only, sort=filters.sort),
            total=total,
            page=page,
            pages=pages,
            counts=await stored.zone_counts(tx, filters.without_zone().only()),
            outbox=_together(await outbox.counts(tx), await errands.counts(tx)),
            quarantined=sum((await quarantine.counts(tx)).values()),
        )


def _together(
    flags: Mapping[str, tuple[int, int]], tickets: Mapping[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    """(owed, dead) by connection, of flags and of tickets and notes of ours."""
    pairs = {conn: (flags.get(conn, (0, 0)), tickets.get(conn, (0, 0))) for conn in {*flags, *tickets}}
    return {conn: (one[0] + other[0], one[1] + other[1]) for conn, (one, other) in sorted(pairs.items())}
