"""Endpoints to register, change and remove callbacks."""

from __future__ import annotations

from connector.simulator.connectwise import setup
from connector.simulator.connectwise.callbacks import Callbacks
from connector.simulator.connectwise.desk import Desk, body_object, finished
from connector.simulator.connectwise.errors import expected, not_found
from connector.simulator.connectwise.shapes import Json
from connector.simulator.records import Hook
from connector.simulator.web import Ask, Reply

_CALLBACK_NAMES = [
    "id",
    "description",
    "url",
    "objectId",
    "type",
    "level",
    "memberId",
    "payloadVersion",
    "inactiveFlag",
    "isSelfSuppressedFlag",
    "connectWiseID",
]


class CallbackEndpoints:
    def __init__(self, desk: Desk, callbacks: Callbacks) -> None:
        self.desk, self.world, self.callbacks = desk, desk.world, callbacks
        add = desk.routes.add
        desk.listing("/system/callbacks", lambda _ask: finished(self._callbacks(), _CALLBACK_NAMES))
        add("POST", "/system/callbacks", self._create_callback)
        add("GET", "/system/callbacks/{id}", lambda ask: Reply.of(setup.callback(self._hook(ask))))
        add("PUT", "/system/callbacks/{id}", self._put_callback)
        add("PATCH", "/system/callbacks/{id}", self._patch_callback)
        add("DELETE", "/system/callbacks/{id}", self._delete_callback)

    def _callbacks(self) -> list[Json]:
        return [setup.callback(hook) for hook in self.world.hooks.values()]

    def _hook(self, ask: Ask) -> Hook:
        hook = self.world.hooks.get(ask.ids[0])
        if hook is None:
            raise not_found("CallbackEntry", ask.ids[0])
        return hook

    def _create_callback(self, ask: Ask) -> Reply:
        return Reply.of(setup.callback(self.callbacks.create(body_object(ask), ask.member)), 201)

    def _put_callback(self, ask: Ask) -> Reply:
        return Reply.of(setup.callback(self.callbacks.change(self._hook(ask), body_object(ask), ask.member)))

    def _patch_callback(self, ask: Ask) -> Reply:
        operations = ask.json()
        if not isinstance(operations, list) or not all(isinstance(item, dict) for item in operations):
            raise expected("array of operations")
        given = {str(item.get("path")).strip("/"): item.get("value") for item in operations}
        return Reply.of(setup.callback(self.callbacks.change(self._hook(ask), given, ask.member)))

    def _delete_callback(self, ask: Ask) -> Reply:
        del self.world.hooks[self._hook(ask).id]
        return Reply(204)
