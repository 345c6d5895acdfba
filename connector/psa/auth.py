"""Credentials go to the host they belong to and to no other, whatever an answer or a webhook says."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import httpx


def origin(url: httpx.URL) -> tuple[str, str, int]:
    """Scheme, host and port, with the scheme's own port filled in."""
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme, 0)


class OriginAuth(httpx.Auth):
    """Adds secret headers to requests for one origin only; `origin` may change after a re-discovery."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)
        self.origin: tuple[str, str, int] | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if origin(request.url) == self.origin:
            request.headers.update(self._headers)
        yield request

    def __repr__(self) -> str:
        return f"OriginAuth({sorted(self._headers)})"
