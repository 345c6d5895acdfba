"""What the parts of the adapter share: the API, who is who, the bound fields, and what is switched off.

Halo answers 401 or 403 for each module that our application's agent may not see: such a feature is switched
off and the rest runs. It is said once, and tried again at the next start.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import structlog

from connector.model import CompanyFlag, FlagName
from connector.psa.features import Features
from connector.psa.halo.api import Api
from connector.psa.halo.cases import Place
from connector.psa.halo.config import HaloConfig
from connector.psa.halo.fields import Binding, Watch
from connector.psa.halo.lookups import Lookups
from connector.psa.halo.mapping import Reader
from connector.psa.halo.past import Past
from connector.psa.halo.people import People, agent
from connector.psa.recall import read_at
from connector.psa.together import together

log = structlog.get_logger(__name__)

OVERLAP = timedelta(minutes=5)
AGENTS_AGAIN_S = 600.0
OWN_KEPT = 10_000
AGENTS = "agents"


class Session(Features):
    """State of one connection that can be read again at any time.

    `own`: by ticket, the mark our last write left. The store keeps it, too, for polls after a restart; a
    webhook that tells of such a write then costs one more look.
    """

    def __init__(self, name: str, config: HaloConfig, client: httpx.AsyncClient | None) -> None:
        super().__init__(name)
        self.config = config
        self.api = Api(config, client)
        self.people = People(machines=config.automation_agents)
        self.lookups = Lookups()
        self.binding: Binding[FlagName] = Binding()
        self.company_binding: Binding[CompanyFlag] = Binding()
        self.company_captions: Mapping[CompanyFlag, frozenset[str]] = {}
        self.place: Place | None = None  # where our own tickets go; None: nowhere
        self.watched: frozenset[str] = frozenset()
        self.watch = Watch()
        self.past = Past()
        self.own: OrderedDict[str, str] = OrderedDict()
        self.now = datetime.now(UTC)  # of the last poll: time may be simulated
        self._agents_at = float("-inf")

    def shown_fields(self) -> frozenset[int]:
        """The custom fields a list of tickets must show: it shows none that it is not asked for."""
        return self.binding.ids() | self.watch.ids()

    @property
    def reader(self) -> Reader:
        config = self.config
        return Reader(
            self.people,
            self.lookups,
            config.channel,
            self.api.root,
            config.client_id,
            frozenset(name.casefold() for name in config.people_applications),
            config.closed_statuses,
            self.own,
        )

    @property
    def overlap(self) -> timedelta:
        """How far before its end a window is read again: further where Halo's clock is behind ours."""
        return OVERLAP + self.api.transport.clock.allowance

    def backfill_start(self, now: datetime) -> datetime:
        return now - timedelta(days=self.config.backfill_days)

    def wrote(self, ticket_id: str, mark: str) -> None:
        """Remember the mark of our own write."""
        self.own[ticket_id] = mark
        self.own.move_to_end(ticket_id)
        while len(self.own) > OWN_KEPT:
            self.own.popitem(last=False)

    async def load_agents(self) -> None:
        """Read the directory; where it may not be read, an agent is taken for a person."""
        self._agents_at = read_at(self.api.recall)
        query = {"includeapiagents": True, "includedisabled": True, "includeenabled": True}
        rows = await self.optional(AGENTS, lambda: self.api.whole("Agent", query))
        found = [person for person in (agent(row) for row in rows if isinstance(row, dict)) if person]
        self.people.learn(found)
        self.people.blind = not any(not person.api for person in found)

    async def load_lookups(self) -> list[Any]:
        """Read statuses, priorities and ticket types; returns the rows of the priorities."""
        statuses, priorities, types = await together(
            self.optional(feature, partial(self.api.whole, path))
            for feature, path in (
                ("statuses", "Status"),
                ("priorities", "Priority"),
                ("ticket types", "TicketType"),
            )
        )
        self.lookups.learn_statuses(statuses)
        self.lookups.learn_priorities(priorities)
        self.lookups.learn_types(types)
        return priorities

    async def met_strangers(self) -> bool:
        """Whether an agent, status or the like that nobody knew made us read the lists again.

        That happens at most every ten minutes.
        """
        agents, names = bool(self.people.missed), self.lookups.missed
        self._forget_strangers()
        if not (agents or names) or time.monotonic() - self._agents_at < AGENTS_AGAIN_S:
            return False
        await together([self.load_agents(), self.load_lookups()])
        self._forget_strangers()
        return True

    def _forget_strangers(self) -> None:
        self.people.missed.clear()
        self.lookups.missed = False
