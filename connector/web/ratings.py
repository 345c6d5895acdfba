"""Ratings in: whoever holds the secret may tell what a customer said; telling it twice changes nothing.

A survey tool, or an automation beside it, sends JSON signed with HMAC-SHA256 over the raw body. The answer
comes after it is on disk; what cannot be used is named, so that a person can mend the sender.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from hashlib import sha256
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connector.history.incoming import Received, receive
from connector.rules.sentratings import Sent, sent
from connector.web.deps import STORE_TROUBLE, WebDeps
from connector.web.hooks import RESULTS, Result, read
from connector.web.seldom import Seldom

log = structlog.get_logger(__name__)

BODY_LIMIT = 256 * 1024  # bytes
MOST = 500  # ratings of one body


class Ratings:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._seldom = Seldom(deps.now)

    async def receive(self, request: Request) -> Response:
        """POST /ratings/{connection}."""
        name = request.path_params["connection"]
        if name not in self._deps.connections:
            return _refuse(*RESULTS["unknown"])
        return await self._answer(name, request)

    async def _answer(self, name: str, request: Request) -> Response:
        secret = self._deps.rating_secrets.get(name)
        if secret is None:
            return _refuse(404, "No secret for ratings is set for this connection; see docs/ratings.md.")
        body = await read(request)
        if not isinstance(body, bytes):
            return _refuse(*_trouble(body))
        offered = request.headers.get(self._deps.rating_header, "")
        if not is_signed(body, offered, secret):
            if self._seldom.may_say(f"{name} signature"):
                log.warning("ratings refused", connection=name, reason="the signature is not ours")
            return _refuse(401, f"The signature in {self._deps.rating_header} is not the body's.")
        try:
            bodies = _bodies(body)
        except ValueError as error:
            return _refuse(400, str(error))
        return await self._keep(name, bodies)

    async def _keep(self, name: str, bodies: list[Any]) -> Response:
        good: list[Sent] = []
        places: list[int] = []
        errors: list[tuple[int, str]] = []
        for place, one in enumerate(bodies):
            try:
                good.append(_sent(one, self._deps))
                places.append(place)
            except ValueError as error:
                errors.append((place, str(error)))
        outcome = Received()
        if good:
            try:
                async with self._deps.store.begin(of=name) as tx:
                    outcome = await receive(tx, name, good, self._deps.clients(), self._deps.now())
            except STORE_TROUBLE as error:
                log.error("ratings not stored", connection=name, error=str(error)[:256])
                return _refuse(*RESULTS["unavailable"])
        errors += [(places[at], text) for at, text in outcome.errors]
        if outcome.new:
            self._deps.wake(name)
        told = [{"rating": place, "error": text} for place, text in sorted(errors)]
        done = {"kept": outcome.new, "known": outcome.known, "refused": told}
        return JSONResponse(done, status_code=200 if outcome.new or outcome.known else 400)


def is_signed(body: bytes, offered: str, secret: bytes) -> bool:
    """Whether `offered` is the HMAC-SHA256 of the body: hex or base64, with or without `sha256=`."""
    given = offered.strip().removeprefix("sha256=")
    digest = hmac.new(secret, body, sha256).digest()
    try:
        raw = bytes.fromhex(given) if len(given) == 64 else base64.b64decode(given, validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    return hmac.compare_digest(raw, digest)


def _bodies(body: bytes) -> list[Any]:
    """One rating or a list of them. ValueError says what was expected."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("The body is not JSON.") from None
    found = value if isinstance(value, list) else [value]
    if not found or len(found) > MOST:
        raise ValueError(f"Expected one rating, or a list of 1 to {MOST}.")
    return found


def _sent(one: Any, deps: WebDeps) -> Sent:
    if not isinstance(one, dict):
        raise ValueError("expected an object with id, ticket, score")
    return sent(one, now=deps.now(), source="webhook")


def _trouble(result: Result) -> tuple[int, str]:
    if result == "too_large":
        return 413, f"The body is larger than {BODY_LIMIT // 1024} KiB."
    return RESULTS[result]


def _refuse(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status_code=status)
