"""One access token for the whole connection, fetched by one request however many are waiting for it.

A new token may make earlier ones invalid, so two parts of one connection that each fetched their own would
log each other out for ever. Tokens live an hour and are renewed a minute before. Source: facts §1.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import httpx

from connector.errors import AuthFailed, ContractViolation, NotFound, Rejected
from connector.psa.halo.address import Address, discover
from connector.psa.halo.config import HaloConfig
from connector.psa.transport import Transport
from connector.psa.values import number

LIFE_S = 3600.0  # where the answer names no life
MARGIN_S = 60.0


class Tokens:
    """The token of one connection."""

    def __init__(
        self,
        transport: Transport,
        site: httpx.URL,
        config: HaloConfig,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._transport, self._site, self._config = transport, site, config
        self._clock = clock or time.monotonic
        self._address: Address | None = None
        self._token, self._dies = "", float("-inf")
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        """A token that should be good. AuthFailed if we are not given one."""
        if self._clock() >= self._dies:
            async with self._lock:
                if self._clock() >= self._dies:
                    await self._fetch()
        return self._token

    async def renew(self, refused: str) -> str:
        """Another token than the one refused: fetched now, unless somebody has done that meanwhile."""
        async with self._lock:
            if self._token == refused:
                await self._fetch()
            return self._token

    async def _fetch(self) -> None:
        known = self._address
        if self._address is None:
            await self._look_up()
        try:
            await self._ask()
        except NotFound as error:
            await self._look_up()
            if self._address == known or known is None:
                raise AuthFailed(
                    f"Halo at {self._site.host} gives no tokens; check site and auth_url ({error})"
                ) from error
            await self._ask()

    async def _look_up(self) -> None:
        config = self._config
        self._address = await discover(
            self._transport, self._site, auth_url=config.auth_url, tenant=config.tenant
        )

    async def _ask(self) -> None:
        assert self._address is not None
        config, address = self._config, self._address
        form = {
            "grant_type": "client_credentials",
            "client_id": config.client_id,
            "client_secret": config.client_secret,
            "scope": config.scope,
        }
        params = {"tenant": address.tenant} if address.tenant else None
        try:
            reply = await self._transport.send(
                "POST", address.token, params=params, form=form, urgent=True, with_auth=False, reads=True
            )
        except (Rejected, AuthFailed) as error:
            raise AuthFailed(
                f"Halo at {self._site.host} does not accept us; check tenant, client_id, client_secret "
                f"and the scopes of the API application ({error})"
            ) from error
        found = reply.json()
        token = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(token, str) or not (token.isascii() and token.isprintable() and token.strip()):
            raise ContractViolation(f"{reply.where}: the answer holds no access_token")
        life = number(found, "expires_in") or LIFE_S
        self._token = token
        self._dies = self._clock() + max(life - MARGIN_S, life / 2)
