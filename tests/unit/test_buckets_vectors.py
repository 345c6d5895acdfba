"""Timelines of other engines' tests, where the shared material lies beside the project.

Each expectation either holds here too, or stands in `ON_PURPOSE` with the reason why ours differs.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connector.model import Actor, Assessment, BucketName, Close, Event, Message, StatusChange, Ticket
from connector.rules.assess import assess
from connector.rules.policy import PauseRule, Policy, ResolutionRule, Zones
from connector.rules.worktime import WorkCalendar
from tests.shared import shared
from tests.unit.desk import policy, target

VECTORS = [
    vector
    for file in shared("data", "escalation-vectors", "escalation.json")
    for vector in json.loads(file.read_text("utf-8"))["vectors"]
]
CASES = [(vector, number) for vector in VECTORS for number in range(len(vector["expect"]))]

ON_PURPOSE = {
    ("zammad-18", 1): "their update clock waits for a customer's message, ours for our own first word",
    ("zammad-27", 0): "they tell the slowest wait of the customer; our update clock runs from word to word",
    ("zammad-27", 1): "the same",
    ("zammad-27", 2): "theirs rests while the agent wrote last; ours owes the next news from then on",
    ("zammad-27", 3): "theirs runs from the customer's message, ours from our own word before it",
    ("frappe-09", 0): "resolving implies an answer there; here only a message that counts is one",
}
"""(vector, number of the expectation): why ours differs. Told in docs/clocks.md."""

AGENT, CUSTOMER = Actor("staff", "a1", "Agent"), Actor("contact", "c1", "Customer")
PAUSES: dict[str, tuple[str, list[BucketName]]] = {
    "zammad": ("pending", ["response", "resplan", "update", "resolution"]),
    "frappe": ("replied", ["resolution"]),
    "glpi": ("waiting", ["resolution"]),
    "rt": ("stalled", ["response"]),
    "chatwoot": ("", []),
}
NAMES: dict[str, BucketName] = {"first_response": "response", "response": "response", "due": "response"}
NAMES |= {"update": "update", "resolution": "resolution"}


def instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def rules(vector: dict[str, Any], when: datetime) -> Policy:
    """The vector's SLA as a policy, as it stood at an instant."""
    sla = dict(vector["sla"])
    for event in vector["events"]:
        if event["type"] in ("sla_config", "sla_change") and instant(event["at"]) <= when:
            sla |= event
    given = vector["calendar"]
    week = {day: [tuple(span) for span in spans] for day, spans in given["week"].items()}
    calendar = WorkCalendar(given["tz"], week, [date.fromisoformat(day) for day in given["holidays"]])
    minutes = {name: value / 60 for key, name in NAMES.items() if (value := sla.get(f"{key}_s"))}
    status, buckets = PAUSES[vector["id"].split("-")[0]]
    left = -sla.get("warning_offset_s", 0) / 60
    return policy(
        calendar=calendar,
        targets={"*": target(calendar, **minutes)},
        pause=PauseRule(statuses=frozenset({status}), buckets=frozenset(buckets), resume_on_reply=False),
        resolution=ResolutionRule(statuses=frozenset({"closed", "resolved"})),
        zones=Zones(yellow=100, orange=100, orange_when_left=left),
    )


def story(vector: dict[str, Any], field: str) -> tuple[Ticket, list[Event]]:
    """Its events in our words. In Frappe the status `Replied` is the agent's reply itself."""
    created, *rest = vector["events"]
    opened_at = instant(created["at"])
    events: list[Event] = []
    for event in rest:
        at = instant(event["at"])
        if event["type"] == "state":
            events.append(StatusChange(at=at, actor=AGENT, from_=event["from"], to=event["to"]))
        if event["type"] == "resolved":
            events.append(Close(at=at, actor=AGENT, to="closed"))
        if event["type"] == "agent_message" or event.get("to") == "Replied":
            events.append(Message(at=at, actor=AGENT, direction="out", text="The cable was loose."))
        if event["type"] == "customer_message":
            events.append(Message(at=at, actor=CUSTOMER, text="It is broken again."))
    made_up = re.search(r"\((answered|closed) created\+(\d+)\)", field)
    if made_up:
        at = opened_at + timedelta(minutes=int(made_up[2]))
        events = [event for event in events if event.at < at]
        answer = Message(at=at, actor=AGENT, direction="out", text="The cable was loose.")
        events.append(answer if made_up[1] == "answered" else Close(at=at, actor=AGENT, to="closed"))
    if field.endswith("ignoring_close"):
        last = events.pop()
        events.append(StatusChange(at=last.at, actor=AGENT, from_="pending", to="open"))
    return Ticket(id=vector["id"], opened_at=opened_at, status=created.get("state", "new")), events


def read(result: Assessment, by: Policy, field: str) -> object:
    """What our assessment says to the vector's question."""
    live = [clock for clock in result.buckets.values() if clock.done_at is None]
    if field == "next_due":
        return min((clock.due_at for clock in live if clock.due_at), default=None)
    if field == "status":
        return words(result)
    name = NAMES[next(key for key in NAMES if field.startswith(key))]
    clock = result.buckets[name]
    if "due" in field:
        return clock.due_at
    if field.endswith("escalation_at"):
        return result.next_at
    minutes = int(clock.elapsed_min)
    if clock.done_at is None and name == "response":
        return None
    if field.endswith("_s"):
        return clock.elapsed_min * 60
    assert clock.target_min is not None
    return clock.target_min - minutes if "diff" in field else minutes


def words(result: Assessment) -> set[str]:
    """Every word by which another engine may call this state."""
    response, resolution = result.buckets["response"], result.buckets["resolution"]
    states = {clock.state for clock in result.buckets.values()} - {"none"}
    said = {"missed"} if "missed" in states else {"hit", "Fulfilled"} if states == {"met"} else set()
    said |= {"Paused"} if resolution.state == "paused" and response.done_at else set()
    if resolution.state == "running":
        said.add("Resolution Due" if response.done_at else "First Response Due")
    return said


def agrees(vector: dict[str, Any], number: int) -> bool:
    expected = vector["expect"][number]
    field, value = expected["field"], expected["value"]
    when = instant(expected["at"])
    asked = next(
        one["field"] for one in reversed(vector["expect"][: number + 1]) if "diff" not in one["field"]
    )
    ticket, events = story(vector, asked)
    by = rules(vector, when)
    result = assess(ticket, [event for event in events if event.at <= when], by, when)
    found = read(result, by, field)
    if field == "status":
        return value in found  # type: ignore[operator]
    if isinstance(found, datetime) and value is not None:
        return abs(found - instant(value)) <= timedelta(seconds=expected.get("tolerance_s", 0))
    if expected.get("rule") == "met":
        return result.buckets["response"].state == "met"
    return bool(found == value)


if CASES:

    @pytest.mark.parametrize(
        ("vector", "number"), CASES, ids=[f"{v['id']}-{n}-{v['expect'][n]['field']}" for v, n in CASES]
    )
    def test_a_vector_of_another_engine_holds_or_differs_on_purpose(
        vector: dict[str, Any], number: int
    ) -> None:
        reason = ON_PURPOSE.get((vector["id"], number))
        assert agrees(vector, number) is (reason is None), reason or vector["expect"][number]

    def test_every_difference_on_purpose_is_of_a_vector_that_exists() -> None:
        assert ON_PURPOSE.keys() <= {(vector["id"], number) for vector, number in CASES}
