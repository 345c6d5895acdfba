"""Signing keys of callbacks: fetched from an allow-listed address, with limits, and remembered.

Anybody can make us look at an address by sending a callback, so fetches are few at a time, small, short,
never redirected, never to a private address, and a failed one is not repeated for a minute. Nor can anybody
use up our share of the PSA's patience, or make us forget the key that is good: so many unknown addresses are
asked in a minute and no more, and their failures are forgotten first.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections import OrderedDict, deque
from dataclasses import dataclass

import httpx

from connector.errors import AuthFailed, ContractViolation, NotFound, Rejected, Unavailable
from connector.psa.transport import Forbidden, Transport

MAX_BYTES = 64 * 1024
SECONDS = 10.0
REMEMBERED = 64
FRESH_S = 24 * 3600.0
AGAIN_S = 60.0
STRANGE = 20
"""Addresses without a known key that are asked in a minute."""


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key and when it was fetched; `value` is '' for a fetch that failed."""

    value: str
    at: float
    why: str = ""


class KeyRing:
    """Keys by address, the least recently used forgotten first."""

    def __init__(self, transport: Transport, *, client_id: str, allow_private: bool) -> None:
        self._transport, self._client_id, self._allow_private = transport, client_id, allow_private
        self._keys: OrderedDict[str, Key] = OrderedDict()
        self._lock = asyncio.Lock()
        self._tried: deque[float] = deque(maxlen=STRANGE)

    async def get(self, url: httpx.URL, *, again: bool = False) -> str:
        """The key at this address. `again`: the one we have did not fit; ask anew if it is not new.

        Rejected if there is no key there; Unavailable if it could not be asked for.
        """
        known = self._recent(str(url), again)
        if known is None:
            async with self._lock:
                known = self._recent(str(url), again)
                if known is None:
                    self._pace(str(url))
                    known = await self._fetch(url)
                    self._keys[str(url)] = known
                    self._forget()
        if not known.value:
            raise Rejected(f"callback: no key at {url.host}: {known.why}")
        return known.value

    def _pace(self, url: str) -> None:
        """Unavailable where too many addresses without a good key were asked lately."""
        known = self._keys.get(url)
        if known is not None and known.value:
            return
        now = time.monotonic()
        if len(self._tried) == STRANGE and now - self._tried[0] < AGAIN_S:
            raise Unavailable(f"callback: more than {STRANGE} keys were asked for within a minute; later")
        self._tried.append(now)

    def _forget(self) -> None:
        """What failed first, then what was used longest ago."""
        while len(self._keys) > REMEMBERED:
            del self._keys[
                next((url for url, key in self._keys.items() if not key.value), next(iter(self._keys)))
            ]

    def _recent(self, url: str, again: bool) -> Key | None:
        known = self._keys.get(url)
        if known is None:
            return None
        self._keys.move_to_end(url)
        age = time.monotonic() - known.at
        return known if age < (AGAIN_S if again or not known.value else FRESH_S) else None

    async def _fetch(self, url: httpx.URL) -> Key:
        now = time.monotonic()
        try:
            async with asyncio.timeout(SECONDS):
                await self._check_address(url)
                return Key(await self._ask(url), now)
        except TimeoutError as error:
            raise Unavailable(f"callback: no key from {url.host} within {SECONDS:.0f} s") from error
        except (AuthFailed, Forbidden, NotFound, ContractViolation, Rejected) as error:
            return Key("", now, str(error))

    async def _ask(self, url: httpx.URL) -> str:
        """Plain first; with our clientId and, on our own host, our keys if that is refused (facts §8.6)."""
        try:
            return await self._read(url, None)
        except (AuthFailed, Forbidden):
            return await self._read(url, {"clientid": self._client_id})

    async def _read(self, url: httpx.URL, headers: dict[str, str] | None) -> str:
        reply = await self._transport.send(
            "GET", str(url), headers=headers, with_auth=headers is not None, urgent=True, max_bytes=MAX_BYTES
        )
        found = reply.json()
        key = found.get("signing_key") if isinstance(found, dict) else None
        if not isinstance(key, str) or not key:
            raise ContractViolation("the answer holds no signing_key")
        return key

    async def _check_address(self, url: httpx.URL) -> None:
        """Rejected if the name leads to a private address and that is not allowed."""
        if self._allow_private:
            return
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                url.host, url.port or 443, type=socket.SOCK_STREAM
            )
        except OSError as error:
            raise Unavailable(f"callback: {url.host} cannot be resolved") from error
        for *_, address in found:
            if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
                raise Rejected(f"{url.host} leads to a private address")
