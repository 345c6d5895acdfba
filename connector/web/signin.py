"""Who is asking: a token's bearer, somebody a trusted proxy has signed in, or whoever sits at this machine.

Two roles are enough: to look, and to act. Nobody is let in by default; where no sign-in is set up, only this
machine is, and a page elsewhere that makes a browser call us by another name is not.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers

from connector.errors import ConfigError
from connector.settings.address import is_loopback
from connector.settings.signin import ProxyPart
from connector.web.seldom import Seldom

log = structlog.get_logger(__name__)

Role = Literal["view", "operate"]

LONGEST = 128
"""Characters of a name."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in. Of a token's bearer the name is what they say it is, and it says so."""

    name: str
    role: Role

    @property
    def operates(self) -> bool:
        return self.role == "operate"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nobody we know, and what to do. `asks`: a token would help, so a browser may ask for one."""

    status: int
    text: str
    asks: bool = False


LOCAL = Person("local", "operate")
_NO_TOKEN = Refusal(401, "Sign in with the token.", asks=True)
_NO_PROXY = Refusal(401, "Sign in through the proxy in front of px-connector.")
_NOT_HERE = Refusal(
    403,
    "Without a token this page is for this machine alone, under http://localhost or http://127.0.0.1. "
    "To reach it from elsewhere, or through a proxy, set web.token or web.proxy in connector.yaml.",
)


class SignIn:
    """Raises ConfigError for an empty token, which anybody could guess, and for two tokens that are one."""

    def __init__(
        self, token: str | None, view_token: str | None, proxy: ProxyPart | None, now: Callable[[], datetime]
    ) -> None:
        for one in (token, view_token):
            if one is not None and not one.strip():
                raise ConfigError("the web token is empty: give it a long random value, or leave it out")
        if token is not None and token == view_token:
            raise ConfigError("web.token and web.view_token are the same: whoever may look could act")
        tokens: tuple[tuple[str | None, Role], ...] = ((token, "operate"), (view_token, "view"))
        self._tokens = [(one.encode(), role) for one, role in tokens if one is not None]
        self._proxy = proxy
        self._seldom = Seldom(now)

    def person(self, headers: Headers, peer: str) -> Person | Refusal:
        """Who sent these headers from the address `peer`, which is the very next machine's."""
        if self._proxy is not None and self._proxy.believes(peer):
            names = headers.getlist(self._proxy.header)
            if names:
                return _proxied(names, self._proxy)
        if self._tokens:
            return self._bearer(headers.get("authorization", ""), peer)
        if self._proxy is not None:
            return _NO_PROXY
        return LOCAL if _at_this_machine(headers) else _NOT_HERE

    def _bearer(self, header: str, peer: str) -> Person | Refusal:
        offered = _offered(header)
        if offered is None:
            return _NO_TOKEN
        name, password = offered
        for token, role in self._tokens:
            if hmac.compare_digest(password, token):
                return Person(f"{name} (by token)" if name else "bearer of the token", role)
        if self._seldom.may_say("wrong token"):
            log.warning("wrong token", client=peer, note="said at most once a minute")
        return _NO_TOKEN


def _proxied(names: list[str], proxy: ProxyPart) -> Person | Refusal:
    name = names[0].encode("latin-1").decode(errors="replace").strip()
    if len(names) > 1 or not name or len(name) > LONGEST or not name.isprintable():
        return _NO_PROXY
    return Person(name, "operate" if name in proxy.operators else "view")


def _at_this_machine(headers: Headers) -> bool:
    """Called by a name that means only this machine, and not on behalf of another."""
    try:
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return False
    return is_loopback(host) and not any(name in headers for name in _FORWARDED)


def _offered(header: str) -> tuple[str, bytes] | None:
    """(user name, token) of an Authorization header, None if there is none that can be read."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return "", value.strip().encode("latin-1")
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value.strip(), validate=True).partition(b":")
        except (binascii.Error, ValueError):
            return None
        name = user.decode(errors="replace").strip()[:LONGEST]
        return (name if name.isprintable() else "", password)
    return None
