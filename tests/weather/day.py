"""A day in which nothing goes wrong, hour by hour: memory and open files stay flat.

Memory is what the whole process holds after a collection, less the pretend PSA's world and what the judges
remember of it, which grow with every ticket. There are no sockets here; the files are the database's.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.weather.voyage import Plan, Voyage, sail

HOURS = 24
WARM = 3
"""Hours after which nothing is new any more: caches are full, the first model is learnt."""

AT_MOST = 5.0  # per cent


def day(vendors: list[str], seed: int, as_json: bool) -> int:
    """Spend it with each of these vendors; the exit code is 1 if memory or files did not stay flat."""
    failed = 0
    for vendor in vendors:
        rows = _spend(vendor, seed, _told(vendor, as_json))
        growth = 100 * (rows[-1]["memory_mb"] / rows[WARM]["memory_mb"] - 1)
        files = {row["files"] for row in rows[WARM:]}
        flat = abs(growth) <= AT_MOST and len(files) == 1
        failed += not flat
        grown = {key: rows[-1][key] - rows[WARM][key] for key in ("store_kb", "tickets")}
        told = {
            "vendor": vendor,
            "growth_percent": round(growth, 1),
            "files": sorted(files),
            "store_bytes_a_ticket": round(1024 * grown["store_kb"] / grown["tickets"]),
            "flat": flat,
        }
        if as_json:
            print(json.dumps(told), flush=True)
        else:
            print(
                f"{vendor}: memory {growth:+.1f} % from hour {WARM} to hour {HOURS}, "
                f"open files {sorted(files)}, store grew {told['store_bytes_a_ticket']:,} bytes a ticket: "
                f"{'flat' if flat else 'NOT FLAT'}\n",
                flush=True,
            )
    return 1 if failed else 0


def _spend(vendor: str, seed: int, tell: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        plan = Plan(vendor, seed, 0, frozenset(), poll_every=60.0)
        sail(plan, Path(folder), course=lambda voyage: _hours(voyage, rows, tell))
    return rows


def _told(vendor: str, as_json: bool) -> Callable[[dict[str, Any]], None]:
    def tell(row: dict[str, Any]) -> None:
        if as_json:
            print(json.dumps({"vendor": vendor, **row}), flush=True)
            return
        if row["hour"] == 0:
            print(vendor, "".join(f"{name:>11}" for name in row), sep="\n")
        print("".join(f"{value:>11,}" for value in row.values()), flush=True)

    return tell


async def _hours(voyage: Voyage, rows: list[dict[str, Any]], tell: Callable[[dict[str, Any]], None]) -> None:
    await voyage.embark()
    try:
        for hour in range(HOURS + 1):
            rows.append(_row(voyage, hour))
            tell(rows[-1])
            if hour < HOURS:
                await _hour(voyage)
                voyage.look_at_everything()
                voyage.judge.all_read()
                voyage.staff.wake()
    finally:
        await voyage.land()


async def _hour(voyage: Voyage) -> None:
    """Forty minutes of steady work, then twenty in which all is read and written."""
    for minute in range(60):
        for _ in range(voyage.dice.randint(1, 2) if minute < 40 else 0):
            voyage.staff.act()
        while voyage.post.waiting:
            voyage.post.send(voyage.post.waiting.pop(0))
        await asyncio.sleep(60)


def _row(voyage: Voyage, hour: int) -> dict[str, Any]:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    world = _world_bytes(voyage)
    size = sum(Path(f"{voyage.disk.file}{part}").stat().st_size for part in ("", "-wal"))
    with voyage.judge.rows() as db:
        [events] = db.execute("SELECT count(*) FROM events").fetchone()
    return {
        "hour": hour,
        "memory_mb": round((pages * os.sysconf("SC_PAGE_SIZE") - world) / 1e6, 1),
        "world_mb": round(world / 1e6, 1),
        "files": len(os.listdir("/proc/self/fd")),
        "store_kb": size // 1024,
        "tickets": len(voyage.staff.tickets),
        "events": events,
        "requests": voyage.seen.requests,
        "turns": voyage.house.health.turns,
    }


_SHARED = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType)
"""Where a walk ends: what belongs to the code, or leads out of the world."""


def _world_bytes(voyage: Voyage) -> int:
    """What the pretend PSA holds, and what desk, post and judges remember of it."""
    own = (voyage.world, voyage.staff, voyage.judge, voyage.post, voyage.seen)
    seen = {id(voyage), id(voyage.sim), id(voyage.house), id(voyage.loop), id(voyage.disk)}
    total, todo = 0, [vars(one) for one in own]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, _SHARED):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        todo += gc.get_referents(one)
    return total
