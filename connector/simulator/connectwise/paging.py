"""A request for a list, as ConnectWise understands it: conditions, fields, and paging of both kinds."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode

from connector.simulator.connectwise.conditions import All, AnyOf, Node, Test, parse
from connector.simulator.connectwise.errors import ApiError, bad_condition
from connector.simulator.connectwise.find import Finder, Listing, Query
from connector.simulator.web import Ask, Reply

MAX_PAGE = 1000
DEFAULT_PAGE = 25


def query_of(ask: Ask, given: Mapping[str, Any] | None = None) -> Query:
    """The conditions of a request, from its query string or, for a search, from its body."""
    source = {k.casefold(): v for k, v in given.items()} if given is not None else ask.query
    inner = []
    for name in ("childconditions", "customfieldconditions"):
        node = parse(str(source.get(name) or ""))
        if _uses_in(node):
            raise bad_condition(f"'in' is not available in {name}")
        inner.append(node)
    return Query(parse(str(source.get("conditions") or "")), *inner)


def _uses_in(node: Node) -> bool:
    if isinstance(node, Test):
        return node.op == "in"
    parts = node.parts if isinstance(node, All | AnyOf) else (node.part,)
    return any(_uses_in(part) for part in parts)


def _number(ask: Ask, name: str, default: int) -> int:
    text = ask.query.get(name, "")
    if text and not text.isdecimal():
        message = f"{name} must be a number"
        raise ApiError(400, {"code": "InvalidField", "message": message, "errors": None})
    return int(text) if text else default


def page(ask: Ask, listing: Listing, finder: Finder, given: Mapping[str, Any] | None = None) -> Reply:
    """One page of a list with its Link header."""
    size = min(_number(ask, "pagesize", DEFAULT_PAGE), MAX_PAGE) or DEFAULT_PAGE
    source = given if given is not None else ask.query
    order = str(source.get("orderBy") or source.get("orderby") or "")
    forward = ask.headers.get("pagination-type", "").casefold() == "forward-only"
    if forward and listing.pageable_forward:
        if order:
            raise bad_condition("orderBy cannot be used with forward-only pagination")
        rows = list(islice(finder.after(_number(ask, "pageid", 0)), size))
        more = {"pageId": rows[-1]["id"] if isinstance(rows[-1], dict) else rows[-1].id} if rows else {}
        headers = {"link": _link(ask, more, "next") if len(rows) == size else ""}
    else:
        matching = finder.all(order)
        number = max(_number(ask, "page", 1), 1)
        rows = matching[(number - 1) * size : number * size]
        headers = _page_links(ask, number, -(-len(matching) // size))
    return Reply.of(
        [listing.finish(project(listing.shape(row), ask, listing)) for row in rows], headers=headers
    )


def project(record: dict[str, Any], ask: Ask, listing: Listing) -> dict[str, Any]:
    """Only the fields asked for; `_info` goes too unless it is named."""
    wanted = ask.query.get("fields")
    if not wanted:
        return record
    out: dict[str, Any] = {}
    for path in (part.strip() for part in wanted.split(",") if part.strip()):
        head, _, rest = path.partition("/")
        name = "_info" if head == "_info" else listing.names.get(head.casefold())
        if name is None:
            message = f"The field '{path}' does not exist"
            raise ApiError(400, {"code": "InvalidField", "message": message, "errors": None})
        if name not in record:
            continue
        if not rest:
            out[name] = record[name]
        elif isinstance(record[name], dict) and rest in record[name]:
            out.setdefault(name, {})[rest] = record[name][rest]
    return out


def _link(ask: Ask, change: Mapping[str, Any], rel: str) -> str:
    pairs = [
        (name, value)
        for name, value in parse_qsl(ask.query_string, keep_blank_values=True)
        if name.casefold() not in {key.casefold() for key in change}
    ]
    return f'<{ask.base}{ask.path}?{urlencode([*pairs, *change.items()])}>; rel="{rel}"'


def _page_links(ask: Ask, number: int, last: int) -> dict[str, str]:
    links = []
    if number < last:
        links += [_link(ask, {"page": number + 1}, "next"), _link(ask, {"page": last}, "last")]
    if 1 < number <= last:
        links += [_link(ask, {"page": 1}, "first"), _link(ask, {"page": number - 1}, "prev")]
    return {"link": ", ".join(links)} if links else {}
