"""Whatever order and grouping facts arrive in, and however often, the timelines are the same."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.model import Event, Message, Rating, StatusChange
from connector.store import events
from connector.store.store import Store

from .makers import at

_IDS = ("1", "2", "10")
_TEXT = st.text(max_size=12, alphabet=st.characters(exclude_categories=()))


@st.composite
def _facts(draw: st.DrawFn) -> list[tuple[str, Event]]:
    """Facts with distinct identities."""
    keys = draw(st.lists(st.tuples(st.sampled_from(_IDS), st.integers(0, 30)), unique=True, max_size=20))
    return [(id, draw(_fact(f"{draw(st.sampled_from(['note', 'seen']))}:{number}"))) for id, number in keys]


def _fact(key: str) -> st.SearchStrategy[Event]:
    when = st.integers(-1000, 1000).map(lambda seconds: at(seconds / 60))
    kinds: list[st.SearchStrategy[Any]] = [
        st.builds(Message, at=when, key=st.just(key), text=st.none() | _TEXT, subject=_TEXT),
        st.builds(StatusChange, at=when, key=st.just(key), from_=_TEXT, to=_TEXT),
        st.builds(Rating, at=when, key=st.just(key), score=st.integers(0, 5).map(float), comment=_TEXT),
    ]
    return st.one_of(kinds)


_RUNS = iter(range(10**9))
_SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@_SETTINGS
@given(facts=_facts(), data=st.data())
async def test_merging_is_idempotent_and_independent_of_order(
    store: Store, facts: list[tuple[str, Event]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(facts))
    repeated = data.draw(st.lists(st.sampled_from(facts), max_size=5)) if facts else []
    cut = data.draw(st.integers(0, len(facts)))
    one, other = (f"c{next(_RUNS)}" for _ in range(2))
    async with store.begin() as tx:
        assert await events.merge(tx, one, facts) == {id for id, _ in facts}
        assert await events.merge(tx, one, shuffled) == set()
        for part in (shuffled[cut:], repeated, shuffled[:cut]):
            await events.merge(tx, other, part)
        expected = {id: _in_order(facts, id) for id in _IDS}
        assert await events.timelines(tx, one, _IDS) == expected
        assert await events.timelines(tx, other, _IDS) == expected


@_SETTINGS
@given(before=_facts(), now=_facts())
async def test_a_complete_reading_leaves_what_was_read_and_what_is_ours(
    store: Store, before: list[tuple[str, Event]], now: list[tuple[str, Event]]
) -> None:
    conn = f"c{next(_RUNS)}"
    async with store.begin() as tx:
        await events.merge(tx, conn, before)
        was = await events.timelines(tx, conn, _IDS)
        changed = await events.merge(tx, conn, now, complete=_IDS, replaceable_prefixes=["note:"])
        after = await events.timelines(tx, conn, _IDS)
    ours = [(id, fact) for id, fact in before if fact.key.startswith("seen:")]
    kept = {(id, fact.key): (id, fact) for id, fact in [*ours, *now]}
    assert after == {id: _in_order(list(kept.values()), id) for id in _IDS}
    assert changed == {id for id in _IDS if was[id] != after[id]}


def _in_order(facts: list[tuple[str, Event]], id: str) -> tuple[Event, ...]:
    return tuple(sorted((fact for owner, fact in facts if owner == id), key=lambda fact: (fact.at, fact.key)))
