"""What a person is told: plain words for every reason, and after how long a promise ended."""

from __future__ import annotations

from typing import Any

import pytest

from connector.history.explain import lines
from connector.history.plainly import plainly
from connector.model import CHANNELS, Assessment, Evidence
from connector.rules.authorship import decide, judge
from connector.rules.policy import ResponseRule
from tests.unit.authorship_kit import message_of
from tests.unit.desk import ROBOT, at, judged, mail, reply, status, ticket
from tests.unit.test_authorship_docs import EXAMPLES


def told(answer: Assessment) -> list[str]:
    """Every line after the opening as a person reads it."""
    return [f"{line.what} | {line.verdict}".rstrip(" |") for line in lines(answer, ticket())[1:]]


def test_an_acknowledgement_and_an_answer_are_told_apart_and_why() -> None:
    acknowledged = mail(at("09:01"), ROBOT, "We have received your request.")
    answered = mail(at("09:42"), text="The cable was loose.")
    answer = judged(acknowledged, answered, now=at("11:00"))
    assert told(answer) == [
        "email to the customer by Workflow (automation): “We have received your request.” | "
        "not counted (automated, boilerplate): written by a machine's account; "
        "it only acknowledges “we have received your”",
        "email to the customer by Dana (staff): “The cable was loose.” | "
        "counted (human, specific): written by a member of the desk"
        " — ends response after 42 min and customer-felt response (resplan) after 42 min",
    ]


def test_what_ends_a_promise_without_a_message_says_so() -> None:
    answer = judged(status(at("11:00"), "New", "Resolved"), now=at("12:00"))
    assert "status New → Resolved by Dana (staff) | ends resolution after 2 h" in told(answer)


def test_a_reopened_promise_has_no_single_length() -> None:
    answer = judged(
        mail(at("09:10")),
        status(at("10:00"), "New", "Resolved"),
        reply(at("11:00")),
        status(at("11:00"), "Resolved", "In Progress"),
        status(at("14:00"), "In Progress", "Resolved"),
        now=at("16:00"),
    )
    assert answer.buckets["resolution"].reopened
    assert told(answer)[-1].endswith(" and resolution")


@pytest.mark.parametrize(
    ("rule", "text", "words"),
    [
        ("actor.staff", "staff", "written by a member of the desk"),
        ("record.rmm", "RMM note", "the PSA's record says “RMM note”"),
        ("header.auto-submitted", "auto-replied", "the mail's headers say “auto-replied”"),
        ("template.left-voicemail", "Left VM.", "the client's template left-voicemail “Left VM.”"),
        ("never.chasers", "", "the client's rule chasers"),
        ("ruling.author", "Dana, 2026-11-20: a macro", "ruled on this author by “Dana, 2026-11-20: a macro”"),
        ("phrase.ack", "x" * 70, f"it only acknowledges “{'x' * 60}…”"),
        ("of.tomorrow", "", "of.tomorrow"),
    ],
)
def test_a_reason_in_plain_words(rule: str, text: str, words: str) -> None:
    assert plainly(Evidence(rule, "text", text)) == words


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e["message"].get("text", "")[:40])
def test_no_reason_of_the_worked_examples_is_told_by_its_rules_name(example: dict[str, Any]) -> None:
    message, rule = message_of(**example["message"]), ResponseRule(channels=frozenset(CHANNELS))
    verdict = judge(message, rule)
    reason = decide(message, verdict, rule)[1]
    assert verdict.evidence
    for evidence in (*verdict.evidence, *((reason,) if reason else ())):
        assert evidence.rule not in plainly(evidence)
