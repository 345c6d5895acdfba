"""Faults by name, from words or at run time, and what a wrong word is told."""

from __future__ import annotations

import random

import pytest

from connector.simulator import Faults
from connector.simulator.gate import Gate


def test_words_of_the_command_line_become_faults() -> None:
    faults = Faults.parse(
        ["latency=200", "drop-callbacks=0.3", "html-429", "codebase=v2026_1/", "malformed=7:no-id,8"]
    )
    assert (faults.latency, faults.drop_callbacks, faults.html_429) == (200.0, 0.3, True)
    assert (faults.codebase, faults.malformed) == ("v2026_1/", {7: "no-id", 8: "dates"})


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("latnecy=1", "no fault is called 'latnecy'; there are: latency, jitter"),
        ("latency=fast", "fault latency: cannot use 'fast'"),
        ("errors=-1", "not negative"),
        ("html-429=maybe", "expected true or false"),
        ("malformed=7:purple", "expected one of dates, no-id"),
    ],
)
def test_a_wrong_word_is_named(word: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Faults.parse([word])


def test_several_are_set_together_or_not_at_all() -> None:
    faults = Faults()
    with pytest.raises(ValueError, match="bogus"):
        faults.update({"latency": 5, "bogus": 1})
    assert faults.latency == 0
    faults.update({"latency": 5, "malformed": {"7": "dates"}})
    assert (faults.latency, faults.malformed) == (5.0, {7: "dates"})


def test_the_gate_refuses_as_many_as_told() -> None:
    gate = Gate(Faults(throttle_next=2, errors_next=1), random.Random(1))
    assert [gate.refuses() for _ in range(4)] == ["throttled", "throttled", "broken", ""]


def test_the_gate_holds_the_limit_of_a_minute() -> None:
    gate = Gate(Faults(limit_per_minute=3), random.Random(1))
    assert [gate.refuses() for _ in range(5)] == ["", "", "", "throttled", "throttled"]
