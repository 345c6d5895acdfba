"""Adapters that make webhooks badly, or believe the wrong ones."""

from __future__ import annotations

from connector.errors import Rejected
from connector.psa.autotask.filters import gte
from connector.psa.autotask.picklists import picklists
from connector.psa.port import Hint
from tests.contract.psa.faulty.broken import breaks
from tests.contract.psa.through import Through


@breaks("webhook_made")
class MakesAnotherWebhook(Through):
    async def ensure_webhook(self, url):
        return await self.psa.ensure_webhook(f"{url}/{id(self)}")


@breaks("webhook_believed")
class BelievesNobody(Through):
    async def verify(self, body, headers, query):
        await self.psa.verify(body, headers, query)
        return []


@breaks("webhook_foreign")
@breaks("webhook_forged")
class BelievesEverybody(Through):
    async def verify(self, body, headers, query):
        try:
            return await self.psa.verify(body, headers, query)
        except Rejected:
            return [Hint(ticket_id=query.get("recordId", "1"))]


@breaks("webhook_repaired")
class LooksOnce(Through):
    def __init__(self, psa):
        super().__init__(psa)
        self.made = False

    async def ensure_webhook(self, url):
        if self.made:
            return "alive"
        self.made = True
        return await self.psa.ensure_webhook(url)


@breaks("webhook_quiet", "connectwise")
class HearsItselfInConnectWise(Through):
    async def ensure_webhook(self, url):
        said = await self.psa.ensure_webhook(url)
        api = self.psa._session.api
        for row in await api.rows("system/callbacks"):
            loud = [{"op": "replace", "path": "isSelfSuppressedFlag", "value": False}]
            await api.patch(f"system/callbacks/{row['id']}", loud)
        return said


@breaks("webhook_quiet", "autotask")
class HearsItselfInAutotask(Through):
    """It asks to be told of the fields that it writes, and whose changes are no news it does not say."""

    async def ensure_webhook(self, url):
        said = await self.psa.ensure_webhook(url)
        api = self.psa._session.api
        lists = picklists(await api.fields("TicketWebhookUdfFields")).lists
        for row in await api.rows("TicketWebhookExcludedResources", gte("id", 0)):
            webhook = f"TicketWebhooks/{row['webhookID']}"
            await api.delete(f"{webhook}/ExcludedResources/{row['id']}")
            for choice in lists["udffieldid"]:
                part = {"webhookID": row["webhookID"], "udfFieldID": int(choice.value)}
                await api.post(f"{webhook}/UdfFields", part | {"isSubscribedField": True})
        return said
