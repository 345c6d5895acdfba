"""A good adapter behind the same protocol: what a faulty one changes one thing of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from connector.model import CompanyFlag, FlagName
from connector.psa.checkup import Checkup, Examined
from connector.psa.desk import Desk, Draft
from connector.psa.port import (
    Batch,
    Cursor,
    Hint,
    Psa,
    PsaFacts,
    QuotaState,
    Snapshot,
    VendorCalendar,
    Written,
)
from connector.psa.recall import Recall, Recalling
from connector.psa.slasetup import ShowsSla, SlaSetup


class Through:
    """Hands everything on. `brought` is what every way of reading passes through."""

    def __init__(self, psa: Psa) -> None:
        assert isinstance(psa, Desk)
        self.psa, self.vendor, self.streams = psa, psa.vendor, psa.streams

    def watch(self, captions: Collection[str]) -> None:
        self.psa.watch(captions)

    def recall(self, recall: Recall) -> None:
        assert isinstance(self.psa, Recalling)
        self.psa.recall(recall)

    async def start(self, captions: Mapping[FlagName, frozenset[str]]) -> PsaFacts:
        return await self.psa.start(captions)

    async def poll(self, stream: str, cursor: Cursor | None, *, now: datetime, limit: int) -> Batch:
        return self.brought(await self.psa.poll(stream, cursor, now=now, limit=limit))

    async def observe(self, ticket_ids: Sequence[str]) -> Batch:
        return self.brought(await self.psa.observe(ticket_ids))

    async def complete(self, snapshots: Sequence[Snapshot]) -> Batch:
        return self.brought(await self.psa.complete(snapshots))

    async def write(self, ticket_id: str, flags: Mapping[FlagName, str]) -> None:
        await self.psa.write(ticket_id, flags)

    def shown(self, flags: Mapping[FlagName, str]) -> Mapping[FlagName, str]:
        return self.psa.shown(flags)

    async def read_flags(self, ticket_ids: Sequence[str]) -> Mapping[str, Written]:
        return await self.psa.read_flags(ticket_ids)

    async def verify(
        self, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> Sequence[Hint]:
        return await self.psa.verify(body, headers, query)

    async def sla_setup(self) -> SlaSetup:
        assert isinstance(self.psa, ShowsSla)
        return await self.psa.sla_setup()

    async def ensure_webhook(self, url: str) -> str:
        return await self.psa.ensure_webhook(url)

    async def calendars(self, timezone: str = "") -> Sequence[VendorCalendar]:
        return await self.psa.calendars(timezone)

    @property
    def opens_tickets(self) -> bool:
        return self.psa.opens_tickets

    def mark_companies(self, captions: Mapping[CompanyFlag, frozenset[str]]) -> None:
        self.psa.mark_companies(captions)

    async def open_ticket(self, draft: Draft) -> str:
        return await self.psa.open_ticket(draft)

    async def add_note(self, ticket_id: str, mark: str, text: str) -> None:
        await self.psa.add_note(ticket_id, mark, text)

    async def read_company(self, company_id: str) -> Mapping[CompanyFlag, str]:
        return await self.psa.read_company(company_id)

    def shown_company(self, flags: Mapping[CompanyFlag, str]) -> Mapping[CompanyFlag, str]:
        return self.psa.shown_company(flags)

    async def write_company(self, company_id: str, flags: Mapping[CompanyFlag, str]) -> None:
        await self.psa.write_company(company_id, flags)

    @property
    def checkup(self) -> Checkup:
        assert isinstance(self.psa, Examined)
        return self.psa.checkup

    def quota(self) -> QuotaState:
        return self.psa.quota()

    async def close(self) -> None:
        await self.psa.close()

    def brought(self, batch: Batch) -> Batch:
        return batch
