"""The board and the wallboard: what a dispatcher looks at, worst first, and whether it can be trusted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from connector.model import BUCKETS, CLOCKS, ZONES, Zone
from connector.store import board as stored
from connector.web import strip
from connector.web.deps import WebDeps
from connector.web.door import person
from connector.web.filters import Filters
from connector.web.pages import NO_STORE, page, rendered
from connector.web.views import View, Views

WALL_ROWS = 40
FILTER_NAMES = {
    "connection": "PSA",
    "client": "client",
    "group": "board",
    "owner": "owner",
    "bucket": "bucket",
    "zone": "zone",
}
NO_CHOICES = stored.Choices((), (), (), ())


class Board:
    def __init__(self, deps: WebDeps, views: Views) -> None:
        self._deps, self._views = deps, views

    async def whole(self, request: Request) -> Response:
        """GET /: the page, read now."""
        filters = Filters.of(request.query_params)
        view = await self._views.fresh(filters)
        choices = NO_CHOICES
        if not view.trouble:
            async with self._deps.store.read() as tx:
                choices = await stored.choices(tx)
        return await self._page("board.html", "board", filters, view, choices=choices, me=person(request))

    async def fragment(self, request: Request) -> Response:
        """GET /board/fragment: the part that changes, for the script."""
        return await self._part("fragment.html", Filters.of(request.query_params))

    async def wall(self, request: Request) -> Response:
        """GET /wallboard: the same for a television; its order is always by danger."""
        filters = Filters.of(request.query_params).worst_first()
        return await self._page("wallboard.html", "wallboard", filters, await self._views.fresh(filters))

    async def wall_fragment(self, request: Request) -> Response:
        """GET /wallboard/fragment."""
        return await self._part("wall.html", Filters.of(request.query_params).worst_first())

    async def _page(self, template: str, name: str, filters: Filters, view: View, **more: Any) -> Response:
        status = 503 if view.trouble else 200
        values = self._values(filters, view) | more
        return await asyncio.to_thread(  # it takes a while, and webhooks must not wait for it
            page, template, status=status, title=self._deps.title, page=name, **values
        )

    async def _part(self, template: str, filters: Filters) -> Response:
        """The same bytes for everybody, until the view says something else."""
        view = await self._views.known(filters)
        if template not in view.html:
            values = self._values(filters, view)
            view.html[template] = (await asyncio.to_thread(rendered, template, **values)).encode()
        return HTMLResponse(view.html[template], status_code=503 if view.trouble else 200, headers=NO_STORE)

    def _values(self, filters: Filters, view: View) -> dict[str, Any]:
        contents, health = view.contents, self._deps.health
        zones = {zone: sum(contents.counts.get((name, zone), 0) for name in CLOCKS) for zone in ZONES}
        return {
            "version": view.version,
            "trouble": view.trouble,
            "now": view.at,
            "filters": filters,
            "config_errors": health.errors(),
            "strip": strip.strip(health, contents.outbox, view.at),
            "contents": contents,
            "rows": contents.rows,
            "total": contents.total,
            "counts": contents.counts,
            "dead": sum(dead for _, dead in contents.outbox.values()),
            "quarantined": contents.quarantined,
            "zones": zones,
            "said": _said(contents.total, zones),
            "buckets": CLOCKS if filters.bucket == "followup" or _any_followup(contents.rows) else BUCKETS,
            "filter_names": FILTER_NAMES,
            "nobody": stored.NOBODY,
            "wall_rows": WALL_ROWS,
        }


def _any_followup(rows: Sequence[stored.BoardRow]) -> bool:
    return any("followup" in row.buckets and row.buckets["followup"].state != "none" for row in rows)


def _said(total: int, zones: Mapping[Zone, int]) -> str:
    """The counts in a sentence, for who cannot see the matrix."""
    each = ", ".join(f"{zones[zone]} {zone}" for zone in reversed(ZONES) if zones[zone])
    return f"{total} open tickets, promises: {each or 'none open'}"
