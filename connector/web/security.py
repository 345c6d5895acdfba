"""The door: one shared token for people and scrapers, and headers that keep a page from doing harm.

The board shows customers' names and summaries, so it is guarded as a whole; webhooks carry their own
signature and probes say nothing worth hiding, so they stay outside.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from datetime import datetime

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.errors import ConfigError
from connector.web.seldom import Seldom

log = structlog.get_logger(__name__)

SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class SafeHeaders:
    """Puts the safety headers on every answer, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SAFE_HEADERS)
            await send(message)

        await self.app(scope, receive, send_safely)


class TokenGuard:
    """Lets a request through that brings the token, as Bearer or as the password of Basic.

    The refusal is the same for a missing and for a wrong token. Raises ConfigError for an empty token,
    which anybody could guess.
    """

    def __init__(self, app: ASGIApp, token: str | None, now: Callable[[], datetime]) -> None:
        if token is not None and not token.strip():
            raise ConfigError("the web token is empty: give it a long random value, or leave it out")
        self.app = app
        self._token = None if token is None else token.encode()
        self._seldom = Seldom(now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._token is None:
            await self.app(scope, receive, send)
            return
        offered = _offered(Headers(scope=scope).get("authorization", ""))
        if offered is not None and hmac.compare_digest(offered, self._token):
            await self.app(scope, receive, send)
            return
        if offered is not None and self._seldom.may_say("wrong token"):
            host = (scope.get("client") or ("?",))[0]
            log.warning("wrong token", client=host, note="said at most once a minute")
        await _refusal()(scope, receive, send)


def _refusal() -> PlainTextResponse:
    response = PlainTextResponse("Sign in with the token.\n", status_code=401)
    response.headers.append("WWW-Authenticate", 'Basic realm="px-connector", charset="UTF-8"')
    response.headers.append("WWW-Authenticate", 'Bearer realm="px-connector"')
    return response


def _offered(header: str) -> bytes | None:
    """The token in an Authorization header, None if there is none that can be read."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode("latin-1")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return None
    return None
