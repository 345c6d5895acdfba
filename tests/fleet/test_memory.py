"""What one turn hands to the next: every field of a connection is carried, or it is said why not."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.clients import ClientBook
from connector.daemon.connection import Connection
from connector.daemon.fleet import memory, report
from connector.daemon.fleet.report import Cost
from connector.daemon.health import ConnectionHealth, Health
from connector.psa.port import QuotaState

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CARRIED = {*memory.INSTANTS, *memory.PLAIN, *memory.SETS, *memory.MAPS}
QUOTA = QuotaState(
    limit_per_minute=60.0,
    used_last_minute=3,
    requests_total=99,
    throttled_total=1,
    limit=60,
    left=57,
    window_s=60.0,
)
instants = st.none() | st.datetimes(timezones=st.just(UTC))


def fresh() -> Connection:
    given: dict[str, Any] = {"name": "main", "psa": None, "store": None, "health": Health()}
    return Connection(**given, clients=ClientBook, now=lambda: NOW)


def test_every_field_of_a_connection_is_carried_or_has_a_reason_not_to_be() -> None:
    names = {field.name for field in fields(Connection)}
    assert names == CARRIED | set(memory.LEFT_HERE), "decide in daemon/fleet/memory.py about a new field"
    assert not CARRIED & set(memory.LEFT_HERE)
    assert all(memory.LEFT_HERE.values())


@given(
    st.fixed_dictionaries(dict.fromkeys(memory.INSTANTS, instants)),
    st.booleans(),
    st.text(max_size=8),
    st.none() | st.frozensets(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)
def test_what_was_dumped_is_restored_elsewhere(
    times: dict[str, datetime | None],
    flag: bool,
    text: str,
    idle: frozenset[str] | None,
    marks: dict[str, str],
) -> None:
    one, other = fresh(), fresh()
    for name, at in times.items():
        setattr(one, name, at)
    one.more_ratings, one.rules_seen, one.strays_after, one.strays_under = flag, text, text, text
    one.idle, one.looked_for = idle, marks
    memory.restore(other, json.loads(json.dumps(memory.dump(one))))
    assert {name: getattr(other, name) for name in CARRIED} == {name: getattr(one, name) for name in CARRIED}


def test_a_memory_of_an_older_version_leaves_what_it_did_not_know_alone() -> None:
    c = fresh()
    c.next_px = NOW
    memory.restore(c, {"next_poll": NOW.isoformat()})
    assert (c.next_poll, c.next_px) == (NOW, NOW)


def test_health_goes_through_the_store_whole() -> None:
    one = ConnectionHealth(name="main", vendor="halo")
    for field in fields(ConnectionHealth):
        if field.name in ("name", "vendor"):
            continue
        setattr(one, field.name, _other(field.default, str(field.type)))
    other = ConnectionHealth(name="main", vendor="halo")
    told = report.restore(other, report.dump(one, QUOTA, Cost(1.0, 2.0, 3.0)))
    assert other == one
    assert told == report.Report(QUOTA, Cost(1.0, 2.0, 3.0))


def _other(default: Any, kind: str) -> Any:
    """Something else than the default."""
    if "datetime" in kind:
        return NOW + timedelta(minutes=1)
    if kind.startswith("tuple"):
        return ("a note", "another")
    assert default is not MISSING
    return {bool: not default, int: 7, str: "degraded"}[type(default)]


def test_a_connection_that_cannot_be_made_is_stopped_and_keeps_its_counts() -> None:
    health = ConnectionHealth(name="main", vendor="halo", turns=5, state="ok")
    kept = report.stopped(report.dump(health, QUOTA, Cost()), "no secret", NOW)
    other = ConnectionHealth(name="main", vendor="halo")
    assert report.restore(other, kept).quota == QUOTA
    assert (other.state, other.detail, other.since, other.turns) == ("stopped", "no secret", NOW, 5)
    again = report.stopped(kept, "still none", NOW + timedelta(hours=1))
    report.restore(other, again)
    assert (other.since, other.detail) == (NOW, "still none")
    report.restore(other, report.stopped("{}", "never made", NOW))
    assert other.detail == "never made"
