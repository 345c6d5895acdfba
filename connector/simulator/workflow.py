"""Workflows of the pretend MSP that answer each change of a ticket by an API member, as `workflow` says.

What a canary is flown for: in the field such rules write to customers because a custom field has changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from connector.simulator.faults import Faults
from connector.simulator.records import Change, Ticket
from connector.simulator.world import World

_BY = "zAdmin"
LOOP = 12


class Workflow:
    """Listens to the world. It acts after the answer to the write has been made, as a workflow does."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.world, self.faults = world, faults
        self._loop = asyncio.get_running_loop()
        self._acts: dict[str, Callable[[Ticket], object]] = {
            "note": lambda t: world.post(t.id, "workflow", "A rule has matched.", visible=False),
            "mail": lambda t: world.post(t.id, "workflow", "Your ticket was updated.", visible=True),
            "reply": lambda t: world.post(t.id, "contact", "Any news?"),
            "status": lambda t: world.set_status(t.id, "In Progress", _BY),
            "priority": lambda t: world.set_priority(t.id, "P1 Critical", _BY),
            "owner": lambda t: world.assign(t.id, "dmoore", _BY),
            "field": lambda t: world.set_field(t.id, "Change Approval", "asked for", _BY),
            "overwrite": lambda t: world.set_field(t.id, "PX Why", "", _BY),
            "touch": self._touch,
            "loop": self._touch_often,
        }

    def _touch(self, ticket: Ticket) -> None:
        self.world.touch(ticket, _BY)

    def _touch_often(self, ticket: Ticket) -> None:
        for _ in range(LOOP):
            self._touch(ticket)

    def open(self) -> None:
        self.world.listeners.append(self._heard)

    def close(self) -> None:
        self.world.listeners.remove(self._heard)

    def _heard(self, change: Change) -> None:
        member = self.world.members_by_login.get(change.by.casefold())
        if not (self.faults.workflow and change.action == "updated" and member and member.kind == "api"):
            return
        if change.ticket is not None and change.type == "ticket":
            for name in self.faults.workflow.split(","):
                self._loop.call_soon(self._acts[name.strip()], change.ticket)
