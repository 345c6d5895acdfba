"""ConnectWise on a bad day: what its guide promises, what its cloud does, and what proxies add."""

from __future__ import annotations

from pathlib import Path

from tests.simulation import clockwork
from tests.simulation.hour import START, Spell, desk

SHARE = 120
KEYS = {"requests_per_minute": SHARE}
WEATHER = (
    Spell(2, 3, {"drop_callbacks": 1.0}),
    Spell(6, 2, {"duplicate_callbacks": 1.0}),
    Spell(8, 2, {"reorder_callbacks": 1.0, "duplicate_callbacks": 0.5}),
    Spell(11, 2, {"throttle": 1.0, "retry_after": 20}),
    Spell(14, 2, {"throttle": 1.0, "silent_429": True, "html_429": True}),
    Spell(17, 60, {"codebase": "v2026_1/"}),
    Spell(19, 3, {"errors": 0.5}),
    Spell(23, 2, {"latency": 20_000.0}),
    Spell(26, 1, {"reset_next": 12}),
    Spell(28, 1, {"hang_up_next": 6}),
    Spell(30, 4, {"throttle": 0.3, "retry_after": 3, "drop_callbacks": 0.5, "duplicate_callbacks": 0.5}),
    Spell(35, 3, {"limit_per_minute": 30, "retry_after": 15}),
    Spell(39, 3, {"stale_lists": 45.0, "reorder_callbacks": 1.0}),
    Spell(43, 2, {"bad_signatures": 1.0}),
    Spell(46, 60, {"codebase": "v2026_2/"}),
    Spell(46, 2, {"errors": 0.7, "drop_callbacks": 0.7}),
    Spell(50, 4, {"errors": 1.0}),
    Spell(55, 1, {"hang_up_next": 8, "reset_next": 4}),
    Spell(57, 2, {"throttle": 0.5, "silent_429": True, "errors": 0.2, "drop_callbacks": 1.0}),
)


def test_an_hour_of_faults_ends_with_every_flag_right(tmp_path: Path) -> None:
    async def hour() -> None:
        async with desk(tmp_path, "connectwise", **KEYS) as o:
            await o.live(60, WEATHER)
            await o.live(5, ())
            await o.calm()
            assert o.wrong() == {}
            await o.assert_calm()
            assert o.line.busiest(60) <= SHARE
            assert o.line.statuses[401] == 0
            assert o.sim.dialect.gate.refused["limit"] <= 6, "a limit that is lowered is felt, not fought"

    clockwork.run(START, 7, hour)
