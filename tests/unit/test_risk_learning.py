"""Learning: the arithmetic against known answers, and a made-up desk whose truth is known."""

from __future__ import annotations

import doctest
import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.model import Assignment, BucketClock, Event, Message, PriorityChange, StatusChange, Ticket
from connector.rules import learning
from connector.rules.learning import FEWEST, Learner
from connector.rules.logistic import fit, probability
from connector.rules.policy import Policy, Target
from connector.rules.risk import Model, chances, standing
from tests.unit.desk import ALWAYS, CAROL, DANA, POLICY

HOUR = timedelta(hours=1)
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
NOW = START + timedelta(days=120)
ROUND_THE_CLOCK: Policy = replace(
    POLICY, targets={"*": Target(minutes={"response": 120, "resolution": 480}, calendar=ALWAYS)}
)


# ── the arithmetic ────────────────────────────────────────────────────────────────────────────


def test_it_finds_the_odds_of_two_kinds() -> None:
    rows = [[0.0]] * 100 + [[1.0]] * 100
    outcomes = [n < 20 for n in range(100)] + [n < 60 for n in range(100)]
    first, slope = fit(rows, outcomes, ridge=1e-9)
    assert probability(first) == pytest.approx(0.2, abs=1e-6)
    assert probability(first + slope) == pytest.approx(0.6, abs=1e-6)


def test_it_finds_the_coefficients_that_made_the_outcomes() -> None:
    dice = random.Random(3)
    rows = [[dice.gauss(50, 10), dice.gauss(0, 0.1), dice.random()] for _ in range(6000)]
    outcomes = [dice.random() < probability(4 - 0.1 * a + 8 * b) for a, b, _ in rows]
    first, a, b, noise = fit(rows, outcomes)
    assert (first, a, b) == pytest.approx((4, -0.1, 8), rel=0.15)
    assert abs(noise) < 0.3
    said = sum(probability(first + a * x + b * y + noise * z) for x, y, z in rows)
    assert said == pytest.approx(sum(outcomes), rel=1e-6)  # as many expected as there were


def test_what_separates_perfectly_is_held_back_and_what_never_varies_is_nothing() -> None:
    found = fit([[float(n), 7.0] for n in range(20)], [n > 9 for n in range(20)])
    assert all(map(math.isfinite, found))
    assert 0 < found[1] < 3
    assert found[2] == pytest.approx(0, abs=1e-6)


def test_it_ends_where_the_likelihood_has_no_end() -> None:
    found = fit([[0.0], [1.0]] * 5, [False, True] * 5, ridge=1e-12)
    assert all(map(math.isfinite, found))
    assert probability(found[0]) < 0.01 < 0.99 < probability(found[0] + found[1])


def test_more_ridge_means_less_belief() -> None:
    rows, outcomes = [[float(n % 2)] for n in range(40)], [n % 2 == 1 or n < 6 for n in range(40)]
    assert fit(rows, outcomes, ridge=1)[1] > fit(rows, outcomes, ridge=10)[1] > 0


@pytest.mark.parametrize(
    ("rows", "outcomes"), [([], []), ([[1.0]] * 3, [True] * 3), ([[1.0]] * 3, [False] * 3)]
)
def test_with_one_kind_of_outcome_there_is_nothing_to_learn(
    rows: list[list[float]], outcomes: list[bool]
) -> None:
    with pytest.raises(ValueError, match="both outcomes"):
        fit(rows, outcomes)


def test_the_logistic_function_does_not_overflow() -> None:
    assert probability(-1e6) == 0.0
    assert probability(1e6) == 1.0
    assert probability(0) == 0.5
    assert probability(-2) == pytest.approx(1 - probability(2))


def test_examples_in_docstrings_are_true() -> None:
    assert doctest.testmod(learning).failed == 0


# ── a desk whose truth is known ───────────────────────────────────────────────────────────────


def ticket(number: int, group: str, hours: float, opened_at: datetime) -> tuple[Ticket, list[Event]]:
    """Resolved by Dana after so many hours, having gone from the desk to a group at once."""
    end = opened_at + hours * HOUR
    events: list[Event] = [
        Message(at=opened_at, actor=CAROL, direction="in", text="It does not print."),
        Assignment(at=opened_at, actor=DANA, what="group", from_="Desk", to=group),
        StatusChange(at=end, actor=DANA, from_="New", to="Resolved"),
    ]
    return Ticket(
        id=str(number), opened_at=opened_at, priority="P2", status="Resolved", group=group, resolved_at=end
    ), events


def desk(count: int, seed: int = 5) -> list[tuple[Ticket, list[Event]]]:
    """Each group finishes at a steady rate: A in 4 hours on average, B in 16; promised are 8."""
    dice = random.Random(seed)
    found = []
    for number in range(count):
        group, mean = dice.choice([("A", 4.0), ("B", 16.0)])
        opened_at = START + dice.random() * timedelta(days=110)
        found.append(ticket(number, group, dice.expovariate(1 / mean), opened_at))
    return found


def learnt(tickets: list[tuple[Ticket, list[Event]]], policy: Policy = ROUND_THE_CLOCK) -> Model:
    learner = Learner(NOW)
    for one, events in tickets:
        learner.add(one, events, policy)
    return learner.model()


def said(model: Model, group: str, left: float) -> float:
    """The chance of a miss of a ticket in this group's hands with so many hours left, on a Tuesday noon."""
    now = START + timedelta(days=1, hours=4)
    opened_at = now - (8 - left) * HOUR
    one, events = ticket(1, group, 99, opened_at)
    clock = BucketClock(
        state="running", target_min=480, elapsed_min=(8 - left) * 60, due_at=opened_at + 8 * HOUR
    )
    return chances({"resolution": clock}, one, tuple(events), ALWAYS, now, model)["resolution"]


def test_it_learns_who_is_slow_and_what_time_is_worth() -> None:
    model = learnt(desk(900))
    one = model.buckets["resolution"]
    assert one.tickets == 900
    assert one.base == pytest.approx((math.exp(-2) + math.exp(-0.5)) / 2, abs=0.04)
    assert one.speeds["A"] - one.speeds["B"] == pytest.approx(math.log(4), abs=0.25)
    for left in (1, 4, 7):
        assert said(model, "A", left) == pytest.approx(math.exp(-left / 4), abs=0.12)
        assert said(model, "B", left) == pytest.approx(math.exp(-left / 16), abs=0.12)


def test_said_chances_come_true_on_tickets_never_seen() -> None:
    model = learnt(desk(900))
    sums: dict[bool, list[float]] = {True: [0, 0, 0], False: [0, 0, 0]}
    for one, events in desk(900, seed=6):
        due, now = one.opened_at + 8 * HOUR, one.opened_at + 3 * HOUR
        if one.resolved_at is None or one.resolved_at <= now:
            continue
        clock = BucketClock(state="running", target_min=480, elapsed_min=180, due_at=due)
        chance = chances({"resolution": clock}, one, tuple(events), ALWAYS, now, model)["resolution"]
        part = sums[chance > 0.5]
        part[0], part[1], part[2] = part[0] + 1, part[1] + chance, part[2] + (one.resolved_at > due)
    for count, expected, late in sums.values():
        assert count > 100
        assert late / count == pytest.approx(expected / count, abs=0.08)


def test_with_few_tickets_nothing_is_learnt() -> None:
    assert learnt(desk(FEWEST - 1)).buckets == {}
    assert "resolution" in learnt(desk(FEWEST)).buckets
    kept = [ticket(n, "A", 1, START + n * HOUR) for n in range(200)]
    assert learnt(kept).buckets == {}  # never a miss: no two kinds to tell apart
    late = [ticket(1000 + n, "A", 20, START + n * HOUR) for n in range(5)]
    assert "resolution" not in learnt([*kept, *late[:4]]).buckets
    assert "resolution" in learnt([*kept, *late]).buckets


def test_when_all_that_was_ever_seen_open_was_missed_there_is_nothing_to_tell_apart() -> None:
    at_once = [ticket(n, "A", 0, START + n * HOUR) for n in range(60)]
    late = [ticket(100 + n, "A", 20, START + n * HOUR) for n in range(60)]
    assert learnt([*at_once, *late]).buckets == {}


def test_what_was_resolved_when_looked_at_was_no_open_case() -> None:
    """Resolved after an hour, reopened after ten, resolved for good after eleven: two hours of eight."""
    reopened = []
    for number in range(60):
        one, events = ticket(number, "A", 1, START + number * HOUR)
        again = [
            StatusChange(at=one.opened_at + 10 * HOUR, actor=DANA, from_="Resolved", to="New"),
            StatusChange(at=one.opened_at + 11 * HOUR, actor=DANA, from_="New", to="Resolved"),
        ]
        reopened.append((replace(one, resolved_at=again[1].at), [*events, *again]))
    late = [ticket(100 + n, "A", 20, START + n * HOUR) for n in range(60)]
    one_model = learnt([*reopened, *late]).buckets["resolution"]
    assert (one_model.tickets, one_model.missed) == (120, 60)


def test_a_pause_that_never_ended_tells_nothing() -> None:
    waiting = []
    for number in range(30):
        one, events = ticket(5000 + number, "A", 500, NOW - 100 * HOUR)
        hold = StatusChange(at=one.opened_at + HOUR, actor=DANA, from_="New", to="On Hold")
        waiting.append((replace(one, status="On Hold", resolved_at=None), [*events[:2], hold]))
        back = StatusChange(at=NOW - HOUR, actor=DANA, from_="On Hold", to="New")
        waiting.append(
            (replace(one, id=f"b{number}", status="New", resolved_at=None), [*events[:2], hold, back])
        )
    assert learnt([*desk(300), *waiting]).buckets["resolution"].tickets == 300


def test_an_unfinished_promise_teaches_once_it_is_late_and_not_before() -> None:
    """Of the tickets opened in the last eight hours only the quick ones are finished: all are left out."""
    old, fresh = desk(300), []
    for number in range(300):
        opened_at = NOW - 7 * HOUR
        fresh.append(ticket(9000 + number, "A", 1 if number % 2 else 20, opened_at))
    assert learnt([*old, *fresh]).buckets["resolution"].tickets == 300
    overdue = [
        (replace(one, resolved_at=None, status="New"), events[:2])
        for one, events in (ticket(8000 + n, "A", 500, NOW - 9 * HOUR) for n in range(10))
    ]
    more = learnt([*old, *overdue]).buckets["resolution"]
    assert (more.tickets, more.missed) == (310, learnt(old).buckets["resolution"].missed + 10)


def test_nothing_later_than_now_is_used() -> None:
    """The same tickets as they are known at the time, and as they are known a month later."""
    then, later = [], []
    for one, events in desk(600):
        cut = [event for event in events if event.at <= NOW]
        as_known = replace(one, resolved_at=None, status="New") if len(cut) < 3 else one
        then.append((as_known, cut))
        moved = Assignment(at=NOW + HOUR, actor=DANA, what="group", from_=one.group, to="Z")
        raised = PriorityChange(at=NOW + HOUR, actor=DANA, from_="P2", to="P9")
        later.append((replace(one, group="Z"), [*events, moved, raised]))
    assert learnt(later).to_json() == learnt(then).to_json()


def test_each_ticket_is_learnt_under_what_it_was_promised_and_excluded_ones_not_at_all() -> None:
    tickets = desk(100)
    assert learnt(tickets, replace(ROUND_THE_CLOCK, targets={})).buckets == {}
    alerts = [(replace(one, type="Alert"), events) for one, events in tickets]
    assert learnt(alerts).buckets == {}
    ahead = [(replace(one, opened_at=NOW + HOUR), events) for one, events in tickets]
    assert learnt(ahead).buckets == {}


def test_paused_time_does_not_count_and_a_paused_clock_is_a_case_too() -> None:
    tickets = []
    for number in range(120):
        opened_at = START + number * HOUR
        hours = 30 if number % 3 else 36
        one, events = ticket(number, "A", hours, opened_at)
        pause = [
            StatusChange(at=opened_at + HOUR, actor=DANA, from_="New", to="On Hold"),
            StatusChange(at=opened_at + 25 * HOUR, actor=DANA, from_="On Hold", to="New"),
        ]
        tickets.append((one, [*events, *pause]))
    model = learnt(tickets)
    assert model.buckets["resolution"].missed == 40


def test_promises_of_other_kinds_are_left_to_the_share() -> None:
    model = learnt(desk(200))
    assert set(model.buckets) == {"resolution"}  # nobody ever answered: no response is done
    assert standing(*ticket(1, "A", 4, START), NOW).group == "A"
