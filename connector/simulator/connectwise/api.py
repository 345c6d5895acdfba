"""ConnectWise PSA served over the world: prefix and codebase, credentials, limits, errors, discovery."""

from __future__ import annotations

import base64
import binascii
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from connector.simulator import people
from connector.simulator.connectwise import setup
from connector.simulator.connectwise.basics import BasicEndpoints
from connector.simulator.connectwise.callbacks import Callbacks
from connector.simulator.connectwise.companies import CompanyEndpoints
from connector.simulator.connectwise.desk import Desk
from connector.simulator.connectwise.errors import (
    ApiError,
    forbidden,
    no_endpoint,
    too_many,
    unauthorized,
    wrong_verb,
)
from connector.simulator.connectwise.registering import CallbackEndpoints
from connector.simulator.connectwise.shapes import Shapes
from connector.simulator.connectwise.tickets import TicketEndpoints
from connector.simulator.connectwise.work import WorkEndpoints
from connector.simulator.faults import Faults, off_limits
from connector.simulator.gate import Gate
from connector.simulator.hooks import Delivery, Habits
from connector.simulator.records import Change, Member
from connector.simulator.web import Ask, BadJson, Reply
from connector.simulator.world import World

CODEBASE = "v2025_1/"
ON_PREMISES = "v4_6_release/"
HABITS = Habits(
    time_limit=5.0,
    repeat_after=(2.0, 4.0),
    repeats=frozenset({404, 409, 419, 429}).__contains__,
    off_after=timedelta(days=3),
)
_KEY_PAGE = "/system/callbackkey/index.rails"
_HTML_429 = (
    b"<!DOCTYPE html><html><head><title>429 Too Many Requests</title></head><body>Rate limited</body></html>"
)


@dataclass(frozen=True)
class Credentials:
    """What a client needs to log in; the keys stay out of the repr."""

    company: str
    public_key: str = field(repr=False)
    private_key: str = field(repr=False)
    client_id: str = field(repr=False)
    member: str


class ConnectWise:
    """The dialect. `url` tells where it is served."""

    habits = HABITS

    def __init__(self, world: World, faults: Faults, url: Callable[[], str]) -> None:
        self.world, self.faults, self.url = world, faults, url
        self.shapes = Shapes(world)
        self.callbacks = Callbacks(world, self.shapes, faults, lambda: f"{url()}/{self.codebase}{_KEY_PAGE}")
        self.gate = Gate(faults, random.Random(world.seed + 2))
        desk = Desk(world, self.shapes, faults)
        BasicEndpoints(desk)
        TicketEndpoints(desk)
        WorkEndpoints(desk)
        CompanyEndpoints(desk)
        CallbackEndpoints(desk, self.callbacks)
        self.routes = desk.routes
        self._keys = {self._login_text(self.credentials(m.identifier)): m.id for m in self._api_members()}

    @property
    def codebase(self) -> str:
        return self.faults.codebase or CODEBASE

    def _api_members(self) -> list[Member]:
        return [member for member in people.MEMBERS if member.kind == "api"]

    def credentials(self, member: str = "PxConnector") -> Credentials:
        def key(what: str) -> str:
            return hashlib.sha256(f"{self.world.seed}:{member}:{what}".encode()).hexdigest()[:16]

        client_id = f"{key('a')[:8]}-{key('b')[:4]}-4{key('c')[:3]}-8{key('d')[:3]}-{key('e')[:12]}"
        return Credentials(people.MSP, key("public"), key("private"), client_id, member)

    @staticmethod
    def _login_text(credentials: Credentials) -> str:
        return f"{credentials.company}+{credentials.public_key}:{credentials.private_key}"

    def deliveries(self, change: Change) -> list[Delivery]:
        return self.callbacks.deliveries(change)

    def enters(self, _ask: Ask) -> float:
        return 0.0

    def leaves(self, _ask: Ask) -> None:
        """Nothing is counted here."""

    # ── answering ─────────────────────────────────────────────────────────────────────────────

    def below_api(self, path: str) -> str | None:
        """The path below apis/3.0, None if it is not an API path of the codebase in use."""
        for codebase in (self.codebase, ON_PREMISES):
            prefix = f"/{codebase}apis/3.0"
            if path.casefold().startswith(prefix + "/"):
                return path[len(prefix) :]
        return None

    def answer(self, ask: Ask) -> Reply:
        """The answer to a request whose path is still the whole path."""
        try:
            path = "/" + ask.path.replace("//", "/").lstrip("/")
            below = self.below_api(path)
            if below is None:
                return self._public(path, ask)
            ask.path, ask.base = below, f"{self.url()}/{self.codebase}apis/3.0"
            return self._versioned(self._api(ask), ask)
        except ApiError as error:
            return Reply.of(error.body, error.status)
        except BadJson as error:
            return Reply.of({"code": "InvalidObject", "message": f"The body is not JSON: {error}"}, 400)

    def _public(self, path: str, ask: Ask) -> Reply:
        """Pages that need no login: discovery, and the keys of callbacks."""
        if path.casefold().startswith("/login/companyinfo/"):
            known = path.rpartition("/")[2].casefold() == people.MSP
            site = self.url().partition("://")[2]
            return Reply.of(setup.company_info(site, self.codebase) if known else None)
        if path.endswith(_KEY_PAGE):
            return Reply.of(
                self.callbacks.signing_key(ask.query.get("companyname", ""), ask.query.get("id", ""))
            )
        raise no_endpoint()

    def _api(self, ask: Ask) -> Reply:
        self.shapes.hidden_field = self.faults.missing_field
        self.world.notes_touch_ticket = not self.faults.notes_dont_touch
        route = self.routes.find(ask.path)
        template = route[0] if route else "(unknown)"
        self.world.requests[(ask.method, template)] += 1
        refused = self.gate.refuses()
        if refused == "throttled":
            return self._throttled()
        if refused == "broken":
            return Reply.of({"code": "ConnectWiseApi", "message": "An error has occurred."}, 500)
        ask.member = self._member(ask)
        if route is None:
            raise no_endpoint()
        if off_limits(self.faults.forbidden, ask.method, ask.path):
            raise forbidden(self.world.members[ask.member].identifier)
        _, handlers, ask.ids = route
        if ask.method not in handlers:
            raise wrong_verb(ask.method)
        return handlers[ask.method](ask)

    def _throttled(self) -> Reply:
        seconds = self.faults.retry_after
        headers = {} if self.faults.silent_429 else {"retry-after": str(seconds)}
        if self.faults.html_429:
            return Reply(429, _HTML_429, {"content-type": "text/html; charset=UTF-8", **headers})
        return Reply.of(too_many(seconds), 429, headers)

    def _member(self, ask: Ask) -> int:
        """Who asks; 401 without a clientId or with wrong keys, or 404 as the cloud often has it."""
        if self.faults.auth == "404":
            raise no_endpoint()
        if not ask.headers.get("clientid"):
            raise unauthorized("A valid clientId is required in the request header.")
        kind, _, token = ask.headers.get("authorization", "").partition(" ")
        try:
            login = base64.b64decode(token, validate=True).decode() if kind.casefold() == "basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            login = ""
        if self.faults.auth or login not in self._keys:
            raise unauthorized("Username or password is incorrect.")
        return self._keys[login]

    def _versioned(self, reply: Reply, ask: Ask) -> Reply:
        """Content type as asked for, and the version this server speaks."""
        reply.headers["api-current-version"] = "2026.4"
        if "vnd.connectwise.com" in ask.headers.get("accept", "") and reply.status < 300 and reply.body:
            content_type = "application/vnd.connectwise.com+json; version=2025.16; charset=utf-8"
            reply.headers["content-type"] = content_type
        return reply
