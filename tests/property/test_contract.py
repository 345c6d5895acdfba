"""The contract does not depend on when it is looked at, and never holds two things at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model import Rating
from connector.rules.contract import Answers, Contract, Happening, Terms, advance, next_look
from connector.rules.experience import px
from connector.rules.policy import PlanRule, PxRule

DAY0 = datetime(2026, 1, 1, tzinfo=UTC)
LAST = DAY0 + timedelta(days=300)
MOMENTS = st.integers(-80 * 24, 300 * 24).map(lambda hours: DAY0 + timedelta(hours=hours))
RATINGS = st.lists(
    st.builds(Rating, at=MOMENTS, score=st.sampled_from([5.0, 5.0, 5.0, 3.0, 1.0])), max_size=80
)
TESTS = st.sampled_from(["strict", "guarded"])
TERMS = st.builds(
    Terms,
    px=st.builds(PxRule, review=TESTS, plan=TESTS, min_answers=st.integers(1, 8)),
    plan=st.builds(PlanRule, exit=TESTS),
    reward=st.sampled_from([None, 98.0]),
)


def after(looks: list[datetime], answers: Answers, terms: Terms) -> tuple[Contract, list[Happening]]:
    state, told = Contract(looked_at=DAY0), []
    for at in [DAY0, *sorted(at for at in looks if at >= DAY0), LAST]:
        state, happened = advance(state, answers, terms, at)
        assert sum(part is not None for part in (state.review, state.plan, state.release)) <= 1
        upcoming = next_look(state, answers, terms)
        assert upcoming is None or upcoming > at
        told += happened
    return state, told


@settings(max_examples=60)
@given(RATINGS, TERMS, st.lists(MOMENTS, max_size=12))
def test_looking_more_often_changes_nothing(
    ratings: list[Rating], terms: Terms, looks: list[datetime]
) -> None:
    answers = Answers(ratings)
    assert after(looks, answers, terms) == after([], answers, terms)


@settings(max_examples=60)
@given(RATINGS, TERMS)
def test_what_happens_is_in_order_and_numbered_once(ratings: list[Rating], terms: Terms) -> None:
    _, told = after([], Answers(ratings), terms)
    assert [h.at for h in told] == sorted(h.at for h in told)
    opened = [h.number for h in told if h.kind in ("review_opened", "plan_opened", "reward_due")]
    assert opened == list(range(1, len(opened) + 1))
    for kind in ("plan_recovered", "plan_failed", "release_ended"):
        ended = [h.number for h in told if h.kind == kind]
        assert len(ended) == len(set(ended))
        assert set(ended) <= {h.number for h in told if h.kind == "plan_opened"}


@settings(max_examples=60)
@given(RATINGS, TERMS)
def test_only_what_is_below_target_opens_anything(ratings: list[Rating], terms: Terms) -> None:
    for h in after([], Answers(ratings), terms)[1]:
        if h.kind in ("review_opened", "plan_opened"):
            assert h.figure.percent is not None
            assert h.figure.percent < terms.px.target
            assert h.figure.n >= terms.px.min_answers
        if h.kind == "reward_due":
            assert h.figure.percent is not None
            assert terms.reward is not None
            assert h.figure.percent >= terms.reward


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            Rating,
            at=MOMENTS,
            score=st.sampled_from([5.0, 3.0, 1.0]),
            scale=st.sampled_from([5.0, 5.0, 0.0]),
            kind=st.sampled_from(["ticket", "annual"]),
        ),
        max_size=40,
    ),
    st.builds(
        PxRule,
        neutral=st.sampled_from(["counted", "excluded"]),
        annual_weight=st.sampled_from([0.0, 0.5, 1.0]),
    ),
    MOMENTS,
    MOMENTS,
)
def test_a_stretch_of_answers_has_the_px_of_its_answers(
    ratings: list[Rating], rule: PxRule, since: datetime, until: datetime
) -> None:
    answers = Answers(ratings)
    assert answers.px(rule, since, until) == px(answers.between(since, until), rule)
