"""ConnectWise callbacks: registering them, and the signed body each change makes.

The record's id and the action are appended to the URL as text; the body names the page that holds the
signing key; the signature is HMAC-SHA256 over the raw body with the key's SHA-256 as key, in base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from connector.simulator import people
from connector.simulator.connectwise.errors import ApiError, invalid
from connector.simulator.connectwise.shapes import Json, Shapes
from connector.simulator.faults import Faults
from connector.simulator.hooks import Delivery
from connector.simulator.records import Change, Hook, Ticket
from connector.simulator.world import World

LEVELS: dict[str, frozenset[str]] = {
    "ticket": frozenset({"owner", "board", "project", "phase", "status", "ticket", "integratortag"}),
    "time": frozenset({"owner", "company", "time"}),
    "company": frozenset({"owner", "status", "type", "territory", "company", "integratortag"}),
    "contact": frozenset({"owner", "company", "contact", "territory", "type"}),
    "member": frozenset({"owner", "member"}),
    "schedule": frozenset({"owner", "member", "schedule"}),
}


def signature(signing_key: str, body: bytes) -> str:
    key = hashlib.sha256(signing_key.encode()).digest()
    return base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()


class Callbacks:
    """The registered callbacks. `key_base` gives the address of the page that holds the keys."""

    def __init__(self, world: World, shapes: Shapes, faults: Faults, key_base: Callable[[], str]) -> None:
        self.world, self.shapes, self.faults, self.key_base = world, shapes, faults, key_base
        self._dice = random.Random(world.seed + 1)

    # ── registering ───────────────────────────────────────────────────────────────────────────

    def create(self, given: Any, member: int) -> Hook:
        hook = self._checked(given if isinstance(given, dict) else {}, member)
        hook.id = max(self.world.hooks, default=26_551) + 1
        self.world.hooks[hook.id] = hook
        return hook

    def change(self, hook: Hook, given: Json, member: int) -> Hook:
        """Replace what the caller gives; the rest stays."""
        old = {
            "url": hook.url,
            "objectId": hook.object,
            "type": hook.type,
            "level": hook.scope,
            "description": hook.description,
            "inactiveFlag": hook.inactive,
            "isSelfSuppressedFlag": hook.self_suppressed,
        }
        new = self._checked({**old, **given}, hook.owner, hook.id)
        new.id, new.guid, new.signing_key = hook.id, hook.guid, hook.signing_key
        new.updated_by = self.world.members[member].identifier
        self.world.hooks[hook.id] = new
        return new

    def _checked(self, given: Json, member: int, own_id: int = 0) -> Hook:
        problems = [
            ("MissingRequiredField", f"The {name} field is required.", name)
            for name in ("url", "objectId", "type", "level")
            if given.get(name) is None
        ]
        url, kind, level = str(given.get("url")), str(given.get("type")), str(given.get("level"))
        if given.get("url") and not _usable(url):
            problems.append(("InvalidField", "Invalid URL", "url"))
        if given.get("level") and level.casefold() not in LEVELS.get(kind.casefold(), ()):
            text = "Unrecognized level for type, see documentation for supported levels for each type"
            problems.append(("InvalidObject", text, "level"))
        if not problems and not isinstance(given["objectId"], int):
            problems.append(("InvalidField", "objectId must be a number", "objectId"))
        if problems:
            raise invalid("callbackEntry", *problems)
        scope = level.casefold()
        hook = Hook(
            id=own_id,
            url=url,
            type=kind.casefold(),
            scope=scope,
            object=1 if scope == "owner" else given["objectId"],
            owner=member,
            guid=str(uuid.UUID(int=self._dice.getrandbits(128), version=4)),
            signing_key=str(uuid.UUID(int=self._dice.getrandbits(128), version=4)),
            description=str(given.get("description") or ""),
            self_suppressed=bool(given.get("isSelfSuppressedFlag")),
            inactive=bool(given.get("inactiveFlag")),
            updated_at=self.world.now(),
            updated_by=self.world.members[member].identifier,
        )
        for other in self.world.hooks.values():
            same = (other.url, other.type, other.scope, other.object)
            if other.id != own_id and same == (hook.url, hook.type, hook.scope, hook.object):
                text = "A matching callback entry already exists"
                raise invalid("callbackEntry", ("ObjectExists", text, "objectId"))
        return hook

    def signing_key(self, company: str, guid: str) -> Json:
        """What the key page holds; 404 for a wrong company or id."""
        for hook in self.world.hooks.values():
            if hook.guid == guid and company.casefold() == people.MSP:
                return {"signing_key": hook.signing_key}
        raise ApiError(404, {"code": "NotFound", "message": "No such key"})

    # ── telling ───────────────────────────────────────────────────────────────────────────────

    def deliveries(self, change: Change) -> list[Delivery]:
        """A delivery for each callback that is for this change."""
        member = self.world.members_by_login.get(change.by.casefold())
        return [
            self._delivery(hook, change)
            for hook in self.world.hooks.values()
            if hook.type == change.type
            and not hook.inactive
            and not (hook.self_suppressed and member is not None and member.id == hook.owner)
            and _concerns(hook, change)
        ]

    def _delivery(self, hook: Hook, change: Change) -> Delivery:
        entity = None
        if change.action != "deleted":
            entity = json.dumps(self._entity(change), ensure_ascii=False, separators=(",", ":"))
        key_url = f"{self.key_base()}?companyName={people.MSP}&id={hook.guid}"
        body = {
            "MessageId": str(uuid.UUID(int=self._dice.getrandbits(128), version=4)),
            "FromUrl": urlsplit(key_url).netloc,
            "CompanyId": people.MSP,
            "MemberId": change.by,
            "Action": change.action,
            "Type": change.type,
            "ID": change.id,
            "ProductInstanceId": "639c96cab2eb560001dd1324",
            "PartnerId": "61ddc2817bcddc0001c74208",
            "Entity": entity,
            "Metadata": {"key_url": key_url},
            "CallbackObjectRecId": hook.id,
        }
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        key = hook.signing_key
        if self._dice.random() < self.faults.bad_signatures:
            key = "somebody else's key"
        headers = {"Content-Type": "application/json", "x-content-signature": signature(key, raw)}
        return Delivery(hook, _with_record(hook.url, change), raw, headers)

    def _entity(self, change: Change) -> Json:
        """The summary in the body: no custom fields, so that nobody takes it for the truth."""
        if change.type == "ticket" and change.ticket is not None:
            record = self.shapes.ticket(change.ticket)
            return {name: value for name, value in record.items() if name != "customFields"}
        if change.type == "time":
            return self.shapes.time_entry(self.world.work_logs.by_id[change.id])
        return {"id": change.id}


def _usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        return False


def _with_record(url: str, change: Change) -> str:
    """The PSA pastes id and action on the end, so a URL should end with `?recordId=`."""
    if not url.endswith("="):
        url += ("&" if "?" in url else "?") + "id="
    return f"{url}{change.id}&action={quote(change.action)}"


def _concerns(hook: Hook, change: Change) -> bool:
    ticket = change.ticket
    if hook.scope == "owner":
        return True
    if hook.scope == change.type:
        return hook.object == change.id
    wanted: dict[str, Callable[[Ticket], int]] = {
        "board": lambda t: t.board,
        "status": lambda t: t.status,
        "company": lambda t: t.company,
    }
    return ticket is not None and hook.scope in wanted and wanted[hook.scope](ticket) == hook.object
