"""What the PSA counted beside what happened: scripted tickets, read by each adapter into a store, judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector.history.doctor import Finding
from connector.simulator import World
from connector.simulator.plants import plant
from connector.simulator.slasetup import set_stage
from tests.integration.lint_kit import Bench, bench, later

STOCK = (
    "Thank you for getting in touch. One of our engineers is looking into this for you right now and will be "
    "back with an update as soon as there is anything new to tell you about it."
)
ROOMS = [
    "attic",
    "barn",
    "cellar",
    "den",
    "elevator",
    "foyer",
    "garage",
    "hall",
    "icehouse",
    "junction",
    "kitchen",
    "lobby",
]
CURES = [
    "toner",
    "drum",
    "fuser",
    "tray",
    "cable",
    "driver",
    "spooler",
    "roller",
    "sensor",
    "lamp",
    "belt",
    "cover",
]

Step = Callable[[World, int, int], object]
"""What happens to a ticket, the number of which among its story's is the last argument."""


def write(who: str) -> Step:
    """Something about this ticket and no other."""

    def step(world: World, ticket: int, _n: int) -> None:
        room, cure = ROOMS[ticket % 11], CURES[ticket // 11 % 11]
        world.post(ticket, who, f"I went to the {room}, changed the {cure} and printed ten pages.")

    return step


def move(status: str, by: str) -> Step:
    return lambda world, ticket, _n: world.set_status(ticket, status, by)


def say(who: str, text: str) -> Step:
    return lambda world, ticket, _n: world.post(ticket, who, text)


AGAIN = say("contact", "It is broken again: the second tray jams whenever I print on both sides.")


@dataclass(frozen=True)
class Story:
    """`steps` are played on each of so many tickets, hours apart; `soon`: the first within a minute.

    `code` is what `lint` must say of them, '' nothing.
    """

    name: str
    steps: tuple[Step, ...]
    code: str = ""
    soon: bool = False
    tickets: int = 6


ALL = ("connectwise", "autotask", "halo")
ANSWER, AGREE = write("mbauer"), move("Scheduled", "mbauer")
STORIES = (
    Story("somebody writes, then a date is made", (ANSWER, AGREE)),
    Story("the customer is waited for", (ANSWER, move("Waiting Customer", "mbauer"))),
    Story("solved by a person", (ANSWER, move("Resolved", "mbauer"), move(">Closed", "workflow"))),
    Story("a rule answers", (move("Scheduled", "workflow"),), "response-at-creation", soon=True),
    Story("a click answers", (move("Scheduled", "jreed"),), "status-is-response"),
    Story("silence solves it", (ANSWER, AGREE, move(">Closed", "workflow")), "auto-close-resolves"),
    Story("nobody hears", (ANSWER, move(">Closed", "mbauer"), AGAIN), "reply-stays-closed"),
    Story("a machine by a person's name", (say("akaya", STOCK),), "human-looking-machine", tickets=11),
)


async def played(b: Bench, stories: list[Story]) -> dict[str, list[str]]:
    """The stories, step by step, the store filled after each; by code the tickets they were played on."""
    cast: list[tuple[Story, int, int]] = []
    for story in stories:
        for n in range(story.tickets):
            text = f"The printer in the {ROOMS[n]} does not take paper any more, can you help?"
            cast.append((story, b.world.open_ticket("Acme Dental", f"Printer {n}", text=text), n))
    async with b.watching() as remember:
        for place in range(max(len(story.steps) for story in stories)):
            now = [(story, ticket, n) for story, ticket, n in cast if place < len(story.steps)]
            at_once = [one for one in now if one[0].soon and place == 0]
            later(b.world, seconds=10)
            _play(b, at_once, place)
            await remember(ticket for _, ticket, _ in now)
            later(b.world, hours=1)
            _play(b, [one for one in now if one not in at_once], place)
        await remember(ticket for _, ticket, _ in cast)
    later(b.world, days=1)
    found: dict[str, list[str]] = {}
    for story, ticket, _ in cast:
        found.setdefault(story.code, []).append(str(ticket))
    return found


def _play(b: Bench, cast: list[tuple[Story, int, int]], place: int) -> None:
    for story, ticket, n in cast:
        story.steps[place](b.world, ticket, n)
        later(b.world, seconds=2)


def shown(one: Finding) -> set[str]:
    """The ticket ids of a finding."""
    lines = [line.removeprefix("tickets ") for line in one.evidence if line.startswith("tickets ")]
    return {word.strip() for line in lines for word in line.partition(" and ")[0].split(",")}


@pytest.fixture(params=ALL)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_what_the_psa_counts_is_laid_beside_what_happened(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, vendor, monkeypatch, tickets=0, hooked=False) as b:
        await played(b, [story for story in STORIES if not story.code])
        report = await b.report()
        assert (report.findings, report.tickets) == ((), 18)
        assert "history" not in report.not_made
        assert report.as_json()["responses"] == {"counted": 12, "hollow": 0}
        right = await played(b, [story for story in STORIES if story.code])
        found = {one.code: shown(one) for one in await b.found()}
        assert found.keys() == right.keys()
        for code, ids in found.items():
            assert ids & set(right[code]), (code, ids, right)


async def test_the_past_of_an_honest_desk_is_clean_and_that_of_most_is_not(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for plants, codes in (["honest"], set()), ([], {"response-before-message"}):
        folder = tmp_path / ("honest" if plants else "usual")
        folder.mkdir()
        async with bench(folder, vendor, monkeypatch, tickets=40, hooked=False, plants=plants) as b:
            plant(b.world, "honest")
            async with b.watching() as remember:
                await remember(b.world.tickets.by_id)
            assert await b.codes() == codes


async def test_a_reopened_ticket_that_stays_resolved_for_the_psa(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, "connectwise", monkeypatch, tickets=0, hooked=False) as b:
        set_stage(b.world, "In Progress", "resolved")
        steps = (ANSWER, move("Resolved", "mbauer"), move("In Progress", "mbauer"))
        await played(b, [Story("open and resolved", steps)])
        codes = {one.code: one.evidence[0] for one in await b.found()}
        assert codes == {"reopened-stays-resolved": "6 of 6 reopened tickets"}


async def test_where_a_status_does_not_tell_whether_the_clock_stands_the_tickets_in_it_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, "halo", monkeypatch, tickets=0, hooked=False) as b:
        set_stage(b.world, "Waiting Customer", "open")
        await played(b, [Story("counted", (ANSWER, move("Waiting Customer", "mbauer")))])
        (one,) = await b.found()
        assert (one.code, one.evidence[0]) == ("pause-counted", "the clock goes on in 6 of 6 tickets")


async def test_the_store_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, "connectwise", monkeypatch, tickets=0, hooked=False) as b:
        await played(b, [Story("a click answers", (move("Scheduled", "jreed"),))])
        monkeypatch.setenv("PX_CONTRACT_PRIVATE", "wrong")
        report = await b.report()
        assert [one.code for one in report.findings] == ["status-is-response"]
        assert "6 of 6 responses" in report.findings[0].evidence[0]
        assert list(report.not_made) == ["set-up of the PSA"]
        assert report.as_json()["responses"] == {"counted": 6, "hollow": 6}
