"""A small share of `make soak`, and a planted bug of each kind: what the laws say is really looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.weather.bugs import BUGS, Bug, asleep
from tests.weather.laws import AFTER_CALM, ALWAYS, NOW_AND_THEN, Broken
from tests.weather.voyage import EVERY_FAULT, Plan, sail

SEEDS = (1, 2, 3)


@pytest.mark.parametrize(("vendor", "seed"), [("connectwise", 1), ("autotask", 1), ("halo", 1)])
def test_no_law_is_broken_in_any_weather(tmp_path: Path, vendor: str, seed: int) -> None:
    voyage = sail(Plan(vendor, seed, 1200, EVERY_FAULT, calm_every=600, trouble=0.03), tmp_path)
    assert voyage.house.lives > 1
    assert len(voyage.troubles) > 8
    assert voyage.judged["flags_right"] >= 2


def test_there_is_a_bug_for_each_trouble_and_each_law() -> None:
    assert {law.__name__ for law in (*ALWAYS, *NOW_AND_THEN, *AFTER_CALM)} == {bug.law for bug in BUGS}
    assert frozenset[str]().union(*(bug.faults for bug in BUGS)) == EVERY_FAULT


def _broken_law(bug: Bug, seed: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str | None:
    with monkeypatch.context() as patch:
        asleep(patch)
        bug.plant(patch)
        try:
            sail(bug.voyage(seed), folder)
        except Broken as broken:
            return broken.law
    return None


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: Bug) -> None:
    found = None
    for seed in SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        found = _broken_law(bug, seed, folder, monkeypatch)
        if found is not None:
            break
    assert found == bug.law
