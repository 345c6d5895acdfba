"""One message to an address a person has named: a chat's webhook, or a program of the house.

It stands beside the PSAs because only here HTTP is spoken. It is stricter than `transport`: nothing is read
but the status, no redirect is followed, nothing is repeated (the store does that), and since such an address
is often a password, no error tells more of it than its host.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from datetime import UTC, datetime

import httpx

from connector.errors import Rejected, Throttled, Unavailable
from connector.psa.retry import retry_after
from connector.psa.tls import trusted
from connector.settings.address import is_loopback

SECONDS = 15.0
PATIENCE_S = 60.0
"""After a 429 that names no time."""


class Outbound:
    """Sends messages, each on a connection of its own: they are few, and their hosts differ."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool = False
    ) -> None:
        """POST `body`, which is JSON.

        Rejected for a 4xx or a private address, Throttled for a 429, Unavailable for whatever else is no 2xx.
        """
        at = httpx.URL(url)
        try:
            async with asyncio.timeout(self._seconds):
                if not allow_private:
                    await _check_address(at)
                status, wait = await self._send(at, body, headers)
        except (httpx.HTTPError, OSError, TimeoutError) as error:
            raise Unavailable(f"{at.host}: no answer ({type(error).__name__})") from None
        if 200 <= status < 300:
            return
        if status == 429:
            asked = retry_after(wait, datetime.now(UTC))
            raise Throttled(f"{at.host}: 429", retry_after=PATIENCE_S if asked is None else asked)
        if 400 <= status < 500 and status != 408:
            raise Rejected(f"{at.host}: {status}")
        where = " (a redirect, which is not followed)" if 300 <= status < 400 else ""
        raise Unavailable(f"{at.host}: {status}{where}")

    async def _send(self, at: httpx.URL, body: bytes, headers: Mapping[str, str]) -> tuple[int, str | None]:
        """The answer's status and Retry-After; its body is not read."""
        sent = {"Content-Type": "application/json", "User-Agent": "px-connector", **headers}
        async with (
            httpx.AsyncClient(
                timeout=self._seconds, trust_env=not is_loopback(at.host), verify=trusted()
            ) as client,
            client.stream("POST", at, content=body, headers=sent, follow_redirects=False) as response,
        ):
            return response.status_code, response.headers.get("retry-after")


async def _check_address(at: httpx.URL) -> None:
    """Rejected if the name leads into the house."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(at.host, at.port or 443, type=socket.SOCK_STREAM)
    for *_, address in found:
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
            raise Rejected(f"{at.host} leads to a private address; if it is meant, set allow_private: true")
