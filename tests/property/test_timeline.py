"""Laws of the time line: nothing lies outside the axis, nothing overtakes, no fact is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.history.explain import lines
from connector.model import (
    Close,
    Event,
    Message,
    PriorityChange,
    PsaVerdict,
    Rating,
    Reopen,
    StatusChange,
    Ticket,
)
from connector.web.axis import APART, NARROWER, Axis
from connector.web.marks import LEVELS, NEAR, Fact, arranged
from connector.web.timeline import TimeLine, layout
from connector.web.timeline_svg import drawn
from tests.unit.desk import ALWAYS, BERLIN, CAROL, DANA, DESK, ROBOT, judged, policy

OPENED = datetime(2026, 10, 23, 13, 0, tzinfo=UTC)  # a Friday; the clocks change on the Sunday
spans = st.timedeltas(timedelta(0), timedelta(days=40)) | st.timedeltas(timedelta(0), timedelta(hours=9))
places = st.floats(0, 1)


@given(st.lists(places, max_size=400))
def test_every_fact_is_in_one_mark_and_marks_of_a_level_lie_apart(at: list[float]) -> None:
    facts = [Fact(place, "change", number, "") for number, place in enumerate(at)]
    marks = arranged(facts)
    assert sorted(fact.line for mark in marks for fact in mark.facts) == list(range(len(at)))
    for mark in marks:
        assert mark.place == mark.facts[0].place
        assert [fact.place for fact in mark.facts] == sorted(fact.place for fact in mark.facts)
    for level in range(LEVELS):
        row = [mark.place for mark in marks if mark.level == level]
        assert all(after - before >= NEAR for before, after in pairwise(row))
    assert all(0 <= mark.level < LEVELS for mark in marks)


@settings(deadline=None)
@given(st.sampled_from([DESK, ALWAYS]), spans, st.lists(spans, max_size=30))
def test_later_is_never_left_of_earlier(
    calendar: object, length: timedelta, offsets: list[timedelta]
) -> None:
    axis = Axis(calendar, BERLIN, OPENED, OPENED + length)  # type: ignore[arg-type]
    moments = sorted(OPENED - timedelta(hours=1) + offset for offset in offsets)
    drawn_at = [axis.place(moment) for moment in moments]
    assert drawn_at == sorted(drawn_at)
    assert all(0 <= place <= 1 for place in drawn_at)
    assert (axis.place(axis.since), axis.place(axis.until)) == (0.0, 1.0)
    ticks = [tick.place for tick in axis.ticks]
    assert ticks[0] == 0
    assert all(after - before >= APART for before, after in pairwise(ticks))
    assert all(0 <= shut.since < shut.until <= 1 for shut in axis.shut)


@settings(deadline=None)
@given(st.timedeltas(timedelta(hours=1), timedelta(days=30)))
def test_working_time_is_to_scale_and_closed_time_an_eighth_of_it(length: timedelta) -> None:
    axis = Axis(DESK, BERLIN, OPENED, OPENED + length)
    openings = DESK.openings(axis.since, axis.until)
    worked = DESK.between(axis.since, axis.until)
    shut = (axis.until - axis.since) - worked
    room = worked + shut / NARROWER
    for opens, closes in openings:
        drawn_as = axis.place(closes) - axis.place(opens)
        assert abs(drawn_as - (closes - opens) / room) < 1e-6


said = ("in", "out", "internal", "robot")
kinds = st.sampled_from([*said, "status", "wait", "priority", "rating", "close", "reopen"])


def fact(kind: str, at: datetime, number: int) -> Event:
    key = f"k{number}"
    if kind in said:
        actor = {"in": CAROL, "robot": ROBOT}.get(kind, DANA)
        direction = kind if kind in ("in", "internal") else "out"
        return Message(at=at, key=key, actor=actor, direction=direction, text=f"Step {number} is <done>.")  # type: ignore[arg-type]
    if kind == "priority":
        return PriorityChange(at=at, key=key, actor=DANA, from_="P3", to="P1")
    if kind == "rating":
        return Rating(at=at, key=key, actor=CAROL, score=1, comment="</svg><script>")
    if kind == "close":
        return Close(at=at, key=key, actor=DANA, from_="New", to="Resolved")
    if kind == "reopen":
        return Reopen(at=at, key=key, actor=CAROL, from_="Resolved", to="New")
    return StatusChange(
        at=at, key=key, actor=DANA, from_="New", to="Waiting Customer" if kind == "wait" else "New"
    )


def line_of(facts: list[tuple[str, timedelta]], age: timedelta) -> tuple[TimeLine, int]:
    now = OPENED + age
    happened = [fact(kind, OPENED + offset, number) for number, (kind, offset) in enumerate(facts)]
    psa = PsaVerdict(response_at=OPENED + age / 3, resolved_at=OPENED + age * 2)
    ticket = Ticket(id="1", client="Acme", opened_at=OPENED, priority="P2", psa=psa)
    answer = judged(*happened, of=ticket, now=now)
    story = lines(answer, ticket)
    return layout(answer, ticket, policy(), story, now), len(story)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(kinds, spans), max_size=25), spans)
def test_whatever_happened_lies_on_the_axis(facts: list[tuple[str, timedelta]], age: timedelta) -> None:
    told, number = line_of(facts, age)
    marked = sorted(one.line for _, marks in told.rows for mark in marks for one in mark.facts)
    assert marked == list(range(number))
    assert all(0 <= mark.place <= 1 for _, marks in told.rows for mark in marks)
    for promise in told.promises:
        for lane in promise.lanes:
            edges = [edge for bar in lane.bars for edge in (bar.since, bar.until)]
            assert edges == sorted(edges)
            assert all(0 <= edge <= 1 for edge in edges)
            assert lane.due is None or 0 <= lane.due <= 1
            if lane.ends is not None and edges:
                assert abs(lane.ends - edges[-1]) < 1e-9
    text = drawn(told, lambda line: f"f-{line}")
    assert "<script" not in text
    assert "<done>" not in text


def test_a_thousand_facts_in_a_minute_are_still_a_drawing() -> None:
    facts = [("status", timedelta(seconds=number / 20)) for number in range(1000)]
    told, number = line_of(facts, timedelta(days=2))
    marks = [mark for _, row in told.rows for mark in row]
    assert len(marks) <= 2 * LEVELS
    assert sum(len(mark.facts) for mark in marks) == number
    assert len(drawn(told, str)) < 30_000
