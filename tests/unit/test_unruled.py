"""Which messages wait for a person's word: those of unknown cause on which a clock hangs, and no others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.history.unruled import mattered
from connector.model import Event, Message
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.rulings import Ruling, marks
from connector.rules.policy import ResponseRule, Unknown
from tests.unit import desk
from tests.unit.desk import POLICY, STRANGER, at, judged, mail, reply

TEXT = "The fuser is broken: I fit part 4711 tomorrow at 11:30."
WAITS = "written by a person it would count for"


def rule(unknown: Unknown = "not_counted", **more: Any) -> ResponseRule:
    return replace(POLICY.response, unknown=unknown, **more)


def told(*events: Event, response: ResponseRule | None = None, learnt: Learnt | None = None) -> list[str]:
    """Why each message of unknown cause that goes out matters."""
    policy = desk.policy(response=response or rule())
    answer = judged(*events, now=at("16:00"), by=policy, **({"learnt": learnt} if learnt else {}))
    found = []
    for verdict in answer.messages:
        message = answer.timeline[verdict.event]
        assert isinstance(message, Message)
        if message.actor.kind == "unknown" or message.direction == "in":
            found.append(mattered(message, verdict, answer, policy))
    return found


def by_stranger(clock: str = "10:00", text: str = TEXT, **more: Any) -> Message:
    return mail(at(clock), STRANGER, text, key=f"note:{clock}", **more)


def test_the_only_answer_matters_to_every_clock_it_would_end() -> None:
    [why] = told(by_stranger())
    assert why == f"{WAITS} response, customer-felt response (resplan) and update"


def test_after_a_persons_answer_the_response_does_not_hang_on_it() -> None:
    [why] = told(mail(at("09:30")), by_stranger())
    assert why.startswith(WAITS)
    assert "for response" not in why


def test_before_a_persons_answer_it_does() -> None:
    [why] = told(by_stranger("09:20"), mail(at("09:30")))
    assert "for response" in why


@pytest.mark.parametrize(
    "message",
    [
        by_stranger(text="We have received your request and will get back to you."),
        by_stranger(text=""),
        by_stranger(direction="internal"),
        reply(at("09:30"), actor=STRANGER),
    ],
)
def test_what_would_not_count_by_a_person_either_waits_for_nobody(message: Message) -> None:
    assert told(message) == [""]


def test_a_channel_that_never_counts_waits_for_nobody() -> None:
    assert told(by_stranger(), response=rule(channels=frozenset(["phone"]))) == [""]


def test_rules_that_leave_it_to_a_person_ask_one_even_late() -> None:
    assert told(mail(at("09:30")), by_stranger(), response=rule("review")) == [
        "the client's rules leave it to a person"
    ]


def test_counted_though_unknown_it_matters_where_it_ended_a_clock() -> None:
    first, second = told(by_stranger("09:30"), by_stranger("10:00"), response=rule("counted"))
    assert first == "it ended the clock of response"
    assert second == ""


@pytest.mark.parametrize("said", [{"cause": "human"}, {"cause": "automated"}, {"content": "boilerplate"}])
@pytest.mark.parametrize("about", [marks(TEXT), frozenset()])
def test_once_a_person_has_said_it_waits_no_longer(said: dict[str, Any], about: frozenset[str]) -> None:
    ruling = Ruling(author="x9", lines=about, by="Dana", at=at("11:00"), **said)
    assert told(by_stranger(), learnt=Learnt(rulings=[ruling])) == [""]
