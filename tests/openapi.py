"""A tap on the simulator's line that holds every request and answer against the vendor's specification.

It catches both of us: a client that asks for what does not exist, and a simulator that answers in a
shape the real server would not. Where the specification itself is known to be wrong, the correction
stands below with its reason; nothing else is let through.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.paths.exceptions import PathError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from connector.simulator import Exchange

_HOST = "http://psa.test"

# Where the specification is wrong: the place, what it should be, and how we know.
CORRECTIONS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("CustomFieldValue.value", {"nullable": True}, "live values are texts, numbers, booleans and null"),
    ("PatchOperation.value", {"nullable": True}, "the vendor's own examples patch texts and arrays"),
    (
        "SurveyResultDetail.answer",
        {"nullable": True},
        "a Selection is answered by a number, OpenEnded by text",
    ),
)

# Parameters that the specification forgets but the vendor's clients send.
EXTRA_QUERY = {"/service/tickets/search": {"page", "pagesize", "pageid", "fields"}}
_KEEP = 3


@dataclass
class _Request:
    method: str
    path: str
    parameters: RequestParameters
    body: bytes | None
    content_type: str
    host_url: str = _HOST


@dataclass
class _Response:
    status_code: int
    data: bytes
    content_type: str = "application/json"
    headers: Headers = field(default_factory=Headers)


def connectwise(document: dict[str, Any]) -> None:
    """Put right what is wrong in ConnectWise's specification."""
    for place, right, _reason in CORRECTIONS:
        name, _, prop = place.partition(".")
        document["components"]["schemas"][name]["properties"][prop] = right


Correct = Callable[[dict[str, Any]], None]


@cache
def _specification(path: Path, correct: Correct, whole: bool = True) -> tuple[OpenAPI, dict[str, Any]]:
    """The corrected specification; not `whole`: for answers to `fields=`, which leave out required ones."""
    document = json.loads(path.read_text("utf-8"))
    document["servers"] = [{"url": _HOST}]
    correct(document)
    schemas = document["components"]["schemas"]
    for schema in () if whole else schemas.values():
        schema.pop("required", None)
    for operation in _operations(document):
        for response in operation.get("responses", {}).values():
            contents = list(response.get("content", {}).values())
            if contents:  # the media type carries a version number that the client chooses
                response["content"] = {"application/json": contents[0]}
    return OpenAPI.from_dict(document, config=Config(spec_validator_cls=None)), document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from (operation for verb, operation in item.items() if verb != "parameters")


class Tap:
    """Hand it to a Simulator; `violations` is empty when everything was as specified.

    `correct` puts right in the document what the vendor is known to have wrong.
    """

    def __init__(self, specification: Path, correct: Correct = connectwise) -> None:
        self.path, self.correct = specification, correct
        self.api, self.document = _specification(specification, correct)
        self.violations: list[str] = []
        self.checked = 0
        self._seen: set[Any] = set()

    def __call__(self, exchange: Exchange) -> None:
        if exchange.status in (400, 404, 405):
            return  # the server has said itself that the request is wrong
        shape = (exchange.method, re.sub(r"\d+", "n", exchange.path), exchange.status, _shape_of(exchange))
        if shape in self._seen:
            return
        self._seen.add(shape)
        self.checked += 1
        request = _request(exchange)
        self._try(exchange, "request", lambda: self.api.validate_request(request))
        self._check_query(exchange)
        if exchange.status == 204:
            return
        if exchange.status < 300:
            response = _Response(exchange.status, _sample(exchange.response_body))
            api, _ = _specification(self.path, self.correct, whole="fields=" not in exchange.query)
            self._try(exchange, "response", lambda: api.validate_response(request, response))

    def _try(self, exchange: Exchange, side: str, check: Any) -> None:
        try:
            check()
        except (OpenAPIError, PathError) as error:
            cause = error.__cause__
            details = "; ".join(
                f"{'/'.join(str(part) for part in item.absolute_path)}: {item.message}"
                for item in getattr(cause, "schema_errors", ())
            )
            what = f"{exchange.method} {exchange.path}?{exchange.query} {side} {exchange.status}"
            self.violations.append(f"{what}: {error}: {details or cause}"[:600])

    def _check_query(self, exchange: Exchange) -> None:
        """Query parameters must be declared; the specification alone would let any through."""
        template = _template(self.document, exchange.path)
        operation = self.document["paths"].get(template, {}).get(exchange.method.lower(), {})
        declared = {p["name"].casefold() for p in operation.get("parameters", ()) if p["in"] == "query"}
        declared |= EXTRA_QUERY.get(template, set())
        for name, _ in parse_qsl(exchange.query, keep_blank_values=True):
            if name.casefold() not in declared:
                self.violations.append(f"{exchange.method} {exchange.path}: no query parameter {name!r}")


def _template(document: dict[str, Any], path: str) -> str:
    """The template of a path: ids are numbers, and only if none fits anything at all."""

    def fits(template: str, of_id: str) -> bool:
        return bool(re.fullmatch(re.sub(r"\{\w+\}", of_id, template), path, re.IGNORECASE))

    found = (t for of_id in (r"\\d+", r"[^/]+") for t in document["paths"] if fits(t, of_id))
    return next(found, "")


def _request(exchange: Exchange) -> _Request:
    headers = dict(exchange.request_headers)
    headers.setdefault("clientid", "")
    parameters = RequestParameters(
        query=ImmutableMultiDict(parse_qsl(exchange.query, keep_blank_values=True)),
        header=Headers({**headers, "clientId": headers["clientid"]}),
    )
    body = exchange.request_body or None
    return _Request(exchange.method.lower(), exchange.path, parameters, body, "application/json")


def _shape_of(exchange: Exchange) -> Any:
    names = tuple(sorted(name for name, _ in parse_qsl(exchange.query, keep_blank_values=True)))
    return names, _types(_loads(exchange.request_body)), _types(_loads(_sample(exchange.response_body)))


def _loads(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body


def _types(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((key, _types(item)) for key, item in sorted(value.items()))
    if isinstance(value, list):
        return tuple(_types(item) for item in value[:_KEEP])
    return type(value).__name__


def _sample(body: bytes) -> bytes:
    """Long lists, alone or in an envelope, cut to their first items and one of every other set of fields."""
    value = _loads(body)
    if isinstance(value, dict) and any(isinstance(item, list) for item in value.values()):
        return json.dumps({key: _cut(item) for key, item in value.items()}).encode()
    return json.dumps(_cut(value)).encode() if isinstance(value, list) else body


def _cut(value: Any) -> Any:
    if not isinstance(value, list) or len(value) <= _KEEP:
        return value
    kinds = {tuple(sorted(item)) if isinstance(item, dict) else str(item): item for item in value}
    return [*value[:_KEEP], *kinds.values()]
