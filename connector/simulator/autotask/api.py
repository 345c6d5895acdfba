"""Autotask served over the world: zones, three headers, locked users, limits, errors.

Discovery is public and tells where the tenant lives; after a move (fault `codebase`) the old address
answers 401. Wrong secrets in a row lock the user; only a human unlocks it.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from connector.simulator.autotask import errors
from connector.simulator.autotask.endpoints import Endpoints
from connector.simulator.autotask.limits import POOL, Locks, Pool, Threads
from connector.simulator.autotask.parties import login
from connector.simulator.faults import Faults, off_limits
from connector.simulator.gate import Gate
from connector.simulator.hooks import Delivery
from connector.simulator.records import Change
from connector.simulator.web import Ask, BadJson, Reply
from connector.simulator.world import World

_ROOT = "ATServicesRest"
_PUBLIC = {"/v1.0/zoneinformation": "/V1.0/ZoneInformation", "/versioninformation": "/VersionInformation"}
_HTML_429 = b"<!DOCTYPE html><html><head><title>429 Too Many Requests</title></head><body></body></html>"
TENANT = 30_595


@dataclass(frozen=True)
class Credentials:
    """What a client needs to log in; what is secret stays out of the repr."""

    user_name: str
    secret: str = field(repr=False)
    integration_code: str = field(repr=False)


class Autotask:
    """The dialect. `url` tells where it is served; `locks` and `pool` are there to be looked at."""

    def __init__(self, world: World, faults: Faults, url: Callable[[], str]) -> None:
        self.world, self.faults, self.url = world, faults, url
        self.gate = Gate(faults, random.Random(world.seed + 2))
        self.pool, self.threads, self.locks = Pool(world, faults), Threads(), Locks()
        self.endpoints = Endpoints(world, faults, self.pool)
        self.callouts = self.endpoints.callouts
        self.habits = self.callouts.habits()
        api = [member for member in world.members.values() if member.kind == "api"]
        self._users = {login(member): member for member in api}

    def credentials(self, member: str = "PxConnector") -> Credentials:
        def key(what: str) -> str:
            return hashlib.sha256(f"{self.world.seed}:{member}:{what}".encode()).hexdigest()[:24]

        user = login(self.world.member_by_login(member))
        return Credentials(user, key("secret"), key("code").upper())

    def deliveries(self, change: Change) -> list[Delivery]:
        return self.callouts.deliveries(change)

    # ── where ─────────────────────────────────────────────────────────────────────────────────

    @property
    def base(self) -> str:
        """The address of the tenant's zone, as discovery tells it."""
        return f"{self.url()}/{self.faults.codebase}{_ROOT}"

    def below_api(self, path: str) -> str | None:
        """The path as the specification has it: "/V1.0/Tickets/query", whatever the prefix's case was."""
        before, root, below = path.replace("//", "/").casefold().partition(f"/{_ROOT.casefold()}")
        if not root:
            return None
        if below in _PUBLIC:
            return _PUBLIC[below]
        if not below.startswith("/v1.0/") or before.strip("/") != self.faults.codebase.casefold().strip("/"):
            return None
        return "/V1.0" + path.replace("//", "/")[-len(below) :][len("/V1.0") :]

    def _key(self, ask: Ask) -> tuple[str, str] | None:
        """What calls at once are counted by; None for what is not limited."""
        below = self.below_api(ask.path)
        if below is None or below in _PUBLIC.values():
            return None
        endpoint = below.split("/")[2].casefold()
        return ask.headers.get("apiintegrationcode", ""), endpoint

    def enters(self, ask: Ask) -> float:
        ask.counted = self._key(ask)
        if ask.counted is None:
            return 0.0
        if not self.threads.enter(ask.counted):
            ask.refused = "threads"
            return 0.0
        return self.pool.delay()

    def leaves(self, ask: Ask) -> None:
        if ask.counted is not None:
            self.threads.leave(ask.counted)

    # ── answering ─────────────────────────────────────────────────────────────────────────────

    def answer(self, ask: Ask) -> Reply:
        try:
            reply = self._answer(ask)
        except errors.ApiError as error:
            if error.body is None:
                return Reply(error.status)
            return Reply.of(error.body, error.status, error.headers)
        except BadJson as error:
            return Reply.of({"errors": [f"The body is not JSON: {error}"]}, 500)
        if reply.status < 300 and self.faults.truncated_next > 0:
            self.faults.truncated_next -= 1
            reply.body = reply.body[: len(reply.body) // 2]
        return reply

    def _answer(self, ask: Ask) -> Reply:
        below = self.below_api(ask.path)
        if below == "/V1.0/ZoneInformation":
            return self._zone(ask.query.get("user", ""))
        if below == "/VersionInformation":
            return Reply.of({"apiVersions": ["1.0"]})
        if below is None:
            if f"/{_ROOT}/v1.0/".casefold() in ask.path.casefold():
                raise errors.unauthorized()  # another zone, where nobody knows us
            raise errors.no_such_path(ask.path)
        ask.path, ask.base = below.removeprefix("/V1.0"), self.base
        return self._api(ask)

    def _zone(self, user: str) -> Reply:
        if user.casefold() not in self._users:
            raise errors.refused("Zone information could not be determined")
        zone = {"zoneName": "America East", "url": f"{self.base}/", "webUrl": f"{self.url()}/", "ci": TENANT}
        return Reply.of(zone)

    def _api(self, ask: Ask) -> Reply:
        self.world.notes_touch_ticket = not self.faults.notes_dont_touch
        route = self.endpoints.routes.find(ask.path)
        self.world.requests[(ask.method, route[0] if route else "(unknown)")] += 1
        if ask.refused:
            raise errors.too_many_threads()
        refused = self.gate.refuses()
        if refused == "throttled":
            return self._throttled()
        if refused == "broken":
            return Reply.of({"Message": "An error has occurred."}, 500)
        ask.member = self._member(ask)
        if not self.pool.take():
            raise errors.over_threshold(POOL)
        if route is None:
            raise errors.no_such_path(ask.path)
        _, handlers, ask.ids = route
        if ask.method not in handlers:
            raise errors.wrong_verb(ask.method)
        self._check_rights(ask)
        return handlers[ask.method](ask)

    def _check_rights(self, ask: Ask) -> None:
        """Impersonation is refused: it needs rights that nobody here has been given."""
        reads = ask.method == "GET" or "/query" in ask.path
        verb = "query" if reads else {"POST": "create", "DELETE": "delete"}.get(ask.method, "update")
        if off_limits(self.faults.forbidden, ask.method, ask.path):
            raise errors.no_right(verb)
        if "impersonationresourceid" in ask.headers:
            raise errors.no_right(verb)

    def _throttled(self) -> Reply:
        headers = {} if self.faults.silent_429 else {"retry-after": str(self.faults.retry_after)}
        if self.faults.html_429:
            return Reply(429, _HTML_429, {"content-type": "text/html; charset=UTF-8", **headers})
        texts = ["The Autotask API request threshold has been exceeded. Please try again later."]
        return Reply.of({"errors": texts}, 429, headers)

    def _member(self, ask: Ask) -> int:
        """Who asks. A wrong secret is a 401 and counts; an unknown user or integration code is a 500."""
        user = ask.headers.get("username", "").casefold()
        secret, code = ask.headers.get("secret", ""), ask.headers.get("apiintegrationcode", "")
        if self.faults.auth and user in self._users:
            self.locks.failed(user)
        if self.faults.auth or not (user and secret and code):
            raise errors.unauthorized()
        member = self._users.get(user)
        if member is None:
            raise errors.refused("The API user could not be found.")
        known = self.credentials(member.identifier)
        if code != known.integration_code:
            raise errors.refused("The tracking identifier (ApiIntegrationCode) is not valid.")
        if secret != known.secret or self.locks.locked(user):
            self.locks.failed(user)
            raise errors.unauthorized()
        self.locks.entered(user)
        return member.id
