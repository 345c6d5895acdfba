"""Autotask on a bad day: a database that moves, a login that is refused, a pool that others drink from."""

from __future__ import annotations

from pathlib import Path

from connector.simulator.autotask.limits import LOCKED_AFTER
from tests.simulation import clockwork
from tests.simulation.hour import START, Hour, Spell, desk

SHARE = 25  # per cent of 10,000 requests an hour
KEYS = {"quota_share": SHARE, "timeout": "10s"}


async def mended(o: Hour) -> None:
    """Somebody has put the login right and starts the connector again."""
    assert o.health.state == "stopped"
    assert "check user, secret" in o.health.detail
    await o.restart()


WEATHER = (
    Spell(2, 3, {"drop_callbacks": 1.0}),
    Spell(6, 2, {"duplicate_callbacks": 1.0}),
    Spell(8, 2, {"reorder_callbacks": 1.0, "duplicate_callbacks": 0.5}),
    Spell(11, 2, {"throttle": 1.0, "retry_after": 20}),
    Spell(14, 2, {"throttle": 1.0, "silent_429": True, "html_429": True}),
    Spell(17, 60, {"codebase": "zone2/"}),
    Spell(19, 2, {"errors": 0.5}),
    Spell(22, 1, {"latency": 20_000.0}),
    Spell(24, 1, {"reset_next": 8, "truncated_next": 3}),
    Spell(26, 1, {"hang_up_next": 6}),
    Spell(28, 60, {"codebase": "zone3/"}),
    Spell(28, 2, {"reset_next": 12, "errors": 0.4}),
    Spell(32, 2, {"auth": "401"}),
    Spell(35, does=mended),
    Spell(37, 4, {"quota_used": 4_300}),
    Spell(41, 3, {"quota_used": 9_200}),
    Spell(46, 2, {"stale_lists": 45.0, "reorder_callbacks": 1.0}),
    Spell(49, 1, {"bad_signatures": 1.0}),
    Spell(52, 3, {"errors": 1.0}),
    Spell(56, 1, {"hang_up_next": 6, "reset_next": 4}),
    Spell(58, 1, {"throttle": 0.5, "silent_429": True, "drop_callbacks": 1.0}),
)


def test_an_hour_of_faults_ends_with_every_flag_right(tmp_path: Path) -> None:
    async def hour() -> None:
        async with desk(tmp_path, "autotask", **KEYS) as o:
            await o.live(60, WEATHER)
            await o.live(5, ())
            await o.calm()
            assert o.wrong() == {}
            await o.assert_calm()
            assert o.line.busiest(3600) <= SHARE * 100
            assert o.sim.dialect.threads.most <= 2
            assert o.line.worst_row < LOCKED_AFTER
            assert max(o.sim.dialect.locks.wrong.values()) == 0

    clockwork.run(START, 7, hour)
