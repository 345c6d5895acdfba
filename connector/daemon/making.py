"""A connection out of the settings, the same in `run` and in a fleet's worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connector.daemon.connection import Connection
from connector.daemon.health import Health
from connector.daemon.notices.sending import Channels
from connector.daemon.reload import Rules
from connector.history.canary.gate import Gate
from connector.history.canary.setup import Setup
from connector.psa.port import Psa
from connector.psa.vendors import build_psa
from connector.settings import Settings
from connector.store.store import Store
from connector.store.whole.prune import Keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What the connections of a process share."""

    settings: Settings
    folder: Path
    rules: Rules
    health: Health
    now: Callable[[], datetime]

    def psa(self, name: str) -> Psa:
        """The adapter; its secrets are read now. ConfigError when one cannot be."""
        return build_psa(name, self.settings.connections[name])

    def connection(self, name: str, psa: Psa, store: Store) -> Connection:
        """The connection with its health beside it; nothing is sent yet."""
        one = self.settings.connections[name]
        self.health.add(name, one.vendor, self.now()).watches = not one.write_back
        return Connection(
            name=name,
            psa=psa,
            store=store,
            health=self.health,
            clients=lambda: self.rules.book,
            now=self.now,
            poll_every=one.poll_every,
            sweep_every=one.sweep_every,
            write_back=one.write_back,
            gate=Gate(name=name, setup=Setup.of(one), folder=str(self.folder)),
            fingerprint=one.fingerprint(),
            settings=one.digest(),
            hook_url=self.settings.hook_url(name),
            survey=self.settings.survey.links() if self.settings.survey else None,
            keep=Keep.days(self.settings.retention.tickets_days, self.settings.retention.ratings_days),
            channels=Channels(self.settings.notify.channels, self.settings.mail).caps,
        )
