"""Callbacks of one connection: verify what comes in, and keep ours alive in the PSA.

ConnectWise disables a callback after three days of failures (facts §8.7), so it is looked at daily and
switched on or made again. Ours suppresses what we caused ourselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from connector.errors import NotFound, Rejected
from connector.psa.checkup import HookState
from connector.psa.connectwise import webhook
from connector.psa.connectwise.discovery import loopback
from connector.psa.connectwise.keys import KeyRing
from connector.psa.connectwise.session import Session
from connector.psa.port import Hint
from connector.psa.refusals import ELSEWHERE
from connector.psa.values import Json, numbered, text

PATH = "system/callbacks"
RECORD = "?recordId="  # ConnectWise appends the record's id to the end of the URL (facts §8.3)


class Hooks:
    """Webhooks in, and the callback entry that sends them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        config = session.config
        private = config.allow_private or loopback(session.api.site.host)
        self._keys = KeyRing(session.api.transport, client_id=config.client_id, allow_private=private)

    async def verify(
        self, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> Sequence[Hint]:
        """The hints of a genuine delivery; Rejected for any other."""
        claimed = headers.get("x-content-signature", "")
        if not claimed:
            raise Rejected("callback: not signed")
        delivery = webhook.read(body, query)
        session = self._session
        rest = (await session.api.address()).host
        ours = webhook.Origin(session.api.site, rest, session.config.company, session.config.hook_hosts)
        url = webhook.check(delivery, ours)
        if not webhook.genuine(await self._keys.get(url), body, claimed) and not webhook.genuine(
            await self._keys.get(url, again=True), body, claimed
        ):
            raise Rejected(f"callback: the signature does not fit; {ELSEWHERE}")
        return webhook.hints(delivery)

    async def ensure(self, url: str) -> str:
        """Create, re-enable or confirm our callback; 'alive', 'created' or 're-enabled'."""
        ours = await self._ours(url)
        if any(row.get("inactiveFlag") is not True for row in ours):
            return "alive"
        if ours:
            await self._enable(ours[0], url)
            return "re-enabled"
        return await self._create(url)

    async def look(self, url: str) -> HookState:
        """How our callback stands; changes nothing."""
        ours = await self._ours(url)
        if any(row.get("inactiveFlag") is not True for row in ours):
            return "alive"
        return "off" if ours else "missing"

    async def _ours(self, url: str) -> list[Json]:
        rows = await self._session.api.rows(PATH)
        ours: list[Json] = [row for row in numbered(rows) if _same(row, url)]
        for row in ours:
            self._recognise(row)
        return ours

    async def _create(self, url: str) -> str:
        entry = {
            "description": "px-connector",
            "url": url if "?" in url else url + RECORD,
            "objectId": 1,
            "type": "ticket",
            "level": "owner",
            "payloadVersion": "3.0.0",
            "isSelfSuppressedFlag": True,
        }
        try:
            self._recognise(await self._session.api.post(PATH, entry))
        except Rejected as error:
            if "ObjectExists" in str(error):
                return "alive"
            raise
        return "created"

    async def _enable(self, row: Mapping[str, Any], url: str) -> None:
        entry = f"{PATH}/{row['id']}"
        try:
            await self._session.api.patch(entry, [{"op": "replace", "path": "inactiveFlag", "value": False}])
        except (Rejected, NotFound):
            await self._session.api.delete(entry)
            await self._create(url)

    def _recognise(self, row: Any) -> None:
        """Whoever made our callback is us: the only place where the PSA tells an API key its own member."""
        if not isinstance(row, dict):
            return
        number = row.get("memberId")
        identifier = self._session.people.by_id(number) if type(number) is int and number > 0 else ""
        if identifier and not self._session.people.me:
            self._session.people.me = identifier


def _same(row: Mapping[str, Any], url: str) -> bool:
    """Whether an entry is our callback, whatever stands behind the question mark."""
    if text(row, "type").casefold() != "ticket" or text(row, "level").casefold() != "owner":
        return False
    try:
        return _bare_url(text(row, "url")) == _bare_url(url)
    except httpx.InvalidURL:
        return False


def _bare_url(url: str) -> str:
    return str(httpx.URL(url).copy_with(query=None, fragment=None)).rstrip("/")
