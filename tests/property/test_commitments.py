"""What must hold for promises and for the stop-clock audit, whatever people write and do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from connector.model import Assessment, Assignment, Event, Rating, Ticket
from connector.rules.assess import assess
from connector.rules.commitments.reading import QUOTE, may_promise, read
from connector.rules.policy import CommitmentRule, Policy
from connector.rules.worktime import WorkCalendar
from tests.property.test_buckets import events, instants, tickets
from tests.unit.desk import ALWAYS, CAROL, DANA, DESK, mail, policy

PROMISES = [
    "I'll",
    "I will",
    "we'll",
    "ich",
    "werde",
    "call you",
    "rufe Sie",
    "anrufen",
    "fix it",
    "be there",
]
SMALL = [
    "by",
    "at",
    "until",
    "in",
    "within",
    "bis",
    "um",
    "a",
    "and",
    "or",
    "if",
    "not",
    "next",
    "?",
    ".",
    ",",
    "\n",
]
DAYS = [
    "tomorrow",
    "morgen",
    "Friday",
    "Freitag",
    "31 Feb",
    "29 February",
    "the 31st",
    "2026-02-30",
    "99.99.",
]
TIMES = ["3 pm", "25:99", "0 am", "24:00", "noon", "morning", "12 Uhr", "EST", "first thing", "½", "٣ pm"]
SPANS = ["999 weeks", "0 minutes", "2 hours", "half an hour", "business days", "end of month", "next week"]
WORDS = [*PROMISES, *SMALL, *DAYS, *TIMES, *SPANS]

texts = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join),
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), max_size=25).map("".join),
)
promising = st.sampled_from(
    [
        "I'll call you by 3 pm.",
        "We will have it fixed by Friday.",
        "I'll update you within the hour. I will come by tomorrow morning.",
        "I'll call you tomorrow instead.",
        "I called you and fixed it.",
    ]
)
said = st.builds(lambda at, text: mail(at, DANA, text), instants, promising)
timelines = st.lists(st.one_of(events, said), max_size=14)
noise = st.lists(
    st.one_of(
        st.builds(lambda at: Assignment(at=at, from_="a", to="b"), instants),
        st.builds(lambda at: Rating(at=at, score=5, actor=CAROL), instants),
    ),
    max_size=4,
)
rules = st.builds(
    lambda mode, grace: policy(commitments=CommitmentRule(mode=mode, grace=grace)),
    st.sampled_from(["shadow", "on"]),
    st.integers(1, 600),
)
dated = tickets.map(lambda one: replace(one, status="New", closed=False, closed_at=None))
"""Tickets whose end, if any, has its own time: of another the last known fact of any kind tells it."""

nows = instants.map(lambda at: at + timedelta(days=3))


@given(texts, instants, st.sampled_from([DESK, ALWAYS]))
def test_any_text_can_be_read(text: str, at: datetime, calendar: WorkCalendar) -> None:
    for one in read(text, at, calendar):
        assert one.due_at > at
        assert one.quote
        assert len(one.quote) <= QUOTE


@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join), instants)
def test_the_cheap_question_overlooks_nothing(text: str, at: datetime) -> None:
    assert not read(text, at, DESK) or may_promise(text)


@given(tickets, timelines, rules, nows, st.randoms())
def test_the_order_in_which_facts_arrive_does_not_matter(
    ticket: Ticket, timeline: list[Event], rule: Policy, now: datetime, dice: Random
) -> None:
    mixed = [*timeline, *timeline[:3]]
    dice.shuffle(mixed)
    one, other = assess(ticket, timeline, rule, now), assess(ticket, mixed, rule, now)
    assert one.commitments == other.commitments
    assert one.stops == other.stops
    assert assess(ticket, timeline, rule, now) == one


@given(dated, timelines, noise, rules, nows)
def test_what_has_nothing_to_do_with_it_changes_nothing(
    ticket: Ticket, timeline: list[Event], more: list[Event], rule: Policy, now: datetime
) -> None:
    one, other = assess(ticket, timeline, rule, now), assess(ticket, [*timeline, *more], rule, now)

    def told(answer: Assessment) -> tuple[list[object], list[object]]:
        promises: list[object] = [
            (each.quote, each.due_at, each.state, each.done_at) for each in answer.commitments
        ]
        return promises, [(each.rule, each.at, each.until, each.minutes) for each in answer.stops]

    assert told(one) == told(other)


@given(tickets, timelines, rules, nows)
def test_every_answer_hangs_together(
    ticket: Ticket, timeline: list[Event], rule: Policy, now: datetime
) -> None:
    answer = assess(ticket, timeline, rule, now)
    for one in answer.commitments:
        assert one.said_at <= now
        assert (one.state in ("kept", "withdrawn")) <= (one.done_at is not None)
        assert (one.state in ("open", "forgotten")) <= (one.done_at is None)
        assert one.done_at is None or one.done_at >= one.said_at
        assert one.state != "open" or now <= one.due_at + timedelta(minutes=15)
    for stop in answer.stops:
        assert stop.minutes >= 0
        assert stop.until is None or stop.until >= stop.at
    shadow = assess(ticket, timeline, policy(), now)
    silent = assess(ticket, timeline, policy(commitments=CommitmentRule(mode="off")), now)
    assert (shadow.flags, shadow.next_at, shadow.buckets) == (silent.flags, silent.next_at, silent.buckets)
    assert silent.commitments == ()
