"""The chance of a miss: the share used where nothing is learnt, a probability where something is."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from connector.model import Actor, Assignment, BucketClock, ClockState, Event, Message, PriorityChange, Ticket
from connector.rules.assess import assess
from connector.rules.pace import HOURS, Pace, hour_of_week
from connector.rules.risk import (
    FEATURES,
    BucketModel,
    Case,
    Model,
    Standing,
    case,
    chance,
    chances,
    features,
    standing,
)
from connector.rules.worktime import WorkCalendar
from tests.unit.desk import CAROL, DANA, DESK, POLICY

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
TICKET = Ticket(id="7", opened_at=MONDAY + 9 * HOUR, priority="High", group="Desk")
RUNNING = BucketClock(state="running", target_min=480, elapsed_min=120, due_at=MONDAY + 17 * HOUR)
EVEN = Pace([1.0] * HOURS)
BLANK = BucketModel(100, 20, (0.0,) * (len(FEATURES) + 1), {"Fast": 0.5, "Slow": -0.5}, {"high": 0.25})


@pytest.mark.parametrize(
    ("state", "target", "elapsed", "expected"),
    [
        ("running", 60, 0, 0.0),
        ("running", 60, 45, 0.75),
        ("paused", 60, 15, 0.25),
        ("running", 60, 61, 1.0),
        ("running", 60, -5, 0.0),
        ("running", 0, 0, 1.0),
        ("missed", 60, 61, 1.0),
        ("met", 60, 45, 0.0),
        ("waiting", 60, 0, 0.0),
        ("none", None, 45, 0.0),
        ("running", None, 45, 0.0),
    ],
)
def test_without_a_model_it_is_the_share_used(
    state: ClockState, target: float | None, elapsed: float, expected: float
) -> None:
    assert chance(BucketClock(state=state, target_min=target, elapsed_min=elapsed)) == expected


def leaning(**slopes: float) -> BucketModel:
    """A model with only these slopes; an intercept under the name `first`."""
    return replace(
        BLANK, coefficients=(slopes.pop("first", 0.0), *(slopes.get(name, 0.0) for name in FEATURES))
    )


def test_a_model_never_says_it_is_certain_before_the_end() -> None:
    numbers = [1.0] * len(FEATURES)
    assert chance(RUNNING, numbers, leaning(first=50)) == 0.999
    assert chance(RUNNING, numbers, leaning(first=-50)) == pytest.approx(0.001)
    assert chance(RUNNING, numbers, leaning(first=math.log(3))) == pytest.approx(0.75)
    assert chance(replace(RUNNING, state="missed"), numbers, leaning(first=-50)) == 1.0
    assert chance(replace(RUNNING, state="met"), numbers, leaning(first=50)) == 0.0


# ── what it is judged by ──────────────────────────────────────────────────────────────────────


def test_every_feature_of_a_case() -> None:
    at = Standing("Fast", "high", 3, MONDAY + 10 * HOUR, untouched=True)
    one = Case(at, 0.25, True, MONDAY + 11 * HOUR, MONDAY + 15 * HOUR)
    assert dict(zip(FEATURES, features(one, BLANK, EVEN), strict=True)) == pytest.approx(
        {
            "share": 0.25,
            "left": math.log(4),
            "speed": 0.5,
            "speed_left": 0.5 * math.log(4),
            "priority": 0.25,
            "idle": math.log(2),
            "waiting": 1,
            "untouched": 1,
            "moves": math.log(4),
        }
    )


def test_an_unknown_group_and_priority_are_like_all_and_the_due_date_is_never_behind() -> None:
    at = Standing("New", "p9", 0, MONDAY + 12 * HOUR, untouched=False)  # a fact dated ahead is not idleness
    one = Case(at, 1.0, False, MONDAY + 11 * HOUR, MONDAY + 10 * HOUR)
    found = dict(zip(FEATURES, features(one, BLANK, EVEN), strict=True))
    assert found["left"] == math.log(0.05)
    assert (found["speed"], found["priority"], found["idle"], found["moves"]) == (0, 0, 0, 0)


def test_a_clock_that_stands_still_is_judged_as_if_it_went_on_now() -> None:
    paused = replace(RUNNING, state="paused", due_at=None)
    at = standing(TICKET, (), MONDAY + 9 * HOUR)
    desk = WorkCalendar("UTC", {"mon": [("09:00", "12:00")], "tue": [("09:00", "12:00")]})
    assert case(paused, at, desk, MONDAY + 11 * HOUR).due == MONDAY + timedelta(days=7) + 11 * HOUR
    over = case(replace(paused, elapsed_min=500), at, desk, MONDAY + 11 * HOUR)
    assert (over.due, over.share, over.waiting) == (MONDAY + 11 * HOUR, 1.0, True)
    assert case(RUNNING, at, desk, MONDAY + 11 * HOUR).due == RUNNING.due_at


def moved(hours: float, old: str, new: str) -> Assignment:
    return Assignment(at=MONDAY + hours * HOUR, what="group", from_=old, to=new)


STORY: tuple[Event, ...] = (
    Message(at=MONDAY + 9 * HOUR, actor=CAROL),
    moved(10, "Desk", "Fast"),
    Assignment(at=MONDAY + 11 * HOUR, actor=DANA, what="person", to="a4"),
    PriorityChange(at=MONDAY + 12 * HOUR, from_="Low", to="High"),
    moved(13, "Fast", "Slow"),
    moved(14, "Slow", "Slow"),
)


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (9.5, Standing("Desk", "low", 0, MONDAY + 9 * HOUR, untouched=True)),
        (10, Standing("Fast", "low", 0, MONDAY + 10 * HOUR, untouched=True)),
        (11, Standing("Fast", "low", 0, MONDAY + 11 * HOUR, untouched=False)),
        (12, Standing("Fast", "high", 0, MONDAY + 12 * HOUR, untouched=False)),
        (15, Standing("Slow", "high", 1, MONDAY + 14 * HOUR, untouched=False)),
    ],
)
def test_a_ticket_is_read_as_it_stood(hour: float, expected: Standing) -> None:
    now = replace(TICKET, group="Slow")
    assert standing(now, STORY, MONDAY + hour * HOUR) == expected


def test_without_facts_the_tickets_own_fields_stand() -> None:
    now = MONDAY + 12 * HOUR
    assert standing(TICKET, (), now) == Standing("Desk", "high", 0, TICKET.opened_at, untouched=True)
    early = (Message(at=MONDAY, actor=Actor("staff"), direction="in"),)
    assert standing(TICKET, early, now) == Standing("Desk", "high", 0, TICKET.opened_at, untouched=True)


# ── the model in use ──────────────────────────────────────────────────────────────────────────


def model(**buckets: BucketModel) -> Model:
    return Model(MONDAY, EVEN, MappingProxyType(buckets))


def test_each_promise_has_its_own_model_and_the_share_where_there_is_none() -> None:
    clocks = {"response": RUNNING, "resolution": RUNNING, "update": replace(RUNNING, state="missed")}
    learnt = model(resolution=leaning(first=math.log(3)), update=leaning(first=-9))
    found = chances(clocks, TICKET, (), DESK, MONDAY + 11 * HOUR, learnt)
    assert found == {"response": 0.25, "resolution": pytest.approx(0.75), "update": 1.0}
    assert chances(clocks, TICKET, (), DESK, MONDAY, None) == {
        "response": 0.25,
        "resolution": 0.25,
        "update": 1.0,
    }


def test_a_faster_group_makes_it_less_likely() -> None:
    learnt = model(resolution=leaning(speed=-2.0))
    by_group = [
        chances({"resolution": RUNNING}, replace(TICKET, group=group), (), DESK, MONDAY + 11 * HOUR, learnt)
        for group in ("Fast", "other", "Slow")
    ]
    values = [found["resolution"] for found in by_group]
    assert values == sorted(values)
    assert values[0] < 0.3 < values[1] < 0.7 < values[2]


def test_an_assessment_carries_what_the_model_says() -> None:
    ticket = Ticket(id="1", opened_at=MONDAY + 9 * HOUR, priority="P1", group="Slow")
    now = MONDAY + 10 * HOUR
    learnt = model(resolution=leaning(first=math.log(3), speed=0.0))
    assert assess(ticket, (), POLICY, now, model=learnt).risk["resolution"] == pytest.approx(0.75)
    plain = assess(ticket, (), POLICY, now).risk["resolution"]
    assert plain == pytest.approx(1 / 8)
    closed = replace(ticket, closed_at=now, closed=True)
    assert assess(closed, (), POLICY, now + HOUR, model=learnt).risk == {}
    unpromised = replace(POLICY, targets={})
    assert assess(ticket, (), unpromised, now, model=learnt).risk == {}


# ── kept as plain numbers ─────────────────────────────────────────────────────────────────────


def test_a_model_survives_being_kept_as_json() -> None:
    kept = model(resolution=leaning(first=1 / 3, share=-2e-7))
    back = Model.from_json(json.loads(json.dumps(kept.to_json())))
    assert back.learnt_at == MONDAY
    assert back.buckets["resolution"].coefficients == (0.333333, -2e-7, *[0.0] * 8)
    assert (back.buckets["resolution"].speeds, back.buckets["resolution"].base) == (BLANK.speeds, 0.2)
    assert back.pace.shares == pytest.approx(EVEN.shares)
    assert back.to_json() == kept.to_json()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"features": ["share"]}, "learn again"),
        ({"pace": [1.0]}, "168 numbers"),
        ({"buckets": {"resolution": {}}}, "not a risk model: KeyError"),
        ({"buckets": []}, "not a risk model: AttributeError"),
        ({"learnt_at": None}, "not a risk model: TypeError"),
        ({"learnt_at": "yesterday"}, "Invalid isoformat"),
    ],
)
def test_what_is_no_model_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Model.from_json(model(resolution=BLANK).to_json() | change)


@pytest.mark.parametrize("coefficients", [[1.0], [math.nan] * (len(FEATURES) + 1)])
def test_coefficients_must_be_numbers_one_for_each_feature(coefficients: list[float]) -> None:
    kept = model(resolution=BLANK).to_json()
    kept["buckets"]["resolution"]["coefficients"] = coefficients
    with pytest.raises(ValueError, match="a coefficient for each feature"):
        Model.from_json(kept)


# ── the pace of a week ────────────────────────────────────────────────────────────────────────


def test_busy_hours_are_those_in_which_things_happen() -> None:
    worked = [
        MONDAY + timedelta(weeks=week, days=day, hours=hour)
        for week in range(60)
        for day in range(5)
        for hour in range(9, 17)
    ]
    pace = Pace.of(worked)
    week = pace.busy(MONDAY.timestamp(), (MONDAY + timedelta(weeks=1)).timestamp())
    assert week == pytest.approx(HOURS)
    weekend = pace.busy((MONDAY + timedelta(days=5)).timestamp(), (MONDAY + timedelta(days=7)).timestamp())
    day = pace.busy((MONDAY + 9 * HOUR).timestamp(), (MONDAY + 17 * HOUR).timestamp())
    assert weekend < 4
    assert day > 30
    assert pace.busy((MONDAY + 17 * HOUR).timestamp(), (MONDAY + 9 * HOUR).timestamp()) == pytest.approx(-day)


def test_part_hours_and_the_turn_of_the_week() -> None:
    shares = [1.0] * HOURS
    shares[HOURS - 1] = 3.0
    pace, sunday = Pace(shares), MONDAY - HOUR
    unit = HOURS / (HOURS + 2)
    assert pace.busy((sunday + HOUR / 2).timestamp(), (MONDAY + HOUR / 4).timestamp()) == pytest.approx(
        1.75 * unit
    )
    assert hour_of_week(sunday) == HOURS - 1
    assert hour_of_week(MONDAY) == 0


@pytest.mark.parametrize(
    "shares", [[], [1.0] * 167, [0.0] * HOURS, [-1.0, *[1.0] * (HOURS - 1)], [math.nan] * HOURS]
)
def test_what_is_no_week_is_refused(shares: list[float]) -> None:
    with pytest.raises(ValueError, match="168 numbers"):
        Pace(shares)
