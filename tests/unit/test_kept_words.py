"""Words are remembered, and what a customer pastes does not fill the daemon's memory."""

from __future__ import annotations

import gc
import tracemalloc

from connector.rules.authorship import phrases
from connector.rules.authorship.kept import LONGEST, kept


def test_a_word_is_looked_up_once() -> None:
    asked: list[str] = []

    @kept(most=10)
    def upper(word: str) -> str:
        asked.append(word)
        return word.upper()

    assert [upper(word) for word in ("away", "back", "away", "back")] == ["AWAY", "BACK", "AWAY", "BACK"]
    assert asked == ["away", "back"]


def test_no_more_words_are_kept_than_said_and_all_stay_right() -> None:
    asked: list[str] = []

    @kept(most=3)
    def upper(word: str) -> str:
        asked.append(word)
        return word.upper()

    for letter in "abcdad":
        assert upper(letter) == letter.upper()
    assert asked == list("abcda")  # all made room for `d`


def test_a_word_too_long_to_be_one_is_looked_up_each_time() -> None:
    asked: list[int] = []

    @kept(most=10)
    def length(word: str) -> int:
        asked.append(len(word))
        return len(word)

    assert [length("x" * LONGEST), length("x" * LONGEST)] == [LONGEST] * 2
    assert [length("x" * (LONGEST + 1)), length("x" * (LONGEST + 1))] == [LONGEST + 1] * 2
    assert asked == [LONGEST, LONGEST + 1, LONGEST + 1]


def test_pasted_keys_are_not_kept() -> None:
    def read(number: int) -> None:
        key = f"{number:04x}" * 5_000  # one word of 20,000 letters
        phrases.read(f"Hi, my key is below. Could you look at it?\n{key}\nThanks, Mary")

    read(0)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(1, 201):
            read(number)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 500_000  # 4 MB were read
