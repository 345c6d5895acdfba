"""Admission depends on the facts alone: repetition and order change nothing, and no episode counts twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from connector.clients import default_policy
from connector.model import Actor, Close, Event, Rating, Reopen
from connector.rules.ratings import admit

T0 = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
POLICY = default_policy()

actors = st.sampled_from(
    [Actor("contact", "1"), Actor("contact", "2"), Actor("contact"), Actor("staff", "ana"), Actor("unknown")]
)
minutes = st.integers(0, 50).map(lambda m: T0 + timedelta(minutes=m))


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    scores = st.sampled_from([0.0, 1.0, 3.0, 5.0])
    rated = draw(
        st.lists(st.tuples(minutes, actors, scores, st.sampled_from(["", "Slow", "Fine"])), max_size=12)
    )
    events: list[Event] = [
        Rating(at=at, key=f"survey:{n}", actor=actor, score=score, comment=said, source="survey")
        for n, (at, actor, score, said) in enumerate(rated)
    ]
    turns = draw(st.lists(minutes, max_size=6, unique=True))
    for n, at in enumerate(sorted(turns)):
        kind = Reopen if n % 2 else Close
        events.append(kind(at=at, key=f"turn:{n}", to="Open" if n % 2 else "Closed"))
    return events


@given(stories(), st.integers(0, 2**32))
def test_neither_order_nor_repetition_changes_anything(events: list[Event], seed: int) -> None:
    shuffled = events * 2
    Random(seed).shuffle(shuffled)
    assert admit(shuffled, POLICY) == admit(events, POLICY)


@given(stories())
def test_every_rating_has_one_verdict_and_no_episode_counts_twice(events: list[Event]) -> None:
    rows = admit(events, POLICY)
    ratings = [event for event in events if isinstance(event, Rating)]
    assert sorted(row.key for row in rows) == sorted(rating.key for rating in ratings)
    reopened = sum(isinstance(event, Reopen) for event in events)
    told = Counter(row.verdict for row in rows)
    assert told["counted"] <= 1 + reopened
    assert all(row.why for row in rows if row.verdict != "counted")
    assert not [row for row in rows if row.rating.actor.kind == "staff" and row.verdict != "refused"]
    welcome = [rating for rating in ratings if rating.actor.kind != "staff"]
    assert bool(welcome) == bool(told["counted"])


def test_a_thousand_ratings_twice_over_are_a_thousand() -> None:
    events: list[Event] = []
    for n in range(1000):
        at = T0 + timedelta(hours=n)
        events.append(Rating(at=at, key=f"survey:{n}", actor=Actor("contact", "1"), score=5, source="survey"))
        events.append(Close(at=at + timedelta(minutes=1), key=f"close:{n}", to="Closed"))
        events.append(Reopen(at=at + timedelta(minutes=2), key=f"open:{n}", to="Open"))
    rows = admit(events + events[::-1], POLICY)
    assert [row.verdict for row in rows] == ["counted"] * 1000
