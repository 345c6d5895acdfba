"""The contract's days: review, plan, checkpoints, verdict, right to leave and reward, each when it is due."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.model import Rating
from connector.rules.contract import (
    Answers,
    Confirmation,
    Contract,
    Happening,
    Terms,
    advance,
    close_review,
    confirm_plan,
    end_release,
    next_look,
)
from connector.rules.policy import PlanRule, PxRule

DAY0 = datetime(2026, 1, 1, tzinfo=UTC)
STRICT = Terms(px=PxRule(plan="strict"))
GUARDED = Terms(px=PxRule())


def day(n: float) -> datetime:
    return DAY0 + timedelta(days=n)


def rated(*given: tuple[float, int, int]) -> Answers:
    """(day, happy answers, unhappy answers)."""
    ratings: list[Rating] = []
    for at, happy, unhappy in given:
        scores = [5.0] * happy + [1.0] * unhappy
        ratings += [Rating(at=day(at), key=f"{at}:{i}", score=score) for i, score in enumerate(scores)]
    return Answers(ratings)


def play(answers: Answers, terms: Terms, until: float, start: Contract | None = None) -> Any:
    return advance(start or Contract(looked_at=DAY0), answers, terms, day(until))


def told(happened: Iterable[Happening]) -> list[tuple[str, float]]:
    return [(h.kind, (h.at - DAY0) / timedelta(days=1)) for h in happened if h.kind != "score_line"]


def test_a_review_opens_the_day_px_crosses_the_target_however_late_we_look() -> None:
    answers = rated((-5, 19, 0), (10.5, 0, 1), (20.25, 0, 1))  # 19 of 20 is 95 %; then 19 of 21
    state, happened = play(answers, GUARDED, 60)
    assert told(happened) == [("review_opened", 20.25)]
    assert state.review.number == 1
    assert (state.review.figure.positive, state.review.figure.n) == (19, 21)


def test_few_answers_open_nothing_strict_or_not() -> None:
    assert play(rated((1, 0, 4)), STRICT, 60)[1] == ()
    assert told(play(rated((1, 0, 5)), STRICT, 60)[1])[0] == ("review_opened", 1)


def test_a_guarded_review_waits_for_the_exact_test() -> None:
    terms = Terms(px=PxRule(review="guarded"))
    assert play(rated((1, 9, 3)), terms, 60)[1] == ()  # 1.96 %: of so few answers 1 % is asked for
    assert told(play(rated((1, 8, 4)), terms, 60)[1])[:2] == [("review_opened", 1), ("plan_opened", 1)]


def test_a_review_stands_thirty_days_and_opens_no_second_one_meanwhile() -> None:
    answers = rated((1, 18, 2), (3, 40, 0), (8, 0, 4), (12, 80, 0))
    state, happened = play(answers, GUARDED, 35)
    assert told(happened) == [("review_opened", 1), ("review_closed", 31)]
    assert state.armed
    assert happened[-1].why == "PX is at its target again"


def test_a_guarded_plan_opens_when_chance_cannot_explain_it_even_if_the_review_was_held() -> None:
    answers = rated((1, 18, 2), (9, 0, 2))
    state, first = play(answers, GUARDED, 5)
    assert told(first) == [("review_opened", 1)]
    state, closed = close_review(state, Confirmation(by="ann", at=day(6), why="talked to them"))
    assert (closed.kind, closed.by, closed.why) == ("review_closed", "ann", "talked to them")
    state, then = play(answers, GUARDED, 10, state)
    assert told(then) == [("plan_opened", 9)]
    assert state.plan.confirmed_by == ""


def test_a_person_may_open_the_plan_the_guard_holds_back() -> None:
    answers = rated((1, 18, 2))
    state, _ = play(answers, GUARDED, 5)
    state = confirm_plan(state, Confirmation(by="ann", at=day(6), why="they are right"))
    state, happened = play(answers, GUARDED, 7, state)
    assert told(happened) == [("plan_opened", 6)]
    assert (happened[0].by, happened[0].why, state.plan.confirmed_by) == ("ann", "they are right", "ann")
    with pytest.raises(ValueError, match="already open"):
        confirm_plan(state, Confirmation(by="ann", at=day(8)))


def test_nobody_can_confirm_what_no_review_asked_for() -> None:
    with pytest.raises(ValueError, match="no review waits"):
        confirm_plan(Contract(looked_at=DAY0), Confirmation(by="ann", at=DAY0))
    with pytest.raises(ValueError, match="no review is open"):
        close_review(Contract(looked_at=DAY0), Confirmation(by="ann", at=DAY0))
    with pytest.raises(ValueError, match="no right to leave"):
        end_release(Contract(looked_at=DAY0), Confirmation(by="ann", at=DAY0))


def test_a_plan_keeps_its_days_and_ends_well() -> None:
    answers = rated((1, 8, 2), (20, 30, 0), (50, 30, 1))
    state, happened = play(answers, STRICT, 120)
    assert told(happened) == [
        ("review_opened", 1),
        ("plan_opened", 1),
        ("checkpoint", 31),
        ("checkpoint", 61),
        ("checkpoint", 91),
        ("plan_recovered", 91),
    ]
    lines = [h for h in happened if h.kind == "score_line"]
    assert [h.day for h in lines] == [7 * week for week in range(1, 13)]
    assert [h.figure.n for h in lines][:3] == [0, 0, 30]  # answers since the plan opened, nothing older
    verdict = happened[-1]
    assert (verdict.day, verdict.figure.positive, verdict.figure.n) == (90, 60, 61)
    assert (state.plan, state.release) == (None, None)


def test_a_plan_that_does_not_help_ends_in_the_right_to_leave_until_a_whole_window_is_good() -> None:
    answers = rated((1, 8, 2), (50, 8, 2), (100, 10, 0), (150, 10, 0), (190, 5, 0))
    state, happened = play(answers, STRICT, 100)
    assert told(happened)[-1] == ("plan_failed", 91)
    assert state.release.number == 2
    assert state.released_at == day(91)
    state, then = play(answers, STRICT, 200, state)
    assert told(then) == [("release_ended", 181)]
    assert state.release is None


def test_a_person_ends_the_right_to_leave_and_the_promise_is_armed_again() -> None:
    answers = rated((1, 8, 2), (50, 8, 2), (95, 0, 3))
    state, _ = play(answers, STRICT, 92)
    state, ended = end_release(state, Confirmation(by="ann", at=day(93)))
    assert (ended.kind, ended.number) == ("release_ended", 2)
    _, then = play(answers, STRICT, 96, state)
    assert told(then)[:1] == [("review_opened", 95)]


def test_a_guarded_exit_forgives_what_chance_explains() -> None:
    answers = rated((1, 8, 2), (50, 11, 1))
    guarded = Terms(px=PxRule(plan="strict"), plan=PlanRule(exit="guarded"))
    assert told(play(answers, STRICT, 92)[1])[-1] == ("plan_failed", 91)
    assert told(play(answers, guarded, 92)[1])[-1] == ("plan_recovered", 91)


def test_the_verdict_waits_for_enough_answers() -> None:
    answers = rated((1, 8, 2), (50, 4, 0), (99, 1, 0))
    _, happened = play(answers, STRICT, 120)
    assert told(happened)[-1] == ("plan_recovered", 99)
    assert happened[-1].figure.n == 5


def test_a_plan_keeps_the_terms_it_opened_with() -> None:
    answers = rated((1, 8, 2), (50, 9, 1))
    state, _ = play(
        answers, Terms(px=PxRule(plan="strict", target=85), plan=PlanRule(days=60, checkpoints=(20,))), 2
    )
    softer = Terms(px=PxRule(plan="strict", target=99), plan=PlanRule(days=300, checkpoints=(150,)))
    _, happened = play(answers, softer, 130, state)
    assert told(happened)[:2] == [("checkpoint", 21), ("plan_recovered", 61)]


def test_a_reward_is_the_mirror_once_a_window_and_not_while_something_is_open() -> None:
    happy = rated(*[(5 + 10 * i, 40, 0) for i in range(20)])
    terms = Terms(px=PxRule(), reward=98)
    assert told(play(happy, terms, 190)[1]) == [("reward_due", 35), ("reward_due", 125)]  # 150 of 150 is sure
    assert told(play(happy, Terms(px=PxRule(plan="strict"), reward=98), 6)[1]) == [("reward_due", 5)]
    assert play(happy, GUARDED, 190)[1] == ()


def test_what_is_decided_is_decided() -> None:
    state, _ = play(rated((1, 8, 2)), STRICT, 50)
    assert play(rated((1, 8, 2)), STRICT, 50, state) == (state, ())
    with pytest.raises(ValueError, match="already decided"):
        play(rated(), STRICT, 49, state)


def test_next_look_is_the_next_instant_anything_can_change() -> None:
    answers = rated((-10, 1, 0), (3, 8, 2))
    start = Contract(looked_at=DAY0)
    assert next_look(start, answers, STRICT) == day(3)
    state, _ = play(answers, STRICT, 4)
    assert next_look(state, answers, STRICT) == day(10)  # the first weekly line
    assert next_look(start, rated(), STRICT) is None


def test_a_week_nobody_looked_is_gone_through_at_once_with_ten_thousand_answers() -> None:
    every = timedelta(days=90) / 10_000
    answers = Answers(
        Rating(at=day(0) + every * n, key=str(n), score=1.0 if n % 25 == 0 else 5.0) for n in range(10_000)
    )
    began = time.thread_time()
    state, happened = advance(Contract(looked_at=day(83)), answers, GUARDED, day(90))
    assert time.thread_time() - began < 2  # seconds; judging the window anew at every look takes ten
    assert (state.looked_at, happened) == (day(90), ())
