"""Autotask's filters: what a hint leaves out, the filter would not have let through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.simulator import Faults, World, make_world
from connector.simulator.autotask.entity import Hints
from connector.simulator.autotask.filters import compiled, hints
from connector.simulator.autotask.names import Names
from connector.simulator.autotask.notes import Notes
from connector.simulator.autotask.tickets import Desk, tickets
from connector.simulator.autotask.work import work


def _world() -> World:
    world = make_world(tickets=40)
    for hour in range(6):
        world.advance(timedelta(hours=1))
        world.post(1001 + hour, "jreed", "x")
        world.log_time(1003 + hour, "jreed", 5, "y")
    world.delete_ticket(1006, "jreed")
    return world


WORLD = _world()
DESK = Desk(WORLD, Names(WORLD), Faults())
TIMES = next(entity for entity in work(DESK) if entity.name == "TimeEntries")
ENTITIES = (tickets(DESK), Notes(DESK).entity(), TIMES)
NUMBERS = st.integers(0, 40).map(lambda n: n + 1000)
INSTANTS = st.integers(-200, 7).map(
    lambda hours: f"{WORLD.start + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
)
ORDERED = st.sampled_from(["gt", "gte", "lt", "lte", "eq", "noteq"])
DATES = st.sampled_from(["lastActivityDate", "lastModifiedDateTime", "createDate"])
CONDITION = st.one_of(
    st.builds(lambda op, value: {"op": op, "field": "id", "value": value}, ORDERED, NUMBERS),
    st.builds(lambda op, value: {"op": op, "field": "ticketID", "value": value}, ORDERED, NUMBERS),
    st.builds(lambda value: {"op": "in", "field": "ticketID", "value": value}, st.lists(NUMBERS)),
    st.builds(lambda value: {"op": "in", "field": "id", "value": value}, st.lists(NUMBERS)),
    st.builds(lambda op, f, value: {"op": op, "field": f, "value": value}, ORDERED, DATES, INSTANTS),
)
NODE = st.recursive(
    CONDITION,
    lambda inner: st.builds(
        lambda op, items: {"op": op, "items": items},
        st.sampled_from(["and", "or"]),
        st.lists(inner, min_size=1),
    ),
    max_leaves=5,
)


def _known(entity: Any, node: dict[str, Any]) -> bool:
    if "items" in node:
        return all(_known(entity, item) for item in node["items"])
    return entity.find(node["field"]) is not None


@given(st.sampled_from(ENTITIES), st.lists(NODE, min_size=1, max_size=3))
def test_hints_spare_work_and_nothing_else(entity: Any, filters: list[Any]) -> None:
    kept = [node for node in filters if _known(entity, node)]
    if not kept:
        return
    test = compiled(entity, kept)
    slow = [row for row in entity.rows(Hints()) if test(row)]
    quick = [row for row in entity.rows(hints(entity, kept)) if test(row)]
    assert [row.id for row in quick] == [row.id for row in slow]
