"""Memory of the daemon with 100,000 tickets in its store, beside the same daemon with an empty one.

The store is filled by the daemon's own turns against a simulated PSA of that size; only the notes are made
up here, because asking for them ticket by ticket would take most of the time and change nothing in memory.
"""

from __future__ import annotations

import asyncio
import os
import time
import urllib.request
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bench._kit import (
    CONNECTION,
    Psa,
    answer,
    config,
    daemon_process,
    free_port,
    memory_mb,
    psa_process,
    scratch,
)
from connector.app import utcnow
from connector.clients import load_clients
from connector.daemon.connection import Connection
from connector.daemon.health import Health
from connector.daemon.start import start
from connector.daemon.turn import turn
from connector.logs import configure_logging
from connector.model import Actor, Message
from connector.psa.connectwise.adapter import ConnectWise
from connector.psa.port import Batch, Snapshot
from connector.store.store import Store

TICKETS = int(os.environ.get("BENCH_TICKETS", "100000"))
WATCHED_S = 24


class WithMadeUpNotes(ConnectWise):
    """Three messages a ticket without asking the PSA."""

    async def complete(self, snapshots: Sequence[Snapshot]) -> Batch:
        events = [(s.ticket.id, message) for s in snapshots for message in _messages(s)]
        return Batch(events=tuple(events), complete=frozenset(s.ticket.id for s in snapshots))


def _messages(shown: Snapshot) -> list[Message]:
    ticket = shown.ticket
    contact, engineer = Actor("contact", id=ticket.contact), Actor("staff", id="mbauer", team="Level 2")
    return [
        Message(
            at=ticket.opened_at + timedelta(minutes=20 * n),
            key=f"note:{ticket.id}{n}",
            actor=engineer if n == 1 else contact,
            direction="out" if n == 1 else "in",
            channel="note",
            text=answer(int(ticket.id) * 3 + n),
        )
        for n in range(3)
    ]


async def fill(folder: Path, psa: Psa) -> None:
    """A back-fill by the daemon's own turns."""
    book, health = load_clients(folder), Health()
    health.add(CONNECTION, "connectwise", utcnow())
    store = await Store.open(f"sqlite:///{folder}/px.db")
    adapter = WithMadeUpNotes(CONNECTION, psa.config())
    c = Connection(CONNECTION, adapter, store, health, lambda: book, utcnow, timedelta(minutes=1))
    await start(c)
    while (outcome := await turn(c)).lagging or outcome.busy:
        pass
    await adapter.close()
    await store.close()


def watched(folder: Path, psa: Psa, web: int) -> tuple[float, float]:
    """Memory in MB of a daemon that has polled and shown its board: (in the end, at its highest)."""
    with daemon_process(folder, psa) as process:
        time.sleep(WATCHED_S / 2)
        for page in ("readyz", "metrics", ""):
            with urllib.request.urlopen(f"http://127.0.0.1:{web}/{page}") as shown:
                shown.read()
        time.sleep(WATCHED_S / 2)
        return memory_mb(process.pid), memory_mb(process.pid, "VmHWM")


def measure(tickets: int) -> float:
    with psa_process(tickets) as psa, scratch() as folder:
        web = free_port()
        config(
            folder, psa.login, web=web, write_back=True, callbacks=False, poll_every="10s", backfill_days=91
        )
        began = time.perf_counter()
        if tickets:
            asyncio.run(fill(folder, psa))
            size = (folder / "px.db").stat().st_size / 1e6
            print(f"filled: {tickets} tickets in {time.perf_counter() - began:.0f} s, {size:.0f} MB on disk")
        now, most = watched(folder, psa, web)
    print(f"{tickets} tickets in the store: {now:.0f} MB, at its highest {most:.0f} MB")
    return most


def main() -> None:
    configure_logging(level="error")
    floor, full = measure(0), measure(TICKETS)
    print(f"ratio to an empty store: {full / floor:.2f} (aim: at most 250 MB)")
