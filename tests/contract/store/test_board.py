from __future__ import annotations

import pytest

from connector.model import BucketClock
from connector.store import assessments, board, tickets
from connector.store.board import BoardCell, BoardFilter, BoardRow
from connector.store.store import Store

from .makers import CONN, T0, assessed, at, stored


def _running(zone: str, due: float | None = 60) -> BucketClock:
    return BucketClock(state="running", zone=zone, due_at=None if due is None else at(due))  # type: ignore[arg-type]


@pytest.fixture
async def filled(store: Store) -> Store:
    late = BucketClock(state="missed", zone="red", due_at=at(1))
    late_and_done = BucketClock(state="missed", zone="red", due_at=at(1), done_at=at(2))
    paused = BucketClock(state="paused", zone="yellow")
    met = BucketClock(state="met", zone="orange", done_at=at(3))
    async with store.begin() as tx:
        await tickets.put(
            tx, CONN, [stored(id, client="Acme", owner="anna") for id in ("calm", "late", "soon")]
        )
        await tickets.put(tx, CONN, [stored("new"), stored("shut", closed=True), stored("lost", gone=True)])
        await tickets.put(tx, "b", [stored("soon", client="Beta")])
        await assessments.save(
            tx,
            CONN,
            [
                assessed("calm", {"response": late_and_done, "update": paused, "resplan": met}),
                assessed("late", {"response": late, "resolution": _running("green")}, flags={"zone": "red"}),
                assessed("soon", {"resolution": _running("orange", 30)}),
                assessed("shut", {"resolution": _running("red")}),
                assessed("lost", {"resolution": _running("red")}),
            ],
        )
        await assessments.save(tx, "b", [assessed("soon", {"resolution": _running("orange", 20)})])
    return store


async def test_open_tickets_worst_first_then_nearest(filled: Store) -> None:
    async with filled.read() as tx:
        rows = await board.board(tx, limit=10)
        assert [(row.connection, row.ticket_id) for row in rows] == [
            (CONN, "late"),
            ("b", "soon"),
            (CONN, "soon"),
            (CONN, "calm"),
            (CONN, "new"),
        ]
        assert [row.worst for row in rows] == ["red", "orange", "orange", "yellow", None]
        assert [row.due for row in rows] == [at(1), at(20), at(30), None, None]
        assert await board.board(tx, limit=2) == rows[:2]


async def test_zones_of_each_connection_are_those_of_all_asked_one_by_one(filled: Store) -> None:
    async with filled.begin() as tx:
        await tickets.put(tx, "b", [stored("sad", closed=True)])
        await assessments.save(tx, "b", [assessed("sad", {"followup": _running("red", 25)})])
    async with filled.read() as tx:
        each = await board.zones_of_each(tx)
        assert each == {
            name: await board.zone_counts(tx, BoardFilter(connection=name)) for name in (CONN, "b")
        }
        assert each["b"] == {("resolution", "orange"): 1, ("followup", "red"): 1}


async def test_a_row_shows_the_ticket_and_its_clocks(filled: Store) -> None:
    none = BoardCell("none", "green", None, False)
    async with filled.read() as tx:
        row = (await board.board(tx, limit=1))[0]
        unjudged = (await board.board(tx, limit=9))[-1]
    assert row == BoardRow(
        connection=CONN,
        ticket_id="late",
        client="Acme",
        policy_client="Acme",
        summary="",
        group="",
        owner="anna",
        status="",
        priority="",
        url="",
        opened_at=T0,
        judged=True,
        buckets={
            "response": BoardCell("missed", "red", at(1), True),
            "resplan": none,
            "update": none,
            "resolution": BoardCell("running", "green", at(60), True),
            "followup": none,
        },
        worst="red",
        due=at(1),
        flags={"zone": "red"},
    )
    assert (unjudged.policy_client, unjudged.buckets, unjudged.judged, unjudged.flags) == (
        "",
        {},
        False,
        {},
    )


async def test_live_clocks_by_zone(filled: Store) -> None:
    async with filled.read() as tx:
        assert await board.zone_counts(tx) == {
            ("response", "red"): 1,
            ("update", "yellow"): 1,
            ("resolution", "orange"): 2,
            ("resolution", "green"): 1,
        }


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (BoardFilter(connection="b"), ["soon"]),
        (BoardFilter(client="Acme", owner="anna"), ["late", "soon", "calm"]),
        (BoardFilter(bucket="resolution"), ["late", "soon", "soon"]),
        (BoardFilter(bucket="resolution", zone="orange"), ["soon", "soon"]),
        (BoardFilter(bucket="response"), ["late"]),
        (BoardFilter(zone="yellow"), ["calm"]),
        (BoardFilter(zone="purple"), []),
        (BoardFilter(bucket="doc"), []),
        (BoardFilter(owner="'; drop table tickets; --"), []),
    ],
)
async def test_filters(filled: Store, only: BoardFilter, expected: list[str]) -> None:
    async with filled.read() as tx:
        assert [row.ticket_id for row in await board.board(tx, limit=10, only=only)] == expected
        assert await board.total(tx, only) == len(expected)


async def test_a_closed_ticket_stays_while_its_unhappy_customer_waits(filled: Store) -> None:
    answered = BucketClock(state="met", done_at=at(1))
    async with filled.begin() as tx:
        await tickets.put(tx, CONN, [stored(id, closed=True) for id in ("sad", "soothed")])
        await tickets.put(tx, CONN, [stored("sad-and-lost", gone=True)])
        await assessments.save(
            tx,
            CONN,
            [
                assessed("sad", {"followup": _running("orange", 25)}),
                assessed("soothed", {"followup": answered}),
                assessed("sad-and-lost", {"followup": _running("red")}),
            ],
        )
    async with filled.read() as tx:
        rows = await board.board(tx, limit=10)
        assert [row.ticket_id for row in rows] == ["late", "soon", "sad", "soon", "calm", "new"]
        assert await board.total(tx) == 6
        assert (await board.zone_counts(tx))["followup", "orange"] == 1
        only = BoardFilter(bucket="followup", zone="orange")
        assert [row.ticket_id for row in await board.board(tx, limit=10, only=only)] == ["sad"]
        assert [row.ticket_id for row in await board.board(tx, limit=3)] == ["late", "soon", "sad"]


@pytest.fixture
async def mixed(store: Store) -> Store:
    people = {"9": ("beta", "Zoe", "Desk"), "10": ("Acme", "", "Alerts"), "100": ("Cox", "Al", "Desk")}
    async with store.begin() as tx:
        for id, (client, owner, group) in people.items():
            await tickets.put(tx, CONN, [stored(id, client=client, owner=owner, group=group)])
        given = {"9": _running("red", 5), "10": _running("green", 90), "100": BucketClock(state="paused")}
        await assessments.save(tx, CONN, [assessed(id, {"update": clock}) for id, clock in given.items()])
    return store


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["9", "10", "100"]),
        ("left", ["9", "10", "100"]),
        ("-left", ["10", "9", "100"]),
        ("-update", ["10", "9", "100"]),
        ("client", ["10", "9", "100"]),
        ("-client", ["100", "9", "10"]),
        ("owner", ["100", "9", "10"]),
        ("-owner", ["9", "100", "10"]),
        ("ticket", ["9", "10", "100"]),
        ("-ticket", ["100", "10", "9"]),
        ("resolution", ["9", "10", "100"]),
        ("doc; drop table tickets", ["9", "10", "100"]),
    ],
)
async def test_sorted_by_a_column_and_what_lacks_it_stands_last(
    mixed: Store, sort: str, expected: list[str]
) -> None:
    async with mixed.read() as tx:
        assert [row.ticket_id for row in await board.board(tx, limit=9, sort=sort)] == expected
        pages = [await board.board(tx, limit=1, offset=n, sort=sort) for n in range(4)]
    assert [[row.ticket_id for row in page] for page in pages] == [*([id] for id in expected), []]


async def test_what_can_be_chosen_is_what_open_tickets_carry(mixed: Store) -> None:
    async with mixed.begin() as tx:
        await tickets.put(tx, CONN, [stored("shut", client="Gone", owner="Gone", group="Gone", closed=True)])
    async with mixed.read() as tx:
        found = await board.choices(tx)
        nobodys = await board.board(tx, limit=9, only=BoardFilter(owner=board.NOBODY))
        desk = await board.board(tx, limit=9, only=BoardFilter(group="Desk"))
    assert found == board.Choices((CONN,), ("Acme", "beta", "Cox"), ("Alerts", "Desk"), ("Al", "Zoe"))
    assert [row.ticket_id for row in nobodys] == ["10"]
    assert [row.ticket_id for row in desk] == ["9", "100"]
