"""What must not change what is learnt or found, like order and repetition; and no text is too hostile."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.rules.authorship import judge
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.rulings import Ruling, marks
from connector.rules.authorship.templates import KEPT, Sighting, gathered, lines_of, sightings, with_use
from connector.rules.authorship.unwrap import unwrap
from connector.rules.authorship.wording import named, pieces, plain
from connector.rules.policy import ClientTemplate
from tests.unit.authorship_kit import AT, RULE, message_of

USES = st.lists(st.tuples(st.integers(0, 99), st.sampled_from([f"t{n}" for n in range(90)])), max_size=120)
WORDS = st.sampled_from(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "printer",
        "server",
        "again",
        "4711",
        "x@y.example",
        "https://a.example",
    ]
)
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), min_size=1, max_size=6)


@given(USES, st.randoms(use_true_random=False))
def test_uses_do_not_depend_on_order_or_repetition(
    uses: list[tuple[int, str]], shuffler: random.Random
) -> None:
    def kept(seen: list[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
        found: tuple[tuple[int, str], ...] = ()
        for use in seen:
            found = with_use(found, use)
        return found

    first = kept(uses)
    again = [*uses, *uses]
    shuffler.shuffle(again)
    assert kept(again) == first
    earliest: dict[str, int] = {}
    for at, ticket in sorted(uses, reverse=True):
        earliest[ticket] = at
    assert first == tuple(sorted((at, ticket) for ticket, at in earliest.items()))[:KEPT]


@given(TEXTS, st.integers(1, 9), st.randoms(use_true_random=False))
def test_a_verdict_depends_on_earlier_messages_only(
    texts: list[str], day: int, shuffler: random.Random
) -> None:
    def said(number: int) -> list[Sighting]:
        message = message_of(
            texts[number % len(texts)] * 3, actor={"kind": "staff", "id": "a"}, direction="out"
        )
        return list(sightings(str(number), [replace(message, at=AT + timedelta(days=number))]))

    seen = [one for number in range(10) for one in said(number)]
    early = [one for number in range(day) for one in said(number)]
    shuffler.shuffle(seen)
    message = message_of(texts[0] * 3, actor={"kind": "staff", "id": "a"}, direction="out")
    message = replace(message, at=AT + timedelta(days=day - 1))
    judged = [
        judge(message, RULE, ticket="x", learnt=Learnt(gathered(known)))
        for known in (seen, early, early[::-1])
    ]
    assert judged[0] == judged[1] == judged[2]
    assert judged[0].cause == "human"


@given(st.text(max_size=300))
def test_any_text_has_sentences_and_marks(text: str) -> None:
    for line in lines_of(text):
        assert line.mark == "" or len(line.mark) == 16
        assert line.chars > 0
        assert line.words > 0
    ruling = Ruling(author="a", lines=marks(unwrap(text).own), content="boilerplate", by="x", at=AT)
    message = message_of(text, actor={"kind": "staff", "id": "a"}, direction="out")
    assert judge(message, RULE, learnt=Learnt(rulings=[ruling])).content in (
        "boilerplate",
        "empty",
        "absence",
    )


@given(st.lists(WORDS, min_size=1, max_size=4), st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=6))
def test_a_pattern_is_found_in_whatever_sentence_holds_it(
    words: list[str], before: list[str], after: list[str]
) -> None:
    template = ClientTemplate(name="t", match=(pieces("*".join(words)),), content="specific")
    sentence = " ".join([*before, *words, *after])
    assert named(sentence.upper(), [template]) is not None
    assert named(plain(sentence), [template]) is not None


HOSTILE = [
    "a" * 1_000_000,
    "a. " * 300_000,
    "1" * 1_000_000,
    "hi, " * 200_000,
    "www.@://1" * 100_000,
    "\u202e\u05e9\u05dc\u05d5\u05dd \U0001f600 " * 60_000,
    "長い文章です。" * 60_000,
    "\n" * 500_000 + "x",
    "<p>" * 200_000,
    "\ud800" * 50_000,
    "left a " * 100_000 + "voicemail",
]


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(text[:8]) for text in HOSTILE])
def test_megabytes_of_anything_are_judged_at_once(text: str) -> None:
    vm = ClientTemplate(name="vm", match=(pieces("left a * voicemail"), pieces("a * " * 70)))
    rule = replace(RULE, templates=(vm,))
    message = message_of(text, actor={"kind": "staff", "id": "a"}, direction="out", channel="email")
    start = time.process_time()
    seen = list(sightings("t", [message]))
    ruling = Ruling(author="a", lines=marks(text[:99]), cause="automated", by="x", at=AT)
    later = replace(message, at=AT + timedelta(days=1))
    judge(later, rule, ticket="u", learnt=Learnt(gathered(seen), [ruling]))
    assert time.process_time() - start < 3
    assert len(seen) <= 64
