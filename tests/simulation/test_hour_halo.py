"""Halo on a bad day: tokens that end in the middle of a page, short pages, limits that say nothing."""

from __future__ import annotations

from pathlib import Path

from tests.simulation import clockwork
from tests.simulation.hour import START, Spell, desk

SHARE = 250  # in any five minutes; the hosted service refuses from 300 on
KEYS = {"requests_per_5_minutes": SHARE, "timeout": "10s"}
ALWAYS = Spell(0, 90, {"limit_per_5_minutes": 300, "token_lifetime": 900})
WEATHER = (
    ALWAYS,
    Spell(2, 3, {"drop_callbacks": 1.0}),
    Spell(6, 2, {"duplicate_callbacks": 1.0}),
    Spell(8, 2, {"reorder_callbacks": 1.0, "batched_callbacks": True}),
    Spell(11, 2, {"throttle": 1.0}),
    Spell(14, 2, {"throttle": 0.6, "html_429": True}),
    Spell(17, 5, {"page_cap": 3, "token_ends_in": 2}),
    Spell(18, 0, {"token_ends_in": 3}),
    Spell(19, 0, {"token_ends_in": 5}),
    Spell(22, 60, {"codebase": "login-eu2"}),
    Spell(22, 0, {"token_ends_in": 4}),
    Spell(24, 2, {"errors": 0.5}),
    Spell(27, 1, {"latency": 20_000.0}),
    Spell(29, 1, {"reset_next": 8, "truncated_next": 3}),
    Spell(31, 1, {"hang_up_next": 6}),
    Spell(33, 4, {"throttle": 0.3, "drop_callbacks": 0.5, "duplicate_callbacks": 0.5}),
    Spell(38, 5, {"limit_per_5_minutes": 60}),
    Spell(44, 2, {"stale_lists": 45.0, "reorder_callbacks": 1.0}),
    Spell(47, 0.5, {"bad_signatures": 1.0}),
    Spell(49, 60, {"codebase": "login-eu3"}),
    Spell(49, 1, {"token_ends_in": 1, "errors": 0.5}),
    Spell(52, 3, {"errors": 1.0, "drop_callbacks": 1.0}),
    Spell(56, 1, {"hang_up_next": 6, "reset_next": 4}),
    Spell(58, 1, {"throttle": 0.5, "token_ends_in": 3, "drop_callbacks": 1.0}),
)


def test_an_hour_of_faults_ends_with_every_flag_right(tmp_path: Path) -> None:
    async def hour() -> None:
        async with desk(tmp_path, "halo", **KEYS) as o:
            await o.live(60, WEATHER)
            await o.live(5, ())
            await o.calm()
            assert o.wrong() == {}
            await o.assert_calm()
            assert o.sim.dialect.limits.most <= SHARE
            assert o.sim.dialect.limits.writes_at_once == 1
            assert all(one.rules_off and one.automations_off for one in o.sim.dialect.posted)
            # three are under way at a time
            assert o.sim.dialect.gate.refused["limit"] <= 3 * 3, "a limit that is lowered is felt, not fought"

    clockwork.run(START, 7, hour)
