"""Looks at the set-up of a Halo instance that only `doctor` needs: clients, and our webhook."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from connector.errors import NotFound
from connector.psa.checkup import Basics, HookState
from connector.psa.halo.fetching import WHOLE, is_gone
from connector.psa.halo.hooks import Hooks
from connector.psa.halo.session import Session
from connector.psa.halo.values import ident
from connector.psa.values import text
from connector.psa.whole import plain

CLIENTS = "clients"
_ALL: Mapping[str, Any] = {}


class Examination(Basics):
    """See `psa.checkup.Checkup`. Halo tells nobody how many requests are left."""

    def __init__(self, session: Session, hooks: Hooks) -> None:
        super().__init__(session, session.api.transport.clock)
        self._session, self._hooks = session, hooks

    async def webhook(self, url: str) -> HookState:
        return await self._hooks.look(url)

    async def record(self, ticket_id: str) -> Mapping[str, str]:
        row = await self._session.api.record(f"Tickets/{int(ticket_id)}", WHOLE, urgent=True)
        if row is None or is_gone(row):
            raise NotFound(f"ticket {ticket_id} is gone")
        return plain(row)

    async def companies(self) -> Mapping[str, str]:
        rows = await self._session.optional(CLIENTS, partial(self._session.api.rows, "Client", _ALL))
        return {str(ident(row, "id")): text(row, "name") for row in rows if isinstance(row, dict)}
