"""Webhooks in: verify, keep, wake, answer. A delivery answered 2xx is on disk; any other may be sent again.

A webhook is a hint and polling finds the same change later, so whatever is in doubt is refused.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from connector.errors import ConnectorError, Rejected, Unavailable, Unproven
from connector.psa.port import Hint, Psa
from connector.web.deps import WebDeps
from connector.web.intake import Intake
from connector.web.seldom import Seldom

log = structlog.get_logger(__name__)

BODY_LIMIT = 1024 * 1024  # bytes
READ_SECONDS = 10.0
NAME_LIMIT = 128  # characters of a ticket or delivery id

Result = Literal[
    "accepted",
    "repeated",
    "ignored",
    "unproven",
    "rejected",
    "too_large",
    "too_slow",
    "broken_off",
    "unavailable",
    "unknown",
]
SIGNED: frozenset[Result] = frozenset({"accepted", "repeated", "ignored"})
RESULTS: dict[Result, tuple[int, str]] = {
    "accepted": (204, ""),
    "repeated": (204, ""),  # this delivery was kept before
    "ignored": (204, ""),  # genuine, but about nothing we watch
    "unproven": (204, ""),  # unsigned, of a kind that may come so
    "rejected": (401, "The delivery is not genuine."),
    "too_large": (413, "The body is larger than 1 MiB."),
    "too_slow": (408, "The body took longer than 10 seconds."),
    "broken_off": (400, "The body broke off."),
    "unavailable": (503, "Not kept. Send it again later."),
    "unknown": (404, "No connection has this name."),
}


class Hooks:
    """`counts`: deliveries by (connection, result); the connection is '' where no connection has the name."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._intake = Intake(deps.store, deps.now)
        self._seldom = Seldom(deps.now)
        self.counts: Counter[tuple[str, Result]] = Counter()
        self.heard: dict[str, datetime] = {}  # by connection, when the last one came that was signed

    async def receive(self, request: Request) -> Response:
        """POST /hooks/{connection}."""
        name = request.path_params["connection"]
        psa = self._deps.connections.get(name)
        result: Result = "unknown" if psa is None else await self._take_in(name, psa, request)
        self.counts[name if psa is not None else "", result] += 1
        if result in SIGNED:
            self.heard[name] = self._deps.now()
        status, text = RESULTS[result]
        return PlainTextResponse(text + "\n", status_code=status) if text else Response(status_code=status)

    async def _take_in(self, name: str, psa: Psa, request: Request) -> Result:
        body = await read(request)
        if not isinstance(body, bytes):
            return body
        try:
            hints = await psa.verify(body, dict(request.headers), dict(request.query_params))
            _check(hints)
        except Unproven:
            return "unproven"
        except Rejected as error:
            if self._may_tell(name, error):
                log.warning("webhook rejected", connection=name, reason=_short(error))
            return "rejected"
        except ConnectorError as error:
            if self._may_tell(name, error):
                log.warning("webhook not verified", connection=name, reason=_short(error))
            return "unavailable"
        return await self._keep(name, hints)

    async def _keep(self, name: str, hints: Sequence[Hint]) -> Result:
        if not hints:
            return "ignored"
        try:
            new = await self._intake.put(name, hints)
        except Unavailable:
            return "unavailable"
        if not new:
            return "repeated"
        self._deps.wake(name)
        return "accepted"

    def _may_tell(self, name: str, error: ConnectorError) -> bool:
        return self._seldom.may_say(f"{name} {type(error).__name__} {_short(error)}")


def _short(error: ConnectorError) -> str:
    return str(error)[:256]


async def read(request: Request) -> bytes | Result:
    """The whole body, or what went wrong with it."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await request.body()
    except TimeoutError:
        return "too_slow"
    except ClientDisconnect:
        return "broken_off"
    except HTTPException:  # the route's max_body_size
        return "too_large"


def _check(hints: Sequence[Hint]) -> None:
    """Rejected for an id no PSA would give: it comes from the address line, which no signature covers."""
    for hint in hints:
        for text in (hint.ticket_id, hint.action, hint.deliver_id):
            if len(text) > NAME_LIMIT or not text.isprintable():
                raise Rejected("an id in the delivery is not printable text of at most 128 characters")
        if not hint.ticket_id:
            raise Rejected("the delivery names no ticket")
