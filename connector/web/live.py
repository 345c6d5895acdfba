"""Tells open boards when they show something old, never what is new: that they fetch, all the same one.

A stream is told only when the view under its filters says something else. In
between a pulse says that we are there, what time it is, and when each PSA was last looked at.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from connector.web.deps import WebDeps
from connector.web.filters import Filters
from connector.web.views import Views
from connector.web.words import iso

SECONDS = 0.25  # between looks; a look at what has not changed is nearly free
PULSE = 10.0  # seconds; board.js calls the board old after three without one


class Live:
    def __init__(self, deps: WebDeps, views: Views) -> None:
        self._deps, self._views = deps, views
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End every stream: a server that stops waits for them."""
        self._closing.set()

    async def events(self, request: Request) -> Response:
        """GET /events?FILTERS: `pulse` now and then; `changed` with the view's version, first at once."""
        return EventSourceResponse(self._changes(Filters.of(request.query_params)))

    async def _changes(self, filters: Filters) -> AsyncIterator[ServerSentEvent]:
        told, waited = "", PULSE
        while not self._closing.is_set():
            if waited >= PULSE:
                waited = 0.0
                yield ServerSentEvent(event="pulse", data=self._pulse())
            view = await self._views.known(filters)
            if view.version != told:
                told = view.version
                yield ServerSentEvent(event="changed", data=told)
            waited += SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), SECONDS)

    def _pulse(self) -> str:
        each = self._deps.health.connections.items()
        turns = {name: iso(one.last_turn) for name, one in each if one.last_turn is not None}
        return json.dumps({"now": iso(self._deps.now()), "turns": turns})
