"""Adapters that take bad days for something else."""

from __future__ import annotations

from dataclasses import replace

from connector.errors import AuthFailed, ContractViolation, Unavailable
from connector.psa.port import Batch, QuotaState
from tests.contract.psa.faulty.broken import breaks
from tests.contract.psa.through import Through


@breaks("quota", "connectwise", requests_per_minute=100_000)
@breaks("quota", "autotask", quota_share=100)
@breaks("quota", "halo", requests_per_5_minutes=100_000)
class KnowsNoLimit(Through):
    """It takes what was allowed it for a proposal."""


@breaks("throttled")
class CountsNothing(Through):
    def quota(self):
        return QuotaState(
            limit_per_minute=900,
            used_last_minute=0,
            requests_total=0,
            throttled_total=0,
            limit=900,
            left=900,
            window_s=60.0,
        )


@breaks("short_outage")
class TriesOnce(Through):
    def __init__(self, psa):
        super().__init__(psa)
        psa._session.api.transport._attempts = 1


@breaks("outage")
class TakesAnOutageForTheEnd(Through):
    async def observe(self, ticket_ids):
        try:
            return await self.psa.observe(ticket_ids)
        except Unavailable:
            return Batch(gone=frozenset(ticket_ids))


@breaks("unreachable")
class TakesSilenceForARefusal(Through):
    async def start(self, captions):
        try:
            return await self.psa.start(captions)
        except Unavailable as error:
            raise AuthFailed(str(error)) from error


@breaks("array_body")
class TakesTheUnexpectedForTheEnd(Through):
    """What is not the object it looks for is not there."""

    async def read_flags(self, ticket_ids):
        try:
            return await self.psa.read_flags(ticket_ids)
        except (ContractViolation, Unavailable):
            return {}


@breaks("array_body", "halo")
class TakesAnArrayForTheEnd(Through):
    def __init__(self, psa):
        super().__init__(psa)
        api = psa._session.api

        async def record(path, params=None, *, urgent=False):
            found = await api.get(path, params, urgent=urgent)
            return found if isinstance(found, dict) else None

        api.record = record


@breaks("malformed")
class DropsWhatItCannotRead(Through):
    def brought(self, batch):
        return replace(batch, malformed=())
