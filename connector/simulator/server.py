"""The simulator on a real port: in a test's own event loop, or as a process of its own."""

from __future__ import annotations

import asyncio
import json
import random
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, cast

import uvicorn

from connector.serving import Server
from connector.simulator import people
from connector.simulator.control import Control
from connector.simulator.deskpages import DeskPages
from connector.simulator.dialects import dialect_of
from connector.simulator.faults import Faults
from connector.simulator.hooks import Postman
from connector.simulator.life import live
from connector.simulator.seed import make_world
from connector.simulator.web import Ask, Exchange, Reply
from connector.simulator.workflow import Workflow
from connector.simulator.world import World, utcnow

Tap = Callable[[Exchange], None]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_MAX_BODY = 8 * 1024 * 1024


class Simulator:
    """`async with Simulator(world) as sim:` serves the world on loopback until the block is left."""

    def __init__(
        self,
        world: World,
        vendor: str = "connectwise",
        port: int = 0,
        faults: Faults | None = None,
        tap: Tap | None = None,
        activity_per_hour: float = 0.0,
    ) -> None:
        self.world, self.faults, self.vendor = world, faults or Faults(), vendor
        self.url = ""
        world.ahead = lambda: timedelta(seconds=self.faults.clock_ahead - self.faults.clock_behind)
        self._port, self._tap, self._activity = port, tap, activity_per_hour
        self.dialect = dialect_of(vendor, world, self.faults, lambda: self.url)
        self._control = Control(world, self.faults)
        self.pages = DeskPages(world, vendor)
        self._dice = random.Random(world.seed + 3)

    @property
    def credentials(self) -> Any:
        """Our own API member's, as the vendor's dialect words them."""
        return self.dialect.credentials()

    def credentials_of(self, member: str) -> Any:
        """The keys of another API member, e.g. "Rewst"."""
        return self.dialect.credentials(member)

    async def __aenter__(self) -> Simulator:
        self.postman = Postman(self.world, self.faults, self.dialect.deliveries, self.dialect.habits)
        config = uvicorn.Config(
            self,
            log_level="critical",
            access_log=False,
            lifespan="off",
            date_header=False,
            timeout_graceful_shutdown=0,
        )
        listener = _listen(self._port)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        await server.is_up.wait()
        self.postman.open()
        self._workflow = Workflow(self.world, self.faults)
        self._workflow.open()
        self._server, self._serving = server, serving
        self._living = asyncio.create_task(live(self.world, self._activity)) if self._activity else None
        return self

    async def __aexit__(self, *_exception: object) -> None:
        if self._living is not None:
            self._living.cancel()
        self._workflow.close()
        await self.postman.close()
        self._server.leave()
        await self._serving

    async def drain(self) -> None:
        """Until no callback is waiting or under way."""
        await self.postman.drain()

    # ── ASGI ──────────────────────────────────────────────────────────────────────────────────

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ask = await _read(scope, receive)
        if ask.path.startswith("/_sim/"):
            await _send(send, self._control.answer(ask))
            return
        if (page := self.pages.answer(ask)) is not None:
            await _send(send, page)
            return
        delay = (self.faults.latency + self.faults.jitter * self._dice.random()) / 1000
        delay += self.dialect.enters(ask)
        try:
            if not delay or await _still_there(receive, delay):
                await self._answer(ask, send)
        finally:
            self.dialect.leaves(ask)

    async def _answer(self, ask: Ask, send: Send) -> None:
        below = self.dialect.below_api(ask.path)
        if below is not None and self.faults.reset_next > 0:
            self.faults.reset_next -= 1
            return await _hang_up(send)
        reply = self.dialect.answer(ask)
        if below is not None and self.faults.arrays and reply.status < 300:
            reply.body = _as_array(reply.body)
        self.world.responses[reply.status] += 1
        if below is not None and self._tap is not None:
            self._tap(_exchange(ask, below, reply))
        if below is not None and self.faults.hang_up_next > 0:
            self.faults.hang_up_next -= 1
            return await _hang_up(send)
        if below is not None and self.faults.hang_up_after > 0:
            self.faults.hang_up_after -= 1
            if self.faults.hang_up_after == 0:
                return await _hang_up(send)
        reply.headers.setdefault("date", format_datetime(self._date(), usegmt=True))
        await _send(send, reply)

    def _date(self) -> datetime:
        return utcnow() + self.world.ahead()


def _as_array(body: bytes) -> bytes:
    """The list in an envelope, or an array of one."""
    found = json.loads(body) if body else None
    if not isinstance(found, dict):
        return body
    lists = [value for value in found.values() if isinstance(value, list)]
    return json.dumps(lists[0] if lists and "id" not in found else [found]).encode()


async def _hang_up(send: Send) -> None:
    cast(Any, send).__self__.transport.abort()  # uvicorn gives no other way to hang up
    await asyncio.sleep(0)


async def _still_there(receive: Receive, delay: float) -> bool:
    """Whether the client waits `delay` seconds. One that has gone is not served any more."""
    try:
        async with asyncio.timeout(delay):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return True
    return False


def _listen(port: int) -> socket.socket:
    """A listening socket on loopback. Its protocol is named so that asyncio turns Nagle's delay off."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


async def _read(scope: Scope, receive: Receive) -> Ask:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False) and len(body) < _MAX_BODY
    headers = {name.decode("latin-1").casefold(): value.decode("latin-1") for name, value in scope["headers"]}
    return Ask(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, body)


async def _send(send: Send, reply: Reply) -> None:
    headers = {"content-length": str(len(reply.body)), **reply.headers}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
    await send({"type": "http.response.body", "body": reply.body})


def _exchange(ask: Ask, path: str, reply: Reply) -> Exchange:
    return Exchange(
        method=ask.method,
        path=path,
        query=ask.query_string,
        request_headers=ask.headers,
        request_body=ask.body,
        status=reply.status,
        response_headers=reply.headers,
        response_body=reply.body,
    )


async def serve(
    vendor: str = "connectwise",
    port: int = 0,
    tickets: int = 200,
    seed: int = 7,
    faults: Faults | None = None,
    clients: Sequence[str] = people.DEFAULT_CLIENTS,
    real_time: bool = True,
    activity_per_hour: float = 0.0,
    on_ready: Callable[[Simulator], None] = lambda _simulator: None,
    start: datetime | None = None,
    plants: Sequence[str] = (),
) -> None:
    """Serve a fresh world until cancelled.

    In real time its clock is the wall's; otherwise it stands at `start` until somebody moves it.
    """
    world = make_world(seed=seed, tickets=tickets, start=start or utcnow(), clients=clients, plants=plants)
    if real_time:
        world.clock = utcnow
    async with Simulator(world, vendor, port, faults, None, activity_per_hour) as simulator:
        on_ready(simulator)
        await asyncio.Event().wait()
