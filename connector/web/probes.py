"""For whoever runs the process: is it alive, and can it do its work?

Alive and ready are different questions. A restart does not mend a PSA that is down, so /healthz never
looks beyond the process; /readyz says what is missing, for a load balancer or a person.
"""

from __future__ import annotations

import asyncio

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connector.daemon.health import Health
from connector.store import inbox
from connector.store.store import Store
from connector.web.deps import STORE_TROUBLE, WebDeps
from connector.web.seldom import Seldom

log = structlog.get_logger(__name__)

STORE_SECONDS = 5.0  # a store that takes longer does not answer


class Probes:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._seldom = Seldom(deps.now)

    async def alive(self, request: Request) -> Response:
        """GET /healthz: 200 while the process answers at all."""
        return JSONResponse({"alive": True})

    async def ready(self, request: Request) -> Response:
        """GET /readyz: 200 `{"ready": true, "missing": []}`, else 503 with what is missing in plain words."""
        missing = await self._store_trouble() + _waiting_for(self._deps.health)
        return JSONResponse(
            {"ready": not missing, "missing": missing},
            status_code=503 if missing else 200,
            headers={"Cache-Control": "no-store"},
        )

    async def _store_trouble(self) -> list[str]:
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await _ask(self._deps.store)
        except (TimeoutError, *STORE_TROUBLE) as error:
            if self._seldom.may_say(repr(error)):
                log.error("store does not answer", error=repr(error)[:256])
            return ["the store does not answer"]
        return []


async def _ask(store: Store) -> None:
    async with store.read() as tx:
        await inbox.waiting(tx)


def _waiting_for(health: Health) -> list[str]:
    if health.ready():
        return []
    return [
        f"connection {c.name}: no turn yet"
        for c in health.connections.values()
        if c.last_turn is None and c.state != "stopped"
    ]
