"""The tap itself: it must catch what breaks the specification, or a quiet test run proves nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.simulator import Exchange
from tests.openapi import Tap
from tests.shared import shared

NOTE = {"id": 1, "ticketId": 7, "text": "hi", "detailDescriptionFlag": True, "_info": {"updatedBy": "x"}}
TICKET = {"id": 7, "summary": "x", "company": {"id": 1}, "customFields": [{"id": 1, "value": None}]}


def exchange(
    method: str = "GET",
    path: str = "/service/tickets/7/notes",
    answer: Any = (NOTE,),
    query: str = "",
    body: Any = None,
    status: int = 200,
) -> Exchange:
    sent = b"" if body is None else json.dumps(body).encode()
    return Exchange(method, path, query, {"clientid": "c"}, sent, status, {}, json.dumps(answer).encode())


PATCH = {"method": "PATCH", "path": "/service/tickets/7", "answer": TICKET}
GOOD: dict[str, dict[str, Any]] = {
    "a list": {},
    "a long list": {"answer": [NOTE] * 50},
    "fields leave required ones out": {
        "path": "/service/tickets",
        "answer": [{"id": 1}],
        "query": "fields=id",
    },
    "a patch": {**PATCH, "body": [{"op": "replace", "path": "summary", "value": "x"}]},
    "a search with pages": {
        "method": "POST",
        "path": "/service/tickets/search",
        "answer": [TICKET],
        "query": "pageSize=5",
        "body": {"conditions": "id=1"},
    },
    "an error": {"path": "/nowhere", "answer": {"code": "NotFound"}, "status": 404},
}
BAD: dict[str, dict[str, Any]] = {
    "a wrong type": {"answer": [{**NOTE, "ticketId": "seven"}]},
    "a wrong type far down a long list": {"answer": [NOTE] * 50 + [{**NOTE, "issueFlag": "no"}]},
    "no list": {"answer": NOTE},
    "info that is not text": {"answer": [{**NOTE, "_info": {"updatedBy": 3}}]},
    "a required field missing": {"path": "/service/tickets", "answer": [{"id": 1}]},
    "a wrong page": {"query": "page=one"},
    "an unknown query parameter": {"query": "limit=5"},
    "a patch that is no array": {**PATCH, "body": {"op": "replace"}},
    "a path nobody knows": {"path": "/service/wishes"},
    "a body of the wrong type": {
        "method": "POST",
        "path": "/service/tickets/7/notes",
        "answer": NOTE,
        "body": {"text": 5},
        "status": 201,
    },
}


SPECIFICATION = shared("specs", "connectwise.openapi.json")


def run(case: dict[str, Any]) -> list[str]:
    tap = Tap(SPECIFICATION[0])
    tap(exchange(**case))
    return tap.violations


if SPECIFICATION:

    @pytest.mark.parametrize("case", GOOD.values(), ids=GOOD.keys())
    def test_lets_through_what_is_specified(case: dict[str, Any]) -> None:
        assert run(case) == []

    @pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
    def test_reports_what_is_not(case: dict[str, Any]) -> None:
        assert run(case) != []
