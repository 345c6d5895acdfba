"""The tap on Halo's line: with answers' shapes put together by us, it must still catch a wrong one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.simulator import Exchange
from tests.openapi import Tap
from tests.openapi_halo import halo
from tests.shared import shared

ROW = {"id": 7, "summary": "x", "last_update": "2026-11-20T08:00:00.00", "team_id": 1}
ACTION = {"id": 1, "ticket_id": 7, "who": "Ann", "timetaken": 0.25}


def exchange(
    method: str = "GET",
    path: str = "/Tickets",
    answer: Any = None,
    query: str = "",
    body: Any = None,
    status: int = 200,
) -> Exchange:
    sent = b"" if body is None else json.dumps(body).encode()
    given = {"record_count": 1, "tickets": [ROW]} if answer is None else answer
    return Exchange(method, path, query, {}, sent, status, {}, json.dumps(given).encode())


WRITE = {"method": "POST", "answer": {"id": 7, "lastupdate": "2026-11-20T08:00:00"}, "status": 201}
GOOD: dict[str, dict[str, Any]] = {
    "a page": {"query": "pageinate=true&page_size=50&include_custom_fields=161"},
    "an instant without a zone": {"query": "lastupdatefromdate=2026-11-20T08:00:00"},
    "a long list": {"answer": {"tickets": [ROW] * 90}},
    "actions": {"path": "/Actions", "answer": {"ticket_id": 7, "actions": [ACTION]}, "query": "ticket_id=7"},
    "agents in a list": {"path": "/Agent", "answer": [{"id": 1, "name": "x"}, {"id": None, "name": "x"}]},
    "agents as data": {"path": "/Agent", "answer": {"data": [{"id": 1}]}},
    "a write": {**WRITE, "body": [{"id": 7, "customfields": [{"id": 1, "value": None}]}]},
    "an answer in a list": {**WRITE, "answer": [{"id": 7}], "body": [{"id": 7}]},
    "a webhook by its GUID": {
        "path": "/Webhook/8e0b1c1e-0000-4000-8000-000000000000",
        "answer": {"active": True},
    },
    "an error": {"answer": "no", "status": 404, "path": "/Nowhere"},
}
BAD: dict[str, dict[str, Any]] = {
    "a column nobody knows": {"answer": {"tickets": [{**ROW, "mood": 1}]}},
    "one far down a long list": {"answer": {"tickets": [*[ROW] * 90, {**ROW, "mood": 1}]}},
    "a wrong type": {"answer": {"tickets": [{**ROW, "id": "seven"}]}},
    "another envelope": {"answer": {"rows": [ROW]}},
    "no envelope": {"answer": [ROW]},
    "hours that are text": {"path": "/Actions", "answer": {"actions": [{**ACTION, "timetaken": "1 h"}]}},
    "an unknown parameter": {"query": "tickettype_ids=23"},
    "a misspelt id": {**WRITE, "body": [{"Id": 7}]},
    "a body that is no array": {**WRITE, "body": {"id": 7}},
    "a path nobody knows": {"path": "/CustomField"},
}
SPECIFICATION = shared("specs", "halo.openapi.json")


def run(case: dict[str, Any]) -> list[str]:
    tap = Tap(SPECIFICATION[0], halo)
    tap(exchange(**case))
    return tap.violations


if SPECIFICATION:

    @pytest.mark.parametrize("case", GOOD.values(), ids=GOOD.keys())
    def test_lets_through_what_is_specified(case: dict[str, Any]) -> None:
        assert run(case) == []

    @pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
    def test_reports_what_is_not(case: dict[str, Any]) -> None:
        assert run(case) != []
