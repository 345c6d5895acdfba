"""The pretend MSP: the same for the same seed, stamped by everything that happens, telling who listens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.simulator import World, make_world, working_day
from connector.simulator.records import Change

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def told(world: World) -> list[tuple[str, str, str]]:
    heard: list[tuple[str, str, str]] = []

    def listen(change: Change) -> None:
        heard.append((change.type, change.action, change.by))

    world.listeners.append(listen)
    return heard


def everything(world: World) -> list[Any]:
    tickets = list(world.tickets.by_id.values())
    return [tickets, [world.posts(t.id) for t in tickets], list(world.work_logs.by_id.values())]


def test_the_same_seed_gives_the_same_past() -> None:
    assert everything(make_world(tickets=80)) == everything(make_world(tickets=80))
    assert everything(make_world(tickets=80)) != everything(make_world(tickets=80, seed=8))


def test_the_past_lies_before_the_start_and_is_mostly_closed() -> None:
    world = make_world(tickets=1000)
    tickets = world.tickets.by_id.values()
    assert all(t.entered_at <= t.updated_at < START for t in tickets)
    assert all(post.at < START for t in tickets for post in world.posts(t.id))
    assert 0.85 < sum(t.closed_at is not None for t in tickets) / 1000 < 0.95
    assert {world.companies[t.company].name for t in tickets} == {"Acme Dental", "Globex", "Initech"}


def test_ids_of_notes_are_never_used_twice() -> None:
    world = make_world(tickets=50)
    new = [world.post(1001, "jreed", "hello") for _ in range(20)]
    ids = [post.id for ticket in world.tickets.by_id for post in world.posts(ticket)]
    assert len(ids) == len(set(ids))
    assert set(new) < set(ids)


def test_every_happening_stamps_the_ticket_and_is_told() -> None:
    world = World(seed=1, start=START)
    heard = told(world)
    ticket = world.open_ticket("Globex", "No dial tone", text="Help!")
    for minute, happen in enumerate(
        (
            lambda: world.post(ticket, "jreed", "Looking at line 3."),
            lambda: world.log_time(ticket, "jreed", 5, "Called.", "Phone Call"),
            lambda: world.set_priority(ticket, "P1 Critical", "psingh"),
            lambda: world.assign(ticket, "mbauer", "psingh"),
            lambda: world.book(ticket, "mbauer", START, 30, by="psingh"),
            lambda: world.set_field(ticket, "Change Approval", "CAB-1", "sclarke"),
            lambda: world.set_status(ticket, "Resolved", "mbauer"),
        ),
        start=1,
    ):
        world.set_time(START + timedelta(minutes=minute))
        happen()
        assert world.ticket(ticket).updated_at == world.now()
    assert world.ticket(ticket).updated_by == "mbauer"
    assert heard[0] == ("ticket", "added", "zAdmin")
    assert [what for what in heard if what[0] == "time"] == [("time", "added", "jreed")]
    assert len([what for what in heard if what[:2] == ("ticket", "updated")]) == 7


def test_authors_become_what_the_psa_writes_down() -> None:
    world = World(seed=1, start=START)
    ticket = world.open_ticket("Globex", "No dial tone", text="Help!")
    for author in ("workflow", "template247", "Rewst", "jreed"):
        world.post(ticket, author, "text")
    seen = [(p.created_by, p.member, p.contact is not None) for p in world.posts(ticket)]
    assert seen == [
        ("zAdmin", None, True),
        ("zAdmin", None, False),
        ("template247", None, False),
        ("Rewst", 151, False),
        ("jreed", 111, False),
    ]


def test_the_status_alone_makes_the_psa_say_responded() -> None:
    world = World(seed=1, start=START)
    ticket = world.open_ticket("Globex", "No dial tone", priority="P2 High")
    world.set_status(ticket, "Assigned", "zAdmin")
    assert world.ticket(ticket).sla.responded_at == START
    assert world.posts(ticket) == []


def test_a_merged_ticket_points_at_its_parent_until_it_is_reopened() -> None:
    world = World(seed=1, start=START)
    parent, child = (world.open_ticket("Globex", "x") for _ in range(2))
    world.merge(child, parent, "jreed")
    assert world.ticket(child).merged_into == parent
    assert world.statuses[world.ticket(child).status].closed
    assert world.ticket(parent).has_merged
    world.set_status(child, "In Progress", "jreed")
    assert world.ticket(child).merged_into is None
    assert world.ticket(child).closed_at is None


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda w: w.open_ticket("Umbrella", "x"), "no client is called 'Umbrella'; there are: Acme Dental"),
        (lambda w: w.set_status(1001, "Done"), "no status is called 'Done'"),
        (lambda w: w.set_priority(1001, "P9", "jreed"), "no priority is called 'P9'"),
        (lambda w: w.post(1001, "nobody", "x"), "no author is called 'nobody'"),
        (lambda w: w.assign(1001, "contact", "jreed"), "no member is called 'contact'"),
        (lambda w: w.field(1001, "Colour"), "no custom field is called 'Colour'"),
        (lambda w: w.rate(1001, 6), "score must be 1 to 5"),
        (lambda w: w.open_ticket("Globex", "x", board="Sales"), "no board is called 'Sales'"),
        (lambda w: w.open_ticket("Globex", "x", type="Wish"), "no type is called 'Wish'"),
    ],
)
def test_a_wrong_name_is_told_with_the_names_there_are(call: Any, says: str) -> None:
    with pytest.raises(ValueError, match="^" + says.replace("(", r"\(")):
        call(make_world(tickets=1))


def test_rows_remember_what_they_were_a_moment_ago() -> None:
    world = World(seed=1, start=START)
    ticket = world.open_ticket("Globex", "x")
    world.advance(timedelta(seconds=60))
    world.set_status(ticket, "In Progress", "jreed")
    new = world.open_ticket("Globex", "y")
    before = world.tickets.past(START + timedelta(seconds=30))
    old = before[ticket]
    assert before[new] is None
    assert old is not None
    assert world.statuses[old.status].name == "New"
    assert old.sla.responded_at is None
    assert world.tickets.past(world.now()) == {}


def test_the_working_day_tells_its_story() -> None:
    world = make_world(tickets=20)
    steps = working_day(world)
    assert [s.at for s in steps] == sorted(s.at for s in steps)
    assert (steps[0].at, steps[-1].at) == (START + timedelta(minutes=5), START + timedelta(hours=9.5))
    for step in steps:
        step.apply()
    tickets = {step.ticket: step for step in steps}
    assert len(tickets) == 13
    assert {step.client for step in steps} == {"Acme Dental", "Globex", "Initech"}
    assert len({step.story for step in steps}) == 13
    first = next(s.ticket for s in steps if "three hours" in s.story)
    people = [p for p in world.posts(first) if p.member in (111, 112, 121, 122)]
    assert world.ticket(first).sla.responded_at == START + timedelta(minutes=5, seconds=13)
    assert people[0].at == START + timedelta(hours=3, minutes=17)
    scores = [a.score for a in world.answers.by_id.values() if a.ticket in tickets]
    assert sorted(scores) == [1, 2, 4, 5, 5, 5, 5]
    assert not any("{" in p.text for t in tickets for p in world.posts(t))


def test_a_part_of_the_working_day_is_cast_by_hand() -> None:
    world = make_world(tickets=5, clients=("A", "B"))
    cast = {"wifi": "A", "mailbox": "B"}
    steps = working_day(world, cast)
    for step in steps:
        step.apply()
    stories = {step.story for step in steps}
    whole = [(s.at, s.story) for s in working_day(make_world(tickets=5)) if s.story in stories]
    assert len(stories) == 2
    assert [(s.at, s.story) for s in steps] == whole
    assert {(s.ticket, s.client) for s in steps} == {(1006, "B"), (1007, "A")}
    assert {world.companies[world.ticket(s.ticket).company].name for s in steps} == {"A", "B"}
    with pytest.raises(ValueError, match="flood"):
        working_day(world, {"flood": "A"})


def test_the_working_day_fits_any_number_of_clients() -> None:
    for clients in (("Solo",), ("A", "B", "C", "D")):
        for step in working_day(world := make_world(tickets=5, clients=clients)):
            step.apply()
        assert len(world.tickets) == 18
