"""What is handed on to whoever helps: let through by name, so that what nobody thought of stays at home."""

from __future__ import annotations

import json
import traceback

from hypothesis import given
from hypothesis import strategies as st

from connector.history.bundle import contents, mask

NAMES = ("Acme Dental", "jane.doe@acme.example", "Jürgen", "ACME-7", "https://psa.acme.example/x", "0171555")


def test_a_message_keeps_its_words_and_loses_what_it_is_about() -> None:
    for name in NAMES:
        for text in (
            f"unknown key {name!r}; did you mean 'client'?",
            f"{name} is claimed by two files",
            f"the company {name} is claimed by two files",
            f'cannot be read: "{name}"',
        ):
            said = mask.words(text)
            for part in name.replace("@", " ").split():
                assert part not in said, (text, said)
    assert mask.words("unknown key 'targts'; did you mean 'targets'?") == "unknown key … did you mean …"
    assert mask.words("expected a duration: like 8h") == "expected a duration: like …"
    assert mask.words("") == ""


def test_a_log_line_keeps_our_words_numbers_and_the_connection() -> None:
    row = {
        "event": "write refused",
        "level": "error",
        "timestamp": "2026-11-22T12:00:00.123456Z",
        "connection": "main",
        "ticket": "48213",
        "attempts": 3,
        "error": "PATCH: 400 Jane Doe has no such field",
    }
    kept = mask.log_line(json.dumps(row), contents.events())
    assert kept == {**row, "error": "text of 37 characters"}
    strange = {**row, "connection": "Jane Doe", "ticket": "the one of Jane", "state": "Jane"}
    assert "Jane" not in json.dumps(mask.log_line(json.dumps(strange), contents.events()))


def test_what_is_no_line_of_ours_is_left_out() -> None:
    for line in (
        "plain words",
        "[]",
        "7",
        '{"event": "my printer is on fire"}',
        '{"event": ["x"]}',
        "{}",
        "",
    ):
        assert mask.log_line(line, contents.events()) is None


def test_a_trace_keeps_places_and_kinds_and_no_message() -> None:
    try:
        json.loads("Jane's secret")
    except ValueError:
        text = traceback.format_exc()
    text += '  File "/opt/x/lib/site-packages/connector/daemon/turn.py", line 41, in turn\n'
    text += "connector.errors.Unavailable: Jane Doe is not there\nsqlalchemy.exc.OperationalError: Jane\n"
    told = mask.trace(text)
    places = ["site-packages/connector/daemon/turn.py:41 turn", "Unavailable", "OperationalError"]
    assert told[-4:] == ["JSONDecodeError", *places]
    assert "Jane" not in "".join(told)


@given(st.text(alphabet="abc'\"\\\\ \n") | st.text())
def test_whatever_is_quoted_is_gone(name: str) -> None:
    said = mask.words(f"it is nobody's until {name!r} lets go of the plan's days")
    assert said == "it is nobody's until … lets go of the plan's days"


@given(st.text())
def test_no_name_or_number_in_any_message_gets_through(text: str) -> None:
    said = mask.words(text)
    assert not any(char.isupper() or char.isdigit() or char == "@" for char in said)


def test_every_event_of_the_source_is_known() -> None:
    assert {"started", "stopped", "connection", "turn failed", "write refused"} <= contents.events()
