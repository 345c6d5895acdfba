"""The line between daemon and PSA, both ways, without a socket: each side's own ASGI app is called.

What HTTP adds is kept: time limits, connections that break before or after a request was carried out, and a
PSA that nobody can reach. Everything else is the real client and the real server code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[Any]]


class _Socket:
    """One exchange as the server sees it; `abort` is what uvicorn's transport has."""

    def __init__(self, body: bytes) -> None:
        self.status, self.headers, self.body = 0, list[tuple[bytes, bytes]](), b""
        self.aborted, self.done = False, False
        self._given: bytes | None = body
        self.transport = self

    def abort(self) -> None:
        self.aborted = True

    async def receive(self) -> dict[str, Any]:
        if self._given is None:
            await asyncio.get_running_loop().create_future()  # nobody hangs up by himself
        body, self._given = self._given, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
        else:
            self.body += message.get("body", b"")
            self.done = not message.get("more_body", False)


async def call(app: App, method: str, url: str, headers: Mapping[str, str], body: bytes) -> _Socket:
    """One request to an ASGI app."""
    parts = urlsplit(url)
    socket = _Socket(body)
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": pairs,
        "client": ("127.0.0.1", 40_000),
        "extensions": {},
        "server": (parts.hostname, parts.port or 80),
    }
    try:
        await app(scope, socket.receive, socket.send)
    except Exception:
        if not socket.done:  # else it has said so itself, with a 500, and the server would log the rest
            raise
    return socket


class Line(httpx.AsyncBaseTransport):
    """What every HTTP client of one life of the daemon speaks through. `cut`: that daemon is dead.

    `heard` is told of each answer the client has really got: it may have hung up before.
    """

    def __init__(self, app: App, heard: Callable[[httpx.Response], None]) -> None:
        self._app, self._heard = app, heard
        self.cut = self.down = self.silent = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        limits = request.extensions.get("timeout", {})
        await asyncio.sleep(0)
        if self.cut or self.down:
            raise httpx.ConnectError("connection refused", request=request)
        try:
            async with asyncio.timeout(limits.get("read")):
                if self.silent:
                    await asyncio.get_running_loop().create_future()
                socket = await self._ask(request)
                await asyncio.sleep(0)
        except TimeoutError:
            raise httpx.ReadTimeout("no answer", request=request) from None
        if socket.aborted or self.cut:
            raise httpx.ReadError("connection reset", request=request)
        answer = httpx.Response(socket.status, headers=socket.headers, content=socket.body, request=request)
        self._heard(answer)
        return answer

    async def _ask(self, request: httpx.Request) -> _Socket:
        url = request.url
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers.raw}
        target = f"{url.scheme}://{url.host}:{url.port or 80}{url.path}"
        if url.query:
            target += "?" + url.query.decode("latin-1")
        return await call(self._app, request.method, target, headers, request.content)
