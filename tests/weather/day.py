"""A day in which nothing goes wrong, hour by hour, at a desk with a past: memory and open files stay flat.

Memory is what the whole process holds after a collection. The pretend PSA's world and what the judges know
of it grow with every ticket, and are not taken off: they fill holes that the daemon has left, and to walk
through them for their size makes new ones. There are no sockets here; the files are the database's.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.weather.voyage import Plan, Voyage, sail

PAST = 40
"""Hours of a desk's life before the daemon is there. What it takes to read a desk, to judge it and to learn
from it depends on how many tickets there are; with none at first, that alone would be growth for days."""

WARM = 3
"""Hours until all that a daemon does has been done, what it does once a day too."""

DAY = 24
AT_MOST = 5.0  # per cent

Row = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """Of some hours: how far memory was from that of the first, in whichever hour it was furthest."""

    growth_percent: float
    files: list[int]
    store_bytes_a_ticket: int
    flat: bool


def day(vendors: list[str], seed: int, as_json: bool, days: int = 1) -> int:
    """Spend so many with each of these vendors; the exit code is 1 if memory or files did not stay flat."""
    failed = 0
    for vendor in vendors:
        rows = spend(vendor, seed, WARM + DAY * days, _told(vendor, as_json))
        found = judged(rows[WARM:])
        failed += not found.flat
        if as_json:
            print(json.dumps({"vendor": vendor, **asdict(found)}), flush=True)
        else:
            print(
                f"{vendor}: memory {found.growth_percent:+.1f} % at most, hour {WARM} to {rows[-1]['hour']}, "
                f"open files {found.files}, store grew {found.store_bytes_a_ticket:,} bytes a ticket: "
                f"{'flat' if found.flat else 'NOT FLAT'}\n",
                flush=True,
            )
    return 1 if failed else 0


def judged(rows: list[Row]) -> Verdict:
    """Whether memory and files were in every hour what they were in the first."""
    first, last = rows[0], rows[-1]
    growth = max((100 * (row["memory_mb"] / first["memory_mb"] - 1) for row in rows), key=abs)
    files = sorted({row["files"] for row in rows})
    return Verdict(
        growth_percent=round(growth, 1),
        files=files,
        store_bytes_a_ticket=round(
            1024 * (last["store_kb"] - first["store_kb"]) / (last["tickets"] - first["tickets"])
        ),
        flat=abs(growth) <= AT_MOST and len(files) == 1,
    )


def spend(vendor: str, seed: int, hours: int, tell: Callable[[Row], None]) -> list[Row]:
    """So many quiet hours; a row of figures at the beginning, and one after each. Raises Broken."""
    rows: list[Row] = []
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        plan = Plan(vendor, seed, 0, frozenset(), poll_every=60.0)
        sail(plan, Path(folder), course=lambda voyage: _hours(voyage, hours, rows, tell))
    return rows


def _told(vendor: str, as_json: bool) -> Callable[[Row], None]:
    def tell(row: Row) -> None:
        if as_json:
            print(json.dumps({"vendor": vendor, **row}), flush=True)
            return
        if row["hour"] == 0:
            print(vendor, "".join(f"{name:>11}" for name in row), sep="\n")
        print("".join(f"{value:>11,}" for value in row.values()), flush=True)

    return tell


async def _hours(voyage: Voyage, hours: int, rows: list[Row], tell: Callable[[Row], None]) -> None:
    await _past(voyage)
    await voyage.embark()
    try:
        for hour in range(hours + 1):
            rows.append(_row(voyage, hour))
            tell(rows[-1])
            if hour < hours:
                await _hour(voyage)
                voyage.look_at_everything()
                voyage.judge.all_read()
                voyage.staff.wake()
    finally:
        await voyage.land()


async def _past(voyage: Voyage) -> None:
    for _ in range(PAST):
        for _ in range(90):
            voyage.staff.act()
            await asyncio.sleep(40)
        voyage.staff.wake()
    if voyage.plan.vendor != "halo":  # no history is kept: when a status changed, nobody can know
        voyage.judge.timeless |= {line.ticket for line in voyage.world.trail if line.kind == "Status"}


async def _hour(voyage: Voyage) -> None:
    """Forty minutes of steady work, then twenty in which all is read and written."""
    for minute in range(60):
        for _ in range(voyage.dice.randint(1, 2) if minute < 40 else 0):
            voyage.staff.act()
        while voyage.post.waiting:
            voyage.post.send(voyage.post.waiting.pop(0))
        await asyncio.sleep(60)


def _row(voyage: Voyage, hour: int) -> Row:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    size = sum(Path(f"{voyage.disk.file}{part}").stat().st_size for part in ("", "-wal"))
    with voyage.judge.rows() as db:
        [events] = db.execute("SELECT count(*) FROM events").fetchone()
    return {
        "hour": hour,
        "memory_mb": round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1),
        "objects": sys.getallocatedblocks(),
        "files": len(os.listdir("/proc/self/fd")),
        "store_kb": size // 1024,
        "tickets": len(voyage.staff.tickets),
        "events": events,
        "requests": voyage.seen.requests,
        "turns": voyage.house.health.turns,
    }
