"""Webhooks of one connection: verify what comes in, and keep ours alive in Halo.

A webhook is called by notifications, one an event, which are records of their own: half of the pair does
nothing, so both are looked at. Halo switches a webhook off that failed too often and tells nobody, so it is
looked at again and again. Source: facts §10.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import structlog

from connector.errors import ContractViolation, NotFound, Rejected
from connector.psa.checkup import HookState
from connector.psa.halo import webhook
from connector.psa.halo.session import Session
from connector.psa.port import Hint
from connector.psa.refusals import ELSEWHERE
from connector.psa.values import number, text

log = structlog.get_logger(__name__)

LOOK_AGAIN_S = 900.0
"""How often our webhook is looked at, at most: two requests."""

EVENTS = {3: "new ticket", 61: "ticket updated", 39: "ticket closed", 1072: "ticket deleted"}
"""Halo's numbers of the events that we want to hear of."""


class Hooks:
    """Webhooks in, and the records that send them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._url = ""
        self._looked_at = float("-inf")
        self._unseen = False  # Halo does not show the notifications we made: they are not made again

    def verify(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Hint]:
        """The hints of a genuine delivery; Rejected for any other."""
        config = self._session.config
        if not config.hook_secret:
            raise Rejected("webhook: none is believed without a webhook secret in the settings")
        if not webhook.genuine(config.hook_secret, config.hook_header, body, headers):
            raise Rejected(f"webhook: neither signature nor secret fits; {ELSEWHERE}, and webhook_secret")
        return webhook.hints(body, self._session.own)

    async def ensure(self, url: str) -> str:
        """Create, re-enable or confirm our webhook; 'created', 're-enabled' or 'alive'."""
        if not self._session.config.hook_secret:
            raise Rejected("a webhook needs a secret: set the webhook secret of this connection")
        told = await self._ensure(url)
        self._url, self._looked_at = url, time.monotonic()
        return told

    async def look(self, url: str) -> HookState:
        """How our webhook stands; changes nothing."""
        best = await self._best(url)
        if best is None:
            return "missing"
        if not _works(best):
            return "off"
        return "incomplete" if await self._missing(text(best, "id")) else "alive"

    async def _best(self, url: str) -> dict[str, Any] | None:
        """Our webhook, one that works before any other."""
        rows = await self._session.api.whole("Webhook")
        ours = [row for row in rows if isinstance(row, dict) and _same(row, url) and text(row, "id")]
        return next((row for row in ours if _works(row)), next(iter(ours), None))

    async def _ensure(self, url: str) -> str:
        best = await self._best(url)
        if best is None:
            await self._create(url)
            return "created"
        missing = await self._missing(text(best, "id"))
        if _works(best) and not missing:
            return "alive"
        if not _works(best):
            revived = {"id": text(best, "id"), "active": True, "disabled": False}
            await self._session.api.post("Webhook", [best | revived | self._secret()])
        await self._notify(text(best, "id"), missing)
        return "re-enabled"

    async def mend(self) -> None:
        """Look whether the webhook that we were told to keep alive still is, and revive it."""
        if not self._url or time.monotonic() - self._looked_at < LOOK_AGAIN_S:
            return
        try:
            told = await self.ensure(self._url)
        except ContractViolation as error:  # an answer cut short, say: the next one may be whole
            told, self._looked_at = f"not understood: {error}", time.monotonic()
        except (Rejected, NotFound) as error:
            told, self._url = f"not working: {error}", ""
        if told != "alive":
            log.warning("the webhook was switched off", connection=self._session.name, found=told)

    async def _create(self, url: str) -> None:
        config = self._session.config
        entry = webhook.subscription(url, config.hook_secret, config.hook_header)
        found = await self._session.api.post("Webhook", [entry])
        row = found[0] if isinstance(found, list) and found else found
        made = text(row, "id") if isinstance(row, dict) else ""
        if not made:
            raise ContractViolation("POST /Webhook: the answer names no id")
        await self._notify(made, list(EVENTS))

    async def _missing(self, webhook_id: str) -> list[int]:
        """Events of ours that nobody tells this webhook of, neither by the list nor by its own record."""
        if self._unseen:
            return []
        rows = await self._session.api.whole("Notification", {"webhook_id": webhook_id})
        theirs = [
            row
            for row in rows
            if isinstance(row, dict) and text(row, "webhook_id").casefold() == webhook_id.casefold()
        ]
        missing = EVENTS.keys() - _events(theirs)
        if missing:
            own = await self._session.api.record(f"Webhook/{webhook_id}", {"includedetails": True}) or {}
            missing -= _events(own.get("events"))
        return sorted(missing)

    async def _notify(self, webhook_id: str, events: Sequence[int]) -> None:
        for event in events:
            await self._session.api.post(
                "Notification", [webhook.notification(webhook_id, event, EVENTS[event])]
            )
        if events and await self._missing(webhook_id):
            self._unseen = True
            log.warning("notifications of the webhook are not shown", connection=self._session.name)

    def _secret(self) -> dict[str, Any]:
        """Halo does not show a secret, so one that is sent back without it might be emptied."""
        config = self._session.config
        entry = webhook.subscription("", config.hook_secret, config.hook_header)
        return {
            name: entry[name] for name in ("authentication_type", "authentication_header", "basic_password")
        }


def _events(rows: Any) -> set[int]:
    """The events of these notifications."""
    found = rows if isinstance(rows, list) else []
    return {int(number(row, "eventno")) for row in found if isinstance(row, dict)}


def _works(row: Mapping[str, Any]) -> bool:
    return row.get("active") is not False and row.get("disabled") is not True


def _same(row: Mapping[str, Any], url: str) -> bool:
    """Whether an entry calls our address, whatever stands behind the question mark."""
    try:
        return _bare(text(row, "url")) == _bare(url)
    except httpx.InvalidURL:
        return False


def _bare(url: str) -> str:
    return str(httpx.URL(url).copy_with(query=None, fragment=None)).rstrip("/")
