"""`make soak`: a million steps through every fault, voyage by voyage; ARGS=--day is a quiet day instead.

A voyage ends with its seed's law that was broken, if any; the rest is sailed all the same, and the exit code
is 1. `--json` prints a line of JSON a voyage and one at the end, and nothing else on stdout.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.weather.day import day
from tests.weather.laws import Broken
from tests.weather.voyage import EVERY_FAULT, SHARES, Plan, Voyage, sail

MILLION = 1_000_000
STEPS = 10_000
"""Of one voyage: about three days and nights, and a weekend, of a desk."""


@dataclass
class Log:
    """What all voyages came to."""

    steps: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    tickets: int = 0
    requests: int = 0
    lives: int = 0
    voyages: int = 0
    weeks: float = 0.0
    cpu_s: float = 0.0
    broken: list[str] = field(default_factory=list)

    def add(self, voyage: Voyage, cpu_s: float, broken: Broken | None) -> dict[str, Any]:
        """Take in a voyage that has ended; what there is to print of it."""
        seen, steps = voyage.seen, sum(voyage.steps.values())
        days = (voyage.loop.true_now() - voyage.loop.start).total_seconds() / 86_400
        self.steps += voyage.steps
        self.troubles += voyage.troubles
        self.judged += voyage.judged
        self.tickets += len(voyage.staff.tickets)
        self.requests += seen.requests
        self.lives += voyage.house.lives
        self.voyages += 1
        self.weeks += days / 7
        self.cpu_s += cpu_s
        if broken:
            self.broken.append(str(broken))
        return {
            "vendor": voyage.plan.vendor,
            "seed": voyage.plan.seed,
            "steps": steps,
            "days": round(days, 1),
            "tickets": len(voyage.staff.tickets),
            "requests": seen.requests,
            "lives": voyage.house.lives,
            "checks": sum(voyage.judged.values()),
            "ms_a_step": round(1000 * cpu_s / max(1, steps), 2),
            "steps_by_kind": dict(voyage.steps.most_common()),
            "faults_by_kind": dict(voyage.troubles.most_common()),
            "answers": {str(status): n for status, n in sorted(seen.statuses.items())},
            "writes_told_late": voyage.judge.swallowed,
            "broken": str(broken) if broken else None,
        }

    def whole(self) -> dict[str, Any]:
        return {
            "steps": sum(self.steps.values()),
            "voyages": self.voyages,
            "weeks": round(self.weeks, 1),
            "tickets": self.tickets,
            "requests": self.requests,
            "lives": self.lives,
            "cpu_s": round(self.cpu_s),
            "steps_by_kind": dict(self.steps.most_common()),
            "faults_by_kind": dict(self.troubles.most_common()),
            "checks_by_law": dict(self.judged.most_common()),
            "broken": self.broken,
        }


def soak(steps: int, each: int, first: int, vendors: list[str], as_json: bool) -> int:
    """Voyages until so many steps are done; the exit code."""
    log, seed = Log(), first
    while sum(log.steps.values()) < steps:
        for vendor in vendors:
            told = _voyage(log, Plan(vendor, seed, each, EVERY_FAULT))
            _tell(told, sum(log.steps.values()), steps, as_json)
        seed += 1
    whole = log.whole()
    if as_json:
        print(json.dumps(whole), flush=True)
    else:
        _table("faults", log.troubles)
        _table("steps", log.steps)
        _table("laws", log.judged)
        print(
            f"{whole['steps']:,} steps in {log.voyages} voyages, {log.weeks:.0f} weeks of a desk, "
            f"{log.tickets:,} tickets, {log.requests:,} requests, {log.lives:,} lives of the daemon, "
            f"{sum(log.judged.values()):,} checks, {log.cpu_s / 60:.0f} min of CPU: "
            + (f"{len(log.broken)} laws broken" if log.broken else "no law broken")
        )
    return 1 if log.broken else 0


def _voyage(log: Log, plan: Plan) -> dict[str, Any]:
    begun, broken = time.process_time(), None
    made: list[Voyage] = []
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        try:
            sail(plan, Path(folder), made.append)
        except Broken as error:
            broken = error
            made.append(error.voyage)
    told = log.add(made[-1], time.process_time() - begun, broken)
    made.clear()
    broken = None
    gc.collect()
    return told


def _tell(told: dict[str, Any], done: int, of: int, as_json: bool) -> None:
    if as_json:
        print(json.dumps(told), flush=True)
        return
    kinds = {name.partition(":")[0] for name in told["steps_by_kind"]}
    steps = told["steps_by_kind"].items()
    by = {kind: sum(n for name, n in steps if name.startswith(kind)) for kind in sorted(kinds)}
    print(
        f"{100 * done / of:5.1f} %  {told['vendor']:<11} seed {told['seed']:<4} {told['steps']:>6} steps "
        f"({', '.join(f'{kind} {n}' for kind, n in by.items())}), {told['days']} days, "
        f"{sum(told['faults_by_kind'].values())} faults, {told['lives']} lives, {told['tickets']} tickets, "
        f"{told['requests']} requests, {told['checks']} checks, {told['ms_a_step']} ms a step"
        + (f"\n  BROKEN {told['broken']}" if told["broken"] else ""),
        flush=True,
    )


def _table(title: str, counts: Counter[str]) -> None:
    print(f"\n{title}")
    for name, number in counts.most_common():
        print(f"  {name:<32} {number:>10,}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--steps", type=int, default=MILLION, help="in all (a million)")
    parser.add_argument("--each", type=int, default=STEPS, help="of one voyage")
    parser.add_argument("--seed", type=int, default=1, help="of the first voyages")
    parser.add_argument("--vendor", choices=sorted(SHARES), action="append", help="only this one")
    parser.add_argument("--json", action="store_true", help="JSON lines")
    quiet = "24 hours, or so many days, without a fault, after one to warm up: memory, files, store"
    parser.add_argument("--day", type=int, nargs="?", const=1, metavar="DAYS", help=quiet)
    given = parser.parse_args()
    if given.day is not None:
        if given.day < 1:
            parser.error("--day: at least one")
        return day(given.vendor or sorted(SHARES), given.seed, given.json, given.day)
    return soak(given.steps, given.each, given.seed, given.vendor or list(SHARES), given.json)


if __name__ == "__main__":
    sys.exit(main())
