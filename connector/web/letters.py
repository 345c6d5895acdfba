"""The list pages for what needs a person: writes the PSA refused, and what it sent that we cannot read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from connector.store import errands, outbox, quarantine, tickets
from connector.store.outbox import Owed
from connector.store.quarantine import Quarantined
from connector.web.deps import WebDeps
from connector.web.pages import page

log = structlog.get_logger(__name__)

ROWS = 500
Item = TypeVar("Item", Owed, Quarantined)


class Letters:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def dead(self, request: Request) -> Response:
        """GET /outbox."""
        async with self._deps.store.read() as tx:
            items = await _with_links(tx, await outbox.dead(tx, ROWS))
            number = sum(dead for _, dead in (await outbox.counts(tx)).values())
            unopened = await errands.listed(tx, state="dead", limit=ROWS)
        return self._page("outbox", items, number, errands=unopened)

    async def quarantined(self, request: Request) -> Response:
        """GET /quarantine."""
        async with self._deps.store.read() as tx:
            items = await _with_links(tx, await quarantine.listed(tx, ROWS))
            number = sum((await quarantine.counts(tx)).values())
        return self._page("quarantine", items, number)

    def _page(self, name: str, items: Sequence[object], number: int, **more: Any) -> Response:
        return page(
            f"{name}.html",
            title=self._deps.title,
            page=name,
            items=items,
            more=number - len(items),
            now=self._deps.now(),
            **more,
        )


async def _with_links(tx: AsyncConnection, items: Sequence[Item]) -> list[tuple[Item, str]]:
    """Each with the address of its ticket in the PSA, '' where the ticket is not known."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for item in items:
        wanted[item.connection].add(item.ticket_id)
    urls = {
        (conn, id): found.ticket.url
        for conn, ids in wanted.items()
        for id, found in (await tickets.load(tx, conn, ids)).items()
    }
    return [(item, urls.get((item.connection, item.ticket_id), "")) for item in items]
