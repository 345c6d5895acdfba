"""The back door for tests and benches in other processes: look at the world, act in it, break it.

Under /_sim/, on loopback like everything else. No client of a PSA ever needs it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from connector.simulator.day import Step, working_day
from connector.simulator.faults import Faults
from connector.simulator.plants import plant
from connector.simulator.web import Ask, BadJson, Reply
from connector.simulator.world import World, utcnow

ACTIONS = (
    *("open_ticket", "post", "log_time", "set_status", "set_priority", "assign", "book", "rate"),
    *("set_field", "merge", "delete_ticket", "delete_post", "delete_log", "move_company", "comment"),
)


class Control:
    def __init__(self, world: World, faults: Faults) -> None:
        self.world, self.faults = world, faults
        self._day: Iterator[Step] | None = None
        self._posts: dict[str, Callable[[dict[str, Any]], Any]] = {
            "do": self._do,
            "time": self._time,
            "faults": self._set_faults,
            "step": self._step,
            "plant": self._plant,
            "reset-counters": self._reset,
        }

    def answer(self, ask: Ask) -> Reply:
        """Errors come back as 400 {"error": …}, a wrong path as 404."""
        what, _, rest = ask.path.removeprefix("/_sim/").partition("/")
        try:
            if ask.method == "GET" and what == "state":
                return Reply.of(self._state())
            if ask.method == "GET" and what == "writes":
                return Reply.of(self._writes(int(ask.query.get("since") or 0)))
            if ask.method == "GET" and what == "tickets":
                return Reply.of(self._ticket(int(rest)))
            if ask.method == "POST" and what in self._posts:
                given = ask.json() if ask.body else {}
                return Reply.of(self._posts[what](given))
        except (BadJson, KeyError, TypeError, ValueError) as error:
            return Reply.of({"error": f"{type(error).__name__}: {error}"}, 400)
        return Reply.of({"error": "no such control"}, 404)

    def _state(self) -> dict[str, Any]:
        world = self.world
        return {
            "now": world.now().isoformat(),
            "tickets": len(world.tickets),
            "requests": {" ".join(key): number for key, number in world.requests.items()},
            "requests_total": world.requests.total(),
            "responses": {str(status): number for status, number in world.responses.items()},
            "deliveries": dict(world.deliveries),
            "writes": len(world.writes),
            "hooks": [
                {"id": h.id, "url": h.url, "type": h.type, "inactive": h.inactive}
                for h in world.hooks.values()
            ],
            "faults": asdict(self.faults),
        }

    def _writes(self, since: int) -> list[dict[str, Any]]:
        return [{**asdict(write), "at": write.at.isoformat()} for write in self.world.writes[since:]]

    def _ticket(self, ticket_id: int) -> dict[str, Any]:
        world, ticket = self.world, self.world.ticket(ticket_id)
        values = ticket.values or {}
        return {
            "id": ticket.id,
            "status": world.statuses[ticket.status].name,
            "priority": world.priorities[ticket.priority].name,
            "company": world.companies[ticket.company].name,
            "fields": {f.caption: values.get(f.id) for f in world.fields.values() if f.on == "ticket"},
            "updated_at": ticket.updated_at.isoformat(),
            "updated_by": ticket.updated_by,
            "posts": [
                {"id": p.id, "at": p.at.isoformat(), "by": p.created_by, "text": p.text, "visible": p.visible}
                for p in world.posts(ticket_id)
            ],
        }

    def _do(self, given: dict[str, Any]) -> dict[str, Any]:
        action = str(given.get("action"))
        if action not in ACTIONS:
            raise ValueError(f"no action is called {action!r}; there are: {', '.join(ACTIONS)}")
        method = getattr(self.world, action)
        arguments = dict(given.get("args") or {})
        if "start" in arguments:
            arguments["start"] = datetime.fromisoformat(arguments["start"])
        inspect.signature(method).bind(**arguments)
        return {"result": method(**arguments)}

    def _time(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("real"):
            self.world.clock = utcnow
        elif "at" in given:
            self.world.set_time(datetime.fromisoformat(given["at"]))
        else:
            self.world.advance(timedelta(seconds=float(given["advance_s"])))
        return {"now": self.world.now().isoformat()}

    def _set_faults(self, given: dict[str, Any]) -> dict[str, Any]:
        self.faults.update(given)
        return asdict(self.faults)

    def _step(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """The next steps of the scripted day, done."""
        if self._day is None:
            self._day = iter(working_day(self.world))
        done = []
        for _, step in zip(range(int(given.get("count", 1))), self._day, strict=False):
            step.apply()
            done.append({"at": step.at.isoformat(), "title": step.title, "ticket": step.ticket})
        return done

    def _plant(self, given: dict[str, Any]) -> dict[str, Any]:
        plant(self.world, str(given.get("name")))
        return {}

    def _reset(self, _given: dict[str, Any]) -> dict[str, Any]:
        self.world.requests.clear()
        self.world.responses.clear()
        self.world.deliveries.clear()
        return {}
