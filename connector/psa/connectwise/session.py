"""What the parts of the adapter share: the API, who is who, the bound fields, and what is switched off.

Permissions are granted one by one in ConnectWise: a missing one switches off one feature and the rest
runs. It is said once, and tried again at the next start.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx
import structlog

from connector.model import CompanyFlag, FlagName
from connector.psa.connectwise.api import Api
from connector.psa.connectwise.cases import Place
from connector.psa.connectwise.config import ConnectWiseConfig
from connector.psa.connectwise.discovery import bare, root
from connector.psa.connectwise.fields import Binding, Watch, custom_fields
from connector.psa.connectwise.mapping import Reader
from connector.psa.connectwise.people import People, read_members
from connector.psa.features import Features
from connector.psa.recall import read_at
from connector.psa.values import Json

log = structlog.get_logger(__name__)

OVERLAP = timedelta(minutes=5)
MEMBERS_AGAIN_S = 600.0
JUST_S = 1.0
"""So long what a ticket has shown by itself is what a write sends back: the look before it is that look."""


class Session(Features):
    """State of one connection that can be read again at any time."""

    def __init__(self, name: str, config: ConnectWiseConfig, client: httpx.AsyncClient | None) -> None:
        super().__init__(name)
        self.config = config
        self.api = Api(config, client)
        self.people = People(me=config.member, machines=config.automation_members)
        self.binding: Binding[FlagName] = Binding()
        self.company_binding: Binding[CompanyFlag] = Binding()
        self.company_captions: Mapping[CompanyFlag, frozenset[str]] = {}
        self.place: Place | None = None  # where our own tickets go; None: nowhere
        self.watched: frozenset[str] = frozenset()
        self.watch = Watch()
        self.now = datetime.now(UTC)  # of the last poll: time may be simulated
        self._site = root(self.api.site)
        self._members_at = float("-inf")
        self._just: dict[str, tuple[float, list[Json]]] = {}  # tickets read by themselves, and when

    @property
    def overlap(self) -> timedelta:
        """How far before its end a window is read again: further where the PSA's clock is behind ours."""
        return OVERLAP + self.api.transport.clock.allowance

    async def locate(self) -> None:
        """Find the address; links for people go to the host without `api-`."""
        host = (await self.api.address()).host
        self._site = root(host.copy_with(host=bare(host.host)))

    @property
    def reader(self) -> Reader:
        return Reader(self.people, self.config.channel, self._site, self.config.company)

    def backfill_start(self, now: datetime) -> datetime:
        return now - timedelta(days=self.config.backfill_days)

    async def load_people(self) -> list[str]:
        """Read the directory; returns notes for a person."""
        self._members_at = read_at(self.api.recall)
        people, notes = await read_members(self.api)
        self.people.learn(people)
        self.people.blind = not any(not person.api for person in people)
        return notes

    async def met_strangers(self) -> bool:
        """Whether an unknown identifier made us read the directory again; at most every ten minutes."""
        strangers = bool(self.people.missed)
        self.people.missed.clear()
        if not strangers or time.monotonic() - self._members_at < MEMBERS_AGAIN_S:
            return False
        await self.load_people()
        self.people.missed.clear()
        return True

    def saw(self, ticket_id: str, row: Json) -> None:
        """A ticket was read by itself, with all its custom fields."""
        since = time.monotonic() - JUST_S
        self._just = {key: seen for key, seen in self._just.items() if seen[0] > since}
        self._just[ticket_id] = time.monotonic(), custom_fields(row)

    def just_seen(self, ticket_id: str) -> list[Json]:
        """Its whole `customFields` as they were shown a moment ago, once; empty if they were not."""
        at, custom = self._just.pop(ticket_id, (0.0, []))
        return custom if time.monotonic() - at < JUST_S else []

    def learn_me(self, row: object) -> None:
        """Our own identifier, from the mark of a change that only we can have made."""
        info = row.get("_info") if isinstance(row, dict) else None
        by = info.get("updatedBy") if isinstance(info, dict) else None
        if isinstance(by, str) and by and not self.people.me:
            self.people.me = by
