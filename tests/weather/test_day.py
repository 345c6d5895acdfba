"""What `make soak ARGS=--day` calls flat is flat; a leak, a file left open and a peak now past are told."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path
from typing import Any

import pytest

from tests.weather import day
from tests.weather.voyage import Voyage


def _rows(*memory: float, files: tuple[int, ...] = ()) -> list[day.Row]:
    return [
        {
            "hour": hour,
            "memory_mb": mb,
            "files": open_,
            "store_kb": 1000 + 30 * hour,
            "tickets": 10 + 2 * hour,
        }
        for hour, (mb, open_) in enumerate(zip(memory, files or [19] * len(memory), strict=True))
    ]


@pytest.mark.parametrize(
    ("rows", "growth", "flat"),
    [
        (_rows(100, 103, 104.9), 4.9, True),
        (_rows(100, 103, 105.1), 5.1, False),
        (_rows(100, 106, 100), 6.0, False),  # a peak that has passed
        (_rows(100, 94, 101), -6.0, False),  # then the first hour was none to go by
        (_rows(100, 100, 100, files=(19, 19, 20)), 0.0, False),
        (_rows(100, 100, 100, files=(19, 20, 19)), 0.0, False),
    ],
)
def test_flat_is_within_five_per_cent_in_every_hour_and_the_same_files(
    rows: list[day.Row], growth: float, flat: bool
) -> None:
    found = day.judged(rows)
    assert (found.growth_percent, found.flat) == (growth, flat)
    assert found.store_bytes_a_ticket == 15 * 1024


def test_a_leak_and_a_file_left_open_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[bytes] = []
    with contextlib.ExitStack() as left_open:
        hour = day._hour

        async def leaking(voyage: Voyage) -> None:
            await hour(voyage)
            kept.append(b"x" * (50 << 20))
            left_open.enter_context((tmp_path / "left open").open("a"))

        monkeypatch.setattr(day, "_hour", leaking)
        monkeypatch.setattr(day, "PAST", 2)
        told: list[dict[str, Any]] = []
        rows = day.spend("halo", 1, 2, told.append)
    assert told == rows
    leaked = [after["memory_mb"] - before["memory_mb"] for before, after in itertools.pairwise(rows)]
    assert min(leaked) > 50
    assert rows[2]["files"] == rows[1]["files"] + 1
    assert not day.judged(rows[1:]).flat
    assert rows[2]["turns"] > rows[1]["turns"] > 30  # and it was a daemon at work


def test_the_exit_code_is_one_if_a_vendor_was_not_flat(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(day, "WARM", 1)
    spent = {"halo": _rows(90, 100, 101), "autotask": _rows(90, 100, 110)}
    monkeypatch.setattr(day, "spend", lambda vendor, *_: spent[vendor])
    assert day.day(["halo"], 1, as_json=False) == 0
    assert day.day(["autotask", "halo"], 1, as_json=False) == 1
    assert "autotask: memory +10.0 % at most, hour 1 to 2" in capsys.readouterr().out
