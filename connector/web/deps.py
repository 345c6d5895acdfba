"""What the web app needs of the daemon, handed in by the composition root: the app itself owns nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from connector.clients import ClientBook
from connector.daemon.health import Health
from connector.errors import Unavailable
from connector.psa.port import Psa, QuotaState
from connector.rules.surveylinks import Links
from connector.settings.signin import ProxyPart
from connector.store.store import Store

STORE_TROUBLE = (Unavailable, SQLAlchemyError)
"""What a store that cannot be used raises: disk, lock, or a damaged file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDeps:
    """`connections` by name; `clients()` the rules in force; `wake(name)` starts a turn soon; `now` is an
    aware UTC clock.

    `rating_secrets`: by connection, what ratings sent to us are signed with, in the header of that name.
    `quotas`: how much of a PSA's patience is left, where not this process's adapters know it.
    `survey` reads the links of our own survey; None: its page is not there.
    `token` lets its bearers act, `view_token` lets them look, `proxy` names who signs people in. Without any
    of the three, who is at this machine acts, and nobody else is let in.
    """

    store: Store
    connections: Mapping[str, Psa]
    health: Health
    clients: Callable[[], ClientBook]
    wake: Callable[[str], None]
    now: Callable[[], datetime]
    token: str | None = field(repr=False)
    view_token: str | None = field(default=None, repr=False)
    proxy: ProxyPart | None = None
    title: str = "px-connector"
    rating_secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    rating_header: str = "X-PX-Signature"
    survey: Links | None = None
    quotas: Callable[[str], QuotaState] | None = None

    def quota(self, name: str) -> QuotaState:
        """How much of the PSA's patience is left, as far as we know."""
        return self.quotas(name) if self.quotas else self.connections[name].quota()
