"""What the parts of the adapter share: the API, who is who, labels, names, and what is switched off.

Rights are granted entity by entity in Autotask: a missing one switches off one feature and the rest runs.
It is said once, and tried again at the next start.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

import httpx
import structlog

from connector.model import CompanyFlag, FlagName
from connector.psa.autotask.api import Api
from connector.psa.autotask.cases import Place
from connector.psa.autotask.config import AutotaskConfig
from connector.psa.autotask.fields import Binding, Watch
from connector.psa.autotask.filters import gte, in_, split
from connector.psa.autotask.mapping import Reader
from connector.psa.autotask.people import FIELDS, People, resource
from connector.psa.autotask.picklists import Picklists, picklists
from connector.psa.autotask.pool import Usage
from connector.psa.features import Features
from connector.psa.recall import read_at
from connector.psa.values import text

log = structlog.get_logger(__name__)

AGAIN_S = 600.0
"""The directory and the picklists are not read more often than this because of something unknown."""
DAY_S = 24 * 3600.0
_LABELLED = ("status", "priority", "queueID", "ticketType")
EVERYTHING = gte("id", 0)
Gap = Literal["none", "open", "all"]


class Session(Features):
    """State of one connection that can be read again at any time.

    `gap`: of which tickets the poll just made cannot tell the whole way, so that their history is asked for.
    """

    def __init__(self, name: str, config: AutotaskConfig, client: httpx.AsyncClient | None) -> None:
        super().__init__(name)
        self.config = config
        self.api = Api(config, client)
        self.people = People(machines=config.automation_members)
        self.binding: Binding[FlagName] = Binding()
        self.company_binding: Binding[CompanyFlag] = Binding()
        self.company_captions: Mapping[CompanyFlag, frozenset[str]] = {}
        self.place: Place | None = None  # where our own tickets go; None: nowhere
        self.watched: frozenset[str] = frozenset()
        self.watch = Watch()
        self.labels = Picklists()
        self.companies: dict[str, str] = {}
        self.work_types: dict[str, str] = {}
        self.surveys: dict[str, str] = {}
        self.now = datetime.now(UTC)  # of the last poll: time may be simulated
        self.gap: Gap = "none"
        self.usage: Usage | None = None  # as last seen
        self._web = ""
        self._resources_at = self._labels_at = self._companies_at = float("-inf")

    async def locate(self) -> None:
        self._web = (await self.api.zone()).web

    @property
    def reader(self) -> Reader:
        return Reader(
            self.people, self.labels, self.companies, self.work_types, self.config.channel, self._web
        )

    def backfill_start(self, now: datetime) -> datetime:
        return now - timedelta(days=self.config.backfill_days)

    async def see_usage(self, look: Callable[[], Awaitable[Usage | None]]) -> Usage | None:
        """What everybody uses of the database's hour; None where we may not know: we keep to our share."""

        async def read() -> list[Usage | None]:
            return [await look()]

        seen = next(iter(await self.optional("watching what all integrations use", read)), None)
        self.usage = seen or self.usage
        return seen

    async def load_people(self) -> None:
        """Read the directory: everybody who has a number, with their roles' names."""
        self._resources_at = read_at(self.api.recall)
        read_roles = partial(self.api.rows, "Roles", EVERYTHING, fields=("id", "name"))
        roles = names(await self.optional("roles", read_roles), "name")
        rows = await self.optional(
            "resources", partial(self.api.rows, "Resources", EVERYTHING, fields=FIELDS)
        )
        self.people.learn(resource(row, roles) for row in rows if isinstance(row, dict))
        self.people.blind = not rows
        self.people.recognise(self.config.user)

    async def met_strangers(self) -> bool:
        """Whether an unknown number made us read the directory again; at most every ten minutes."""
        strangers = bool(self.people.missed)
        self.people.missed.clear()
        if not strangers or time.monotonic() - self._resources_at < AGAIN_S:
            return False
        await self.load_people()
        self.people.missed.clear()
        return True

    async def load_labels(self) -> None:
        """Read the picklists of tickets. What was known stays where they may not be read."""
        self._labels_at = read_at(self.api.recall)
        fields = await self.optional("picklists", partial(self.api.fields, "Tickets"))
        self.labels = picklists(fields) if fields else self.labels

    async def load_companies(self) -> None:
        """Read the names of all companies."""
        self._companies_at = read_at(self.api.recall)
        read = partial(self.api.rows, "Companies", EVERYTHING, fields=("id", "companyName"))
        self.companies = names(await self.optional("companies", read), "companyName")

    async def know_tickets(self, rows: Iterable[Any]) -> None:
        """Learn what these tickets name and we do not know: a company, a new status. Names are read daily."""
        tickets = [row for row in rows if isinstance(row, Mapping)]
        age = time.monotonic() - self._labels_at
        if age > DAY_S or (age > AGAIN_S and any(self.labels.lacks(row, _LABELLED) for row in tickets)):
            await self.load_labels()
        if time.monotonic() - self._companies_at > DAY_S:
            await self.load_companies()
        await self._learn(self.companies, "Companies", "companyName", _named(tickets, "companyID"))

    async def know_work_types(self, rows: Iterable[Any]) -> None:
        """Learn the names of the work types of these time entries, where they are new to us."""
        await self._learn(self.work_types, "BillingCodes", "name", _named(rows, "billingCodeID"))

    async def _learn(self, known: dict[str, str], entity: str, name: str, wanted: set[int]) -> None:
        for group in split(sorted(one for one in wanted if str(one) not in known)):
            read = partial(self.api.rows, entity, in_("id", group), fields=("id", name))
            found = names(await self.optional(entity.casefold(), read), name)
            known.update({str(one): "" for one in group} | found)


def names(rows: Iterable[Any], name: str) -> dict[str, str]:
    """Rows as names by id."""
    return {text(row, "id"): text(row, name) for row in rows if isinstance(row, Mapping)}


def _named(rows: Iterable[Any], name: str) -> set[int]:
    found = (row.get(name) for row in rows if isinstance(row, Mapping))
    return {one for one in found if type(one) is int and one >= 0}
