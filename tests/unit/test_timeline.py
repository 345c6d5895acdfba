"""The time line of one known story: where its bars and marks lie, and what they say."""

from __future__ import annotations

from datetime import timedelta

from connector.history.explain import lines
from connector.model import Event, PsaVerdict
from connector.web.lanes import Lane
from connector.web.timeline import TimeLine, layout
from connector.web.timeline_svg import drawn, legend
from tests.unit.desk import (
    OPENED,
    POLICY,
    ROBOT,
    at,
    judged,
    mail,
    priority,
    reply,
    status,
    ticket,
)

NOW = at("14:00")  # five hours after the opening, four of them worked
SAID = PsaVerdict(response_at=at("09:06"), resolved_at=at("13:00"))


def told(*facts: Event, **fields: object) -> TimeLine:
    one = ticket(psa=SAID, **fields)
    answer = judged(*facts, now=NOW, of=one)
    return layout(answer, one, POLICY, lines(answer, one), NOW)


def lane(line: TimeLine, bucket: str, who: str) -> Lane:
    (promise,) = [one for one in line.promises if one.bucket == bucket]
    (found,) = [one for one in promise.lanes if one.who == who]
    return found


def kinds(line: TimeLine) -> list[list[str]]:
    return [[fact.kind for mark in marks for fact in mark.facts] for _, marks in line.rows]


def test_both_clocks_are_drawn_to_one_scale() -> None:
    line = told(reply(OPENED), mail(at("11:00")))
    assert (line.axis.since, line.axis.until) == (OPENED, at("10:00", 6))  # the next promise ahead
    hour = 1 / (7 + 1 + (1 + 16) / 8)  # of working time: a day, an hour; of closed time: lunch and night
    psa, felt = lane(line, "response", "psa"), lane(line, "response", "felt")
    assert psa.words == "responded after 6 min"
    assert felt.words == "after 2 h, 1 h late"
    assert [(bar.kind, round(bar.since / hour, 3), round(bar.until / hour, 3)) for bar in felt.bars] == [
        ("ran", 0, 1),
        ("late", 1, 2),
    ]
    assert [round((edge or 0) / hour, 3) for edge in (psa.ends, felt.ends, felt.due)] == [0.1, 2, 1]
    assert [round((shut.until - shut.since) / hour, 3) for shut in line.axis.shut] == [0.125, 2]
    assert [shut.length for shut in line.axis.shut] == [timedelta(hours=1), timedelta(hours=16)]
    assert line.axis.narrowed


def test_what_is_still_ahead_reaches_to_when_it_is_due() -> None:
    line = told(reply(OPENED), mail(at("09:30")))
    felt = lane(line, "resolution", "felt")
    assert felt.words == "4 h used, 4 h left"
    ran, ahead = felt.bars
    assert (ran.kind, ahead.kind, ahead.text) == ("ran", "ahead", "due Tue 06 Jan 10:00")
    assert (ran.until, ahead.since, ahead.until) == (line.now, line.now, 1.0)
    assert felt.ends is None


def test_a_pause_is_a_piece_of_its_own() -> None:
    line = told(
        reply(OPENED),
        mail(at("09:30")),
        status(at("10:00"), "New", "Waiting Customer"),
        reply(at("11:00"), "You can come at any time, Dana."),
    )
    felt = lane(line, "resolution", "felt")
    assert [bar.kind for bar in felt.bars] == ["ran", "paused", "ran", "ahead"]
    assert felt.bars[1].text == "paused Mon 05 Jan 10:00 to 11:00"
    assert felt.words == "3 h used, 5 h left"


def test_update_begins_with_the_last_word_and_says_how_long_there_was_none() -> None:
    line = told(reply(OPENED), mail(at("09:30")), mail(at("10:00")), reply(at("10:30")))
    (felt,) = [one for promise in line.promises if promise.bucket == "update" for one in promise.lanes]
    assert felt.words == "no news for 3 h, 1 h late"
    assert felt.bars[0].since == line.axis.place(at("10:00"))
    assert [bar.kind for bar in felt.bars] == ["ran", "late"]


def test_marks_tell_apart_what_counted_and_what_did_not() -> None:
    line = told(
        reply(OPENED),
        mail(at("09:01"), ROBOT, "We have received your request."),
        mail(at("10:00"), text="Thank you, we will look into it shortly."),
        priority(at("10:30"), "Medium", "High"),
        mail(at("10:40"), direction="internal", text="No idea."),
        mail(at("11:30")),
    )
    assert kinds(line) == [["opened", "wrote"], ["machine", "not", "counted"], ["priority", "internal"]]
    (refused,) = [mark for mark in line.rows[1][1] if mark.facts[0].kind == "not"]
    assert "not counted (human, boilerplate)" in refused.facts[0].text
    assert refused.facts[0].line == 3
    text = drawn(line, lambda number: f"f-{number}")
    assert 'href="#f-3"' in text
    assert [kind for kind, _, _ in legend(line)] == [
        "opened",
        "wrote",
        "counted",
        "not",
        "machine",
        "internal",
        "priority",
    ]


def test_a_closed_ticket_ends_with_its_last_fact() -> None:
    facts = (mail(at("09:30")), status(at("10:00"), "New", "Resolved"))
    line = told(*facts, closed=True)
    assert line.axis.until == at("13:00")  # when the PSA says it was resolved
    assert line.now is None
    assert lane(line, "resolution", "felt").words == "after 1 h"


def test_a_silent_psa_is_said_to_be_silent() -> None:
    one = ticket()
    answer = judged(now=NOW, of=one)
    line = layout(answer, one, POLICY, lines(answer, one), NOW)
    psa, felt = lane(line, "response", "psa"), lane(line, "response", "felt")
    assert (psa.words, psa.bars) == ("not responded yet", ())
    assert felt.words == "not yet, after 4 h, 3 h late"
