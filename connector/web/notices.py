"""The page of what people were told outside of the PSA, and what they were not told and why."""

from __future__ import annotations

from typing import Literal, get_args

from starlette.requests import Request
from starlette.responses import Response

from connector.daemon.notices.told import head
from connector.store import notices
from connector.store.notices import Shown
from connector.web.deps import WebDeps
from connector.web.door import shown
from connector.web.pages import page

ROWS = 200
STATES: tuple[Shown, ...] = get_args(Shown)


class Notices:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def show(self, request: Request) -> Response:
        """GET /notices: the newest first, `?state=` of one state only."""
        asked = request.query_params.get("state")
        wanted: Shown | Literal[""] = next((state for state in STATES if state == asked), "")
        async with self._deps.store.read() as tx:
            items = await notices.listed(tx, state=wanted, limit=ROWS)
            counts = await notices.counts(tx)
        return page(
            "notices.html",
            title=self._deps.title,
            page="notices",
            items=[(notice, sending, head(notice)) for notice, sending in items],
            wanted=wanted,
            numbers={s: sum(n for (_, state), n in counts.items() if state == s) for s in STATES},
            now=self._deps.now(),
            **shown(request),
        )
