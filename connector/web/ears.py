"""Webhooks taken in while no daemon does: a canary wants to know which of them its own write sets off."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from connector.serving import Server
from connector.web.deps import WebDeps
from connector.web.hooks import BODY_LIMIT, Hooks


@contextlib.asynccontextmanager
async def ears(deps: WebDeps, door: socket.socket) -> AsyncIterator[None]:
    """Serve /hooks/NAME on a listening socket, and nothing else, until the block is left."""
    take = Route("/hooks/{connection}", Hooks(deps).receive, methods=["POST"], max_body_size=BODY_LIMIT)
    app = Starlette(routes=[take])
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[door]))
    try:
        yield
    finally:
        server.leave()
        await serving
