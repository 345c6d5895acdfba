"""Endpoints of webhooks, in the vendor's four steps: itself, its fields, its UDF fields, whom it ignores.

A webhook without a field is not ready and never fires. Both addresses and a secret are required.
"""

from __future__ import annotations

import uuid
from typing import Any

from connector.simulator.autotask.callouts import Callout, Callouts, Part
from connector.simulator.autotask.entity import Entity, Field, Json, Pick, blank, table
from connector.simulator.autotask.errors import bad_pick, missing, no_such_path, refused, too_long
from connector.simulator.autotask.writes import body_of, done
from connector.simulator.records import Hook
from connector.simulator.web import Ask, Reply

_EVENTS = {
    "isSubscribedToCreateEvents": "Create",
    "isSubscribedToUpdateEvents": "Update",
    "isSubscribedToDeleteEvents": "Delete",
}
_LENGTHS = {"name": 50, "webhookUrl": 500, "deactivationUrl": 500, "secretKey": 64}
_NUMBER = {"Fields": "fieldID", "UdfFields": "udfFieldID", "ExcludedResources": "resourceID"}
PREFIX = {"Tickets": "TicketWebhook", "TicketNotes": "TicketNoteWebhook"}


class Registering:
    """Webhooks of one entity: Tickets or TicketNotes. A webhook's name here is `prefix`."""

    def __init__(self, callouts: Callouts, entity: str) -> None:
        self.callouts, self.entity, self.prefix = callouts, entity, PREFIX[entity]
        self.kinds = ["Fields", "UdfFields", "ExcludedResources"]
        if entity != "Tickets":
            self.kinds.remove("UdfFields")

    # ── what there is ─────────────────────────────────────────────────────────────────────────

    def entities(self) -> list[Entity]:
        """The webhooks and their parts, to be queried like everything else."""
        return [self._hooks(), *(self._parts(kind) for kind in self.kinds)]

    def _mine(self) -> list[Callout]:
        return [one for one in self.callouts.all.values() if one.entity == self.entity]

    def _hooks(self) -> Entity:
        names = self.callouts.names

        def event(name: str) -> Any:
            return lambda one: name in one.events

        every = [
            Field("id", "long", lambda one: one.hook.id),
            Field("name", "string", lambda one: one.hook.description, required=True, length=50),
            Field("webhookUrl", "string", lambda one: one.hook.url, required=True, length=500),
            Field("deactivationUrl", "string", lambda one: one.deactivation_url, required=True, length=500),
            Field("webhookGUID", "string", lambda one: one.hook.guid),
            Field("isActive", "boolean", lambda one: not one.hook.inactive),
            Field("isReady", "boolean", lambda one: one.ready),
            Field("ownerResourceID", read=lambda one: names.resource(one.hook.owner)),
            Field("notificationEmailAddress", "string", lambda one: one.mail),
            Field("sendThresholdExceededNotification", "boolean", lambda _one: False),
            *(Field(name, "boolean", event(verb)) for name, verb in _EVENTS.items()),
            *blank("string", "secretKey"),
        ]
        name = f"{self.prefix}s"
        plain = table(name, self.prefix, every, self._mine)
        can = frozenset({"create", "update", "delete"})
        return Entity(name, self.prefix, plain.fields, plain.rows, plain.get, can=can)

    def _parts(self, kind: str) -> Entity:
        """`fieldID` and `udfFieldID` are picklists of their own numbers."""

        def picks() -> list[Pick]:
            if kind == "ExcludedResources":
                return []
            return [Pick(number, name) for number, name in self._known(kind).items()]

        every = [
            Field("id", "long", lambda row: row[1].id),
            Field("webhookID", read=lambda row: row[0], refers=self.prefix, required=True),
            Field(_NUMBER[kind], read=lambda row: row[1].number, picks=picks, required=True),
        ]
        if kind != "ExcludedResources":
            every.append(Field("isSubscribedField", "boolean", lambda row: row[1].subscribed))
            every.append(Field("isDisplayAlwaysField", "boolean", lambda row: row[1].always))
        singular = f"{self.prefix}{kind.removesuffix('s')}"
        plain = table(
            f"{self.prefix}{kind}",
            singular,
            every,
            lambda: [(one.hook.id, part) for one in self._mine() for part in one.parts[kind].values()],
        )
        can = frozenset({"create", "delete"})
        return Entity(plain.name, singular, plain.fields, plain.rows, plain.get, can=can)

    def _known(self, kind: str) -> dict[int, str]:
        if kind == "Fields":
            return self.callouts.field_names(self.entity)
        return {udf.number: udf.name for udf in self.callouts.entities[self.entity].udfs()}

    # ── step 1: the webhook ───────────────────────────────────────────────────────────────────

    def create(self, ask: Ask) -> Reply:
        given, world = body_of(ask), self.callouts.world
        for name in _LENGTHS:
            if not given.get(name):
                raise missing(name)
        self._check(given)
        hook = Hook(
            id=max(world.hooks, default=0) + 1,
            url=given["webhookUrl"],
            type=self.callouts.entities[self.entity].singular,
            scope="",
            object=0,
            owner=ask.member,
            guid=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{world.seed}:{len(world.hooks)}:{self.entity}")),
            signing_key=given["secretKey"],
            description=given["name"],
            inactive=not given.get("isActive", False),
            updated_at=world.now(),
        )
        world.hooks[hook.id] = hook
        events = frozenset(verb for name, verb in _EVENTS.items() if given.get(name))
        mail = str(given.get("notificationEmailAddress") or "")
        self.callouts.all[hook.id] = Callout(hook, self.entity, events, given["deactivationUrl"], mail)
        return done(hook.id)

    def _check(self, given: Json) -> None:
        for name, length in _LENGTHS.items():
            if name in given and (not isinstance(given[name], str) or len(given[name]) > length):
                raise too_long(name)
        for name in ("webhookUrl", "deactivationUrl"):
            if name in given and not given[name].startswith(("http://", "https://")):
                raise refused(f"{name} is not a valid URL.")

    def patch(self, ask: Ask) -> Reply:
        given = body_of(ask)
        callout = self._callout(given.get("id"))
        self._check(given)
        hook = callout.hook
        if "isActive" in given:
            hook.inactive = not given["isActive"]
            hook.failures, hook.failing_since = 0, None
        hook.url = given.get("webhookUrl", hook.url)
        hook.signing_key = given.get("secretKey", hook.signing_key)
        callout.deactivation_url = given.get("deactivationUrl", callout.deactivation_url)
        off = {verb for name, verb in _EVENTS.items() if given.get(name) is False}
        on = {verb for name, verb in _EVENTS.items() if given.get(name) is True}
        callout.events = (callout.events - off) | on
        return done(hook.id)

    def delete(self, ask: Ask) -> Reply:
        hook = self._callout(ask.ids[0]).hook
        del self.callouts.all[hook.id], self.callouts.world.hooks[hook.id]
        return done(hook.id)

    def _callout(self, number: Any) -> Callout:
        callout = self.callouts.all.get(number) if isinstance(number, int) else None
        if callout is None or callout.entity != self.entity:
            raise refused(f"{self.prefix} {number} does not exist.")
        return callout

    # ── steps 2 to 4: its parts ───────────────────────────────────────────────────────────────

    def add(self, kind: str, ask: Ask) -> Reply:
        """A field, a UDF field or an excluded resource below a webhook."""
        given, callout = body_of(ask), self._callout(ask.ids[0])
        name = _NUMBER[kind]
        number = given.get(name)
        if number is None:
            raise missing(name)
        if kind == "ExcludedResources":
            if self.callouts.names.member(number) is None:
                raise refused("Reference value on field: resourceID of type: Resource does not exist.")
        elif number not in self._known(kind):
            raise bad_pick(number, name)
        parts = callout.parts[kind]
        place = max(parts, default=callout.hook.id * 1000) + 1
        subscribed, always = given.get("isSubscribedField", False), given.get("isDisplayAlwaysField", False)
        parts[place] = Part(place, number, bool(subscribed), bool(always))
        return done(place)

    def list_parts(self, kind: str, ask: Ask) -> list[Any]:
        callout = self._callout(ask.ids[0])
        return [(callout.hook.id, part) for part in callout.parts[kind].values()]

    def remove(self, kind: str, ask: Ask) -> Reply:
        parts = self._callout(ask.ids[0]).parts[kind]
        if ask.ids[1] not in parts:
            raise no_such_path(ask.path)
        del parts[ask.ids[1]]
        return done(ask.ids[1])


def error_logs(callouts: Callouts) -> Entity:
    """Deliveries that were dropped after their last attempt."""

    every = [
        Field("id", "long", lambda lost: lost.id),
        Field("createDateTime", "datetime", lambda lost: lost.at),
        Field("errorMessage", "string", lambda _lost: "The remote server did not answer with 2xx in time."),
        Field("payload", "string", lambda lost: lost.payload),
        Field("sequenceNumber", read=lambda lost: lost.number),
        *blank("integer", "accountWebhookID contactWebhookID"),
    ]
    return table("WebhookEventErrorLogs", "WebhookEventErrorLog", every, lambda: callouts.lost)
