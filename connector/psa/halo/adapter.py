"""HaloPSA and HaloITSM behind the `Psa` and `Desk` protocols: the parts of this package put together.

Order of `streams`: tickets first, then what belongs to them. Nothing is kept that cannot be read again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import httpx

from connector.model import CompanyFlag, FlagName
from connector.psa.checkup import Checkup
from connector.psa.desk import Draft
from connector.psa.halo.calendars import read_calendars
from connector.psa.halo.checkup import Examination
from connector.psa.halo.companies import Companies
from connector.psa.halo.config import HaloConfig
from connector.psa.halo.desk import OwnTickets
from connector.psa.halo.hooks import Hooks
from connector.psa.halo.session import Session
from connector.psa.halo.setup import start
from connector.psa.halo.slasetup import read_sla_setup
from connector.psa.halo.streams import STREAMS, Streams
from connector.psa.halo.timeline import Timelines
from connector.psa.halo.writing import Flags
from connector.psa.port import (
    Batch,
    Cursor,
    Hint,
    PsaFacts,
    QuotaState,
    Snapshot,
    VendorCalendar,
    Written,
)
from connector.psa.quota import Budget
from connector.psa.recall import Recall
from connector.psa.slasetup import SlaSetup


class Halo:
    """One connection to one Halo instance."""

    vendor = "halo"
    streams: tuple[str, ...] = STREAMS

    def __init__(self, name: str, config: HaloConfig, client: httpx.AsyncClient | None = None) -> None:
        self._session = Session(name, config, client)
        self._streams = Streams(self._session)
        self._timelines = Timelines(self._session)
        self._flags = Flags(self._session)
        self._tickets, self._companies = OwnTickets(self._session), Companies(self._session)
        self._hooks = Hooks(self._session)
        self.checkup: Checkup = Examination(self._session, self._hooks)
        self.frame = config.frame

    def watch(self, captions: Collection[str]) -> None:
        self._session.watched = frozenset(captions)

    async def start(self, captions: Mapping[FlagName, frozenset[str]]) -> PsaFacts:
        """Discover, log in, read the set-up, bind captions. AuthFailed if we are not let in."""
        try:
            return await start(self._session, captions)
        finally:
            self._session.api.recall = None

    def recall(self, recall: Recall) -> None:
        self._session.api.recall = recall

    async def poll(self, stream: str, cursor: Cursor | None, *, now: datetime, limit: int) -> Batch:
        if stream == self.streams[0]:
            await self._hooks.mend()
        return await self._streams.poll(stream, cursor, now, limit)

    async def observe(self, ticket_ids: Sequence[str]) -> Batch:
        return await self._timelines.observe(ticket_ids)

    async def complete(self, snapshots: Sequence[Snapshot]) -> Batch:
        return await self._timelines.complete(snapshots)

    async def write(self, ticket_id: str, flags: Mapping[FlagName, str]) -> None:
        await self._flags.write(ticket_id, flags)

    def shown(self, flags: Mapping[FlagName, str]) -> Mapping[FlagName, str]:
        return self._session.binding.shown(flags)

    async def read_flags(self, ticket_ids: Sequence[str]) -> Mapping[str, Written]:
        return await self._flags.read(ticket_ids)

    async def verify(
        self, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> Sequence[Hint]:
        return self._hooks.verify(body, headers)

    async def ensure_webhook(self, url: str) -> str:
        return await self._hooks.ensure(url)

    async def calendars(self, timezone: str = "") -> Sequence[VendorCalendar]:
        return await read_calendars(self._session.api, timezone)

    async def sla_setup(self) -> SlaSetup:
        return await read_sla_setup(self._session)

    @property
    def opens_tickets(self) -> bool:
        return self._session.place is not None

    def mark_companies(self, captions: Mapping[CompanyFlag, frozenset[str]]) -> None:
        self._session.company_captions = captions

    async def open_ticket(self, draft: Draft) -> str:
        return await self._tickets.open_ticket(draft)

    async def add_note(self, ticket_id: str, mark: str, text: str) -> None:
        await self._tickets.add_note(ticket_id, mark, text)

    async def read_company(self, company_id: str) -> Mapping[CompanyFlag, str]:
        return await self._companies.read(company_id)

    def shown_company(self, flags: Mapping[CompanyFlag, str]) -> Mapping[CompanyFlag, str]:
        return self._session.company_binding.shown(flags)

    async def write_company(self, company_id: str, flags: Mapping[CompanyFlag, str]) -> None:
        await self._companies.write(company_id, flags)

    @property
    def budget(self) -> Budget:
        return self._session.api.transport.budget

    def quota(self) -> QuotaState:
        return self.budget.state()

    async def close(self) -> None:
        await self._session.api.close()
