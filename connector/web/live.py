"""Tells open boards, at most once a second, that there is something new to fetch; never what it is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from connector.web.board import version
from connector.web.deps import WebDeps

SECONDS = 1.0


class Live:
    def __init__(self, deps: WebDeps) -> None:
        self._health = deps.health
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End every stream: a server that stops waits for them."""
        self._closing.set()

    async def events(self, request: Request) -> Response:
        """GET /events: `changed` with the board's version, first at once and then on every change."""
        return EventSourceResponse(self._changes())

    async def _changes(self) -> AsyncIterator[ServerSentEvent]:
        told = ""
        while not self._closing.is_set():
            if (tag := version(self._health)) != told:
                told = tag
                yield ServerSentEvent(event="changed", data=tag)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), SECONDS)
