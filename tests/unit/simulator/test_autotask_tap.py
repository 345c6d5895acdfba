"""The tap for Autotask: it must catch what breaks the specification, or a quiet test run proves nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.simulator import Exchange
from tests.openapi_autotask import AutotaskTap
from tests.shared import shared

NOTE = {"id": 1, "ticketID": 7, "publish": 1, "createdByContactID": None}
PAGE = {"count": 1, "requestCount": 500, "prevPageUrl": None, "nextPageUrl": None}
QUERY = {"filter": [{"op": "in", "field": "ticketID", "value": [7]}], "maxRecords": 5}
HEADERS = {"apiintegrationcode": "a", "username": "b", "secret": "c"}
PATCH = {"method": "PATCH", "path": "/V1.0/Tickets", "answer": {"itemId": 7}}
GOOD: dict[str, dict[str, Any]] = {
    "a page": {},
    "the page behind a link": {"path": "/V1.0/TicketNotes/query/next", "query": "paging=abc"},
    "a patch": {**PATCH, "body": {"id": 7, "userDefinedFields": [{"name": "x", "value": "y"}]}},
    "a refusal": {"path": "/V1.0/Nowhere/query", "status": 500, "answer": {"errors": ["no"]}},
    "what the specification leaves out": {"path": "/V1.0/ServiceCalls/query"},
    "discovery without login": {
        "method": "GET",
        "path": "/V1.0/ZoneInformation",
        "query": "user=x",
        "headers": {},
        "body": None,
        "answer": {"zoneName": "x", "url": "u", "webUrl": "w", "ci": 1},
    },
}
BAD: dict[str, dict[str, Any]] = {
    "a wrong type": {"answer": {"items": [{**NOTE, "publish": "one"}], "pageDetails": PAGE}},
    "a field nobody knows": {"answer": {"items": [{**NOTE, "direction": "in"}], "pageDetails": PAGE}},
    "a bare list": {"answer": [NOTE]},
    "a number where a UDF has text": {
        **PATCH,
        "body": {"id": 7, "userDefinedFields": [{"name": "x", "value": 3}]},
    },
    "a key nobody knows": {"body": {**QUERY, "orderBy": "id"}},
    "a page size in words": {"body": {**QUERY, "maxRecords": "all"}},
    "no login": {"headers": {}},
    "a path nobody knows": {"path": "/V1.0/Wishes/query"},
    "an unknown query parameter": {"query": "page=2"},
}
SPECIFICATION = shared("specs", "autotask.openapi.json")


def run(
    method: str = "POST",
    path: str = "/V1.0/TicketNotes/query",
    answer: Any = None,
    query: str = "",
    body: Any = QUERY,
    status: int = 200,
    headers: Any = HEADERS,
) -> list[str]:
    tap = AutotaskTap(SPECIFICATION[0])
    shown = answer if answer is not None else {"items": [NOTE], "pageDetails": PAGE}
    sent = b"" if body is None else json.dumps(body).encode()
    tap(Exchange(method, path, query, headers, sent, status, {}, json.dumps(shown).encode()))
    return tap.violations


if SPECIFICATION:

    @pytest.mark.parametrize("case", GOOD.values(), ids=GOOD.keys())
    def test_lets_through_what_is_specified(case: dict[str, Any]) -> None:
        assert run(**case) == []

    @pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
    def test_reports_what_is_not(case: dict[str, Any]) -> None:
        assert run(**case) != []
