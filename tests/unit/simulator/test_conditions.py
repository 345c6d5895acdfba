"""ConnectWise's conditions language as the simulator reads it, and what it refuses."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.simulator.connectwise.conditions import Stamp, compile_node, parse
from connector.simulator.connectwise.errors import ApiError

TICKET = {
    "id": 7,
    "summary": 'Printer "A" [floor 2] prints 50 % blank',
    "closedFlag": False,
    "status/name": "In Progress",
    "owner/id": None,
    "lastUpdated": Stamp("2026-11-20T09:30:00Z"),
}


def holds(text: str, record: dict[str, Any] = TICKET) -> bool:
    return compile_node(parse(text), lambda path: lambda row: row[path])(record)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id=7",
        "id in (1, 7)",
        "id >= 7 and id < 8",
        "closedFlag=False",
        "closedFlag = false",
        'status/name="in progress"',
        'status/name in ("New","In Progress")',
        'status/name not in ("New","Closed")',
        'summary contains "printer"',
        'summary not contains "scanner"',
        'summary like "Printer*blank"',
        'summary like "%floor%"',
        'summary contains "[[]floor 2]"',
        'summary contains "\\"A\\""',
        "owner/id = null",
        "owner/id != 3",
        "lastUpdated > [2026-11-20T09:00:00Z]",
        "lastUpdated <= [2026-11-20T09:30:00Z]",
        "lastUpdated > [2026-11-20]",
        "lastUpdated>[2026-11-20T09:29:59] AND (id=1 OR id=7)",
        "not (id=1 or id=2)",
        "id=1 or id=2 or id=7",
    ],
)
def test_conditions_that_hold(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "id=8",
        "id=7 and closedFlag=True",
        "id=7 and id=8 or id=9",
        "lastUpdated > [2026-11-20T09:30:00Z]",
        "owner/id > 3",
        'summary like "Printer"',
        'summary like "?rinter*"',
        "not id=7",
    ],
)
def test_conditions_that_do_not_hold(text: str) -> None:
    assert not holds(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id =", "Expected a value"),
        ("id = 7 and", "Expected a field name"),
        ("id = 7 id = 8", "Unexpected 'id'"),
        ("(id = 7", "Missing ')'"),
        ("id in 7", "list in parentheses"),
        ("id in (7", "Missing ')'"),
        ("id ~ 7", "Unexpected character '~'"),
        ("id between 7", "Unknown operator 'between'"),
        ('summary = "open', "Unexpected character"),
        ("summary = open", "Expected a value, found 'open'"),
        ("summary like 7", "'like' needs a text"),
        ("owner/id > null", "cannot be used with null"),
        ("id not = 7", "Unknown operator"),
        ("lastUpdated > [2026-11-20T10:00:00+01:00]", "not a valid UTC datetime"),
        ("lastUpdated > [2026-11-20T10:00:00.5Z]", "not a valid UTC datetime"),
        ("lastUpdated > [2026-02-31T10:00:00Z]", "not a valid datetime"),
        ('lastUpdated > "2026-11-20T10:00:00Z"', "cannot be compared"),
        ('id = "7"', "cannot be compared"),
        ("(" * 60 + "id=7" + ")" * 60, "nested too deeply"),
    ],
)
def test_what_is_not_in_the_language_is_refused_as_the_vendor_does(text: str, says: str) -> None:
    with pytest.raises(ApiError) as caught:
        holds(text)
    assert caught.value.status == 400
    assert caught.value.body["code"] == "ApiFindCondition"
    assert says in caught.value.body["message"]


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    with contextlib.suppress(ApiError):
        parse(text)


@given(st.text(alphabet=st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=40))
def test_any_quoted_text_means_itself(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("[", "[[]")
    assert holds(f'summary = "{quoted}"', {"summary": text})
