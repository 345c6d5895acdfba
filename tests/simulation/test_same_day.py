"""The same day played into three PSAs gives the same assessments, but for what docs/differences.md lists."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connector.model import Rating
from connector.simulator import World
from tests.shared import ROOT
from tests.simulation import differences
from tests.simulation.canonical import canonical
from tests.simulation.differences import (
    ABSENT,
    EVERY_DAY,
    IF_UNHAPPY,
    ON_THE_WAY,
    OTHER_LIVES,
    PSAS,
    Spot,
    found,
    spots,
)
from tests.simulation.lives import slots, the_day
from tests.simulation.watched import PSA_MET, Day, Slots, watched

OTHER_RULES = {
    "on_priority_change": "from_change",
    "update": {"runs": "always"},
    "response": {"boilerplate": "counted", "unknown": "review"},
    "px": {"neutral": "excluded"},
}


async def three(folder: Path, day: Slots, **rules: Any) -> list[Day]:
    return [await watched(psa, folder / psa, day, tickets=6, **rules) for psa in PSAS]


def in_the_end(days: list[Day]) -> Iterator[Spot]:
    """Where the assessments of the last moment differ."""
    return spots(
        {
            day.psa: {number: canonical(day.tickets[number], answer) for number, answer in day.told.items()}
            for day in days
        }
    )


def on_the_way(days: list[Day]) -> Iterator[Spot]:
    """Where the flags that should have stood on a ticket differ, at any moment of the day."""
    for at, ticket, flag in sorted(set().union(*(day.flags for day in days))):
        values = {day.psa: day.flags.get((at, ticket, flag), ABSENT) for day in days}
        if len(set(values.values())) > 1 and flag != PSA_MET:
            before = {day.psa: day.lately(at, ticket, flag) for day in days}
            said = {day.psa: {PSA_MET: day.flags.get((at, ticket, PSA_MET), ABSENT)} for day in days}
            yield Spot(ticket, f"flags.{flag}", values, said, before)


async def test_the_working_day_is_the_same_in_every_tongue(tmp_path: Path) -> None:
    days = await three(tmp_path, the_day)
    assert len(days[0].told) > 13
    assert found(in_the_end(days)) == EVERY_DAY | IF_UNHAPPY
    assert found(on_the_way(days)) == ON_THE_WAY | IF_UNHAPPY


@pytest.mark.parametrize(("seed", "rules"), [(1, {}), (2, OTHER_RULES)])
async def test_other_lives_are_the_same_too(tmp_path: Path, seed: int, rules: dict[str, Any]) -> None:
    days = await three(tmp_path, partial(slots, seed=seed), **rules)
    assert found(in_the_end(days)) - IF_UNHAPPY == OTHER_LIVES
    assert found(on_the_way(days)) - IF_UNHAPPY == ON_THE_WAY


def so_so(world: World) -> Iterator[list[Any]]:
    """One ticket, closed, of which the customer says that it was neither good nor bad."""
    ticket = world.open_ticket("Acme Dental", "Printer", text="It smokes.")
    yield [lambda: world.set_status(ticket, ">Closed", "jreed"), lambda: world.rate(ticket, 3)]
    yield [lambda: world.open_ticket("Acme Dental", "Another", text="It smokes again.")]


async def test_okay_is_unhappy(tmp_path: Path) -> None:
    """Halo has no face between good and bad: whoever clicks "Okay" was not happy."""
    days = [await watched(psa, tmp_path / psa, so_so, px={"neutral": "excluded"}) for psa in PSAS]
    given = {
        day.psa: [(e.score, e.scale) for e in day.told["1001"].timeline if isinstance(e, Rating)]
        for day in days
    }
    assert given == {"connectwise": [(3, 5)], "autotask": [(3, 5)], "halo": [(2, 5)]}
    shown = {day.psa: day.told["1002"].flags["px"] for day in days}
    assert shown == {"connectwise": "", "autotask": "", "halo": "0 % (n 1)"}


def test_a_difference_that_is_not_listed_is_told_with_its_ticket() -> None:
    values = {"connectwise": "red", "autotask": "red", "halo": "green"}
    with pytest.raises(AssertionError, match=r"flags\.zone \(1 times\)\s+1007: .*green"):
        found([Spot("1007", "flags.zone", values)])
    half = {"connectwise": "x (note)", "autotask": "x (note)", "halo": "y (email)"}
    with pytest.raises(AssertionError, match="does not list"):
        found([Spot("1007", "response.why", half)])


def test_the_page_lists_these_differences_and_no_other() -> None:
    page = (ROOT / "docs" / "differences.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) == len(set(rows))
    asserted = differences.LISTED.keys() | differences.OWN_TESTS
    assert {row.strip("`") for row in rows} == asserted
    assert differences.LISTED.keys() == OTHER_LIVES | ON_THE_WAY | IF_UNHAPPY, (
        "what a test expects to be there"
    )
