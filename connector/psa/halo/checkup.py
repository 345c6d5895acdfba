"""Looks at the set-up of a Halo instance that only `doctor` needs: clients, and our webhook."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from connector.psa.checkup import Basics, HookState
from connector.psa.halo.hooks import Hooks
from connector.psa.halo.session import Session
from connector.psa.halo.values import ident
from connector.psa.values import text

CLIENTS = "clients"
_ALL: Mapping[str, Any] = {}


class Examination(Basics):
    """See `psa.checkup.Checkup`. Halo tells nobody how many requests are left."""

    def __init__(self, session: Session, hooks: Hooks) -> None:
        super().__init__(session, session.api.transport.clock)
        self._session, self._hooks = session, hooks

    async def webhook(self, url: str) -> HookState:
        return await self._hooks.look(url)

    async def companies(self) -> Mapping[str, str]:
        rows = await self._session.optional(CLIENTS, partial(self._session.api.rows, "Client", _ALL))
        return {str(ident(row, "id")): text(row, "name") for row in rows if isinstance(row, dict)}
