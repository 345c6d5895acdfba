"""Whether a contact is asked: every reason not to, and what an occasion is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.clients import default_policy
from connector.model import Actor, BucketClock, Close, Event, Message, Rating, Reopen, StatusChange, Ticket
from connector.rules.asking import SOURCE, Lately, Occasion, day_begins, occasion, sampled, why_not
from connector.rules.policy import Policy
from connector.rules.worktime import WorkCalendar

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
TICKET = Ticket(id="42", opened_at=NOW - timedelta(hours=5), status="Resolved", contact="u17")
DONE = BucketClock(state="met", done_at=NOW)


def policy(**survey: Any) -> Policy:
    plain = default_policy()
    rule = replace(plain.survey, ask=True, **survey)
    return replace(plain, survey=rule, px=replace(plain.px, own=frozenset({"desk.example", "u99"})))


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def status(to: str, hours: float, from_: str = "") -> StatusChange:
    return StatusChange(at=at(hours), key=f"s{hours}", to=to, from_=from_, actor=Actor("staff", "a4"))


def rated(score: int, hours: float, source: str = SOURCE, contact: str = "u17") -> Rating:
    actor = Actor("contact", contact)
    return Rating(at=at(hours), key=f"r{hours}", actor=actor, score=score, source=source)


def reason(
    ticket: Ticket = TICKET,
    story: tuple[Event, ...] = (),
    rules: Policy | None = None,
    lately: Lately | None = None,
    what: Occasion | None = None,
    **more: Any,
) -> str:
    given: dict[str, Any] = {"apart": "", "since": LONG_AGO, "now": NOW, **more}
    what = what or Occasion(0, over=ticket.closed)
    return why_not(what, ticket, story, rules or policy(), lately or Lately(), **given)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, Occasion(0)),
        ({"status": "completed"}, Occasion(0)),
        ({"status": "In Progress"}, None),
        ({"status": "Closed", "closed": True}, Occasion(0, over=True)),
        ({"status": "Resolved", "closed": True}, Occasion(0, over=True)),
    ],
)
def test_asked_is_in_the_statuses_before_it_closes(change: dict[str, Any], found: Occasion | None) -> None:
    ticket = replace(TICKET, **change)
    assert occasion(ticket, (), policy(), None) == found
    assert occasion(ticket, (), default_policy(), None) is None


def test_a_reopened_ticket_is_a_new_occasion() -> None:
    story = (status("Resolved", -4), status("In Progress", -3), status("Resolved", -2))
    assert occasion(TICKET, story, policy(), None) == Occasion(1)
    closed = (Close(at=at(-4), key="c"), Reopen(at=at(-3), key="o"))
    assert occasion(TICKET, closed, policy(), None) == Occasion(1)


def test_the_unhappy_are_asked_again_once_a_person_has_answered() -> None:
    closed, story = replace(TICKET, closed=True), (rated(1, -2),)
    again = Occasion(0, again=True, over=True)
    assert occasion(closed, story, policy(), DONE) == again
    assert occasion(closed, story, policy(), None) == Occasion(0, over=True)
    assert occasion(closed, story, policy(), BucketClock(state="running")) == Occasion(0, over=True)
    assert occasion(closed, story, policy(again=False), DONE) == Occasion(0, over=True)
    assert occasion(closed, (rated(1, -2, source="SmileBack"),), policy(), DONE) == again
    sorry = Message(at=at(-1.5), direction="out", actor=Actor("staff", "a4"), text="I am sorry.")
    happy = (*story, sorry, rated(5, -1))
    assert occasion(closed, happy, policy(), DONE) == Occasion(0, over=True), "happy by now"
    lately = Lately(today=99, contact_at=at(-1))
    assert reason(closed, story, policy(sample=0.0001), lately, again) == ""
    assert reason(replace(closed, contact=""), story, what=again) == "no contact"
    assert reason(closed, story, what=again, apart="type Alert is excluded") == "type Alert is excluded"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, ""),
        ({"apart": "type Alert is excluded"}, "type Alert is excluded"),
        ({"ticket": replace(TICKET, contact="")}, "no contact"),
        ({"ticket": replace(TICKET, contact="U99")}, "its contact is of the desk"),
        ({"ticket": replace(TICKET, contact="jo@desk.example")}, "its contact is of the desk"),
        ({"ticket": replace(TICKET, contact="jo@other.example"), "people": {"jo@other.example"}},
         "its contact is of the desk"),
        ({"story": (Message(at=at(-1), actor=Actor("staff", "u17")),)}, "its contact is of the desk"),
        ({"story": (rated(5, -1, source="SmileBack"),)}, "rated already through SmileBack"),
        ({"story": (rated(5, -1, source=""),)}, "rated already through the PSA"),
        ({"ticket": replace(TICKET, closed=True, closed_at=at(-1)), "since": at(0)},
         "closed before the survey was on"),
        ({"ticket": replace(TICKET, closed=True, closed_at=at(-1)), "since": at(-2)},
         "closed before it was seen in a status in which is asked"),
        ({"rules": policy(sample=1e-9)}, "not in the sample of 1e-09 %"),
        ({"lately": Lately(contact_at=at(-24 * 30 + 1))},
         "its contact was asked on 21 Oct 10:00, less than 30 days ago"),
        ({"lately": Lately(contact_at=at(-24 * 30))}, ""),
        ({"lately": Lately(contact_at=at(-1)), "rules": policy(per_contact_days=0)}, ""),
        ({"lately": Lately(today=20)}, "20 were asked today already"),
        ({"lately": Lately(today=19)}, ""),
        ({"lately": Lately(today=9999), "rules": policy(per_day=None)}, ""),
    ],
)  # fmt: skip
def test_every_reason_not_to_ask(given: dict[str, Any], said: str) -> None:
    assert reason(**given) == said


def test_a_rating_of_an_earlier_episode_does_not_keep_the_next_from_being_asked() -> None:
    story = (status("Resolved", -4), rated(5, -3.5), status("In Progress", -3), status("Resolved", -2))
    assert reason(story=story, what=Occasion(1)) == ""
    assert reason(story=(*story, rated(4, -1)), what=Occasion(1)) == "rated already through survey"


def test_the_day_is_the_clients() -> None:
    local = default_policy()
    tokyo = replace(local, calendar=hours("Asia/Tokyo"))
    assert day_begins(tokyo, NOW) == datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
    spring = datetime(2026, 3, 29, 10, 0, tzinfo=UTC)  # a day of 23 hours
    berlin = replace(local, calendar=hours("Europe/Berlin"))
    assert day_begins(berlin, spring) == datetime(2026, 3, 28, 23, 0, tzinfo=UTC)


def hours(zone: str) -> WorkCalendar:
    return WorkCalendar(timezone=zone, week={"mon": [("09:00", "17:00")]}, holidays=[])


def test_a_sample_is_about_as_large_as_it_says_and_always_the_same() -> None:
    chosen = {str(n) for n in range(10_000) if sampled(str(n), 25)}
    assert 2300 < len(chosen) < 2700
    assert chosen == {str(n) for n in range(10_000) if sampled(str(n), 25)}
    assert all(sampled(one, 40) for one in chosen), "a larger sample holds the smaller one"
