"""A person's ruling stands above every rule but our own posts, for an author or for texts like one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connector.model import Actor, Evidence, Message
from connector.rules.assess import assess
from connector.rules.authorship import counts, judge
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.rulings import Ruling, marks
from tests.unit import desk
from tests.unit.authorship_kit import AT, RULE, message_of

ACK = "Your request has been received."
CHASER = "Just wondering how the printer in room 4 is getting on these days. It was the one with the jam."


def ruling(**fields: Any) -> Ruling:
    return Ruling(**{"author": "a1", "by": "Dana", "at": AT} | fields)


def told(message: Message, *rulings: Ruling) -> tuple[str, str, bool]:
    verdict = judge(message, RULE, learnt=Learnt(rulings=rulings))
    return verdict.cause, verdict.content, counts(message, verdict, RULE)


def sent(text: str | None = CHASER, **actor: Any) -> Message:
    return message_of(text, actor={"kind": "staff", "id": "a1", **actor}, direction="out", channel="email")


def test_an_author_ruled_a_machine_is_one() -> None:
    assert told(sent()) == ("human", "specific", True)
    assert told(sent(), ruling(cause="automated")) == ("automated", "specific", False)
    assert told(sent(id="a2"), ruling(cause="automated")) == ("human", "specific", True)


def test_an_author_ruled_a_person_is_one_whatever_the_record_says() -> None:
    robot = sent(kind="automation", marks=("api",))
    assert told(robot, ruling(cause="human")) == ("human", "specific", True)


def test_the_reason_names_who_when_and_why_and_comes_first() -> None:
    verdict = judge(sent(), RULE, learnt=Learnt(rulings=[ruling(cause="automated", why="the RMM")]))
    assert verdict.evidence[0] == Evidence("ruling.author", "actor.id", "Dana, 2026-01-05: the RMM")
    assert verdict.evidence[1].rule == "actor.staff"


def test_our_own_posts_stay_ours() -> None:
    own = sent(marks=("self",))
    assert told(own, ruling(cause="human", content="specific")) == ("automated", "specific", False)


def test_texts_like_one_by_the_same_author() -> None:
    like = ruling(lines=marks(CHASER), content="boilerplate")
    assert told(sent(), like) == ("human", "boilerplate", False)
    assert told(sent(CHASER.replace("room 4", "room 17")), like) == ("human", "boilerplate", False)
    assert told(sent(CHASER + " I think so."), like) == ("human", "boilerplate", False)
    assert told(sent("I put the old driver back on PRN-02. " * 3), like) == ("human", "specific", True)
    assert told(sent(CHASER, id="a2"), like) == ("human", "specific", True)
    reason = judge(sent(), RULE, learnt=Learnt(rulings=[like])).evidence[0]
    assert (reason.rule, reason.field) == ("ruling.text", "text")


def test_a_short_text_is_known_by_the_whole_of_it() -> None:
    like = ruling(lines=marks("On it!"), content="boilerplate")
    assert told(sent("on  it!"), like)[1] == "boilerplate"
    assert told(sent("On it, the fan is replaced"), like)[1] == "specific"


def test_a_text_ruled_to_be_no_template_is_an_answer() -> None:
    assert told(sent(ACK)) == ("human", "boilerplate", False)
    assert told(sent(ACK), ruling(lines=marks(ACK), content="specific")) == ("human", "specific", True)


def test_the_latest_stands_and_one_on_a_text_goes_before_one_on_its_author() -> None:
    later = AT + timedelta(days=1)
    machine, person = ruling(cause="automated"), ruling(cause="human", at=later)
    assert told(sent(), machine, person)[0] == told(sent(), person, machine)[0] == "human"
    text = ruling(lines=marks(CHASER), cause="automated", at=AT - timedelta(days=9))
    assert told(sent(), person, text)[0] == "automated"
    assert told(sent("Another one."), person, text)[0] == "human"
    both = ruling(content="boilerplate", at=later)
    assert told(sent(), machine, both) == ("automated", "boilerplate", False)


def test_an_absence_a_bounce_and_nothing_stay_what_they_are() -> None:
    assert told(sent(""), ruling(content="specific"))[1] == "empty"


def test_a_log_without_texts() -> None:
    bare = Message(at=AT, actor=Actor(kind="staff", id="a1"), direction="out", chars=9)
    assert told(bare, ruling(cause="automated")) == ("automated", "specific", False)
    assert told(bare, ruling(cause="automated", lines=marks(CHASER)))[0] == "human"


def test_an_author_known_by_name_alone() -> None:
    named = sent(id="", name="Dana")
    verdict = judge(named, RULE, learnt=Learnt(rulings=[ruling(author="dana", cause="automated")]))
    assert verdict.cause == "automated"
    assert verdict.evidence[0].field == "actor.name"


def closing(actor: Actor, *rulings: Ruling) -> bool:
    """Whether a close by this actor is a resolution."""
    made = desk.ticket()
    done = desk.status(desk.at("09:30"), "New", "Resolved", actor)
    learnt = Learnt(rulings=rulings)
    answer = assess(made, [done], desk.POLICY, desk.at("11:00"), learnt=learnt)
    return answer.buckets["resolution"].done_at is not None


def test_what_a_ruled_author_does_is_done_by_a_machine_or_a_person() -> None:
    person, robot = Actor(kind="staff", id="a1"), Actor(kind="automation", id="a1")
    machine, human = ruling(cause="automated"), ruling(cause="human", at=AT + timedelta(days=1))
    assert [closing(person), closing(person, machine), closing(person, machine, human)] == [True, False, True]
    assert [closing(robot), closing(robot, human)] == [False, True]
    assert closing(person, ruling(cause="automated", author="a2"))
    assert closing(person, ruling(cause="automated", lines=marks(ACK)))
    assert closing(person, ruling(content="boilerplate"))
    assert not closing(Actor(kind="automation", id="a1", marks=("self",)), human)


@pytest.mark.parametrize("text", ["", " ", "x" * 200_000, "\u202eשלום 😀 " * 500])
def test_any_text_has_marks(text: str) -> None:
    assert 1 <= len(marks(text)) <= 65
