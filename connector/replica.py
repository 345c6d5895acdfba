"""The composition root of a fleet's processes: a worker, a web replica. That of `run` is `connector.app`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import structlog

from connector.app import door_of, listen, on_signals, utcnow, web_deps
from connector.daemon import systemd
from connector.daemon.fleet.engine import Engine
from connector.daemon.fleet.mirror import Mirror
from connector.daemon.fleet.presence import Presence
from connector.daemon.fleet.waker import Waker
from connector.daemon.fleet.worker import Worker, shared
from connector.daemon.health import Health
from connector.daemon.making import Maker
from connector.daemon.reload import Rules
from connector.psa.port import Psa
from connector.settings import Settings
from connector.store.store import Store
from connector.web.app import create_app

log = structlog.get_logger(__name__)


async def work(settings: Settings, folder: Path, *, slots: int) -> None:
    """`px-connector worker`, until a signal."""
    stop = asyncio.Event()
    async with Worker.open(settings, folder, slots=slots, now=utcnow) as worker:
        on_signals(stop.set, worker.rules.look_now)
        await worker.run(stop)


async def serve(
    settings: Settings,
    folder: Path,
    *,
    stop: asyncio.Event | None = None,
    now: Callable[[], datetime] = utcnow,
) -> None:
    """`px-connector web`, until a signal, or `stop`."""
    health = Health()
    rules = Rules(folder, settings.connections.keys(), health, settings.notify.channels.keys())
    make = Maker(settings=settings, folder=folder, rules=rules, health=health, now=now)
    store = await Store.open(settings.store)
    async with contextlib.AsyncExitStack() as clean_up:
        clean_up.push_async_callback(store.close)
        shared(store)
        adapters = Adapters(make)
        clean_up.push_async_callback(adapters.close)
        engine = await clean_up.enter_async_context(Engine(settings.store, pool=2))
        presence = Presence(store, "web", now)
        vendors = {name: one.vendor for name, one in settings.connections.items()}
        mirror = Mirror(store, health, vendors, now)
        await mirror.look()
        waker = Waker(store, engine, mirror.homes, lambda: presence.workers, now)
        app = create_app(
            web_deps(settings, store, adapters, health, rules, waker.wake, now, quotas=mirror.quota)
        )
        door = listen(settings.web.host, settings.web.port)
        clean_up.callback(door.close)
        await presence.enter()
        clean_up.push_async_callback(presence.leave)
        if stop is None:
            stop = asyncio.Event()
            on_signals(stop.set, rules.look_now)
        log.info("started", web=f"http://{settings.web.host}:{door.getsockname()[1]}/")
        web = door_of(settings, app)
        async with asyncio.TaskGroup() as group:
            served = group.create_task(web.serve(sockets=[door]))
            telling = systemd.keep_telling(stop, lambda: "", health.in_short)
            keeping = (mirror.keep(), waker.run(), presence.keep(), rules.watch(stop, lambda: None), telling)
            aside = [group.create_task(one) for one in keeping]
            stopped = group.create_task(stop.wait())
            await asyncio.wait({served, stopped}, return_when=asyncio.FIRST_COMPLETED)
            systemd.tell("STOPPING=1")
            app.state.live.close()
            web.leave()
            for task in (*aside, stopped):
                task.cancel()
    log.info("stopped")


class Adapters(Mapping[str, Psa]):
    """The adapters of all connections, each made when something first asks for it: most are never needed."""

    def __init__(self, make: Maker) -> None:
        self._make = make
        self._made: dict[str, Psa] = {}

    def __getitem__(self, name: str) -> Psa:
        if name not in self._make.settings.connections:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = self._make.psa(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._make.settings.connections

    def __iter__(self) -> Iterator[str]:
        return iter(self._make.settings.connections)

    def __len__(self) -> int:
        return len(self._make.settings.connections)

    async def close(self) -> None:
        await asyncio.gather(*(psa.close() for psa in self._made.values()))
