"""A fleet on one machine: four workers, a web door, PostgreSQL that waits for its disk, a farm of 2,000 PSAs.

What is asked of it: every connection is turned within 60 s, a webhook becomes a flag within 2 s (p99) at 20 a
second, two workers turn twice as much as one, and two workers killed with -9 each minute break nothing.

`PX_FLEET="CONNECTIONS MINUTES"` makes it smaller; 2,000 and ten minutes take about half an hour.
"""

from __future__ import annotations

import os
import random
import time

from bench._fleet import Fleet, fleet
from bench._kit import share
from connector.clients import load_clients
from connector.settings import load_settings

TICKETS, PER_S, SLOTS, CALM_S = 50, 20.0, 8, 1800.0
ENOUGH = 0.7
"""Of the connections: while so many have not had their turn, no worker runs out of work."""
WAIT_MS = 150
"""How long a real PSA takes to answer; with it a worker is limited by its slots, not by this machine."""


def main() -> None:
    count, minutes = (int(word) for word in os.environ.get("PX_FLEET", "2000 10").split())
    with fleet(count, TICKETS) as made:
        _loading(made)
        made.web = made.start("web")
        made.add_workers(4, SLOTS)
        took = made.until_calm(CALM_S)
        print(f"{count} connections x {TICKETS} tickets read for the first time in {took:.0f} s")
        _steady(made, count, time.monotonic())
        _killed(made, minutes)
        _scaling(made, count)


def _loading(made: Fleet) -> None:
    os.environ.update(made.env)
    began = time.process_time()
    load_settings(made.folder)
    settings = time.process_time() - began
    book = load_clients(made.folder)
    assert not book.errors, book.errors[:3]
    clients = time.process_time() - began - settings
    files = len(book.policies)
    print(f"configuration: connector.yaml {settings:.1f} s CPU, {files} client files {clients:.1f} s")


def _steady(made: Fleet, count: int, calm_at: float, seconds: float = 180.0) -> None:
    made.ask("/rate", per_s=PER_S)
    time.sleep(10)
    learnt = made.learnt()
    spent, turns = made.spent(), made.costs()["turns"]
    made.ask("/state", fresh=1)
    began = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    seen, costs = made.ask("/state"), made.costs()
    print(
        f"from {began - calm_at:.0f} s after the first reading on, for {took:.0f} s; of {count} connections "
        f"{learnt} had learnt before and {made.learnt() - learnt} did meanwhile"
    )
    rate = (costs["turns"] - turns) / took
    print(f"steady, {PER_S:.0f} webhooks a second: {rate:.1f} turns a second, {rate / 4:.1f} each worker")
    cpu = {part: (now - spent[part]) / took for part, now in made.spent().items()}
    print("  cores: " + ", ".join(f"{part} {cores:.2f}" for part, cores in cpu.items()))
    print(f"  a turn: {costs['db_ms']:.1f} ms in the database, {costs['requests']:.1f} requests")
    delays = seen["delays"]
    print(
        f"  webhook to flag: p50 {share(delays, 0.5) * 1e3:.0f} ms, p99 {share(delays, 0.99) * 1e3:.0f} ms, "
        f"worst {max(delays) * 1e3:.0f} ms of {len(delays)}"
    )
    print(f"  longest without a turn: {seen['gaps'][-1]:.0f} s; {seen['over_60']} of {count} over 60 s")


def _killed(made: Fleet, minutes: int) -> None:
    """Two workers die each minute and two new ones come. Then everything must be as it should."""
    if not minutes:
        return
    dice = random.Random(7)
    made.ask("/state", fresh=1)
    for _ in range(minutes):
        time.sleep(30)
        for worker in dice.sample(made.workers, 2):
            worker.kill()
            worker.wait()
            made.workers.remove(worker)
        made.add_workers(2, SLOTS)
        time.sleep(30)
    made.ask("/rate", per_s=0)
    seen = made.ask("/state")
    began = time.monotonic()
    while made.ask("/state")["waiting"] and time.monotonic() - began < 120:
        time.sleep(1)
    end = made.ask("/state")
    gaps, delays = seen["gaps"], seen["delays"]
    print(f"{2 * minutes} workers killed in {minutes} minutes:")
    print(f"  longest without a turn {gaps[-1]:.0f} s; {seen['over_60']} connections over 60 s")
    print(f"  webhook to flag: p99 {share(delays, 0.99):.1f} s, worst {max(delays):.1f} s of {len(delays)}")
    print(
        f"  tickets without their flag: {len(end['waiting'])}; values written twice: {end['written_again']}"
    )


def _scaling(made: Fleet, count: int, seconds: float = 60.0) -> None:
    """Turns a second of one worker and of two, all connections due at once; the PSA takes its time.

    Until most have had their turn, or for `seconds`: what is due once more is no turn like the first. Before
    it every connection has had one where it is, so that none has to be begun.
    """
    rates = {}
    for workers in (1, 2):
        made.stop_workers()
        made.ask("/latency", ms=0)
        made.add_workers(workers, SLOTS)
        time.sleep(10)
        _turned(made, count, CALM_S)
        made.ask("/latency", ms=WAIT_MS)
        rates[workers] = _turned(made, ENOUGH * count, seconds)
    print(f"answers take {WAIT_MS} ms: one worker {rates[1]:.1f} turns a second, two {rates[2]:.1f}")
    print(f"  {rates[2] / rates[1] / 2:.0%} of twice as much")


def _turned(made: Fleet, wanted: float, seconds: float) -> float:
    """Turns a second, all connections due at once, until so many are made."""
    made.hurry()
    began, turns, done = time.monotonic(), made.costs()["turns"], 0.0
    while done < wanted and time.monotonic() - began < seconds:
        time.sleep(0.5)
        done = made.costs()["turns"] - turns
    return done / (time.monotonic() - began)
