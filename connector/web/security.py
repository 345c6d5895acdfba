"""What every request passes: headers that keep a page from doing harm, and who is really calling.

A proxy says in X-Forwarded-For whom it speaks for. That is good to know, and must not hide the proxy itself:
whether its word on a person's name is taken depends on its own address.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_PEER = "px.peer"


class SafeHeaders:
    """Puts the safety headers on every answer, errors included, unless the answer brings its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_safely)


class RealPeer:
    """Remembers the address of the next machine before X-Forwarded-For is believed; see `peer`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_PEER] = (scope.get("client") or ("",))[0]
        await self.app(scope, receive, send)


def peer(scope: Scope) -> str:
    """The address of the machine at the other end of the connection, '' where there is none."""
    found: str = scope.get(_PEER, "")
    return found
