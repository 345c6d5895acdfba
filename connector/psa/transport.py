"""The one place that sends a request to a PSA: budget, limits, retries, and errors in our own words.

Answers are read up to a size cap; bodies reach a message only cut to 256 characters and with the
credentials taken out. Redirects are not followed: credentials would go along.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from connector.errors import (
    AuthFailed,
    Conflict,
    ConnectorError,
    ContractViolation,
    NotFound,
    Rejected,
    Throttled,
    Unavailable,
)
from connector.psa.clocks import ServerClock
from connector.psa.quota import Budget, patience_s
from connector.psa.retry import NotSent, Sleep, again, retry_after
from connector.psa.values import TooDeep
from connector.traces import traced

MAX_BYTES = 32 * 1024 * 1024
MAX_LEVELS = 200
MAX_BRACKETS = 200_000  # up to which an answer too deep for the parser is looked through
PATIENCE_429_S = 30.0  # where a 429 names no time; what ConnectWise's guide tells to start with
_SECRETS = re.compile(
    r"(?i)\b(basic|bearer)\s+[\w+/=.-]{8,}|((?:api[_-]?key|token|secret|password)[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&]+"
)

_UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ESCAPES = re.compile(r"(?s)\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u0000|u[dD][89a-fA-F][\da-fA-F]{2})|.)")
"""Escapes of JSON; the group is NUL or half of a character, which no store keeps."""
_TOKENS = re.compile(r'(?s)"(?:[^"\\]++|\\.)*+"|[\[\]{}]')


Classify = Callable[[int, str, str], "type[ConnectorError] | None"]
"""A vendor's own reading of a failure: status, method and explained words in, the error to raise out.

None where the status alone says what it is, which it does for every vendor but those that answer a
wrong value or a missing permission with 500 or 401.
"""


class Forbidden(Rejected):
    """A permission is missing for this one thing (403); the rest may still be allowed."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with a 2xx status, read completely."""

    headers: httpx.Headers
    body: bytes
    where: str
    links: Mapping[str | None, Mapping[str, str]] = field(default_factory=dict)

    def json(self) -> Any:
        """The body as JSON, control characters in strings survived, NUL and half characters replaced.

        A row of a list that is nested deeper than any PSA nests becomes a `TooDeep`: what parses may still be
        too deep to be shown or kept. ContractViolation if it is no JSON, or too deep as a whole.
        """
        text = self.body.decode("utf-8-sig", "replace")
        if "\\ud" in text or "\\uD" in text or "\\u0000" in text:
            text = _ESCAPES.sub(_whole, text)
        if "\0" in text:
            text = text.replace("\0", "\ufffd")
        try:
            found = _parsed(text)
        except (ValueError, RecursionError) as error:
            raise ContractViolation(
                f"{self.where}: the answer is not JSON ({len(self.body)} bytes)"
            ) from error
        if text.count("{") + text.count("[") > MAX_LEVELS and _deeper(found):
            found = _with_shallow_rows(found)
            if _deeper(found):
                raise ContractViolation(f"{self.where}: the answer is nested deeper than {MAX_LEVELS} levels")
        return found


def _parsed(text: str) -> Any:
    """What a parser cannot hold is cut out before: it is still deeper than MAX_LEVELS then."""
    try:
        return json.loads(text, strict=False, parse_constant=_nothing)
    except RecursionError:
        if text.count("{") + text.count("[") > MAX_BRACKETS:
            raise
    kept, level, start = [], 0, 0
    for token in _TOKENS.finditer(text):
        if token[0] in "[{":
            level += 1
            if level == MAX_LEVELS + 2:
                kept.append(text[start : token.start()])
        elif token[0] in "]}":
            if level == MAX_LEVELS + 2:
                kept.append("0")
                start = token.end()
            level -= 1
    return json.loads("".join([*kept, text[start:]]), strict=False, parse_constant=_nothing)


def _with_shallow_rows(found: Any) -> Any:
    """The rows of a list, or of the lists in an envelope, set apart from those of them that are too deep.

    A record has an id of its own: the lists in it are no rows.
    """
    if type(found) is list:
        return [_shallow(row, MAX_LEVELS - 1) for row in found]
    if type(found) is not dict or "id" in found:
        return found
    return {
        name: [_shallow(row, MAX_LEVELS - 2) for row in value] if type(value) is list else value
        for name, value in found.items()
    }


def _shallow(row: Any, levels: int) -> Any:
    if not _deeper(row, levels):
        return row
    named = row if type(row) is dict else {}
    return TooDeep({name: value for name, value in named.items() if type(value) not in (dict, list)})


def _deeper(value: Any, levels: int = MAX_LEVELS) -> bool:
    """Whether there are more than so many lists and objects in each other."""
    level: list[Any] = [[value]]
    for _ in range(levels + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


def redact(text: str, secrets: Sequence[str] = (), limit: int = 256) -> str:
    """Text from outside made fit for a log: one line, no credentials, at most `limit` characters."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = _SECRETS.sub(lambda found: (found.group(2) or "") + "***", text)
    return _UNPRINTABLE.sub("\ufffd", " ".join(text.split())[:limit])


class Transport:
    """Sends requests for one connection. Raises only what `connector.errors` names, and `Forbidden`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        budget: Budget,
        *,
        auth: httpx.Auth,
        timeout_s: float,
        secrets: Sequence[str],
        explain: Callable[[bytes], str],
        classify: Classify | None = None,
        attempts: int = 5,
        patience_s: float = 60.0,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.budget, self.clock = budget, ServerClock()
        self._client, self._auth, self._timeout_s = client, auth, timeout_s
        self._always = dict(client.headers)
        self._limits = {"timeout": httpx.Timeout(timeout_s).as_dict()}
        self._secrets, self._explain, self._classify = tuple(secrets), explain, classify
        self._attempts, self._patience_s, self._sleep = attempts, patience_s, sleep

    async def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        urgent: bool = False,
        with_auth: bool = True,
        max_bytes: int = MAX_BYTES,
        reads: bool = False,
    ) -> Reply:
        """One request, repeated where that is safe. A 2xx answer or an error of ours.

        `form` is a web form instead of a JSON `body`. `urgent` goes before bulk reading; `with_auth=False`
        sends no credentials; `reads` says of a POST that it only asks, so that it may be repeated as a GET
        may.
        """

        try:
            request = self._request(method, url, params, body, form, headers)
        except (httpx.InvalidURL, ValueError) as error:  # it has a part that the PSA has told us
            raise ContractViolation(f"{method} {self.redact(url)}: cannot be sent ({error})") from error

        async def once() -> Reply:
            await self.budget.acquire(urgent=urgent)
            try:
                return await self._exchange(request, with_auth, max_bytes)
            finally:
                self.budget.release(urgent=urgent)

        return await again(
            once,
            "GET" if reads else method,
            attempts=self._attempts,
            patience_s=min(self._patience_s, patience_s()),
            sleep=self._sleep,
        )

    def _request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None,
        body: Any,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Request:
        """What the client's `build_request` makes, for half of its price: the address is parsed once."""
        request = httpx.Request(
            method,
            f"{url}?{httpx.QueryParams(params)}" if params else url,
            json=body,
            data=form,
            headers={**self._always, **(headers or {})},
            extensions=self._limits,
        )
        if self._client.cookies:
            self._client.cookies.set_cookie_header(request)
        return request

    def redact(self, text: str) -> str:
        """Text from outside, without this connection's credentials and cut to 256 characters."""
        return redact(text, self._secrets)

    @traced("request", lambda _, sent, *__: {"method": sent.method, "path": sent.url.path})
    async def _exchange(self, request: httpx.Request, with_auth: bool, max_bytes: int) -> Reply:
        where = f"{request.method} {request.url.path}"
        auth = self._auth if with_auth else None
        try:
            async with asyncio.timeout(self._timeout_s * 4):
                response = await self._client.send(request, stream=True, auth=auth, follow_redirects=False)
                try:
                    body = await _read(response, max_bytes, where)
                finally:
                    await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent(
                f"{where}: no connection ({self.redact(str(error)) or type(error).__name__})"
            ) from error
        except (httpx.RequestError, TimeoutError) as error:
            raise Unavailable(f"{where}: {type(error).__name__} {self.redact(str(error))}".strip()) from error
        if response.is_success:
            self.budget.succeeded()
            self.clock.hear(response.headers, datetime.now(UTC))
            return Reply(response.headers, body, where, response.links)
        raise self._failure(where, request.method, response, body)

    def _failure(self, where: str, method: str, response: httpx.Response, body: bytes) -> ConnectorError:
        status = response.status_code
        words = self._explain(body)
        text = f"{where}: {status} {self.redact(words)}".rstrip()
        own = self._classify(status, method, words) if self._classify else None
        if own is not None and not issubclass(own, Throttled):
            return own(text)
        if status == 429 or own is not None:
            wait = retry_after(response.headers.get("retry-after"), datetime.now(UTC))
            error = Throttled(text, retry_after=PATIENCE_429_S if wait is None else wait)
            self.budget.throttled(error.retry_after)
            return error
        if status >= 500:
            return Unavailable(text)
        if 300 <= status < 400:
            return Unavailable(f"{where}: {status} redirect, not followed because credentials would go along")
        known = {401: AuthFailed, 403: Forbidden, 404: NotFound, 409: Conflict}
        fallback = ContractViolation if method in ("GET", "HEAD") else Rejected
        return known.get(status, fallback)(text)


def _nothing(_name: str) -> None:
    """NaN and Infinity are no JSON, and no number that anybody could mean."""


def _whole(escape: re.Match[str]) -> str:
    return "\\ufffd" if escape[1] else escape[0]


async def _read(response: httpx.Response, max_bytes: int, where: str) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > max_bytes:
            raise ContractViolation(f"{where}: the answer is larger than {max_bytes} bytes")
        chunks.append(chunk)
    return b"".join(chunks)
