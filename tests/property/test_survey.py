"""Links nobody can forge, and a guard that never asks a contact more often than was promised."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connector.clients import default_policy
from connector.model import Ticket
from connector.rules.asking import Lately, Occasion, day_begins, why_not
from connector.rules.policy import SurveyRule
from connector.rules.surveylinks import LONGEST, TOKEN_CHARS, Links, opened, token
from connector.store.surveys import Survey
from connector.web.survey import Visit, read_form

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ids = st.binary(min_size=12, max_size=12).map(bytes.hex)
keys = st.binary(min_size=16, max_size=64)
instants = st.floats(0, 7e9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(ids, instants, keys)
def test_a_token_says_what_it_was_made_of(id: str, expires: datetime, key: bytes) -> None:
    text = token(id, expires, key)
    assert len(text) == TOKEN_CHARS
    assert set(text) <= set(ALPHABET)
    found = opened(text, key)
    assert found is not None
    assert (found.id, found.expires_at) == (id, expires.replace(microsecond=0))


@given(ids, instants, keys, st.integers(0, TOKEN_CHARS - 1), st.sampled_from(ALPHABET + "+/= é"))
def test_no_character_of_a_token_can_be_another(
    id: str, expires: datetime, key: bytes, place: int, other: str
) -> None:
    text = token(id, expires, key)
    assume(text[place] != other)
    assert opened(text[:place] + other + text[place + 1 :], key) is None


@given(ids, instants, keys, keys)
def test_another_key_opens_nothing(id: str, expires: datetime, key: bytes, other: bytes) -> None:
    assume(key.rstrip(b"\0") != other.rstrip(b"\0"))  # HMAC fills a short key up with zeros
    assert opened(token(id, expires, key), other) is None


@given(st.text() | st.text(alphabet=ALPHABET, min_size=TOKEN_CHARS, max_size=TOKEN_CHARS), keys)
def test_nothing_else_is_a_token_and_nothing_hurts(text: str, key: bytes) -> None:
    assert opened(text, key) is None


def test_the_key_is_in_no_repr_and_a_link_fits_a_field() -> None:
    links = Links(base="https://" + "x" * 45, key=b"hunter2 hunter2 hunter2")
    assert "hunter2" not in repr(links)
    assert len(links.link("00" * 12, datetime(2026, 1, 1, tzinfo=UTC))) == LONGEST
    with pytest.raises(ValueError, match="12 bytes"):
        token("00" * 11, datetime(2026, 1, 1, tzinfo=UTC), b"k" * 16)


closings = st.lists(
    st.tuples(st.integers(0, 120 * 24), st.sampled_from(["ann", "ben", "carla"])), min_size=1, max_size=60
)


@given(closings, st.integers(0, 45), st.integers(1, 4), st.floats(1, 100))
def test_whoever_closes_when_nobody_is_asked_too_often(
    closings: list[tuple[int, str]], days: int, per_day: int, sample: float
) -> None:
    plain = default_policy()
    rule = replace(plain.survey, ask=True, per_contact_days=days, per_day=per_day, sample=sample)
    policy = replace(plain, survey=rule)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    asked: list[tuple[datetime, str]] = []
    for number, (hour, contact) in enumerate(sorted(closings)):
        now = start + timedelta(hours=hour)
        ticket = Ticket(id=str(number), opened_at=start, status="Resolved", contact=contact)
        mine = [at for at, who in asked if who == contact]
        today = [at for at, _ in asked if at >= day_begins(policy, now)]
        lately = Lately(today=len(today), contact_at=max(mine, default=None))
        if not why_not(Occasion(0), ticket, (), policy, lately, apart="", since=start, now=now):
            asked.append((now, contact))
    for contact in {"ann", "ben", "carla"}:
        mine = [at for at, who in asked if who == contact]
        gaps = [later - at for at, later in pairwise(mine)]
        assert all(gap >= timedelta(days=days) for gap in gaps)
    for at, _ in asked:
        assert sum(day_begins(policy, one) == day_begins(policy, at) for one, _ in asked) <= per_day


SURVEY = Survey(
    conn="main", about="ticket:1:0", client="Acme", contact="u17", at=NOW, state="asked", link="00" * 12
)
RULE = SurveyRule(factors=("Speed", "It was solved"))
words = st.sampled_from(
    ["score", "comment", "lost", "factor", "step", "more", "=", "&", "%", "5", "٣", "Speed", "\0"]
)


@given(st.binary(max_size=300) | st.lists(words, max_size=40).map(lambda all: "".join(all).encode()))
def test_whatever_is_sent_as_a_form_becomes_an_answer_or_nothing(body: bytes) -> None:
    form = read_form(body, Visit("token", SURVEY, late=False, rule=RULE))
    assert form.score in (None, 1, 2, 3, 4, 5)
    assert form.more or form.score is not None or form.wrong
    assert form.wrong or not form.lost or 0 <= int(form.lost) <= 60_000
    assert set(form.factors) <= set(RULE.factors)
    assert len(form.comment) <= 4000
