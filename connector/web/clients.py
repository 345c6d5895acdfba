"""The clients' page: PX with what chance leaves of it, the contract, watermelons, open follow-ups."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from connector.history.clientlist import client_list
from connector.web.deps import WebDeps
from connector.web.pages import page


class Clients:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def show(self, request: Request) -> Response:
        """GET /clients."""
        now, book = self._deps.now(), self._deps.clients()
        async with self._deps.store.read() as tx:
            rows = await client_list(tx, book.policies, now)
        title = self._deps.title
        return await asyncio.to_thread(
            lambda: page("clients.html", title=title, page="clients", rows=rows, now=now)
        )
