"""Halo's webhooks: an address in /Webhook, the events it is for in /Notification, at most one delivery.

A delivery is proved in one of three ways, by the webhook's `authentication_type`: 1 is Basic, 2 a secret in
a header of one's choice, 3 the base64 of an HMAC-SHA256 over the raw body in such a header. A webhook
that fails five times in a row is switched off. Secrets are taken and never shown again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from dataclasses import dataclass, field

from connector.simulator.faults import Faults
from connector.simulator.halo import tables
from connector.simulator.halo.actions import Actions
from connector.simulator.halo.errors import not_found, refused
from connector.simulator.halo.tickets import TicketShapes
from connector.simulator.halo.values import Json, guid, whole
from connector.simulator.halo.writing import elements
from connector.simulator.hooks import Delivery, Habits
from connector.simulator.records import Change, Hook, Ticket
from connector.simulator.web import Ask, Reply
from connector.simulator.world import World

HABITS = Habits(time_limit=10.0, repeat_after=(), repeats=lambda _status: False, off_at=5)
BASIC, HEADER, SIGNED = 1, 2, 3
NEW, BY_USER, CLOSED, UPDATED, STATUS, DELETED = 3, 19, 39, 61, 76, 1072
_SETTINGS = (
    *("name", "url", "type", "method", "content_type", "authentication_type", "authentication_header"),
    *("basic_username", "algorithm", "digest", "signature_prefix", "note", "systemuse", "batch_method"),
)


def signature(secret: str, raw: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()


@dataclass
class _Webhook:
    """What was registered, apart from the secret, and its events as notification id -> settings."""

    hook: Hook
    given: Json
    notifications: dict[int, Json] = field(default_factory=dict)


class Webhooks:
    def __init__(self, world: World, shapes: TicketShapes, actions: Actions, faults: Faults) -> None:
        self.world, self.shapes, self.actions, self.faults = world, shapes, actions, faults
        self._known: dict[int, _Webhook] = {}
        self._ids = 0
        self._dice = random.Random(world.seed + 1)
        self._trail_seen, self._posts_seen = len(world.trail), len(world.new_posts)

    # ── registering ───────────────────────────────────────────────────────────────────────────

    def _all(self) -> list[_Webhook]:
        return [self._known[number] for number in self.world.hooks if number in self._known]

    def find(self, key: str) -> _Webhook:
        for one in self._all():
            if one.hook.guid == key.casefold():
                return one
        raise not_found("Webhook", key)

    def list_all(self, _ask: Ask) -> Reply:
        return Reply.of([self._shape(one, complete=False) for one in self._all()])

    def show(self, ask: Ask) -> Reply:
        return Reply.of(self._shape(self.find(_key(ask)), complete=True))

    def post(self, ask: Ask) -> Reply:
        made = [self._save(given, ask.member) for given in elements(ask)]
        return Reply.of(self._shape(made[-1], complete=True), 201)

    def delete(self, ask: Ask) -> Reply:
        del self.world.hooks[self.find(_key(ask)).hook.id]
        return Reply.of({})

    def _save(self, given: Json, member: int) -> _Webhook:
        """A new webhook, or with an id the changed one. One that is made active again starts afresh."""
        if given.get("id"):
            one = self.find(str(given["id"]))
        else:
            if not str(given.get("url") or "").startswith(("http://", "https://")):
                raise refused("A URL must be entered")
            self._ids += 1
            one = _Webhook(Hook(self._ids, "", "halo", "", 0, member, guid("webhook", self._ids)), {})
            self._known[self._ids] = one
            self.world.hooks[self._ids] = one.hook
        hook = one.hook
        one.given |= {name: given[name] for name in _SETTINGS if name in given}
        hook.url = str(one.given["url"])
        hook.signing_key = str(given.get("basic_password") or hook.signing_key)
        if "active" in given:
            hook.inactive, hook.failures = given["active"] is not True, 0
        return one

    def _shape(self, one: _Webhook, complete: bool) -> Json:
        row = {
            **one.given,
            "id": one.hook.guid,
            "active": not one.hook.inactive,
            "disabled": one.hook.inactive,
            "last_status": one.hook.last_status,
            "authentication_type": whole(one.given.get("authentication_type")) or 0,
        }
        return {**row, "events": list(one.notifications.values())} if complete else row

    # ── what each is told of ──────────────────────────────────────────────────────────────────

    def notifications(self, ask: Ask) -> Reply:
        wanted = ask.query.get("webhook_id", "").casefold()
        rows = [row for one in self._all() for row in one.notifications.values()]
        return Reply.of([row for row in rows if not wanted or row["webhook_id"] == wanted])

    def notify(self, ask: Ask) -> Reply:
        """Take notifications: each ties an event to a webhook."""
        made = []
        for given in elements(ask):
            one, event = self.find(str(given.get("webhook_id"))), whole(given.get("eventno"))
            if event is None:
                raise refused("An Event must be selected")
            self._ids += 1
            row = {"id": self._ids, "name": str(given.get("name") or ""), "webhook_id": one.hook.guid}
            row |= {"eventno": event, "type": -2, "delivery_method": 6, "conditions": []}
            one.notifications[self._ids] = row
            made.append(row)
        return Reply.of(made[-1], 201)

    def forget(self, ask: Ask) -> Reply:
        for one in self._all():
            if one.notifications.pop(ask.ids[0], None):
                return Reply.of({})
        raise not_found("Notification", ask.ids[0])

    # ── telling ───────────────────────────────────────────────────────────────────────────────

    def deliveries(self, change: Change) -> list[Delivery]:
        """One for each notification that is for this change."""
        happened = self._happened(change)
        if change.ticket is None or not happened:
            return []
        return [
            self._delivery(one, change.ticket, event)
            for one in self._all()
            if not one.hook.inactive
            for event in (row["eventno"] for row in one.notifications.values())
            if event in happened
        ]

    def _happened(self, change: Change) -> set[int]:
        trail = self.world.trail[self._trail_seen :]
        posts = self.world.new_posts[self._posts_seen :]
        self._trail_seen, self._posts_seen = len(self.world.trail), len(self.world.new_posts)
        if change.type != "ticket":
            return set()
        if change.action != "updated":
            return {NEW if change.action == "added" else DELETED}
        events = {UPDATED}
        if any(post.ticket == change.id and post.contact is not None for post in posts):
            events.add(BY_USER)
        if any(line.ticket == change.id and line.kind == "Status" for line in trail):
            events.add(STATUS)
            if change.ticket and self.shapes.status_id(change.ticket) == tables.CLOSED:
                events.add(CLOSED)
        return events

    def _delivery(self, one: _Webhook, ticket: Ticket, event: int) -> Delivery:
        body = self._body(ticket, event)
        payload = [body] if self.faults.batched_callbacks else body
        raw = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        return Delivery(
            one.hook, one.hook.url, raw, {"Content-Type": "application/json", **self._proof(one, raw)}
        )

    def _body(self, ticket: Ticket, event: int) -> Json:
        """The ticket without its custom fields, and its latest action; deleted ones have none."""
        row = {**self.shapes.row(ticket), **self.shapes.names(ticket, {"status", "tickettype", "agent"})}
        if event == DELETED:
            return {"ticket": {**row, "deleted": True}}
        actions = self.actions.of(ticket.id)
        return {"ticket": row, "action": actions[-1]} if actions else {"ticket": row}

    def _proof(self, one: _Webhook, raw: bytes) -> dict[str, str]:
        secret = one.hook.signing_key
        if self._dice.random() < self.faults.bad_signatures:
            secret = f"not {secret}"
        kind = whole(one.given.get("authentication_type"))
        header = str(one.given.get("authentication_header") or "")
        if kind == BASIC:
            pair = f"{one.given.get('basic_username') or ''}:{secret}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        if kind == HEADER:
            return {header: secret} if header else {"Authorization": f"Bearer {secret}"}
        if kind == SIGNED:
            return {header or "Token": signature(secret, raw)}
        return {}


def _key(ask: Ask) -> str:
    return ask.path.rstrip("/").rpartition("/")[2]
