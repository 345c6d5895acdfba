"""One request to an ASGI app without a server between: what h11 would let through, and more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_from_bytes

from fuzz._dice import Dice
from fuzz._watch import Finding, keeps_secret

_VISIBLE = bytes(range(0x21, 0x7F))
Headers = Sequence[tuple[str, bytes]]


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


async def ask(
    app: Any,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    headers: Headers = (),
    chunks: Sequence[bytes] = (b"",),
) -> Answer:
    """The answer, judged: one we meant, and no secret in it."""
    told, waiting = Answer(), list(chunks)

    async def receive() -> dict[str, Any]:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told.status = message["status"]
            told.headers = {n.decode("latin-1"): v.decode("latin-1") for n, v in message["headers"]}
        else:
            told.body += message.get("body", b"")

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),  # as uvicorn does
        "raw_path": path.encode("utf-8", "surrogateescape"),
        "query_string": quote_from_bytes(query, safe=_VISIBLE).encode(),  # h11 refuses any other
        "root_path": "",
        "headers": [(name.lower().encode(), value) for name, value in headers],
        "client": ("198.51.100.7", 4711),
        "server": ("127.0.0.1", 8765),
    }
    await app(scope, receive, send)
    if not 200 <= told.status < 500 and told.status != 503:
        raise Finding(f"{method} {path}: {told.status}")
    if any("\r" in value or "\n" in value for value in told.headers.values()):
        raise Finding(f"{method} {path}: a line break in a header")
    keeps_secret(told.body, "an answer")
    keeps_secret(str(told.headers), "an answer's headers")
    return told


def parts(body: bytes, dice: Dice) -> Sequence[bytes]:
    """The body in one to four chunks."""
    cuts = sorted(dice.below(len(body) + 1) for _ in range(dice.below(4)))
    return [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]


def clean(value: bytes) -> bytes:
    """A header's value as a server lets it through: one line."""
    return value.translate(None, b"\r\n\0").strip()
