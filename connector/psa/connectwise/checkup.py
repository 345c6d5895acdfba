"""Looks at the set-up of a ConnectWise instance that only `doctor` needs: companies, and our callback."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from connector.psa.checkup import Basics, HookState
from connector.psa.connectwise.hooks import Hooks
from connector.psa.connectwise.session import Session
from connector.psa.values import numbered, text
from connector.psa.whole import plain

COMPANIES = "companies"


class Examination(Basics):
    """See `psa.checkup.Checkup`. ConnectWise tells nobody how many requests are left (facts §2)."""

    def __init__(self, session: Session, hooks: Hooks) -> None:
        super().__init__(session, session.api.transport.clock)
        self._session, self._hooks = session, hooks

    async def webhook(self, url: str) -> HookState:
        return await self._hooks.look(url)

    async def record(self, ticket_id: str) -> Mapping[str, str]:
        return plain(await self._session.api.record(f"service/tickets/{int(ticket_id)}", {}, urgent=True))

    async def companies(self) -> Mapping[str, str]:
        read = partial(self._session.api.rows, "company/companies", fields="id,name")
        rows = await self._session.optional(COMPANIES, read)
        return {str(row["id"]): text(row, "name") for row in numbered(rows)}
