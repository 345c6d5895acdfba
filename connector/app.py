"""The composition root: settings in, a running connector out. The only place that knows every part."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
import uvicorn
from starlette.applications import Starlette

from connector.daemon import systemd
from connector.daemon.connection import Connection
from connector.daemon.fleet.presence import Presence
from connector.daemon.gate import tell_of_waiver
from connector.daemon.health import Health
from connector.daemon.making import Maker
from connector.daemon.notices.notifier import Notifier
from connector.daemon.notices.sending import Channels
from connector.daemon.reload import Rules
from connector.daemon.rubbing import keep_rubbed_out
from connector.daemon.supervisor import Supervisor
from connector.errors import ConfigError
from connector.history.canary.gate import open_all
from connector.psa.port import Psa, QuotaState
from connector.serving import Server
from connector.settings import Settings
from connector.store.store import Store
from connector.web.app import create_app
from connector.web.deps import WebDeps
from connector.web.live import Live

log = structlog.get_logger(__name__)


def utcnow() -> datetime:
    return datetime.now(UTC)


class Connector:
    """The daemon: store, supervisor and web app around one event loop."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        rules: Rules,
        health: Health,
        supervisor: Supervisor,
        web: Server,
        live: Live,
        notifier: Notifier,
        now: Callable[[], datetime] = utcnow,
    ) -> None:
        self.settings, self.store, self.rules, self.health = settings, store, rules, health
        self.supervisor, self._web, self._live, self.notifier = supervisor, web, live, notifier
        self._now, self._stop = now, asyncio.Event()

    @classmethod
    async def build(
        cls, settings: Settings, config_dir: Path, *, now: Callable[[], datetime] = utcnow
    ) -> Connector:
        """Open the store and put the parts together; nothing is sent yet. ConfigError when it cannot be."""
        health = Health()
        rules = Rules(config_dir, settings.connections.keys(), health, settings.notify.channels.keys())
        make = Maker(settings=settings, folder=config_dir, rules=rules, health=health, now=now)
        psas = {name: make.psa(name) for name in settings.connections}
        store = await Store.open(settings.store)
        channels = Channels(settings.notify.channels, settings.mail)
        notifier = Notifier(store, health, channels, settings.notify.operators.rule(), now)
        connections = [make.connection(name, psa, store) for name, psa in psas.items()]
        await _may_write(store, connections)
        supervisor = Supervisor(connections)
        app = create_app(web_deps(settings, store, psas, health, rules, supervisor.wake, now))
        web = door_of(settings, app)
        return cls(settings, store, rules, health, supervisor, web, app.state.live, notifier, now)

    def stop(self) -> None:
        """Finish the turns under way, then end `serve`."""
        self._stop.set()

    async def stopped(self) -> None:
        """Until somebody called `stop`."""
        await self._stop.wait()

    def stop_on_signals(self) -> None:
        """SIGTERM and SIGINT stop it gracefully; SIGHUP looks at the client files at once."""
        on_signals(self.stop, self._reload)

    def _reload(self) -> None:
        systemd.reloading()
        self.rules.look_now()

    def _rules_changed(self) -> None:
        for name in self.supervisor.connections:
            self.supervisor.wake(name)

    async def serve(self) -> None:
        """Run until `stop`."""
        async with contextlib.AsyncExitStack() as clean_up:
            clean_up.push_async_callback(self.close)
            door = listen(self.settings.web.host, self.settings.web.port)
            clean_up.callback(door.close)
            if self.store.shared:
                await self._be_alone(clean_up)
            log.info("started", web=f"http://{self.settings.web.host}:{door.getsockname()[1]}/")
            async with asyncio.TaskGroup() as group:
                web = group.create_task(self._web.serve(sockets=[door]))
                work = group.create_task(self.supervisor.run())
                watch = group.create_task(self.rules.watch(self._stop, self._rules_changed, _ready))
                alive = group.create_task(
                    systemd.keep_telling(self._stop, self.supervisor.pulse().stuck, self.health.in_short)
                )
                telling = group.create_task(self.notifier.run(self._stop))
                rub = group.create_task(
                    keep_rubbed_out(self.store, self.settings.store, self._now, self._stop)
                )
                stop = group.create_task(self._stop.wait())
                await asyncio.wait({web, stop}, return_when=asyncio.FIRST_COMPLETED)
                self._stop.set()
                systemd.tell("STOPPING=1")
                self.supervisor.stop()
                self.rules.look_now()
                self._live.close()
                self._web.leave()
                await asyncio.gather(web, work, watch, telling, alive, rub, stop)
        log.info("stopped")

    async def _be_alone(self, clean_up: contextlib.AsyncExitStack) -> None:
        """ConfigError beside another `run`, or a fleet, on the same database."""
        if not await clean_up.enter_async_context(self.store.alone("run")):
            raise ConfigError(
                f"another `px-connector run` works on {self.store.name}: stop it first, or start a fleet "
                "(`px-connector worker` and `px-connector web`)"
            )
        await clean_up.enter_async_context(Presence(self.store, "run", self._now).said_for_good())

    async def close(self) -> None:
        for connection in self.supervisor.connections.values():
            await connection.psa.close()
        await self.store.close()


def web_deps(
    settings: Settings,
    store: Store,
    psas: Mapping[str, Psa],
    health: Health,
    rules: Rules,
    wake: Callable[[str], None],
    now: Callable[[], datetime],
    quotas: Callable[[str], QuotaState] | None = None,
) -> WebDeps:
    """What the pages need; secrets are read now. ConfigError when one cannot be."""
    return WebDeps(
        store=store,
        connections=psas,
        health=health,
        clients=lambda: rules.book,
        wake=wake,
        now=now,
        token=settings.web.token_text(),
        view_token=settings.web.view_token_text(),
        proxy=settings.web.proxy,
        rating_secrets=settings.rating_secrets(),
        rating_header=settings.web.ratings_header,
        survey=settings.survey.links() if settings.survey else None,
        quotas=quotas,
    )


def door_of(settings: Settings, app: Starlette) -> Door:
    """The server for the pages, to be given a listening socket."""
    return Door(
        uvicorn.Config(
            app,
            host=settings.web.host,
            port=settings.web.port,
            log_config=None,
            access_log=False,
            proxy_headers=False,  # the web app reads them itself: it must know who really called
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=2,
            server_header=False,
        )
    )


async def _may_write(store: Store, connections: Sequence[Connection]) -> None:
    """CanaryNeeded, with everything closed again, if one is told to write whose canary has not passed."""
    try:
        await open_all(store, [(c.gate, c.policies()) for c in connections if c.gate])
    except ConfigError:
        await asyncio.gather(*(c.psa.close() for c in connections))
        await store.close()
        raise
    for c in connections:
        if not c.writes:
            log.info("only watches: write_back is false, so nothing is written to the PSA", connection=c.name)
        await tell_of_waiver(c)


def on_signals(stop: Callable[[], None], reload: Callable[[], None]) -> None:
    """SIGTERM and SIGINT call `stop`, SIGHUP calls `reload`.

    On Windows the loop takes no signals: Ctrl-C and Ctrl-Break stop it, and there is no SIGHUP.
    """
    loop = asyncio.get_running_loop()
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        loop.add_signal_handler(signal.SIGHUP, reload)
    except NotImplementedError:
        for number in (signal.SIGINT, getattr(signal, "SIGBREAK", signal.SIGTERM)):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


def _ready() -> None:
    systemd.tell("READY=1")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; ConfigError when somebody else has the port or the address is not ours."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        door = socket.socket(family, kind, protocol)  # asyncio turns Nagle's delay off only for named TCP
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(address)
        except OSError:
            door.close()
            raise
    except OSError as error:
        raise ConfigError(
            f"web: cannot listen on {host}:{port}: {error.strerror}; change web.port or web.host"
        ) from None
    return door


class Door(Server):
    """Says that we are ready."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """From here on webhooks are taken: the door listens, and the store was opened before."""
        await super().startup(sockets)
        _ready()
