"""Halo's auth server: client credentials in, a token for an hour out.

A new token ends the one its application had before, as the field suspects of the real one, so a client
with several tokens at once shows. The application acts as an agent: one API member of the world.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from connector.simulator import people
from connector.simulator.faults import Faults
from connector.simulator.halo.errors import no_scope, oauth, unauthorized
from connector.simulator.halo.values import Json
from connector.simulator.records import Member
from connector.simulator.web import Ask
from connector.simulator.world import World

_AREAS = ("tickets", "customers", "crm", "calendar", "timesheets", "reporting")
SCOPES = frozenset({"all", "all:standard", "admin"}) | {
    f"{verb}:{area}" for verb in ("read", "edit") for area in _AREAS
}
_NEEDED = {
    "/tickets": "tickets",
    "/actions": "tickets",
    "/client": "customers",
    "/users": "customers",
    "/webhook": "admin",
    "/notification": "admin",
}


@dataclass(frozen=True)
class Credentials:
    """What a client needs to log in; the secret stays out of the repr."""

    tenant: str
    client_id: str
    client_secret: str = field(repr=False)
    member: str = ""


@dataclass
class _Token:
    member: int
    ends: datetime
    scopes: frozenset[str]


class Access:
    def __init__(self, world: World, faults: Faults) -> None:
        self.world, self.faults = world, faults
        self._members = {
            self.credentials(m.identifier).client_id: m for m in people.MEMBERS if m.kind == "api"
        }
        self._tokens: dict[str, _Token] = {}
        self._issued = 0

    def credentials(self, member: str = "PxConnector") -> Credentials:
        def key(what: str) -> str:
            return hashlib.sha256(f"{self.world.seed}:{member}:halo:{what}".encode()).hexdigest()

        text = key("id")
        client_id = f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"
        return Credentials(people.MSP, client_id, f"{client_id}-{key('secret')[:36]}", member)

    def application(self, member: Member) -> str | None:
        """The id of the application that acts as this member."""
        return self.credentials(member.identifier).client_id if member.kind == "api" else None

    def new_token(self, ask: Ask) -> Json:
        """Answer `POST token?tenant=…` with a form of grant_type, client_id, client_secret and scope."""
        form = dict(parse_qsl(ask.body.decode("utf-8", "replace"), keep_blank_values=True))
        if "application/x-www-form-urlencoded" not in ask.headers.get("content-type", ""):
            raise oauth("invalid_request")
        if ask.query.get("tenant", "").casefold() != people.MSP:
            raise oauth("invalid_tenant")
        if form.get("grant_type") != "client_credentials":
            raise oauth("unsupported_grant_type")
        member = self._members.get(form.get("client_id", ""))
        if self.faults.auth or member is None or not self._is_secret(member, form.get("client_secret")):
            raise oauth("invalid_client")
        scopes = frozenset(form.get("scope", "").split())
        if not scopes or not scopes <= SCOPES:
            raise oauth("invalid_scope")
        self._tokens = {text: one for text, one in self._tokens.items() if one.member != member.id}
        self._issued += 1
        text = hashlib.sha256(f"{self.world.seed}:token:{self._issued}".encode()).hexdigest()
        lifetime = self.faults.token_lifetime
        self._tokens[text] = _Token(member.id, self.world.now() + timedelta(seconds=lifetime), scopes)
        return {
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
            "access_token": text,
            "expires_in": lifetime,
            "id_token": None,
        }

    def _is_secret(self, member: Member, given: str | None) -> bool:
        return given == self.credentials(member.identifier).client_secret

    def invalidate(self) -> None:
        """All tokens end now."""
        self._tokens.clear()

    def member(self, ask: Ask) -> int:
        """Who asks. 401 without a good token; 403 where the token's scopes do not reach."""
        self._count_down()
        kind, _, text = ask.headers.get("authorization", "").partition(" ")
        token = self._tokens.get(text.strip()) if kind.casefold() == "bearer" else None
        off = self.faults.auth not in ("", "expired")  # an expired secret leaves the tokens that there are
        if off or token is None or token.ends <= self.world.now():
            raise unauthorized()
        self._check_scope(ask, token.scopes)
        return token.member

    def _count_down(self) -> None:
        if self.faults.token_ends_in > 0:
            self.faults.token_ends_in -= 1
            if self.faults.token_ends_in == 0:
                self.invalidate()

    def _check_scope(self, ask: Ask, scopes: frozenset[str]) -> None:
        for path, area in _NEEDED.items():
            if not ask.path.casefold().startswith(path) or scopes & {"all", "all:standard"}:
                continue
            needed = area if area == "admin" else f"{'read' if ask.method == 'GET' else 'edit'}:{area}"
            if needed not in scopes:
                raise no_scope(needed)
