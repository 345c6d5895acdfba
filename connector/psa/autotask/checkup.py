"""Looks at the set-up of an Autotask database that only `doctor` needs: webhooks, and the hour's requests."""

from __future__ import annotations

from collections.abc import Mapping

from connector.errors import NotFound
from connector.psa.autotask import registering
from connector.psa.autotask.pool import HOUR_S
from connector.psa.autotask.session import Session
from connector.psa.checkup import Basics, HookState, Spent
from connector.psa.transport import Forbidden
from connector.psa.whole import plain


class Examination(Basics):
    """See `psa.checkup.Checkup`. Companies and the hour's use have been read by `start`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, session.api.transport.clock)
        self._session = session

    def spent(self) -> Spent | None:
        seen = self._session.usage
        if seen is None:
            return None
        return Spent(used=int(seen.used), limit=int(seen.threshold), minutes=int(HOUR_S // 60))

    async def webhook(self, url: str) -> HookState:
        """Of the webhook of tickets, then of that of notes, which may not be permitted."""
        told = await registering.look(self._session, registering.TICKETS, url)
        if told != "alive":
            return told
        try:
            return await registering.look(self._session, registering.NOTES, url)
        except (Forbidden, NotFound):
            return told

    async def record(self, ticket_id: str) -> Mapping[str, str]:
        row = await self._session.api.item(f"Tickets/{int(ticket_id)}")
        if row is None:
            raise NotFound(f"ticket {ticket_id} is gone")
        return plain(row)

    async def companies(self) -> Mapping[str, str]:
        return self._session.companies
