"""Webhooks made and mended, in the vendor's steps: the webhook, its fields, whom it leaves out, a look.

A webhook without a field never fires, one step may have failed half-way, and after 25 lost events it is
switched off: so each look finishes what is missing, one request after the other, since the vendor refuses
them side by side (facts §6, §13).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from connector.errors import Rejected
from connector.psa.autotask.filters import begins_with, eq
from connector.psa.autotask.picklists import picklists
from connector.psa.autotask.session import Session
from connector.psa.autotask.webhook import DEACTIVATED
from connector.psa.checkup import HookState
from connector.psa.values import numbered, text

NAME = "px-connector"


@dataclass(frozen=True, slots=True)
class Kind:
    """Webhooks of one entity: how its endpoints begin, and the fields that we must hear of."""

    prefix: str
    fields: frozenset[str]


TICKETS = Kind(
    "TicketWebhook",
    frozenset({
        "status", "priority", "queue", "queueid", "assignedresource", "assignedresourceid", "company",
        "companyid", "account", "accountid", "completeddate", "resolveddatetime", "lastactivitydate",
        "firstresponsedatetime", "currentservicethermometerrating",
    }),
)  # fmt: skip
NOTES = Kind(
    "TicketNoteWebhook", frozenset({"ticketid", "ticket", "description", "notetype", "publish", "title"})
)


async def ensure(session: Session, kind: Kind, url: str) -> str:
    """Create, finish, switch on or confirm our webhook: 'created', 're-enabled' or 'alive'.

    Rejected if it is still not ready afterwards.
    """
    api, endpoint = session.api, f"{kind.prefix}s"
    rows = await api.rows(endpoint, begins_with("name", NAME), urgent=True)
    same = [row for row in numbered(rows) if _bare(text(row, "webhookUrl")) == _bare(url)]
    name = _name(session, url)
    ours = next((row for row in same if text(row, "name") == name), None)
    for old in same:
        if old is not ours:  # signed with a key we no longer have; and it would make ours a duplicate
            await api.delete(f"{endpoint}/{old['id']}")
    number = await api.post(endpoint, _new(session, name, url)) if ours is None else ours["id"]
    added = await _finish(session, kind, number)
    told = "created" if ours is None else "re-enabled" if added else "alive"
    if ours is not None and ours.get("isActive") is not True:
        await api.patch(endpoint, {"id": number, "isActive": True})
        told = "re-enabled"
    await _look(session, endpoint, number)
    return told


async def look(session: Session, kind: Kind, url: str) -> HookState:
    """How our webhook of this entity stands; changes nothing."""
    rows = await session.api.rows(f"{kind.prefix}s", begins_with("name", NAME), urgent=True)
    name = _name(session, url)
    ours = next((row for row in numbered(rows) if text(row, "name") == name), None)
    if ours is None:
        return "missing"
    if ours.get("isActive") is not True:
        return "off"
    fields = await session.api.rows(f"{kind.prefix}Fields", eq("webhookID", ours["id"]), urgent=True)
    return "alive" if fields else "incomplete"


async def _finish(session: Session, kind: Kind, number: int) -> bool:
    """Add the fields and the excluded resource that are missing; whether there were any."""
    api, path = session.api, f"{kind.prefix}s/{number}"
    there = await api.rows(f"{kind.prefix}Fields", eq("webhookID", number), urgent=True)
    known = {text(row, "fieldID") for row in there if isinstance(row, Mapping)}
    wanted = [] if known else await _field_numbers(session, kind)
    for field in wanted:
        row = {"webhookID": number, "fieldID": field, "isSubscribedField": True, "isDisplayAlwaysField": True}
        await api.post(f"{path}/Fields", row)
    me = session.people.me
    left_out = await api.rows(f"{kind.prefix}ExcludedResources", eq("webhookID", number), urgent=True)
    named = {text(row, "resourceID") for row in left_out if isinstance(row, Mapping)}
    if me and me not in named:
        await api.post(f"{path}/ExcludedResources", {"webhookID": number, "resourceID": int(me)})
        return True
    return bool(wanted)


async def _field_numbers(session: Session, kind: Kind) -> list[int]:
    """The numbers of the fields: those that we want by name, or all, for one at least is needed."""
    lists = picklists(await session.api.fields(f"{kind.prefix}Fields"))
    choices = [choice for choice in lists.lists.get("fieldid", ()) if choice.value.isdecimal()]
    wanted = [c for c in choices if "".join(filter(str.isalnum, c.label)).casefold() in kind.fields]
    return [int(choice.value) for choice in wanted or choices]


def _new(session: Session, name: str, url: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": name,
        "webhookUrl": url,
        "deactivationUrl": str(httpx.URL(url).copy_merge_params({DEACTIVATED: "1"})),
        "secretKey": session.config.hook_secret,
        "isActive": True,
        "isSubscribedToCreateEvents": True,
        "isSubscribedToUpdateEvents": True,
        "isSubscribedToDeleteEvents": True,
        "sendThresholdExceededNotification": False,
    }
    return made | ({"ownerResourceID": int(session.people.me)} if session.people.me else {})


async def _look(session: Session, endpoint: str, number: int) -> None:
    found = (await session.api.get(f"{endpoint}/{number}")).get("item")
    if not isinstance(found, dict) or found.get("isActive") is not True or found.get("isReady") is not True:
        raise Rejected(f"{endpoint} {number} does not become active and ready: look at it in Autotask")


def _name(session: Session, url: str) -> str:
    """Our webhook's name; it changes with the key, which cannot be read back."""
    mark = hashlib.sha256(f"{session.config.hook_secret} {url}".encode()).hexdigest()[:8]
    return f"{NAME} {mark}"


def _bare(url: str) -> str:
    try:
        return str(httpx.URL(url).copy_with(query=None, fragment=None)).rstrip("/")
    except httpx.InvalidURL:
        return url
