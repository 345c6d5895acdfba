"""The ticket log: what is written is read back, and whatever stands in a line is at worst a ValueError."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.ticketlog import event_from_json, ticket_from_json

ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=2), st.integers(), max_size=2)
)
AT = st.just("2026-01-05T09:00:00Z") | ODD
TYPES = ("message", "status", "priority", "client", "assign", "appointment", "close", "reopen", "rating")
KEYS = (
    "key",
    "direction",
    "channel",
    "subject",
    "text",
    "chars",
    "minutes",
    "record",
    "headers",
    "from",
    "to",
)
MORE = ("field", "starts_at", "ends_at", "who", "score", "scale", "comment", "lost_minutes", "source")
ACTOR = ODD | st.fixed_dictionaries({}, optional=dict.fromkeys(("kind", "id", "name", "team", "marks"), ODD))
EVENT = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES) | ODD, "at": AT},
    optional={**dict.fromkeys((*KEYS, *MORE), ODD), "actor": ACTOR},
)
TICKET = st.fixed_dictionaries(
    {"id": ODD, "opened_at": AT},
    optional={
        "events": st.lists(EVENT, max_size=3) | ODD,
        "ratings": st.lists(EVENT, max_size=2) | ODD,
        **dict.fromkeys(("psa", "closed", "summary", "client", "resolved_at", "made_sla"), ODD),
    },
)


@given(TICKET)
def test_whatever_stands_in_a_line_is_a_ticket_or_a_value_error(value: Any) -> None:
    with contextlib.suppress(ValueError):
        ticket, timeline = ticket_from_json(value)
        assert ticket.id
        assert len(timeline) == len(value.get("events") or ()) + len(value.get("ratings") or ())


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        ({"type": ["message"]}, "type: expected one of message, status"),
        ({"type": {}}, "type: expected one of message, status"),
        ({"type": None}, "type: expected one of message, status"),
        ({"type": "close", "actor": {"kind": "staff", "marks": 5}}, "marks: expected a list, got 5"),
        ({"type": "close", "actor": ["a"]}, "actor: expected an object"),
        ({"type": "message", "text": 5}, "text: expected text, got 5"),
        ({"type": "rating"}, "score: a rating needs a number"),
        ({"type": "rating", "score": 3, "scale": 0}, "scale: expected a number above 0"),
        ({"type": "message", "minutes": float("inf")}, "minutes: expected a number, got inf"),
    ],
)
def test_a_complaint_names_the_key_and_says_what_was_expected(event: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        event_from_json({"at": "2026-01-05T09:00:00Z", **event})


def test_an_event_that_is_wrong_is_named_by_its_place() -> None:
    line = {"id": "1", "opened_at": "2026-01-05T09:00:00Z", "events": [{"type": "nap"}]}
    with pytest.raises(ValueError, match=r"events\[0\]\.type: expected one of"):
        ticket_from_json(json.loads(json.dumps(line)))
