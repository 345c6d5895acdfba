"""Who mostly sends stock texts: counted by author, asked about only where nobody has said yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.model import Actor, Message, StatusChange
from connector.rules.authorship.habits import ENOUGH, SHARE, Habit, Habits, standing
from connector.rules.authorship.rulings import Ruling
from connector.rules.authorship.templates import gathered, sightings
from connector.rules.policy import ResponseRule
from tests.unit.authorship_kit import AT, RULE, message_of

CANNED = (
    "We have looked at the report and it lies outside of what the contract covers.\n"
    "The vendor of the program can be reached through the portal they gave to you."
)
LISTED = replace(RULE, machines=frozenset({"a1"}))


def note(text: str, minute: int, **actor: Any) -> Message:
    message = message_of(text, actor={"kind": "staff", "id": "a1", **actor}, direction="out", channel="email")
    return replace(message, at=AT + timedelta(minutes=minute))


def counted(*notes: Message, rulings: tuple[Ruling, ...] = (), rule: ResponseRule = RULE) -> list[Habit]:
    """Each note on a ticket of its own, all of them known."""
    tickets = [(f"t{number}", message) for number, message in enumerate(notes)]
    lines = gathered(one for ticket, message in tickets for one in sightings(ticket, [message]))
    habits = Habits()
    for ticket, message in tickets:
        habits.add(ticket, [message], lines)
    return habits.found(rulings, [rule])


def repeating(number: int, **actor: Any) -> list[Message]:
    return [note(CANNED, minute, **actor) for minute in range(number)]


def own_words(number: int, **actor: Any) -> list[Message]:
    return [
        note(f"The cause was {'x' * (n + 3)} and I have put it right.", 100 + n, **actor)
        for n in range(number)
    ]


def test_a_text_counts_from_its_fourth_ticket_on() -> None:
    (habit,) = counted(*repeating(10))
    assert (habit.notes, habit.stock, habit.share) == (10, 7, 0.7)
    assert str(habit.sample) == f"used on 9 tickets before: {CANNED.splitlines()[0][:-1]}"
    assert (habit.cause, habit.why) == ("human", "actor.staff")
    assert habit.asks
    assert counted(*reversed(repeating(10))) == [habit]


def test_somebody_who_writes_themselves_is_not_asked_about() -> None:
    (habit,) = counted(*own_words(20))
    assert (habit.notes, habit.stock, habit.sample, habit.asks) == (20, 0, None, False)


@pytest.mark.parametrize(
    ("repeated", "own", "asks"), [(6, 4, False), (7, 3, True), (6, 3, False), (7, 2, False)]
)
def test_asked_from_enough_notes_and_above_the_share(repeated: int, own: int, asks: bool) -> None:
    (habit,) = counted(*repeating(repeated), *own_words(own))
    assert habit.asks is asks
    assert habit.asks == (habit.notes >= ENOUGH and habit.share > SHARE)


def test_those_who_repeat_the_most_come_first() -> None:
    habits = counted(
        *repeating(9, id="b"), *own_words(12, id="c"), *repeating(12, id="a"), *own_words(20, id="d")
    )
    assert [habit.actor.id for habit in habits] == ["a", "b", "d", "c"]


def test_only_what_the_desk_sends_is_counted() -> None:
    nobody = note(CANNED, 0, kind="unknown", id="")
    contact = note(CANNED, 0, kind="contact", id="c1")
    ours = note(CANNED, 0, kind="automation", id="px", marks=["self"])
    asked = replace(note(CANNED, 0), direction="in")
    silent = replace(note(CANNED, 0), text="")
    assert counted(nobody, contact, ours, asked, silent) == []
    habits = Habits()
    habits.add("t", [StatusChange(at=AT, key="s", actor=Actor("staff", "a1"), from_="New", to="Done")], {})
    assert habits.found([], []) == []


def test_a_name_stands_in_for_an_id() -> None:
    (habit,) = counted(*repeating(10, id="", name="Rewst"))
    assert habit.actor.name == "Rewst"
    assert habit.asks


def test_who_is_known_is_not_asked_about() -> None:
    said = Ruling(author="a1", cause="human", by="Dana", at=AT)
    (person,) = counted(*repeating(10), rulings=(said,))
    assert (person.cause, person.why, person.asks) == ("human", "ruling.author", False)
    (listed,) = counted(*repeating(10), rule=LISTED)
    assert (listed.cause, listed.why, listed.asks) == ("automated", "policy.machine", False)
    (api,) = counted(*repeating(10, marks=["api"]))
    assert (api.cause, api.why, api.asks) == ("automated", "actor.api", False)


def test_a_ruling_stands_above_the_list_and_the_list_above_the_record() -> None:
    actor = Actor("staff", "a1", marks=("api",))
    said = Ruling(author="a1", cause="human", by="Dana", at=AT)
    assert standing(actor, [said], [LISTED]) == ("human", "ruling.author")
    assert standing(actor, [], [RULE, LISTED]) == ("automated", "policy.machine")
    assert standing(actor, [], [RULE]) == ("automated", "actor.api")
    assert standing(Actor("unknown", "x"), [], []) == ("unknown", "actor.unknown")
