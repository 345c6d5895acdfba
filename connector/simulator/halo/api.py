"""HaloPSA served over the world: auth server and API, limits, refusals, discovery.

What the public material leaves open is chosen to be the harder case for a
client. Paths are matched without regard to case, as on the real server.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from connector.simulator import people
from connector.simulator.faults import Faults, off_limits
from connector.simulator.gate import Gate
from connector.simulator.halo.access import Access, Credentials
from connector.simulator.halo.actions import Actions
from connector.simulator.halo.actionwrites import ActionWrites
from connector.simulator.halo.endpoints import Endpoints
from connector.simulator.halo.errors import ApiError, no_endpoint, refused, unauthorized, wrong_verb
from connector.simulator.halo.limits import Limits
from connector.simulator.halo.reading import Reading
from connector.simulator.halo.tickets import TicketShapes
from connector.simulator.halo.trail import TrailBook
from connector.simulator.halo.values import Json
from connector.simulator.halo.webhooks import HABITS, Webhooks
from connector.simulator.halo.writing import Ledger, Posted, TicketWrites
from connector.simulator.hooks import Delivery
from connector.simulator.records import Change
from connector.simulator.web import Ask, BadJson, Reply, Routes
from connector.simulator.world import World

_API = "/api"
_USUAL_LIMIT = 300
_WRITTEN = ("/tickets", "/actions")
_HTML_429 = b"<!DOCTYPE html><html><head><title>429</title></head><body>Too Many Requests</body></html>"


class Halo:
    """The dialect. `limits` tells how hard it was driven, `posted` what was written and how quietly."""

    habits = HABITS

    def __init__(self, world: World, faults: Faults, url: Callable[[], str]) -> None:
        self.world, self.faults, self.url = world, faults, url
        self.access, self.limits, self.routes = Access(world, faults), Limits(), Routes()
        self.gate = Gate(faults, random.Random(world.seed + 2))
        trail = TrailBook(world)
        self._shapes = TicketShapes(world, trail)
        actions = Actions(world, trail, self.access.application)
        self._ledger = Ledger(world, faults)
        self._webhooks = Webhooks(world, self._shapes, actions, faults)
        Endpoints(world, faults, self.routes).work(
            Reading(world, self._shapes, actions, faults),
            TicketWrites(world, self._shapes, faults, self._ledger),
            ActionWrites(world, self._shapes, actions, self._ledger),
            self._webhooks,
        )
        self.routes.add("GET", "/AuthInfo", lambda _ask: Reply.of(self._auth_info()))
        self.routes.add("GET", "/InstanceInfo", lambda _ask: Reply.of({"auth_url": self._auth_url()}))

    @property
    def posted(self) -> list[Posted]:
        return self._ledger.posted

    def credentials(self, member: str = "PxConnector") -> Credentials:
        return self.access.credentials(member)

    def deliveries(self, change: Change) -> list[Delivery]:
        return self._webhooks.deliveries(change)

    # ── the server's questions ────────────────────────────────────────────────────────────────

    def below_api(self, path: str) -> str | None:
        """The path below /api in the specification's own spelling, None outside."""
        prefix, below = path[: len(_API) + 1], path[len(_API) :]
        if prefix.casefold() != f"{_API}/":
            return None
        found = self.routes.find(below)
        if found is None:
            return below
        given = below.strip("/").split("/")
        template = found[0].strip("/").split("/")
        spelled = (g if t.startswith("{") else t for t, g in zip(template, given, strict=True))
        return "/" + "/".join(spelled)

    def enters(self, ask: Ask) -> float:
        if self._is_write(ask):
            self.limits.write_begins()
        return 0.0

    def leaves(self, ask: Ask) -> None:
        if self._is_write(ask):
            self.limits.write_ends()

    def _is_write(self, ask: Ask) -> bool:
        """Before and after answering: the answer shortens the path."""
        path = ask.path.casefold()
        return ask.method == "POST" and path.removeprefix(_API).startswith(_WRITTEN)

    def answer(self, ask: Ask) -> Reply:
        try:
            below = self.below_api(ask.path)
            if below is None:
                return self._outside(ask)
            ask.path = below
            return self._cut(self._unseen(self._api(ask), ask))
        except ApiError as error:
            return Reply.of(error.body, error.status)
        except BadJson as error:
            return Reply.of({"ClassName": "JsonReaderException", "Message": str(error)}, 400)

    # ── answering ─────────────────────────────────────────────────────────────────────────────

    def _auth_path(self) -> str:
        return "/" + (self.faults.codebase or "auth").strip("/")

    def _auth_url(self) -> str:
        return self.url() + self._auth_path()

    def _auth_info(self) -> Json:
        return {"auth_url": self._auth_url(), "tenant_id": people.MSP, "client_id": None}

    def _outside(self, ask: Ask) -> Reply:
        token = f"{self._auth_path()}/token"
        if ask.path.casefold().rstrip("/") != token.casefold():
            raise no_endpoint(ask.path)
        self.world.requests[(ask.method, "/auth/token")] += 1
        refusal = self._refusal()
        if refusal is not None:
            return refusal
        if ask.method != "POST":
            raise wrong_verb(ask.method)
        return Reply.of(self.access.new_token(ask))

    def _api(self, ask: Ask) -> Reply:
        self._shapes.hidden_field = self.faults.missing_field
        self.world.notes_touch_ticket = not self.faults.notes_dont_touch
        route = self.routes.find(ask.path)
        self.world.requests[(ask.method, route[0] if route else "(unknown)")] += 1
        refusal = self._refusal()
        if refusal is not None:
            return refusal
        anonymous = route is not None and route[0] == "/AuthInfo"
        if not anonymous:
            ask.member = self.access.member(ask)
        if route is None:
            raise self._unknown(ask)
        if off_limits(self.faults.forbidden, ask.method, ask.path):
            raise unauthorized()
        _, handlers, ask.ids = route
        if ask.method not in handlers:
            raise wrong_verb(ask.method)
        return handlers[ask.method](ask)

    def _unknown(self, ask: Ask) -> ApiError:
        """An id that is none is told from an endpoint that is not there."""
        parent = self.routes.find(ask.path.rpartition("/")[0])
        return refused("The request is invalid.") if parent else no_endpoint(ask.path)

    def _refusal(self) -> Reply | None:
        """Over the limit, in a storm, or broken. There is no Retry-After: nobody has seen one."""
        refused_as = self.gate.refuses()
        limit = self.faults.limit_per_5_minutes
        over = refused_as != "throttled" and self.limits.over(limit, self.world.now())
        self.gate.refused["limit"] += over
        if refused_as == "throttled" or over:
            if self.faults.html_429:
                return Reply(429, _HTML_429, {"content-type": "text/html; charset=UTF-8"})
            number = limit or _USUAL_LIMIT
            text = f"Rate Limit Reached - {number} Requests per rolling 5 minute window."
            return Reply.of(text, 429)
        if refused_as == "broken":
            return Reply.of({"ClassName": "System.Exception", "Message": "An error has occurred."}, 500)
        return None

    def _cut(self, reply: Reply) -> Reply:
        """An answer that ends in the middle, when that is asked for."""
        if reply.status < 300 and self.faults.truncated_next > 0:
            self.faults.truncated_next -= 1
            reply.body = reply.body[: len(reply.body) // 2]
        return reply

    def _unseen(self, reply: Reply, ask: Ask) -> Reply:
        """What the agent behind our application may not see is left out without a word."""
        if ask.method != "GET" or ask.ids or not _begins(ask.path, self.faults.unseen):
            return reply
        body = json.loads(reply.body)
        if isinstance(body, list):
            return Reply.of([])
        empty = {key: [] if isinstance(value, list) else value for key, value in body.items()}
        return Reply.of({**empty, "record_count": 0})


def _begins(path: str, beginnings: str) -> bool:
    known = [part.strip().casefold() for part in beginnings.split(",") if part.strip()]
    return any(path.casefold().startswith(part) for part in known)
