"""One story whatever the order of arrival: repetitions, same seconds, facts ahead."""

from __future__ import annotations

import random

from connector.model import Event, Message, Rating
from connector.rules.story import tell
from tests.unit.desk import DANA, DISPATCH, at, closed, judged, mail, priority, reopened, reply, status


def test_events_are_put_in_the_order_of_time():
    events = [mail(at("10:00")), mail(at("09:00")), mail(at("11:00"))]
    assert [event.at for event in tell(events, at("12:00")).known] == [at("09:00"), at("10:00"), at("11:00")]


def test_the_same_key_is_the_same_fact_and_the_earliest_stays():
    events = [mail(at("10:00"), key="note:1", text="edited"), mail(at("09:00"), key="note:1")]
    assert tell(events, at("12:00")).known == (events[1],)


def test_the_same_key_of_another_kind_is_another_fact():
    events = [mail(at("09:00"), key="7"), status(at("09:00"), "New", "In Progress", key="7")]
    assert len(tell(events, at("12:00")).known) == 2


def test_identical_facts_without_a_key_count_once_even_with_other_header_order():
    one = mail(at("09:00"), headers={"a": "1", "b": "2"})
    same = mail(at("09:00"), headers={"b": "2", "a": "1"})
    other = mail(at("09:00"), text="Something else.")
    assert len(tell([one, same, other], at("12:00")).known) == 2


def test_the_same_words_of_two_people_in_one_second_are_two_facts():
    events = [mail(at("09:00"), DANA), mail(at("09:00"), DISPATCH), mail(at("09:00"), DANA)]
    assert [event.actor for event in tell(events, at("12:00")).known] == [DANA, DISPATCH]


def test_a_rating_of_the_second_in_which_it_ended_comes_after_the_ending():
    rating = Rating(at=at("09:00"), score=5)
    states = [status(at("09:00"), "New", "Resolved"), closed(at("09:00"), from_="Resolved")]
    words = mail(at("09:00"))
    for events in ([rating, *states, words], [*states, rating, words], [words, *reversed(states), rating]):
        assert tell(events, at("12:00")).known == (words, *states, rating)


def test_facts_of_one_second_are_told_promise_first_then_words_then_state():
    events = [closed(at("09:00")), mail(at("09:00")), priority(at("09:00"), "P3", "P1")]
    kinds = [type(event).__name__ for event in tell(events, at("09:00")).known]
    assert kinds == ["PriorityChange", "Message", "Close"]


def test_state_changes_of_one_second_follow_one_another():
    steps = [
        ("New", "In Progress"),
        ("In Progress", "Assigned"),
        ("Assigned", "On Hold"),
        ("On Hold", "Done"),
    ]
    events: list[Event] = [status(at("09:00"), *step) for step in steps]
    for seed in range(10):
        shuffled = random.Random(seed).sample(events, len(events))
        assert list(tell(shuffled, at("12:00")).known) == events


def test_a_circle_within_one_second_starts_from_the_status_before():
    before = status(at("08:00"), "New", "On Hold")
    there, back = status(at("09:00"), "On Hold", "Assigned"), status(at("09:00"), "Assigned", "On Hold")
    assert tell([back, there, before], at("12:00")).known == (before, there, back)


def test_a_close_and_a_reopening_of_one_second_leave_it_open():
    result = judged(reopened(at("11:00")), closed(at("11:00")), now=at("12:00"))
    assert result.buckets["resolution"].state == "running"


def test_what_is_dated_ahead_is_not_known_yet():
    story = tell([mail(at("10:00")), reply(at("11:00"))], at("10:00"))
    assert (len(story.known), len(story.ahead), len(story.all)) == (1, 1, 2)
    assert story.first(Message) == story.ahead[0]
    assert tell([], at("10:00")).known == ()
