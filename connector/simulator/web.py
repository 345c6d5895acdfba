"""Just enough HTTP for a dialect: a request, an answer, and a table of routes.

Routes are found by their number of segments, and requests are counted by route, so that a bench can
say what a client asked for. Nothing here knows a vendor.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl


class BadJson(ValueError):
    """The body is not JSON."""


@dataclass
class Ask:
    """A request. `path` is below the dialect's own prefix; `ids` are the numbers of the route's braces."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes = b""
    ids: tuple[int, ...] = ()
    base: str = ""
    member: int = 0
    counted: tuple[str, str] | None = None  # what it is counted by while it is under way
    refused: str = ""  # why it will be refused, where that is known when it comes in

    @cached_property
    def query(self) -> dict[str, str]:
        """Query parameters, names in lower case."""
        pairs = parse_qsl(self.query_string, keep_blank_values=True)
        return {name.casefold(): value for name, value in pairs}

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise BadJson(str(error)) from error


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
        """JSON; the dialect may set another content type."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, body, {"content-type": "application/json; charset=utf-8", **(headers or {})})


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, for whoever taps the line. `path` is below the dialect's prefix."""

    method: str
    path: str
    query: str
    request_headers: Mapping[str, str]
    request_body: bytes
    status: int
    response_headers: Mapping[str, str]
    response_body: bytes


Handler = Callable[[Ask], Reply]
_BRACES = {"{id}": 1, "{key}": 2}


class Routes:
    """Handlers by method and template, e.g. ("GET", "/service/tickets/{id}").

    `{id}` is a number; `{key}` is anything, for records that have no number, and comes after it.
    """

    def __init__(self) -> None:
        self._by_length: dict[int, list[tuple[tuple[str, ...], str, dict[str, Handler]]]] = {}

    def add(self, method: str, template: str, handler: Handler) -> None:
        segments = tuple(template.casefold().strip("/").split("/"))
        table = self._by_length.setdefault(len(segments), [])
        for known, _, handlers in table:
            if known == segments:
                handlers[method] = handler
                return
        table.append((segments, template, {method: handler}))
        table.sort(key=lambda route: [_BRACES.get(part, 0) for part in route[0]])

    def find(self, path: str) -> tuple[str, dict[str, Handler], tuple[int, ...]] | None:
        """The template, its handlers by method and the numbers in the path; None without such a route."""
        given = path.casefold().strip("/").split("/")
        for segments, template, handlers in self._by_length.get(len(given), ()):
            ids: list[int] = []
            for want, got in zip(segments, given, strict=True):
                if want == "{id}":
                    if not got.isdecimal():
                        break
                    ids.append(int(got))
                elif want not in ("{key}", got):
                    break
            else:
                return template, handlers, tuple(ids)
        return None
