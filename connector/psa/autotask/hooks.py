"""Webhooks of one connection: verify what comes in, and keep ours alive in the PSA.

A callout that says "switched off" may come unsigned, so it proves nothing: it only makes us look again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import structlog

from connector.errors import ContractViolation, NotFound, Rejected, Unproven
from connector.psa.autotask import registering, webhook
from connector.psa.autotask.filters import eq
from connector.psa.autotask.session import Session
from connector.psa.port import Hint
from connector.psa.refusals import ELSEWHERE
from connector.psa.transport import Forbidden

log = structlog.get_logger(__name__)

LOOK_AGAIN_S = 600.0
NOTE_HOOKS = "webhooks of notes"


class Hooks:
    """Webhooks in, and the webhooks that send them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._url = ""
        self._doubtful = False
        self._looked_at = float("-inf")

    async def verify(
        self, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> Sequence[Hint]:
        """The hints of a genuine delivery; Rejected for any other, Unproven where it is to be thanked for.

        A genuine one that cannot be understood is none of ours to refuse: what is refused comes again, and
        25 lost ones switch the webhook off.
        """
        claimed = headers.get(webhook.HEADER, "")
        if not claimed or webhook.DEACTIVATED in query:
            if webhook.says_deactivated(body, query):
                self._doubtful = True
                raise Unproven("webhook: said to be switched off, which is looked at")
            raise Rejected("webhook: not signed")
        if not webhook.genuine(self._session.config.hook_secret, body, claimed):
            raise Rejected(f"webhook: the signature does not fit; {ELSEWHERE}")
        try:
            delivery = webhook.read(body)
        except Rejected as error:
            log.warning("webhook not understood", connection=self._session.name, reason=str(error))
            return []
        if delivery.action == webhook.DEACTIVATED:
            self._doubtful = True
            return []
        return await self._hints(delivery)

    async def ensure(self, url: str) -> str:
        """Create, mend or confirm our webhooks; says which. Those of notes may lack."""
        session = self._session
        self._url, self._looked_at = url, time.monotonic()
        told = await registering.ensure(session, registering.TICKETS, url)
        if NOTE_HOOKS not in session.off:
            try:
                await registering.ensure(session, registering.NOTES, url)
            except (Forbidden, NotFound) as error:
                session.switch_off(NOTE_HOOKS, error)
        self._doubtful = False
        return told

    async def mend(self) -> None:
        """Look at our webhooks if there is reason to doubt them, every ten minutes at most."""
        if not self._doubtful or not self._url or time.monotonic() - self._looked_at < LOOK_AGAIN_S:
            return
        try:
            told = await self.ensure(self._url)
        except (Rejected, NotFound, ContractViolation) as error:
            told = f"not working: {error}"
        log.warning("webhook was said to be switched off", connection=self._session.name, found=told)

    async def _hints(self, delivery: webhook.Delivery) -> list[Hint]:
        """The ticket it names. What we did ourselves is no news, whoever tells it."""
        me = self._session.people.me
        if me and delivery.person == me:
            return []
        ticket_id = delivery.ticket_id or await self._ticket_of(delivery.note_id)
        if not ticket_id:
            return []
        return [Hint(ticket_id=ticket_id, action=delivery.action, deliver_id=delivery.deliver_id)]

    async def _ticket_of(self, note_id: str) -> str:
        """The ticket of a note that does not name it; '' if it is gone, which polling finds out."""
        if not note_id:
            return ""
        rows = await self._session.api.rows("TicketNotes", eq("id", int(note_id)), urgent=True)
        found = [row.get("ticketID") for row in rows if isinstance(row, dict)]
        return str(found[0]) if found and type(found[0]) is int else ""
